"""The line above the table: search the whole knowledge base. Its keys type text; they decide nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, tall, text_font

DELAY_MS = 120


class SearchLine(QFrame):
    """`asked` carries the text a moment after typing stopped. `entered`: Return or Down, go to the results."""

    asked = Signal(str)
    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self.edit = _Edit(self)
        self.edit.setFrame(False)
        self.edit.setStyleSheet("QLineEdit { border: none; padding: 2px 0; background: transparent; }")
        self._icon = QLabel(self)
        self.note = QLabel(self)
        self.note.setProperty("dim", True)
        self._later = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._later.timeout.connect(lambda: self.asked.emit(self.edit.text().strip()))
        self.edit.textEdited.connect(lambda _text: self._later.start())
        self.edit.entered.connect(self._enter)
        self.edit.left.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN - 1, 0, theme.WIDE, 0)
        row.setSpacing(theme.GAP + 1)
        row.addWidget(self._icon)
        row.addWidget(self.edit, 1)
        row.addWidget(self.note)
        self.retranslate()
        self._paint()
        self._measure()

    def _enter(self) -> None:
        """What was typed a moment ago is asked for before anybody goes to its results."""
        if self._later.isActive():
            self._later.stop()
            self.asked.emit(self.edit.text().strip())
        self.entered.emit()

    def clear(self) -> None:
        self._later.stop()
        self.edit.clear()
        self.note.clear()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self._paint()
        elif event.type() in TEXT_CHANGED:
            self._measure()
        super().changeEvent(event)

    def _measure(self) -> None:
        self.setFixedHeight(tall(40))
        if self.edit.font() != text_font():
            self.edit.setFont(text_font())
        self._paint()

    def retranslate(self) -> None:
        self.edit.setPlaceholderText(self.tr("Search the whole knowledge base"))
        self.edit.setAccessibleName(self.tr("Search the whole knowledge base"))

    def _paint(self) -> None:
        self._icon.setPixmap(icons.pixmap("search", theme.dim(self.palette()), grown(18), self.devicePixelRatioF()))


class _Edit(QLineEdit):
    """Return, Down and Escape leave the line; an input method's unfinished word keeps them."""

    entered = Signal()
    left = Signal()

    def event(self, event: QEvent) -> bool:
        # Claim the keys before any shortcut of the page sees them.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _OURS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


_OURS = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Escape))
