"""The list of a preview: headings that say what a group has in common, members in their sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from rpdr_core.records import Mention
from rpdr_desk import theme
from rpdr_desk.fonts import Cuts, grown
from rpdr_desk.item_models.identical_model import LINE, IdenticalModel, Line
from rpdr_desk.views.review import identical_words, painting
from rpdr_desk.views.review.queue_delegate import row_background

_Index = QModelIndex | QPersistentModelIndex
ROW = 36
BOX = 18


class IdenticalList(QListView):
    """Arrows move, Space ticks, left and right close and open a group. `entered`: Return, apply what is ticked."""

    entered = Signal()

    def __init__(self, model: IdenticalModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_Lines(self))
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Identical mentions"))
        if model.rowCount():
            self.setCurrentIndex(model.index(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.currentIndex().row()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif row < 0:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Space:
            self._model.toggle(row)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            heading = self._model.set_open(row, key == Qt.Key.Key_Right)
            if key == Qt.Key.Key_Left:
                self.setCurrentIndex(self._model.index(heading))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.position().x() < tick_area(self.visualRect(index), index).right() + theme.GAP:
            self._model.toggle(index.row())

    def event(self, event: QEvent) -> bool:
        # Return is ours before the dialog's default button sees it, Space before any shortcut.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _OURS:
            event.accept()
            return True
        return super().event(event)


_OURS = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right))


def tick_area(row: QRect, index: _Index) -> QRect:
    """Where a line's tick stands; a member's is set in from its heading's."""
    line = index.data(LINE)
    inset = theme.MARGIN if isinstance(line, Line) and line.mention is None else theme.MARGIN + grown(BOX) + theme.GAP
    side = grown(BOX)
    return QRect(QPoint(row.left() + inset, row.center().y() - side // 2 + 1), QSize(side, side))


class _Lines(QStyledItemDelegate):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del option, index
        return QSize(200, grown(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line = index.data(LINE)
        if not isinstance(line, Line):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_background(painter, option)
        area = tick_area(option.rect, index)
        painting.tick_box(painter, QRectF(area), line.state, option.palette)
        left = area.right() + theme.GAP + 2
        box = QRect(left, option.rect.top(), option.rect.right() - theme.MARGIN - left, option.rect.height())
        if line.mention is None:
            self._heading(painter, option, box, line)
        else:
            self._member(painter, option, box, line.mention)
        painter.restore()

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, line: Line) -> None:
        palette = option.palette
        small = self._cuts.of(option.font, 0.92, tabular=True)
        count = identical_words.count_of(line)
        painting.text(painter, box, count, small, theme.dim(palette), painting.RIGHT)
        area = QRect(box.left(), box.top(), box.width() - painting.width(count, small) - theme.GAP, box.height())
        arrow = "▼ " if line.open else "▶ "
        font = self._cuts.of(option.font, bold=True)
        colour = palette.color(QPalette.ColorRole.Text)
        painting.text(painter, area, arrow + identical_words.heading(line.group), font, colour)

    def _member(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, mention: Mention) -> None:
        palette = option.palette
        small = self._cuts.of(option.font, 0.92, tabular=True)
        state = identical_words.state_of(mention)
        if state:
            painting.text(painter, box, state, small, theme.dim(palette), painting.RIGHT)
            box = QRect(box.left(), box.top(), box.width() - painting.width(state, small) - theme.GAP, box.height())
        before, marked, after = identical_words.sentence(mention)
        font, bold = option.font, self._cuts.of(option.font, bold=True)
        room, middle = box.width(), painting.width(marked, bold) + 2 * theme.UNIT
        side = max(0, room - middle)
        shown_after = QFontMetricsF(font).elidedText(after, Qt.TextElideMode.ElideRight, side * 0.5)
        left = max(0.0, side - painting.width(shown_after, font))
        shown_before = QFontMetricsF(font).elidedText(before, Qt.TextElideMode.ElideLeft, left)
        at = box.left()
        plain = palette.color(QPalette.ColorRole.Text)
        for words, cut, mark in ((shown_before, font, False), (marked, bold, True), (shown_after, font, False)):
            wide = painting.width(words, cut) + (2 * theme.UNIT if mark else 1)
            area = QRect(at, box.top(), min(wide, box.right() - at), box.height())
            if mark:
                high = round(QFontMetricsF(bold).height()) + 4
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.tint(palette, 0.22))
                painter.drawRoundedRect(QRect(at, box.center().y() - high // 2 + 1, area.width(), high), 3, 3)
            painting.text(painter, area, words, cut, plain, painting.CENTRE if mark else painting.LEFT)
            at += wide
