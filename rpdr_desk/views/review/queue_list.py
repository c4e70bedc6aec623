"""The queues and the saved filters, always in sight: name, count, key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QKeyEvent, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from rpdr_desk import icons, theme
from rpdr_desk.fonts import Cuts
from rpdr_desk.item_models.shelf_model import ROW, ShelfModel, ShelfRow
from rpdr_desk.views.review import painting
from rpdr_desk.views.review.queue_delegate import row_background

_Index = QModelIndex | QPersistentModelIndex
AIR = 11
SHARE = 0.46
"""Of the pane's height at most; beyond that it scrolls, so that the mentions keep their room."""


class QueueList(QListView):
    """`chosen`: another row is current, by hand. `edit_asked`, `remove_asked`: of the saved filter with that name."""

    chosen = Signal(object)
    edit_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, model: ShelfModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._shelf = model
        self._room = 10_000
        self.setModel(model)
        self.setItemDelegate(_Rows(self))
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.clicked.connect(self._tell)
        model.modelReset.connect(self._fit)

    def stand_on(self, row: int) -> None:
        """Without calling that a choice by hand."""
        self.setCurrentIndex(self._shelf.index(row))

    def current(self) -> ShelfRow | None:
        row = self.currentIndex().data(ROW)
        return row if isinstance(row, ShelfRow) else None

    def give_room(self, height: int) -> None:
        """The pane's height has changed."""
        self._room = round(height * SHARE)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, before = self.current(), self.currentIndex().row()
        if row is not None and row.kind == "saved" and event.key() == Qt.Key.Key_F2:
            self.edit_asked.emit(row.id)
        elif row is not None and row.kind == "saved" and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_asked.emit(row.id)
        else:
            super().keyPressEvent(event)
            if self.currentIndex().row() != before:
                self._tell(self.currentIndex())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self.indexAt(event.pos()).data(ROW) if event.reason() == event.Reason.Mouse else self.current()
        if isinstance(row, ShelfRow) and row.kind == "saved":
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction(self.tr("Rename ..."), lambda: self.edit_asked.emit(row.id))
            menu.addAction(self.tr("Delete"), lambda: self.remove_asked.emit(row.id))
            menu.popup(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _fit(self) -> None:
        one = self.fontMetrics().height() + AIR
        rows = max(1, self._shelf.rowCount())
        shown = min(rows, max(4, self._room // one))
        self.setFixedHeight(shown * one + 2)

    def _tell(self, index: QModelIndex) -> None:
        row = index.data(ROW)
        if isinstance(row, ShelfRow):
            self.chosen.emit(row)


class _Rows(QStyledItemDelegate):
    def __init__(self, parent: QueueList) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del index
        return QSize(100, option.fontMetrics.height() + AIR)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, ShelfRow):
            return
        painter.save()
        row_background(painter, option)
        palette, box = option.palette, option.rect.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        if row.kind == "saved":
            box = self._mark(painter, option, box, first=_is_first(index))
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        small = self._cuts.of(option.font, 0.9, tabular=True)
        painting.text(painter, box, row.count, small, theme.dim(palette), painting.RIGHT)
        right = painting.width(row.count, small) + theme.GAP if row.count else 0
        area = QRect(box.left(), box.top(), box.width() - right, box.height())
        font = QFont(self._cuts.of(option.font, bold=selected))
        painting.text(painter, area, row.text, font, palette.color(QPalette.ColorRole.Text))
        painter.restore()

    def _mark(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, *, first: bool) -> QRect:
        """A saved filter has a mark before it, and a hairline parts them from the queues."""
        palette = option.palette
        if first:
            painter.setPen(QPen(theme.line(palette), 1))
            painter.drawLine(box.left(), option.rect.top(), box.right(), option.rect.top())
        size = min(15, box.height())
        ratio = painter.device().devicePixelRatioF()
        drawn = icons.cached("facets", theme.dim(palette).name(), size, ratio)
        painter.drawPixmap(box.left(), box.center().y() - size // 2 + 1, drawn)
        return box.adjusted(size + theme.UNIT + 2, 0, 0, 0)


def _is_first(index: _Index) -> bool:
    before = index.sibling(index.row() - 1, 0).data(ROW)
    return isinstance(before, ShelfRow) and before.kind == "queue"
