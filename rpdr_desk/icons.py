"""Icons: our SVG files, tinted with the palette so that they follow the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rpdr_core.resources import resource_text

_SCALES = (1.0, 2.0)


def icon(name: str, colour: QColor, size: int = 18) -> QIcon:
    """The icon `icons/NAME.svg` in `colour`, sharp on ordinary and on dense screens."""
    made = QIcon()
    for scale in _SCALES:
        made.addPixmap(pixmap(name, colour, size, scale))
    return made


def pixmap(name: str, colour: QColor, size: int = 18, scale: float = 1.0) -> QPixmap:
    """One rendering; `size` in device-independent pixels."""
    return cached(name, colour.name(), size, scale)


@lru_cache(maxsize=1024)
def cached(name: str, colour: str, size: int, scale: float) -> QPixmap:
    """One rendering, kept: a window has some fifty icons, and lists ask for theirs on every repaint."""
    # The files draw with currentColor, which Qt's SVG Tiny renderer does not take from outside.
    source = resource_text("icons", f"{name}.svg").replace("currentColor", colour)
    canvas = QPixmap(round(size * scale), round(size * scale))
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    canvas.setDevicePixelRatio(scale)
    return canvas
