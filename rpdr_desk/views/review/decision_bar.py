"""The line of keys under the table: what can be done now, and with which key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import PICKS, Actions
from rpdr_desk.views.review.key_button import KeyButton

_MAIN = ("accept", "pick_1", "no_match", "defer", "flag", "comment", "search", "undo")
_HELP = ("palette", "keys")
_REASONS = ("reason_not_in_terminology", "reason_not_retrieved", "reason_not_a_mention", "reason_unreadable", "back")


class DecisionBar(QFrame):
    """Two faces: the decisions, and the reasons while "no match" asks for one."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._buttons: dict[str, KeyButton] = {}
        self._question = QLabel(self)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._face(_MAIN, _HELP))
        self._stack.addWidget(self._face(_REASONS, (), self._question))
        self.setFixedHeight(54)
        self.retranslate()

    def ask_reasons(self, asked: bool) -> None:
        self._stack.setCurrentIndex(1 if asked else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where the line is too short the help keys go; they are in the menu too."""
        need = sum(self._buttons[one].sizeHint().width() + theme.UNIT for one in (*_MAIN, *_HELP))
        for one in _HELP:
            self._buttons[one].setVisible(self.width() >= need + 2 * theme.MARGIN)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Words and keys anew: the language or the keys have changed."""
        self._question.setText(self.tr("No match, because"))
        for action, button in self._buttons.items():
            hint = self._actions.spec(action).hint
            words = hint() if hint is not None else self._own_hint(action)
            button.set_words(self._actions.key_text(action), words)
        self._make_room()

    def _own_hint(self, id: str) -> str:
        if id == "pick_1":
            return self.tr("Take")
        return self.tr("Back")

    def _face(self, ids: tuple[str, ...], last: tuple[str, ...], *first: QWidget) -> QWidget:
        face = QWidget(self)
        row = QHBoxLayout(face)
        row.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        row.setSpacing(theme.UNIT)
        for widget in first:
            row.addWidget(widget)
        for action in ids:
            button = _PickButton(self._actions, face) if action == "pick_1" else self._button(action, face)
            self._buttons[action] = button
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for action in last:
            self._buttons[action] = self._button(action, face)
            row.addWidget(self._buttons[action], 0, Qt.AlignmentFlag.AlignVCenter)
        return face

    def _button(self, id: str, parent: QWidget) -> KeyButton:
        return KeyButton(self._actions[id], parent, strong=id == "accept")


class _PickButton(KeyButton):
    """Stands for all nine digits; there is nothing to click."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(actions["pick_1"], parent)
        self._all = actions
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_words(self, key: str, label: str) -> None:
        del key
        first, last = self._all.key_text("pick_1"), self._all.key_text(f"pick_{PICKS}")
        super().set_words(f"{first}–{last}", label)
