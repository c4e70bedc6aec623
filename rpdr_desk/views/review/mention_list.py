"""The mentions of the queue: one column of rows of one height, so that a million of them cost nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, tall
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.views.review.queue_delegate import QueueDelegate

EMPTY_HEIGHT = 150

_Index = QModelIndex | QPersistentModelIndex
_Hint = QAbstractItemView.ScrollHint


class MentionList(QTableView):
    """A table, because a list view lays out each row when the model is set anew: two seconds for a million."""

    def __init__(self, model: QueueModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._empty = ""
        self._end_asked = False
        self.setModel(model)
        self.setItemDelegate(QueueDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAutoScroll(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._measure()

    def go_to(self, row: int) -> None:
        """Stand on a row. It scrolls only when the row is out of sight, so that the list does not jump."""
        index = self.model().index(row, 0)
        self.setCurrentIndex(index)
        if not self.viewport().rect().contains(self.visualRect(index)):
            self.scrollTo(index, _Hint.PositionAtCenter)

    @property
    def at_known_end(self) -> bool:
        """Somebody asked for the end of a list that was not known yet, and has waited there since."""
        bar, last = self.verticalScrollBar(), self.model().rowCount() - 1
        return self._end_asked and self.currentIndex().row() == last and bar.value() == bar.maximum()

    def forget_end(self) -> None:
        """Who asked for the end has done something else since."""
        self._end_asked = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model = self.model()
        self._end_asked = event.key() == Qt.Key.Key_End and isinstance(model, QueueModel) and not model.whole
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and model.rowCount():
            # A table's own Home and End stay in the row, which has one column here.
            end = event.key() == Qt.Key.Key_End
            self.setCurrentIndex(model.index(model.rowCount() - 1 if end else 0, 0))
            if end:
                self.scrollToBottom()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.forget_end()
        super().focusOutEvent(event)

    def offset(self) -> int:
        """Pixels from the list's upper edge to the current row's: where the eye left it. 0 without a row."""
        current = self.currentIndex()
        return self.visualRect(current).top() if current.isValid() else 0

    def go_to_at(self, row: int, offset: int, *, in_sight: bool = True) -> None:
        """Stand on a row and show it `offset` pixels below the upper edge, as near as the list's ends allow. Not
        `in_sight`: also where that is out of sight.
        """
        self.setCurrentIndex(self.model().index(row, 0))
        self.verticalScrollBar().setValue(row * self.verticalHeader().defaultSectionSize() - offset)
        if in_sight and not self.viewport().rect().contains(self.visualRect(self.currentIndex())):
            self.scrollTo(self.currentIndex(), _Hint.PositionAtCenter)

    def set_empty_text(self, words: str) -> None:
        self._empty = words
        self.viewport().update()

    def scrollTo(self, index: _Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        # Before the first layout there is no height to scroll in.
        if self.viewport().height() > 0:
            super().scrollTo(index, hint)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self._measure()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._empty:
            return
        painter = QPainter(self.viewport())
        painter.setPen(theme.dim(self.palette()))
        area = self.viewport().rect().adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        box = QRect(area.left(), area.top(), area.width(), min(EMPTY_HEIGHT, area.height()))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(tall(theme.QUEUE_ROW))
