"""A project moved to another release of its terminology: planned beside the window, done in the store's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, KnowledgeBaseInfo
from rpdr_desk.operations.following import Following
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import Project
    from rpdr_core.workflow.upgrading import TargetChange as TargetChange
    from rpdr_core.workflow.upgrading import UpgradeCounts as UpgradeCounts
    from rpdr_core.workflow.upgrading import UpgradePlan as UpgradePlan

PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class UpgradeWish:
    """`renamed`: reopen decisions whose code has another name now, too. `scope`: the project's afterwards, None for
    the present one. `force`: although this looks like another terminology.
    """

    renamed: bool = False
    scope: str | None = None
    force: bool = False


class Upgrades(QObject):
    """`following` tells how far the plan is."""

    def __init__(
        self, project: Path, store: StoreThread, reviewer: Callable[[], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._store, self._reviewer = project, store, reviewer
        self._thread = OneThread("upgrade", self)
        self.following = Following(self)
        self._asked = 0

    def plan(
        self, to: KnowledgeBaseInfo, wish: UpgradeWish, done: Callable[[UpgradePlan], None], failed: Failed
    ) -> None:
        """What the move would change; nothing is changed. A later question ends this one."""
        self.stop()
        self._asked += 1
        number = self._asked
        self.following.deleteLater()
        self.following = following = Following(self)

        def work() -> UpgradePlan:
            from rpdr_core.knowledge_base.library import Library
            from rpdr_core.store import open_reader
            from rpdr_core.workflow.deciding import catalogue_of
            from rpdr_core.workflow.upgrading import plan_upgrade

            following.watch("", 0)
            library = Library()
            with open_reader(self._project, small=True) as reader:
                old = catalogue_of(library, reader.knowledge_base())
                new = library.open(to.fingerprint or to.id)
                return plan_upgrade(reader, old, new, following.watch, renamed=wish.renamed, scope=wish.scope)

        def planned(found: UpgradePlan) -> None:
            if number == self._asked:
                done(found)

        def refused(error: RpdrError) -> None:
            if number == self._asked:
                failed(error)

        self._thread.submit(work, planned, refused)

    def apply(self, plan: UpgradePlan, force: bool, done: Callable[[Changes], None], failed: Failed) -> None:
        """Do what was planned, as one step."""
        reviewer = self._reviewer()

        def write(project: Project) -> Changes:
            from rpdr_core.workflow.upgrading import apply_upgrade

            return apply_upgrade(project, plan, reviewer, force=force)

        self._store.change(write, done, failed)

    def waiting(self, done: Callable[[Sequence[int]], None]) -> None:
        """Mentions that upgrades in force have reopened and nobody has decided since, most frequent first."""
        self._store.query(lambda project: project.requeued(), done)

    def stop(self) -> None:
        """Forget the plan that is being made."""
        self._asked += 1
        self.following.cancel()

    def close(self) -> None:
        self.stop()
        self._thread.abandon(PATIENCE)
