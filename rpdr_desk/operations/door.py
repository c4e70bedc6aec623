"""The one door for files that come into a project: what a file is, what it would become, and taking it in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject

from rpdr_core.errors import Cancelled, RpdrError, UserInputError
from rpdr_core.formats.columns import Columns
from rpdr_core.formats.encodings import Suggestion
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.records import Changes
from rpdr_desk.operations.following import Following
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.recognised import Recognised, recognised, terminology_in
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.formats.chip_cdn import GoldNames
    from rpdr_core.formats.preview import Preview
    from rpdr_core.store import Project
    from rpdr_core.workflow.mapping_files import MappingLook

__all__ = ["Columns", "Door", "FileLook", "IsTerminologyError", "Kind", "Suggestion", "Taken", "UndecodedError", "Wish"]

Kind = Literal["mentions", "documents", "mappings"]
CHUNK = 1 << 20
MAPPING_FIELDS = ("text", "codes", "name", "status", "reviewer", "made_at", "comment")
"""What is shown of a file's first mappings."""
DOCUMENT_FIELDS = ("document", "mentions", "text_start")
REMEMBERED = 100
"""Files of so many shapes have their columns remembered."""


class IsTerminologyError(UserInputError):
    """The file is to be imported beside the project, not into it."""


class UndecodedError(UserInputError):
    """Notes in an encoding that only the user can name. `encodings`: in which the first such file can be read."""

    def __init__(self, error: RpdrError, encodings: tuple[Suggestion, ...]) -> None:
        super().__init__(error.message, hint=error.hint, file=error.file, line=error.line)
        self.encodings = encodings


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user says of a file. Empty: as it is found. `replace`: decisions in force give way to the file's.
    `again`: the rows of a file that was imported before are to count twice. `types`: annotations of these types become
    mentions.
    """

    kind: Kind | Literal[""] = ""
    columns: Columns | None = None
    encoding: str = ""
    replace: bool = False
    again: bool = False
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileLook:
    """What a file would become. `preview` for tables of mentions; else `headers` and `rows` show its beginning.

    `title` names the format, `rows_estimate` is about how many rows there are, 0 where unknown. `facts` are counts
    by name. `recalled`: its columns are those that were chosen for such headers before. `complete`: nothing lies behind
    what was looked at. `types`: of a document's annotations, with their numbers.
    """

    path: Path
    kind: Kind
    kinds: tuple[Kind, ...]
    title: str
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    rows_estimate: int = 0
    warnings: tuple[str, ...] = ()
    facts: tuple[tuple[str, int], ...] = ()
    preview: Preview | None = None
    recalled: bool = False
    ready: bool = True
    format: str = ""
    complete: bool = True
    types: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. `facts` are counts by name, in the order to tell them."""

    path: Path
    kind: Kind
    facts: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()


class Door(QObject):
    """Looks in a thread of its own; takes in the store's, all or nothing. `following` tells how far that is."""

    def __init__(self, store: StoreThread, jobs: Jobs, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._jobs, self._settings = store, jobs, settings
        self._thread = OneThread("files", self)
        self.following = Following(self)
        self._asked = self._foreseen = 0

    def look(self, path: Path, wish: Wish, done: Callable[[FileLook], None], failed: Failed) -> None:
        """What the file is and holds. An answer that a later question has overtaken is dropped."""
        self._asked += 1
        number, recalled = self._asked, dict(self._settings.values.columns)

        def answer(found: FileLook) -> None:
            if number == self._asked:
                done(found)

        self._thread.submit(lambda: look(path, wish, recalled), answer, failed)

    def imported_before(self, path: Path, done: Callable[[str], None]) -> None:
        """The name under which these very bytes were imported before; empty if they never were."""

        def hashed(digest: str) -> None:
            def known(project: Project) -> str:
                return next((one.file.name for one in project.sources() if one.file.sha256 == digest), "")

            self._store.query(known, done)

        # A file that cannot be read says so when it is looked at.
        self._thread.submit(lambda: _digest(path), hashed, lambda _error: None)

    def foresee(self, found: FileLook, wish: Wish, done: Callable[[Taken], None], failed: Failed) -> None:
        """What taking a file of mappings would do, counted; nothing is kept. A later question overtakes it."""
        self._foreseen += 1
        number, reviewer = self._foreseen, self._settings.values.reviewer

        def count(project: Project) -> Taken:
            if number != self._foreseen:
                raise Cancelled("another question came")
            return _take_mappings(project, found, wish, reviewer, only_look=True)[0]

        def answer(taken: Taken) -> None:
            if number == self._foreseen:
                done(taken)

        def refused(error: RpdrError) -> None:
            if number == self._foreseen and not isinstance(error, Cancelled):
                failed(error)

        self._store.query(count, answer, refused)

    def take(self, found: FileLook, wish: Wish, done: Callable[[Taken], None], failed: Failed) -> None:
        """Import the file as it was looked at. A cancel undoes it all."""
        self._remember(found)
        self._foreseen += 1
        self.following.deleteLater()
        self.following = following = Following(self)
        job = self._jobs.start("import", note=found.path.name, cancel=following.cancel)
        following.moved.connect(lambda at: self._jobs.progress(job, at.done, at.total, at.seconds_left))
        taken: list[Taken] = []
        reviewer = self._settings.values.reviewer

        def write(project: Project) -> Changes:
            result, changes = take(project, found, wish, reviewer, following)
            taken.append(result)
            return changes

        def committed(_changes: Changes) -> None:
            self._jobs.finish(job)
            done(taken[0])

        def fail(error: RpdrError) -> None:
            self._jobs.fail(job, error)
            failed(error)

        self._store.change(write, committed, fail)

    def close(self) -> None:
        """An import under way ends at its next row, and leaves nothing behind."""
        self.following.cancel()
        self._thread.abandon(0.5)

    def _remember(self, found: FileLook) -> None:
        if found.preview is None or not found.preview.headers:
            return
        kept = {name: value for name, value in asdict(found.preview.columns).items() if value}
        key = signature(found.preview.headers)
        self._settings.change(columns=remembered(self._settings.values.columns, key, kept))


def signature(headers: tuple[str, ...]) -> str:
    """The same for files with the same headers in the same order."""
    return hashlib.sha256("\x1f".join(headers).encode()).hexdigest()[:24]


def remembered(columns: dict[str, dict[str, str]], key: str, chosen: dict[str, str]) -> dict[str, dict[str, str]]:
    """The choice of columns put last; the oldest of too many goes."""
    others = [(name, value) for name, value in columns.items() if name != key]
    return {**dict(others[-(REMEMBERED - 1) :]), key: chosen}


def look(path: Path, wish: Wish, recalled: dict[str, dict[str, str]]) -> FileLook:
    """Recognise the file, or take it for what the user says it is."""
    if not wish.kind and terminology_in(path):
        raise IsTerminologyError("this is a terminology", hint="import it on the page Terminologies", file=str(path))
    found = recognised(path)
    kinds = _kinds(found)
    if found.documents and (wish.kind == "documents" or (not wish.kind and found.sure)):
        return _look_documents(path, found.documents, wish, kinds)
    if found.mappings is not None and (wish.kind == "mappings" or (not wish.kind and found.decided)):
        return _look_mappings(path, found.mappings, kinds)
    return look_mentions(path, wish, recalled, kinds)


def _kinds(found: Recognised) -> tuple[Kind, ...]:
    """What the file can be taken for, the likeliest first."""
    if found.sure:
        return ("documents", "mappings") if found.decided else ("documents",)
    more: tuple[Kind, ...] = ("documents",) if found.documents else ()
    return ("mappings", "mentions", *more) if found.mappings is not None else ("mentions", *more)


def _look_documents(path: Path, format: str, wish: Wish, kinds: tuple[Kind, ...]) -> FileLook:
    from rpdr_core.formats.documents.notes import ID
    from rpdr_core.workflow.document_import import DocumentOptions, look_documents

    try:
        found = look_documents(path, DocumentOptions(format, wish.encoding, wish.types))
    except RpdrError as error:
        if format == ID and (encodings := _encodings(error)):
            raise UndecodedError(error, encodings) from error
        raise
    rows = tuple((one.title or one.key, str(one.mentions), " ".join(one.text.split())) for one in found.first)
    facts = (("documents", found.documents), ("mentions", found.mentions), ("decided", found.decided))
    return FileLook(
        path, "documents", kinds, found.title, DOCUMENT_FIELDS, rows, warnings=found.warnings, facts=facts,
        format=found.format, complete=found.complete, types=found.types,
    )  # fmt: skip


def _encodings(error: RpdrError) -> tuple[Suggestion, ...]:
    """In which the file that could not be read can be; none where another thing is wrong with it."""
    from rpdr_core.formats.encodings import detect

    file = Path(error.file)
    if not error.file or not file.is_file() or file.suffix.lower() != ".txt":
        return ()
    found = detect(file)
    return found.suggestions if found.problem is not None else ()


def _look_mappings(path: Path, found: MappingLook, kinds: tuple[Kind, ...]) -> FileLook:
    rows = tuple(
        (one.text, ", ".join(target.code for target in one.targets), next((to.name for to in one.targets), ""),
         one.status, one.reviewer, one.made_at, one.comment)
        for one in found.mappings
    )  # fmt: skip
    return FileLook(
        path, "mappings", kinds, found.title, MAPPING_FIELDS, rows, warnings=found.warnings, format=found.format,
        ready=bool(rows),
    )  # fmt: skip


def look_mentions(path: Path, wish: Wish, recalled: dict[str, dict[str, str]], kinds: tuple[Kind, ...]) -> FileLook:
    """A table of mentions, as it would be read."""
    from rpdr_core.formats.preview import preview

    found = preview(path, wish.columns, encoding=wish.encoding)
    known = recalled.get(signature(found.headers)) if wish.columns is None or not wish.columns.mention else None
    if known and known.get("sheet", "") == found.columns.sheet and known.get("mention"):
        found = preview(path, Columns(**known), encoding=wish.encoding)
    ready = bool(found.columns.mention) and not found.needs_encoding
    return FileLook(
        path, "mentions", kinds, found.format, found.headers, found.rows,
        0 if found.needs_encoding else found.rows_estimate, found.warnings, preview=found, recalled=bool(known),
        ready=ready,
    )  # fmt: skip


def take(project: Project, found: FileLook, wish: Wish, reviewer: str, following: Following) -> tuple[Taken, Changes]:
    """Import in the store's thread; `following` hears of it and may end it."""
    if found.kind == "documents":
        return _take_documents(project, found, wish, following.watch)
    if found.kind == "mappings":
        return _take_mappings(project, found, wish, reviewer, following.watch)
    from rpdr_core.workflow.importing import import_file

    assert found.preview is not None
    names = _gold_names(project, found.headers)
    result = import_file(
        project, found.path, found.preview.columns, encoding=found.preview.encoding, again=wish.again, names=names,
        on_progress=lambda done: following.rows(done, found.rows_estimate),
    )  # fmt: skip
    facts = (
        ("rows", result.rows), ("added", result.added), ("merged", result.merged), ("skipped", result.skipped),
        ("named", names.found if names is not None else 0), ("unnamed", names.unknown if names is not None else 0),
    )  # fmt: skip
    return Taken(found.path, "mentions", facts), result.changes


def _gold_names(project: Project, headers: tuple[str, ...]) -> GoldNames | None:
    """For a file that gives names of entities in place of codes: the project's terminology by name."""
    from rpdr_core.formats.chip_cdn import GoldNames, is_chip_cdn
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.workflow.deciding import catalogue_of

    if not is_chip_cdn(headers):
        return None
    return GoldNames.of(catalogue_of(Library(), project.knowledge_base()).entities())


def _take_documents(project: Project, found: FileLook, wish: Wish, watch: Watch) -> tuple[Taken, Changes]:
    from rpdr_core.workflow.document_import import DocumentOptions, import_documents

    result = import_documents(project, found.path, DocumentOptions(found.format, wish.encoding, wish.types), watch)
    decided = tuple(fact for fact in found.facts if fact[0] == "decided")
    documents = ("documents", result.documents)
    facts = (("mentions", result.rows), documents, ("added", result.added), ("merged", result.merged), *decided)
    return Taken(found.path, "documents", facts), result.changes


def _take_mappings(
    project: Project, found: FileLook, wish: Wish, reviewer: str, watch: Watch = unwatched, *, only_look: bool = False
) -> tuple[Taken, Changes]:
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.workflow.mapping_import import take_mappings

    result = take_mappings(
        project, found.path, Library().open(project.knowledge_base().fingerprint), format_id=found.format,
        reviewer=reviewer, replace=wish.replace, only_look=only_look, watch=watch,
    )  # fmt: skip
    taken = result.taken
    facts = (
        ("rows", taken.rows), ("added", taken.added), *taken.fates.items(), ("flags", taken.flags),
        ("remarks", taken.remarks), *result.codes.items(), ("proposals", result.proposals),
        ("reasonless", result.reasonless),
    )  # fmt: skip
    return Taken(found.path, "mappings", facts, result.warnings), result.changes


def _digest(path: Path) -> str:
    from rpdr_core.workflow.document_import import digest_of

    return digest_of(path)
