"""May an entity be mapped to? A group that may not shows the codes below it instead."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.operations.workspace import Workspace


class Assignable(QObject):
    """`below` carries a code and the rows below it. `asking`: the terminology has not answered yet.

    `still` says whether an answer is still wanted when it comes.
    """

    below = Signal(str, object)
    trouble = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._terminology = workspace.terminology
        self.asking = False
        self._turn = 0

    def ask(self, chosen: CandidateRow, act: Callable[[CandidateRow], None], still: Callable[[], bool]) -> None:
        """Act on an entity that may be assigned, else show what is below it; nothing if it is not `still` wanted.

        Before the terminology is open nobody can tell, and the reviewer is not kept waiting.
        """
        if self.asking:
            return
        if not self._terminology.is_ready:
            act(chosen)
            return
        self.asking = True
        turn = self._turn

        def known(concept: Concept | None) -> None:
            if turn != self._turn:
                return
            self.asking = False
            if not still():
                return
            if concept is not None and not concept.entity.assignable and concept.children:
                self._show(concept)
            else:
                act(chosen)

        self._terminology.concept(chosen.code, known, self._failed)

    def forget(self) -> bool:
        """Give up what waits for an answer; whether anything did."""
        waited, self.asking = self.asking, False
        self._turn += 1
        return waited

    def show_below(self, code: str, still: Callable[[], bool]) -> None:
        """The codes below one, whether it may be assigned or not."""
        self._terminology.concept(code, lambda concept: self._show(concept) if still() else None)

    def _show(self, concept: Concept | None) -> None:
        if concept is not None and concept.children:
            rows = tuple(CandidateRow(child.code, child.name) for child in concept.children)
            self.below.emit(concept.entity.code, rows)

    def _failed(self, error: RpdrError) -> None:
        self.asking = False
        self.trouble.emit(error)
