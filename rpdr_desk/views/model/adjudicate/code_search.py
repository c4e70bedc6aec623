"""The course of a search for a code that neither of the two gave. Return in the line only goes to what was found."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.operations.terminology import Concept, Hit, Terminology
from rpdr_desk.views import wording
from rpdr_desk.views.model.adjudicate.answers_pane import AnswersPane


class CodeSearch(QObject):
    """`left`: the search is over, the focus belongs to the list of disputes again."""

    left = Signal()
    failed = Signal(object)

    def __init__(self, terminology: Terminology, pane: AnswersPane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._terminology, self._pane = terminology, pane
        self._rows: tuple[CandidateRow, ...] = ()
        line = pane.search
        line.asked.connect(self._search)
        line.entered.connect(self._enter)
        line.left.connect(self.leave)
        terminology.ready.connect(lambda _reference: self._search(line.edit.text().strip()))

    def focus(self) -> None:
        edit = self._pane.search.edit
        edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        edit.selectAll()

    def leave(self) -> None:
        self._pane.leave_search()
        self._rows = ()
        self.left.emit()

    def chosen(self) -> CandidateRow | None:
        """The found code that is selected, None for none."""
        row = self._pane.found.selected_row()
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def show_narrower(self, concept: Concept) -> None:
        """The codes below one that may not be assigned."""
        self._show(tuple(CandidateRow(child.code, child.name) for child in concept.children))
        words = QCoreApplication.translate("ReviewPage", "%1 is divided further: take one of these. Esc goes back.")
        self._pane.search.note.setText(wording.fill(words, concept.entity.code))
        self._pane.found.setFocus()

    def _search(self, text: str) -> None:
        if not text:
            self._pane.leave_search()
            self._rows = ()
        elif not self._terminology.is_ready:
            words = QCoreApplication.translate("ReviewPage", "The terminology is being opened ...")
            self._pane.search.note.setText(words)
        else:
            self._terminology.search(text, self._show_hits, self.failed.emit)

    def _show_hits(self, hits: list[Hit]) -> None:
        if self._pane.search.edit.text().strip():
            self._show(tuple(CandidateRow(hit.code, hit.name, hit.matched, hit.source) for hit in hits))
            words = QCoreApplication.translate("ReviewPage", "%1 found")
            self._pane.search.note.setText(wording.fill(words, len(hits)))

    def _show(self, rows: tuple[CandidateRow, ...]) -> None:
        self._rows = rows
        empty = QCoreApplication.translate("ReviewPage", "Nothing in the knowledge base matches.")
        self._pane.show_found(rows, empty)

    def _enter(self) -> None:
        if self._rows:
            self._pane.found.setFocus()
