"""A boxed remark inside a card: what is not as usual, told by words and an edge, never by colour alone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.fonts import grown


class Note(QFrame):
    """`alert`: for what must not be overlooked. Hidden while it has no words."""

    def __init__(self, parent: QWidget | None = None, *, icon: str = "warning", alert: bool = False) -> None:
        super().__init__(parent)
        self._name, self._alert = icon, alert
        self._icon = QLabel(self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP + 4, theme.GAP, theme.GAP, theme.GAP)
        row.setSpacing(theme.GAP)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self._tint()
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def say(self, words: str) -> None:
        self._words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        base = self.palette().base().color()
        painter.fillRect(event.rect(), theme.mix(base, self._ink(), 0.09))
        painter.fillRect(QRect(0, 0, 3, self.height()), self._ink())

    def _ink(self) -> QColor:
        return theme.alert(self.palette()) if self._alert else theme.accent(self.palette())

    def _tint(self) -> None:
        self._icon.setPixmap(icons.pixmap(self._name, self._ink(), grown(16), self.devicePixelRatioF()))
        self.update()
