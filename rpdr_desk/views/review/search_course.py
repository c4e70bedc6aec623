"""The course of a search: from the line above the table to the rows in the table's place, and back."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from rpdr_core.records import Entity
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.operations.terminology import Hit
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.review.candidate_table import CandidateTable
from rpdr_desk.views.review.review_flow import ReviewFlow
from rpdr_desk.views.review.search_line import SearchLine


class SearchCourse(QObject):
    """Return in the line never decides: it only goes to the results, where the next key decides."""

    failed = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        flow: ReviewFlow,
        line: SearchLine,
        table: CandidateTable,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._flow, self._line, self._table = workspace, flow, line, table
        self._shown_for = ""
        self._entering = False
        line.asked.connect(self._search)
        line.edit.textEdited.connect(self._goes_on_typing)
        line.entered.connect(self._enter)
        line.left.connect(self.leave)
        flow.narrower_needed.connect(self._show_narrower)
        flow.mode_changed.connect(self._mode_changed)

    def focus(self) -> None:
        self._line.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._line.edit.selectAll()

    def again(self) -> None:
        """The terminology is there now: search for what was typed before."""
        self._search(self._line.edit.text().strip())

    def leave(self) -> None:
        """Back to the candidates."""
        self._entering = False
        self._flow.back()
        self._line.clear()
        self._table.setFocus()

    def _search(self, text: str) -> None:
        if not text:
            self._flow.back()
            return
        if not self._workspace.terminology.is_ready:
            self._line.note.setText(QCoreApplication.translate("ReviewPage", "The terminology is being opened ..."))
            return
        self._workspace.terminology.search(text, lambda hits: self._show_hits(text, hits), self.failed.emit)

    def _show_hits(self, text: str, hits: list[Hit]) -> None:
        if now := self._line.edit.text().strip():
            self._shown_for = text
            rows = [CandidateRow(hit.code, hit.name, hit.matched, hit.source, by=hit.by) for hit in hits]
            self._flow.show_results("search", rows)
            words = QCoreApplication.translate("ReviewPage", "%1 found")
            self._line.note.setText(wording.fill(words, len(hits)))
            if self._entering and text == now:
                self._enter()

    def _goes_on_typing(self, _text: str) -> None:
        self._entering = False

    def _enter(self) -> None:
        """To the results. While they are still looked for the candidates stand there, and no key is to take one."""
        text = self._line.edit.text().strip()
        self._entering = bool(text) and text != self._shown_for
        if self._flow.rows and not self._entering:
            self._table.setFocus()

    def _show_narrower(self, code: str, rows: tuple[CandidateRow, ...]) -> None:
        self._flow.show_results("narrower", rows)
        words = QCoreApplication.translate("ReviewPage", "%1 is divided further: take one of these. Esc goes back.")
        self._line.note.setText(wording.fill(words, code))
        self._table.setFocus()

    def show_entity(self, entity: Entity) -> None:
        """One entity that was found elsewhere, in the table's place: what is decided is for the next key."""
        self._flow.show_results("narrower", (CandidateRow(entity.code, entity.name),))
        words = QCoreApplication.translate("ReviewPage", "%1, not decided yet. Esc goes back.")
        self._line.note.setText(wording.fill(words, entity.code))
        self._table.setFocus()

    def _mode_changed(self, mode: str) -> None:
        if mode == "candidates":
            self._shown_for, self._entering = "", False
            self._line.clear()
