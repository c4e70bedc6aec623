"""A concept in the tree: code, name, and in words what may not be assigned."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import Cuts
from rpdr_desk.item_models.tree_model import TWIG
from rpdr_desk.operations.terminology import Twig
from rpdr_desk.views.review import painting

_Index = QModelIndex | QPersistentModelIndex
_AIR = 10


class TreeDelegate(QStyledItemDelegate):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        words = painting.width(str(index.data() or ""), self._cuts.of(option.font, bold=True))
        return QSize(words + 4 * theme.MARGIN, option.fontMetrics.height() + _AIR)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        twig, palette = index.data(TWIG), option.palette
        if not isinstance(twig, Twig):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        box = option.rect.adjusted(theme.UNIT, 0, -theme.GAP, 0)
        if not twig.active:
            words = QCoreApplication.translate("TreeDialog", "inactive")
            left = painting.badge(
                painter, box.right(), box, words, self._cuts.of(option.font, 0.84), palette, strong=False
            )
            box.setRight(left - theme.GAP)
        font = self._cuts.of(option.font, bold=True, tabular=True)
        ink = palette.color(QPalette.ColorRole.Text) if twig.assignable and twig.active else theme.dim(palette)
        painting.text(painter, box, twig.code, font, ink)
        wide = painting.width(twig.code, font) + theme.GAP + 2
        name = QRect(box.left() + wide, box.top(), box.width() - wide, box.height())
        painting.text(painter, name, twig.name, option.font, ink)
        painter.restore()
