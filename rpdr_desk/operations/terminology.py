"""The knowledge base as the window needs it: one concept with its surroundings, and search over all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import NotFoundError, RpdrError
from rpdr_core.knowledge_base.note_codes import named_codes
from rpdr_core.knowledge_base.release import AssociationKind, MapTarget
from rpdr_core.protocol.messages import KnowledgeBaseRef
from rpdr_core.records import Entity, KnowledgeBaseInfo, TermSource
from rpdr_desk.operations.one_thread import Failed, OneThread

if TYPE_CHECKING:
    from rpdr_core.knowledge_base.library import Catalogue, Library
    from rpdr_core.store.entity_search import EntitySearch
    from rpdr_core.store.entity_tree import Branch
    from rpdr_core.store.lineage import Lineage
    from rpdr_core.workflow.terminology_setup import TerminologySetup

T = TypeVar("T")
RESULTS = 50
PATIENCE = 0.5
"""Seconds that a terminology being opened may hold up the end."""


@dataclass(frozen=True, slots=True)
class Concept:
    """An entity, the path from the root to its parent, its children, its siblings.

    `known` are the codes that its notes and its ancestors' notes name and that exist.
    """

    entity: Entity
    path: tuple[Entity, ...] = ()
    children: tuple[Entity, ...] = ()
    siblings: tuple[Entity, ...] = ()
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Successor:
    """What a release says became of a retired code; `name` is empty where the terminology lacks it."""

    kind: AssociationKind
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a release says of a code beside its entity: maps to other terminologies, and what became of it."""

    maps: tuple[MapTarget, ...] = ()
    successors: tuple[Successor, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An entity found, the string that was found, and why (see `rpdr_core.store.entity_search.MatchedBy`)."""

    code: str
    name: str
    matched: str
    source: TermSource
    by: str = ""


@dataclass(frozen=True, slots=True)
class Twig:
    """An entity in the tree; `children` counts those right below it."""

    code: str
    name: str
    assignable: bool
    active: bool
    children: int


@dataclass(frozen=True, slots=True)
class OpenedTerminology:
    search: EntitySearch
    reference: KnowledgeBaseRef
    catalogue: Catalogue | None = None


class FromLibrary:
    """Opens a project's knowledge base: by its fingerprint, so that it is the very one the project was made with.

    Terms of codes that begin with one of `priority` are embedded first. The lexicon beside `project` is added. What is
    missing is made in a process of its own; `stop`, from another thread, ends that.
    """

    def __init__(
        self,
        info: KnowledgeBaseInfo,
        priority: tuple[str, ...] = (),
        library: Library | None = None,
        project: Path | None = None,
    ) -> None:
        self._info, self._priority, self._library, self._project = info, priority, library, project
        self._lock = threading.Lock()
        self._setup: TerminologySetup | None = None
        self._stopped = False

    def __call__(self) -> OpenedTerminology:
        from rpdr_core.store.entity_search import EntitySearch
        from rpdr_core.workflow.retrieving import reference

        setup = self._begin()
        catalogue = self._catalogue(setup)
        lexicon = [(term.term, term.codes) for term in catalogue.lexicon_terms()]
        search = EntitySearch(catalogue.folder, lexicon, setup.index)
        return OpenedTerminology(search, reference(catalogue, self._priority), catalogue)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._setup is not None:
                self._setup.stop()

    def _begin(self) -> TerminologySetup:
        # Here and not above: it loads beside the window that is being built.
        from rpdr_core.workflow.terminology_setup import TerminologySetup

        with self._lock:
            self._setup = TerminologySetup()
            if self._stopped:
                self._setup.stop()
            return self._setup

    def _catalogue(self, setup: TerminologySetup) -> Catalogue:
        from rpdr_core.knowledge_base.lexicon import project_lexicons
        from rpdr_core.knowledge_base.library import Library

        shelf, info = self._library or Library(), self._info
        own = project_lexicons(self._project) if self._project is not None else ()
        setup.catalogue(shelf, info.fingerprint, info.id)
        try:
            return shelf.open(info.fingerprint, lexicons=own)
        except NotFoundError:
            catalogue = shelf.open(info.id, lexicons=own)
            if catalogue.info.fingerprint != info.fingerprint:
                raise NotFoundError(
                    f"this project was made with another version of {info.title}",
                    hint="import that version of the terminology again",
                ) from None
            return catalogue


class Terminology(QObject):
    """Opened in a thread of its own, because the first time takes seconds; `ready` carries the worker's reference."""

    ready = Signal(object)
    failed = Signal(object)

    def __init__(self, opener: Callable[[], OpenedTerminology], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = OneThread("terminology", self)
        self._opener = opener
        self._search: EntitySearch | None = None
        self._catalogue: Catalogue | None = None
        self._asked = 0

    @property
    def is_ready(self) -> bool:
        return self._search is not None

    def start(self) -> None:
        self._thread.submit(self._opener, self._opened, self.failed.emit)

    def concept(
        self,
        code: str,
        done: Callable[[Concept | None], None],
        failed: Callable[[RpdrError], None] | None = None,
    ) -> None:
        """Answers None for an unknown code, and while the terminology is not ready."""
        search = self._search
        if search is None:
            done(None)
        else:
            self._thread.submit(lambda: _concept(search, code), done, failed or self.failed.emit)

    def beyond(self, code: str, done: Callable[[Beyond], None]) -> None:
        """The release's maps and history of a code; nothing where it brought none."""
        catalogue = self._catalogue
        if catalogue is not None:
            self.ask(lambda search: _beyond(search, catalogue, code), done)

    def search(self, text: str, done: Callable[[list[Hit]], None], failed: Callable[[RpdrError], None]) -> None:
        """Names, synonyms, codes, our lexicon. An answer that a later question has overtaken is dropped."""
        search = self._search
        if search is None:
            return
        self._asked += 1
        number = self._asked

        def answer(found: list[Hit]) -> None:
            if number == self._asked:
                done(found)

        self._thread.submit(lambda: _hits(search, text), answer, failed)

    def roots(self, done: Callable[[list[Twig]], None], failed: Failed | None = None) -> None:
        """The entities without a parent."""
        self.ask(lambda search: _twigs(search.roots()), done, failed)

    def twigs(self, code: str, start: int, most: int, done: Callable[[list[Twig]], None]) -> None:
        """Some of an entity's children, from the `start`-th on."""
        self.ask(lambda search: _twigs(search.branches(code, start, most)), done)

    def path(self, code: str, done: Callable[[list[str]], None]) -> None:
        """The codes from a root to this one; empty for a code that does not exist."""
        self.ask(lambda search: _path(search, code), done)

    def lineage(
        self, codes: Iterable[str], done: Callable[[Lineage], None], failed: Callable[[RpdrError], None]
    ) -> None:
        """What is above these codes; empty while the terminology is not ready."""
        from rpdr_core.store.lineage import Lineage

        search, wanted = self._search, tuple(codes)
        if search is None:
            done(Lineage({}, {}, one_root=False))
        else:
            self._thread.submit(lambda: search.lineage(wanted), done, failed)

    def ask(self, look: Callable[[EntitySearch], T], done: Callable[[T], None], failed: Failed | None = None) -> None:
        """Look something up in the thread. While the terminology is not ready nothing happens."""
        search = self._search
        if search is not None:
            self._thread.submit(lambda: look(search), done, failed or self.failed.emit)

    def close(self) -> None:
        """Close it. One that is still being opened is left to itself; a process that makes what it lacks is ended."""
        if self._search is None:
            if isinstance(self._opener, FromLibrary):
                self._opener.stop()
            self._thread.abandon(PATIENCE)
        else:
            self._thread.close(self._search.close)

    def _opened(self, opened: OpenedTerminology) -> None:
        self._search, self._catalogue = opened.search, opened.catalogue
        self.ready.emit(opened.reference)


def _concept(search: EntitySearch, code: str) -> Concept | None:
    try:
        found = search.entity(code)
    except NotFoundError:
        return None
    notes = [note.text for holder in (*found.path, found.entity) for note in holder.notes]
    named = {code for text in notes for code in named_codes(text)}
    return Concept(found.entity, found.path, found.children, found.siblings, search.existing(named))


def _beyond(search: EntitySearch, catalogue: Catalogue, code: str) -> Beyond:
    said = tuple(catalogue.associations((code,)))
    return Beyond(
        catalogue.maps((code,)).get(code, ()),
        tuple(Successor(one.kind, one.target, _name(search, one.target)) for one in said),
    )


def _name(search: EntitySearch, code: str) -> str:
    try:
        return search.entity(code).entity.name
    except NotFoundError:
        return ""


def _hits(search: EntitySearch, text: str) -> list[Hit]:
    return [Hit(hit.code, hit.name, hit.matched, hit.source, hit.by) for hit in search.search(text, RESULTS)]


def _twigs(branches: Iterable[Branch]) -> list[Twig]:
    return [Twig(one.code, one.name, one.assignable, one.active, one.children) for one in branches]


def _path(search: EntitySearch, code: str) -> list[str]:
    try:
        found = search.entity(code)
    except NotFoundError:
        return []
    return [*(one.code for one in found.path), code]
