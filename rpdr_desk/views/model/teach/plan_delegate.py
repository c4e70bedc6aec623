"""A mention as it would leave: the mention itself marked, masked parts as badges, parts to read underlined."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize
from PySide6.QtGui import QFont, QPainter, QPalette, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from rpdr_desk import icons, theme
from rpdr_desk.fonts import BASE_POINTS, Cuts, grown
from rpdr_desk.item_models.plan_model import PLANNED
from rpdr_desk.operations.teach_state import Mark, PlannedMention
from rpdr_desk.views.review import painting
from rpdr_desk.views.review.queue_delegate import row_background

_Index = QModelIndex | QPersistentModelIndex
ICON = 16
NARROW = 720
_ASIDE = 0.88


class PlanDelegate(QStyledItemDelegate):
    """All rows are equally high: two lines of text, three where the list is narrow."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del index
        lines = 3 if option.widget.width() < NARROW * option.font.pointSizeF() / BASE_POINTS else 2
        return QSize(160, round(option.fontMetrics.lineSpacing() * lines) + 2 * theme.GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        planned = index.data(PLANNED)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_background(painter, option)
        painter.fillRect(
            QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme.line(option.palette)
        )
        if isinstance(planned, PlannedMention):
            self._paint(painter, option, planned)
        painter.restore()

    def _paint(self, painter: QPainter, option: QStyleOptionViewItem, planned: PlannedMention) -> None:
        box = option.rect.adjusted(theme.MARGIN + theme.GAP, theme.GAP, -theme.MARGIN, -theme.GAP)
        right = self._asides(painter, option, planned, box)
        _text(painter, option, planned, QRect(box.left(), box.top(), right - box.left(), box.height()))

    def _asides(self, painter: QPainter, option: QStyleOptionViewItem, planned: PlannedMention, box: QRect) -> int:
        """What is said at the right of the row; returns where the text ends."""
        palette, small = option.palette, self._cuts.of(option.font, _ASIDE)
        scale = painter.device().devicePixelRatioF()
        side = grown(ICON)
        room = painting.width("00", small) + side + theme.UNIT
        right = box.right()
        for count, icon, ink in (
            (planned.masked, "mask", theme.dim(palette)), (len(planned.flagged), "eye", theme.alert(palette))
        ):  # fmt: skip
            if count:
                area = QRect(right - room, box.top(), room, box.height())
                painting.text(painter, area, str(count), small, ink, painting.RIGHT)
                left = right - painting.width(str(count), small) - theme.UNIT - side
                painter.drawPixmap(left, box.center().y() - side // 2 + 1, icons.cached(icon, ink.name(), side, scale))
            right -= room + theme.GAP
        return right - theme.GAP


def _text(painter: QPainter, option: QStyleOptionViewItem, planned: PlannedMention, box: QRect) -> None:
    layout = QTextLayout(planned.shown, option.font, painter.device())
    wrapping = QTextOption()
    wrapping.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(wrapping)
    layout.setFormats([_range(planned.shown, mark, option) for mark in planned.marks])
    step = option.fontMetrics.lineSpacing()
    most = max(1, (box.height() + 2) // step)
    layout.beginLayout()
    lines = 0
    while lines < most and (line := layout.createLine()).isValid():
        line.setLineWidth(box.width())
        line.setPosition(QPointF(0, lines * step))
        lines += 1
    last = layout.lineAt(lines - 1) if lines else None
    cut = last is not None and last.textStart() + last.textLength() < len(planned.shown.encode("utf-16-le")) // 2
    layout.endLayout()
    painter.setPen(option.palette.color(QPalette.ColorRole.Text))
    top = box.top() + (box.height() - lines * step) / 2
    layout.draw(painter, QPointF(box.left(), top))
    if cut:
        area = QRect(box.right() - 14, round(top + (lines - 1) * step), 18, step)
        painting.text(painter, area, "…", option.font, theme.dim(option.palette), painting.RIGHT)


def _range(text: str, mark: Mark, option: QStyleOptionViewItem) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    # Qt counts UTF-16 units, we count code points.
    made.start = len(text[: mark.start].encode("utf-16-le")) // 2
    made.length = len(text[mark.start : mark.end].encode("utf-16-le")) // 2
    made.format = _look(mark, option)
    return made


def _look(mark: Mark, option: QStyleOptionViewItem) -> QTextCharFormat:
    palette, look = option.palette, QTextCharFormat()
    if mark.kind == "mention":
        look.setFontWeight(QFont.Weight.DemiBold)
        look.setBackground(theme.tint(palette, 0.22))
    elif mark.kind == "masked":
        look.setBackground(theme.accent(palette))
        look.setForeground(palette.color(QPalette.ColorRole.HighlightedText))
    else:
        look.setForeground(theme.alert(palette))
        look.setUnderlineColor(theme.alert(palette))
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    return look
