"""A row of the facet panel: a heading, a value with its box and its count, or the row that shows the rest."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from rpdr_desk import theme
from rpdr_desk.fonts import Cuts, grown
from rpdr_desk.item_models.facet_model import ROW, FacetModel, FacetRow
from rpdr_desk.views.review import painting

_Index = QModelIndex | QPersistentModelIndex
BOX = 15


class FacetDelegate(QStyledItemDelegate):
    """The box is ticked in shape, not by colour alone."""

    def __init__(self, model: FacetModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row = index.data(ROW)
        heading = isinstance(row, FacetRow) and row.kind == "heading"
        return QSize(120, option.fontMetrics.height() + (22 if heading else 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, FacetRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = str(index.data())
        if row.kind == "heading":
            self._heading(painter, option, words)
        else:
            self._ground(painter, option)
            self._value(painter, option, row, words)
        painter.restore()

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, words: str) -> None:
        font = QFont(self._cuts.of(option.font, 0.9, bold=True))
        area = option.rect.adjusted(theme.MARGIN, 8, -theme.MARGIN, 0)
        painting.text(painter, area, words, font, theme.dim(option.palette))

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        state, palette = option.state, option.palette
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.tint(palette, 0.13 if focused else 0.07))
            if focused:
                edge = QRect(option.rect.left(), option.rect.top(), 3, option.rect.height())
                painter.fillRect(edge, theme.accent(palette))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, theme.tint(palette, 0.05))

    def _value(self, painter: QPainter, option: QStyleOptionViewItem, row: FacetRow, words: str) -> None:
        palette, box = option.palette, option.rect.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        left = box.left() + grown(BOX) + theme.GAP
        small = self._cuts.of(option.font, 0.9, tabular=True)
        count = self._model.count_text(row)
        painting.text(painter, box, count, small, theme.dim(palette), painting.RIGHT)
        right = box.right() - (painting.width(count, small) + theme.GAP if count else 0)
        area = QRect(left, box.top(), right - left, box.height())
        if row.kind == "more":
            painting.text(painter, area, words, option.font, theme.accent(palette))
            return
        self._tick(painter, palette, box.left(), box.center().y(), row.picked)
        font = self._cuts.of(option.font, bold=row.picked)
        painting.text(painter, area, words, font, palette.color(QPalette.ColorRole.Text))

    def _tick(self, painter: QPainter, palette: QPalette, left: int, middle: int, picked: bool) -> None:
        side = grown(BOX)
        area = QRectF(left + 0.5, middle - side / 2 + 1, side - 1, side - 1)
        edge = theme.accent(palette) if picked else theme.mix(theme.line(palette), theme.dim(palette), 0.5)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(theme.accent(palette) if picked else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, 3.5, 3.5)
        if picked:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.HighlightedText), 1.7))
            points = ((0.24, 0.52), (0.44, 0.72), (0.78, 0.30))
            painter.drawPolyline([QPointF(area.left() + x * side, area.top() + y * side) for x, y in points])
