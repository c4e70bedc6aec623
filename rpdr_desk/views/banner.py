"""One message across the page: what went wrong or what is new, how to cure it, until it is dismissed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.views.error_words import told


class Banner(QFrame):
    """Hidden while there is nothing to say; never more than one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = "done"
        self._icon = QLabel(self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        # What it says may hold a mention, which may hold anything.
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._close = QToolButton(self)
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.WIDE, theme.GAP + 2, theme.MARGIN, theme.GAP + 2)
        row.setSpacing(theme.GAP + 2)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self._close)
        self.retranslate()
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def show_error(self, error: RpdrError) -> None:
        """The error's message, then its cure; a sentence of its own begins with a capital."""
        words = told(error)
        self.show_trouble(words[:1].upper() + words[1:] if words.partition(" ")[0].isalpha() else words)

    def show_text(self, words: str) -> None:
        """News that need no cure."""
        self._show(words, "done")

    def show_trouble(self, words: str) -> None:
        """Something did not work."""
        self._show(words, "warning")

    def _show(self, words: str, icon: str) -> None:
        self._sign = icon
        self._words.setText(words)
        self._paint()
        self.setAccessibleName(words)
        self.show()
        announce(self, words)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, *TEXT_CHANGED):
            self._paint()
        elif event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self._close.setAccessibleName(self.tr("Dismiss"))
        self._close.setToolTip(self.tr("Dismiss"))

    def _paint(self) -> None:
        accent = theme.accent(self.palette())
        self._icon.setPixmap(icons.pixmap(self._sign, accent, grown(20), self.devicePixelRatioF()))
        self._close.setIcon(icons.icon("close", theme.dim(self.palette()), grown(18)))
        self._close.setIconSize(QSize(grown(18), grown(18)))

    def paintEvent(self, event: QPaintEvent) -> None:
        # Not by a style sheet: setting one announces a new palette, which would set it again.
        QPainter(self).fillRect(event.rect(), theme.tint(self.palette(), 0.14))


def announce(widget: QWidget, words: str) -> None:
    """Tell a screen reader, without moving the focus."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))
