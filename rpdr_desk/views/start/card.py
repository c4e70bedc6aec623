"""A large button: icon, title, a line that says more."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QEnterEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.fonts import grown, scaled

ICON = 26
PAD = 18


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
        # The same for all cards of a row, whatever they say: a title of two lines and three lines below it.
        lines = 2 * QFontMetrics(self._title_font()).height() + 3 * self.fontMetrics().height()
        return QSize(grown(180), grown(ICON) + 12 + 2 * PAD + lines)

    def _title_font(self) -> QFont:
        return scaled(self.font(), 1.12, QFont.Weight.DemiBold)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A button outside a dialog knows Space alone; what is framed as chosen is expected to obey Return.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

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
        mark = icons.pixmap(self._icon, theme.accent(palette), grown(ICON), self.devicePixelRatioF())
        painter.drawPixmap(PAD, PAD, mark)
        painter.setFont(self._title_font())
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        wrap = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
        room = QRect(PAD, PAD + grown(ICON) + 12, self.width() - 2 * PAD, self.height())
        title = painter.boundingRect(room, wrap, self.text())
        painter.drawText(room, wrap, self.text())
        painter.setFont(self.font())
        painter.setPen(theme.dim(palette))
        painter.drawText(room.adjusted(0, title.height() + 4, 0, 0), wrap, self._more)
