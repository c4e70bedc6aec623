"""The list of mentions that would be sent."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from rpdr_desk import theme
from rpdr_desk.views.model.teach.plan_delegate import PlanDelegate


class PlanList(QListView):
    """Says in words why it is empty."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._empty = ""
        self.setItemDelegate(PlanDelegate(self))
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setMinimumHeight(120)

    def set_empty_text(self, words: str) -> None:
        self._empty = words
        self.setAccessibleDescription(words)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._empty:
            painter = QPainter(self.viewport())
            painter.setPen(theme.dim(self.palette()))
            area = self.viewport().rect().adjusted(4 * theme.WIDE, 0, -4 * theme.WIDE, 0)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRect(area.left(), area.top(), area.width(), min(260, area.height())), flags, self._empty)
