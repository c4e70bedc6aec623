"""The terminologies on this machine: which there are, what a file would become, and taking one in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import DamagedFileError, RpdrError
from rpdr_core.knowledge_base.release import ReleaseOptions
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.operations.door import remembered, signature
from rpdr_desk.operations.following import Following
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.knowledge_base.importing import Look as Look

__all__ = ["Held", "Naming", "ReleaseOptions", "Shelf", "formats"]

PATIENCE = 1.0
"""Seconds that an import that was told to end may hold up the end of the window."""


@dataclass(frozen=True, slots=True)
class Held:
    """A terminology that is here. `made_at` (UTC, ISO 8601) and `size` (bytes) are empty and 0 until it is made."""

    info: KnowledgeBaseInfo
    size: int = 0
    made_at: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """What the user calls a release; empty: as the file says."""

    id: str = ""
    title: str = ""
    version: str = ""


class Shelf(QObject):
    """Lists and looks in one thread, imports in another: neither is the store's. `changed`: another one is here."""

    changed = Signal()

    def __init__(self, jobs: Jobs, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._settings = jobs, settings
        self._reading, self._taking = OneThread("shelf", self), OneThread("terminology import", self)
        self.following = Following(self)
        self._asked = 0

    def list(self, done: Callable[[tuple[Held, ...]], None], failed: Failed) -> None:
        self._reading.submit(held, done, failed)

    def look(self, path: Path, options: ReleaseOptions, done: Callable[[Look], None], failed: Failed) -> None:
        """What the file would become. An answer that a later question has overtaken is dropped."""
        self._asked += 1
        number, recalled = self._asked, dict(self._settings.values.columns)

        def answer(found: Look) -> None:
            if number == self._asked:
                done(found)

        def refused(error: RpdrError) -> None:
            if number == self._asked:
                failed(error)

        self._reading.submit(lambda: look(path, options, recalled), answer, refused)

    def take(self, path: Path, found: Look, naming: Naming, done: Callable[[KnowledgeBaseInfo], None],
             failed: Failed) -> None:  # fmt: skip
        """Import what was looked at. A cancel leaves nothing behind."""
        self._remember(found)
        self.following.deleteLater()
        self.following = following = Following(self)
        job = self._jobs.start("import", note=path.name, cancel=following.cancel)
        following.moved.connect(lambda at: self._jobs.progress(job, at.done, at.total, at.seconds_left))

        def work() -> KnowledgeBaseInfo:
            from rpdr_core.knowledge_base.library import Library

            made = Library().import_release(
                path, options=found.options, id=naming.id, title=naming.title, version=naming.version,
                watch=following.watch,
            )  # fmt: skip
            return made.info

        def taken(info: KnowledgeBaseInfo) -> None:
            self._jobs.finish(job)
            done(info)
            self.changed.emit()

        def fail(error: RpdrError) -> None:
            self._jobs.fail(job, error)
            failed(error)

        self._taking.submit(work, taken, fail)

    def remove(self, info: KnowledgeBaseInfo, done: Callable[[], None], failed: Failed) -> None:
        """Take a terminology off this machine."""

        def work() -> None:
            from rpdr_core.knowledge_base.library import Library

            Library().remove(info.fingerprint)

        def removed(_none: None) -> None:
            done()
            self.changed.emit()

        self._reading.submit(work, removed, failed)

    def close(self) -> None:
        """An import under way is told to end; it leaves nothing behind."""
        self.following.cancel()
        self._reading.abandon(PATIENCE)
        self._taking.abandon(PATIENCE)

    def _remember(self, found: Look) -> None:
        if found.table is not None and found.table.headers:
            chosen = {name: header for name, header in found.table.columns if header}
            key = signature(found.table.headers)
            self._settings.change(columns=remembered(self._settings.values.columns, key, chosen))


def look(path: Path, options: ReleaseOptions, recalled: dict[str, dict[str, str]]) -> Look:
    """Look at a release; the columns of a table are those that were chosen for its headers before."""
    from dataclasses import replace

    from rpdr_core.knowledge_base.importing import look as look_at

    found = look_at(path, options)
    if found.table is None or options.columns:
        return found
    known = recalled.get(signature(found.table.headers), {})
    kept = tuple((name, header) for name, header in known.items() if header in found.table.headers)
    same = dict(kept) == dict(found.table.columns)
    return found if not kept or same else look_at(path, replace(options, columns=kept))


def held() -> tuple[Held, ...]:
    """All that is here, by title, the newest import of each first."""
    from rpdr_core.knowledge_base.catalogue import MANIFEST, read_manifest
    from rpdr_core.knowledge_base.library import Library

    library = Library()
    found: dict[str, Held] = {}
    for folder in sorted(library.root.glob("[!.]*/")) if library.root.is_dir() else []:
        try:
            info = read_manifest(folder).info
            made = datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, UTC)
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        except (DamagedFileError, OSError):
            continue
        found[info.fingerprint] = Held(info, size, made.isoformat(timespec="seconds"))
    return tuple(found.get(info.fingerprint, Held(info)) for info in library.list())


def formats() -> tuple[tuple[str, str], ...]:
    """Every format of terminologies that is read here: its name and its title."""
    from rpdr_core.knowledge_base.recognising import READERS

    return tuple((reader.format, reader.title) for reader in READERS)
