"""The one table: candidates of the mention, or results of a search in their place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, tall
from rpdr_desk.item_models.candidate_model import CandidateModel, Column
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.views import wording
from rpdr_desk.views.review.candidate_delegate import CandidateDelegate

_RANKS = (Column.RETRIEVER, Column.TEACHER, Column.STUDENT)
_NARROW = 720
_NO_ROOM = 560
_NO_BARS = 460


class CandidateTable(QTableView):
    """Not editable, one row selected, keys come from the actions. `chosen` carries a double-clicked row."""

    row_selected = Signal(int)
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_ = CandidateModel(self._heading, self._describe, self)
        self.delegate = CandidateDelegate(self)
        self._empty = ""
        self._ranks_shown = True
        self.setModel(self.model_)
        self.setItemDelegate(self.delegate)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(24)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self.row_selected.emit(now.row()))
        self.doubleClicked.connect(lambda index: self.chosen.emit(index.row()))
        self._retranslate()
        self._measure()

    def show_rows(self, rows: tuple[CandidateRow, ...], selected: int, *, ranked: bool = True) -> None:
        """Other rows, one of them selected (none for -1). Without ranks their columns give way to the names."""
        self._ranks_shown = ranked
        self.model_.set_rows(rows, ranked=ranked)
        self._divide()
        if rows and selected >= 0:
            self.selectRow(min(selected, len(rows) - 1))
        self.viewport().update()

    def fill_rows(self, rows: tuple[CandidateRow, ...]) -> None:
        """More columns for the same rows; selection and scroll stay. Nothing is selected in place of what is gone."""
        row = self.selected_row()
        code = self.model_.rows[row].code if 0 <= row < len(self.model_.rows) else ""
        self.model_.fill(rows)
        again = next((number for number, one in enumerate(rows) if one.code == code), -1)
        if again >= 0 and self.selected_row() != again:
            self.selectRow(again)

    def set_marks(self, decided: str, own: str, further: frozenset[str]) -> None:
        """The code that was decided for, the one the reviewer named before there were rankings, the ticked ones."""
        self.delegate.decided, self.delegate.own, self.delegate.further = decided, own, further
        self.viewport().update()

    def set_empty_text(self, words: str) -> None:
        """What the table says when it has no rows."""
        self._empty = words
        self.viewport().update()

    def selected_row(self) -> int:
        return self.currentIndex().row()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.model_.rows and self._empty:
            painter = QPainter(self.viewport())
            painter.setPen(theme.dim(self.palette()))
            box = self.viewport().rect().adjusted(theme.WIDE, 0, -theme.WIDE, 0)
            area = QRect(box.left(), box.top(), box.width(), min(box.height(), 180))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self._measure()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Candidates"))
        self.model_.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        self.viewport().update()

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(tall(theme.ROW, 2))
        self._divide()

    def _divide(self) -> None:
        """Fixed columns for figures; name and matched string share what is left."""
        room, em = self.viewport().width(), self.fontMetrics().averageCharWidth()
        narrow = room < grown(_NARROW)
        rows = self.model_.rows
        matches = room >= grown(_NO_ROOM) and (not rows or any(row.matched for row in rows))
        self.setColumnHidden(Column.MATCHED, not matches)
        self.setColumnHidden(Column.SURE, not self._ranks_shown or room < grown(_NO_BARS))
        fixed = {
            Column.KEY: grown(46),
            Column.CODE: (9 if room < grown(_NO_BARS) else 10 if narrow else 11) * em,
            **dict.fromkeys(_RANKS, grown(30 if narrow else 36)),
            Column.SURE: (11 if narrow else 16) * em + theme.GAP,
        }
        there = self.model_.columnCount()
        shown = {column: size for column, size in fixed.items() if column < there and not self.isColumnHidden(column)}
        left = max(120, room - sum(shown.values()))
        share = 0.42 if not self._ranks_shown else 0.28 if narrow else 0.34
        matched = round(left * share) if matches else 0
        for column, size in {**shown, Column.NAME: left - matched, Column.MATCHED: matched}.items():
            self.setColumnWidth(column, size)

    def _heading(self, column: Column) -> tuple[str, str]:
        match column:
            case Column.KEY:
                return "", self.tr("The key that takes this candidate")
            case Column.CODE:
                return self.tr("Code"), self.tr("Code in the knowledge base")
            case Column.NAME:
                return self.tr("Name"), self.tr("Official name")
            case Column.MATCHED:
                return self.tr("Matched by"), self.tr("The string that brought this candidate, and where it comes from")
            case Column.RETRIEVER:
                return self.tr("R"), self.tr("Rank by the retriever")
            case Column.TEACHER:
                return self.tr("T"), self.tr("Rank by the teacher")
            case Column.STUDENT:
                return self.tr("S"), self.tr("Rank by the student")
            case Column.SURE:
                return self.tr("Sure"), wording.sure_explained()

    def _describe(self, number: int, row: CandidateRow) -> str:
        words = self.tr("Candidate %1: %2, %3, matched %4, %5") if row.matched else self.tr("Candidate %1: %2, %3")
        told = wording.fill(words, number + 1, row.code, row.name, row.matched, wording.source_text(row.source))
        return ", ".join(filter(None, (told, wording.found_by(row.by), *self.delegate.marks_of(row.code))))
