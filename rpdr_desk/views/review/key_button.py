"""A button that shows its key: the keyboard's way first, the mouse's way too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QEnterEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import scaled
from rpdr_desk.views.review import painting


class KeyButton(QAbstractButton):
    """Triggers an action; never takes the focus, so that the keys stay where they are."""

    def __init__(self, action: QAction, parent: QWidget | None = None, *, strong: bool = False) -> None:
        super().__init__(parent)
        self._action = action
        self._key = ""
        self._strong = strong
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda _checked=False: action.trigger())
        action.changed.connect(self._follow)
        self._follow()

    def set_words(self, key: str, label: str) -> None:
        self._key = key
        self.setText(label)
        self.setToolTip(self._action.text())
        self.setAccessibleName(label)
        self.setAccessibleDescription(key)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        cap = painting.cap_area(QPointF(0, 0), self._key, scaled(self.font(), 0.86))
        words = painting.width(self.text(), self.font())
        return QSize(round(cap.width()) + words + 3 * theme.GAP, self.fontMetrics().height() + 16)

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
        if self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tint(palette, 0.14 if self.isDown() else 0.08))
            painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
        font = scaled(self.font(), 0.86)
        cap = painting.cap_area(QPointF(0, 0), self._key, font)
        middle = self.height() / 2
        if not self.isEnabled():
            painter.setOpacity(0.45)
        painting.key_cap(painter, QPointF(theme.GAP + cap.width() / 2, middle), self._key, font, palette, self._strong)
        left = theme.GAP + cap.width() + theme.GAP
        painter.setFont(self.font())
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(QRectF(left, 0, self.width() - left, self.height()), painting.LEFT, self.text())

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())
