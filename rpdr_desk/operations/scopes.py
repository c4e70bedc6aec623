"""The project's scope: which part of its terminology is proposed, how much that is, and another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.knowledge_base.library import Catalogue
    from rpdr_core.store import Project, ProjectReader

PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class ScopeNow:
    """A scope as it is written, and how many entities it holds `of` how many; an empty one holds all."""

    text: str
    entities: int
    of: int


class Scopes(QObject):
    """Measured beside the store: some seconds for a large terminology. An overtaken answer is dropped."""

    def __init__(
        self, project: Path, store: StoreThread, reviewer: Callable[[], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._store, self._reviewer = project, store, reviewer
        self._thread = OneThread("scope", self)
        self._asked = 0

    def read(self, done: Callable[[ScopeNow], None], failed: Failed) -> None:
        """The scope in force."""
        self._ask(None, done, failed)

    def measure(self, text: str, done: Callable[[ScopeNow], None], failed: Failed) -> None:
        """What another scope would hold. An error in it names its column."""
        self._ask(text, done, failed)

    def keep(self, text: str, done: Callable[[Changes], None], failed: Failed) -> None:
        """From now on nothing outside of it is proposed. Decisions stay."""
        reviewer = self._reviewer()

        def write(project: Project) -> Changes:
            from rpdr_core.workflow.scoping import set_scope

            return set_scope(project, _catalogue(project), text, actor=reviewer)

        self._store.change(write, done, failed)

    def close(self) -> None:
        self._asked += 1
        self._thread.abandon(PATIENCE)

    def _ask(self, text: str | None, done: Callable[[ScopeNow], None], failed: Failed) -> None:
        self._asked += 1
        number = self._asked

        def work() -> ScopeNow:
            from rpdr_core.store import open_reader
            from rpdr_core.workflow.scoping import measure_scope, scope_of

            with open_reader(self._project, small=True) as reader:
                found = measure_scope(_catalogue(reader), scope_of(reader) if text is None else text)
            return ScopeNow(found.scope, found.entities, found.of)

        def answer(found: ScopeNow) -> None:
            if number == self._asked:
                done(found)

        def refused(error: RpdrError) -> None:
            if number == self._asked:
                failed(error)

        self._thread.submit(work, answer, refused)


def _catalogue(reader: ProjectReader) -> Catalogue:
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.workflow.deciding import catalogue_of

    return catalogue_of(Library(), reader.knowledge_base())
