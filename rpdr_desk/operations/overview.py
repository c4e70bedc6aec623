"""The figures of the dashboard, and the steps that can be taken on them.

Figures are reckoned in a thread of their own with a reader of their own, so that decisions never wait for them.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.records import Changes
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.workflow.dashboard_figures import Dashboard
    from rpdr_core.workflow.sure_acceptance import Preview

Done = Callable[[Changes], None]
ALL = 1 << 40


class Overview(QObject):
    """`measured` carries a `Dashboard`; only the newest reading is told."""

    measured = Signal(object)

    def __init__(
        self, store: StoreThread, path: Path, reviewer: Callable[[], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._path, self._reviewer = store, path, reviewer
        self._thread = OneThread("dashboard", self)
        self._asked = 0

    def read(self, failed: Failed) -> None:
        """Reckon the figures anew; a reading that is under way ends without a result."""
        self._asked += 1
        asked = self._asked

        def told(error: RpdrError) -> None:
            if asked == self._asked and not isinstance(error, Cancelled):
                failed(error)

        self._thread.submit(lambda: self._measure(asked), self._deliver, told)

    def close(self) -> None:
        """End what is under way and wait for it: it notices within milliseconds."""
        self._asked += 1
        self._thread.close()

    def preview(self, threshold: float, done: Callable[[Preview], None], failed: Failed) -> None:
        """What would be accepted at a threshold."""

        def read() -> Preview:
            from rpdr_core.store import open_reader
            from rpdr_core.workflow.sure_acceptance import preview

            with open_reader(self._path) as reader:
                return preview(reader, threshold)

        self._thread.submit(read, done, failed)

    def above(self, threshold: float, done: Callable[[array[int]], None], failed: Failed) -> None:
        """The undecided mentions of at least this confidence, surest first."""

        def read() -> array[int]:
            from rpdr_core.store import open_reader

            with open_reader(self._path) as reader:
                return array("q", reader.surest(threshold, ALL))

        self._thread.submit(read, done, failed)

    def check(self, done: Callable[[array[int]], None], failed: Failed) -> None:
        """What is left to answer of the random check, in the order it was drawn."""
        from rpdr_core.workflow.random_check import unanswered

        self._store.query(lambda project: array("q", unanswered(project)), done, failed)

    def draw(self, size: int, done: Done, failed: Failed) -> None:
        """Draw a random check."""
        from rpdr_core.workflow.random_check import draw

        reviewer = self._reviewer()
        self._store.change(lambda project: draw(project, size, actor=reviewer), done, failed)

    def accept(self, ids: Sequence[int], threshold: float, done: Done, failed: Failed) -> None:
        """Accept what was previewed, as one step."""
        from rpdr_core.workflow.sure_acceptance import accept_all

        reviewer = self._reviewer()
        self._store.change(lambda project: accept_all(project, ids, threshold, reviewer=reviewer), done, failed)

    def put_aside(self, ids: Sequence[int], done: Done, failed: Failed) -> None:
        """Flag mentions for a guideline discussion, as one step."""
        from rpdr_core.workflow.dashboard_past import GUIDELINE

        reviewer = self._reviewer()
        self._store.change(lambda project: project.set_flags(ids, GUIDELINE, reviewer=reviewer), done, failed)

    def take_back(self, ids: Sequence[int], done: Done, failed: Failed) -> None:
        """Put mentions that were put aside into their queues again, as one step."""
        reviewer = self._reviewer()
        self._store.change(lambda project: project.clear_flags(ids, reviewer=reviewer), done, failed)

    def _measure(self, asked: int) -> tuple[int, Dashboard]:
        from rpdr_core.store import open_reader
        from rpdr_core.workflow.dashboard import dashboard_of

        def check() -> None:
            if asked != self._asked:
                raise Cancelled("another reading was asked for")

        check()
        with open_reader(self._path) as reader:
            return asked, dashboard_of(reader, check=check)

    def _deliver(self, found: tuple[int, Dashboard]) -> None:
        if found[0] == self._asked:
            self.measured.emit(found[1])
