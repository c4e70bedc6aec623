"""A mention in the queue list: state icon, text, decision, number of occurrences."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from rpdr_core.records import Mention
from rpdr_desk import icons, theme
from rpdr_desk.fonts import Cuts, grown, tall
from rpdr_desk.item_models.queue_model import MENTION
from rpdr_desk.views import wording
from rpdr_desk.views.review import painting

_Index = QModelIndex | QPersistentModelIndex
ICON = 16
ROOMY = 24
"""Characters beside which there is room for a flag's reason; where there is less, the icon and the tooltip say it."""


class QueueDelegate(QStyledItemDelegate):
    """Paints one row; state is told by the icon's shape and by words, colour only helps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del option, index
        return QSize(120, tall(theme.QUEUE_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        mention = index.data(MENTION)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_background(painter, option)
        if isinstance(mention, Mention):
            self._paint_mention(painter, option, mention)
        painter.restore()

    def _paint_mention(self, painter: QPainter, option: QStyleOptionViewItem, mention: Mention) -> None:
        palette, box = option.palette, option.rect.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        open_still = mention.status == "unreviewed"
        ink = theme.dim(palette) if mention.status in ("unreviewed", "deferred") else theme.accent(palette)
        if open_still:
            ink = palette.color(QPalette.ColorRole.PlaceholderText)
        self._icon(painter, mention.status, ink.name(), box.left(), box.center().y())
        small = self._cuts.of(option.font, 0.9, tabular=True)
        right = box.right()
        count = wording.number(mention.count)
        painting.text(painter, box, count, small, theme.dim(palette), painting.RIGHT)
        right -= max(painting.width(count, small), painting.width("000", small)) + theme.GAP
        if mention.flagged:
            self._icon(painter, "flag", theme.accent(palette).name(), right - grown(ICON), box.center().y())
            right -= grown(ICON) + theme.UNIT
        outcome = wording.outcome(mention)
        if not outcome and right - box.left() > ROOMY * option.fontMetrics.averageCharWidth():
            outcome = wording.flag_text(mention.flag_reason)
        if outcome:
            wide = min(painting.width(outcome, small), box.width() // 3)
            area = QRect(right - wide, box.top(), wide, box.height())
            painting.text(painter, area, outcome, small, theme.dim(palette), painting.RIGHT)
            right -= wide + theme.GAP
        left = box.left() + grown(ICON) + theme.GAP
        area = QRect(left, box.top(), right - left, box.height())
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        font = self._cuts.of(option.font, bold=selected)
        colour = palette.color(QPalette.ColorRole.Text) if open_still or selected else theme.dim(palette)
        painting.text(painter, area, mention.text, font, colour)

    def _icon(self, painter: QPainter, name: str, colour: str, left: int, middle: int) -> None:
        size, scale = grown(ICON), painter.device().devicePixelRatioF()
        painter.drawPixmap(left, middle - size // 2 + 1, icons.cached(name, colour, size, scale))


def row_background(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Base, hover and selection, with a stroke of accent at the selected row's edge."""
    palette = option.palette
    if option.state & QStyle.StateFlag.State_Selected:
        active = bool(option.state & QStyle.StateFlag.State_HasFocus or option.state & QStyle.StateFlag.State_Active)
        painter.fillRect(option.rect, theme.tint(palette, 0.13 if active else 0.08))
        edge = QRect(option.rect.left(), option.rect.top(), 3, option.rect.height())
        painter.fillRect(edge, theme.accent(palette))
    elif option.state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(option.rect, theme.tint(palette, 0.05))
