"""Small painted things that lists and bars share: badges, key caps, bars, elided text."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen

from rpdr_desk import theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


def text(
    painter: QPainter, box: QRect, words: str, font: QFont, colour: QColor, align: Qt.AlignmentFlag = LEFT
) -> None:
    """One line, elided at the right."""
    painter.setFont(font)
    painter.setPen(colour)
    shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, align | Qt.TextFlag.TextSingleLine, shown)


def two_lines(painter: QPainter, box: QRect, words: str, font: QFont, colour: QColor) -> None:
    """Up to two lines, centred in the row. The second is cut in its middle: names of codes differ at their ends."""
    metrics = QFontMetricsF(font)
    first, rest = words, ""
    if metrics.horizontalAdvance(words) > box.width():
        first, rest = _broken(words, metrics, box.width())
    if not rest:
        text(painter, box, first, font, colour)
        return
    step = round(metrics.height())
    top = box.center().y() - step + 1
    text(painter, QRect(box.left(), top, box.width(), step), first, font, colour)
    shown = metrics.elidedText(rest, Qt.TextElideMode.ElideMiddle, box.width())
    text(painter, QRect(box.left(), top + step, box.width(), step), shown, font, colour)


def _broken(words: str, metrics: QFontMetricsF, room: float) -> tuple[str, str]:
    """Split at the last space that fits; between characters only in scripts without spaces."""
    # By halves: each measuring of a text costs as much as painting it.
    last = bisect_left(range(1, len(words)), True, key=lambda at: metrics.horizontalAdvance(words[:at]) > room)
    space = words.rfind(" ", 0, last + 1)
    if space > 0:
        return words[:space].rstrip(), words[space:].lstrip()
    return (words, "") if words[: last + 1].isascii() else (words[:last], words[last:])


def width(words: str, font: QFont) -> int:
    return round(QFontMetricsF(font).horizontalAdvance(words) + 0.5)


def badge(painter: QPainter, right: int, box: QRect, words: str, font: QFont, palette: QPalette, strong: bool) -> int:
    """A rounded badge that ends at `right`; returns where it begins."""
    wide = width(words, font) + 2 * theme.UNIT + 4
    high = round(QFontMetricsF(font).height()) + 4
    area = QRectF(right - wide, box.center().y() - high / 2 + 0.5, wide, high)
    painter.setPen(Qt.PenStyle.NoPen if strong else QPen(theme.line(palette), 1))
    painter.setBrush(theme.tint(palette, 0.16) if strong else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), high / 2, high / 2)
    painter.setFont(font)
    painter.setPen(theme.accent(palette) if strong else theme.dim(palette))
    painter.drawText(area, CENTRE, words)
    return round(area.left())


def key_cap(painter: QPainter, centre: QPointF, words: str, font: QFont, palette: QPalette, strong: bool) -> None:
    """A key as it looks on the keyboard."""
    area = cap_area(centre, words, font)
    painter.setPen(
        QPen(theme.accent(palette) if strong else theme.mix(theme.line(palette), theme.dim(palette), 0.25), 1)
    )
    painter.setBrush(theme.accent(palette) if strong else palette.color(QPalette.ColorRole.Base))
    painter.drawRoundedRect(area, 4, 4)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.HighlightedText) if strong else theme.dim(palette))
    painter.drawText(area, CENTRE, words)


def cap_area(centre: QPointF, words: str, font: QFont) -> QRectF:
    high = round(QFontMetricsF(font).height()) + 5
    wide = max(high, width(words, font) + 11)
    return QRectF(round(centre.x() - wide / 2) + 0.5, round(centre.y() - high / 2) + 0.5, wide, high)


def tick_box(painter: QPainter, area: QRectF, state: Qt.CheckState, palette: QPalette) -> None:
    """A box as every check box has it: an outline, or filled with a tick; a bar where some of several are ticked."""
    size = min(area.width(), area.height()) * 0.8
    box = QRectF(0, 0, size, size)
    box.moveCenter(area.center())
    on = state is not Qt.CheckState.Unchecked
    painter.setPen(QPen(theme.accent(palette) if on else theme.edge(palette), 1))
    painter.setBrush(theme.accent(palette) if on else palette.color(QPalette.ColorRole.Base))
    painter.drawRoundedRect(box, size / 4, size / 4)
    if not on:
        return
    pen = QPen(palette.color(QPalette.ColorRole.HighlightedText), max(1.6, size / 8))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    tick = ((0.24, 0.52), (0.43, 0.70), (0.77, 0.32)) if state is Qt.CheckState.Checked else ((0.28, 0.5), (0.72, 0.5))
    painter.drawPolyline([QPointF(box.left() + x * size, box.top() + y * size) for x, y in tick])


def bar(painter: QPainter, area: QRectF, share: float, palette: QPalette, strong: bool) -> None:
    """A thin horizontal bar, `share` of it filled."""
    radius = area.height() / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.mix(theme.line(palette), palette.color(QPalette.ColorRole.Base), 0.25))
    painter.drawRoundedRect(area, radius, radius)
    if share > 0:
        filled = QRectF(area.left(), area.top(), max(area.height(), area.width() * min(1.0, share)), area.height())
        painter.setBrush(theme.accent(palette) if strong else theme.mix(theme.line(palette), theme.dim(palette), 0.4))
        painter.drawRoundedRect(filled, radius, radius)
