"""The line below the table: what a decision has led to, or could be carried over to. It moves no row."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.views.banner import announce
from rpdr_desk.views.review.key_button import KeyButton


class Aftermath(QFrame):
    """Hidden while there is nothing to say. The offer has its key on it; a note is words alone."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setProperty("surface", True)
        self.button = KeyButton(actions["identical"], self)
        self.words = QLabel(self)
        self.words.setProperty("dim", True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)  # it may hold a mention, which may hold anything
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 0, theme.WIDE, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.button)
        row.addWidget(self.words, 1)
        self.setFixedHeight(grown(40))
        self.hide()

    def offer(self, label: str, words: str) -> None:
        """What the key would do now, and to what."""
        self.button.set_words(self._actions.key_text("identical"), label)
        self._show(words, offered=True)
        announce(self, f"{words} {self._actions.key_text('identical')}: {label}")

    def note(self, words: str) -> None:
        """Something that the reviewer should know, and need not answer."""
        self._show(words, offered=False)

    def clear(self) -> None:
        self.hide()
        self.words.clear()
        self.words.setToolTip("")
        self.setAccessibleName("")

    @property
    def offers(self) -> bool:
        return not self.isHidden() and not self.button.isHidden()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self.setFixedHeight(grown(40))
        elif event.type() == QEvent.Type.LanguageChange:
            self.clear()
        super().changeEvent(event)

    def _show(self, words: str, *, offered: bool) -> None:
        self.button.setVisible(offered)
        self.words.setText(words)
        self.words.setToolTip(words)
        self.setAccessibleName(words)
        self.show()
