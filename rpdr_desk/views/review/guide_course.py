"""The course of the guided review: which step it is at, and what ends a step. It watches the real actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.records import Mention, NewDecision
from rpdr_desk.actions import Actions
from rpdr_desk.operations.guided import STEPS, Task
from rpdr_desk.views.review.review_page import ReviewPage

UNDO = len(STEPS)
DONE = UNDO + 1
"""Accept, correct, search, then undo, then the end."""


class GuideCourse(QObject):
    """`changed`: another step, or another digit in the second. Decisions that no step asked for end none."""

    changed = Signal()

    def __init__(
        self, page: ReviewPage, actions: Actions, tasks: Sequence[Task], parent: QObject, step: int = 0
    ) -> None:
        super().__init__(parent)
        self._page, self._actions, self._tasks = page, actions, tuple(tasks)
        self.step = step
        page.flow.committed.connect(self._committed)
        page.flow.rows_changed.connect(self._rows_changed)
        actions["undo"].triggered.connect(self._undone)
        if self.task is not None:
            page.go_to(self.task.mention_id)

    @property
    def task(self) -> Task | None:
        """The task of this step; None after the third."""
        return self._tasks[self.step] if self.step < len(self._tasks) else None

    @property
    def digit(self) -> int:
        """The row of the code that the step asks for, from 1; 0 while it is not among the rows."""
        codes = [row.code for row in self._page.flow.rows]
        return codes.index(self.task.code) + 1 if self.task is not None and self.task.code in codes else 0

    def stop(self) -> None:
        self._page.flow.committed.disconnect(self._committed)
        self._page.flow.rows_changed.disconnect(self._rows_changed)
        self._actions["undo"].triggered.disconnect(self._undone)

    def _committed(self, mention: Mention, decision: NewDecision) -> None:
        if self.task is None or mention.id != self.task.mention_id:
            return
        if decision.kind not in ("accept", "correct"):
            # Deferred, say: the mention has gone from the screen, and the step still wants it.
            self._show()
            return
        self.step += 1
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """Put the step's mention on screen, once the review has gone on to its own next one."""
        QTimer.singleShot(0, self, self._show_now)

    def _show_now(self) -> None:
        shown, task = self._page.flow.mention, self.task
        # Shown anew, a mention would lose what was typed in the search line meanwhile.
        if task is not None and (shown is None or shown.id != task.mention_id):
            self._page.go_to(task.mention_id)

    def _undone(self) -> None:
        if self.step == UNDO:
            self.step = DONE
            self.changed.emit()

    def _rows_changed(self, _rows: object, _selected: int) -> None:
        self.changed.emit()
