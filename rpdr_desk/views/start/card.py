"""A large button: icon, title, a line that says more."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QEnterEvent, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.fonts import scaled


class Card(QAbstractButton):
    """Triggers an action; focus and hover show in its frame."""

    def __init__(self, action: QAction, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._more = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda _checked=False: action.trigger())

    def set_words(self, title: str, more: str) -> None:
        self._more = more
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(more)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, self.fontMetrics().height() * 6 + 52)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        lit = self.isEnabled() and (self.underMouse() or self.hasFocus())
        painter.setPen(QPen(theme.accent(palette) if lit else theme.line(palette), 1))
        painter.setBrush(theme.tint(palette, 0.05) if lit else palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        pad = 18
        mark = icons.pixmap(self._icon, theme.accent(palette), 26, self.devicePixelRatioF())
        painter.drawPixmap(pad, pad, mark)
        title = scaled(self.font(), 1.12, QFont.Weight.DemiBold)
        painter.setFont(title)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        top = pad + 26 + 12
        high = round(self.fontMetrics().height() * 1.3)
        painter.drawText(QRect(pad, top, self.width() - 2 * pad, high), Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setFont(self.font())
        painter.setPen(theme.dim(palette))
        box = QRect(pad, top + high + 4, self.width() - 2 * pad, self.height() - top - high - pad)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, self._more)
