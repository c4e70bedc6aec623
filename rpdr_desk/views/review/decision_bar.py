"""The line of keys under the table: what can be done now, and with which key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import PICKS, Actions
from rpdr_desk.fonts import TEXT_CHANGED, tall
from rpdr_desk.shortcuts import FACES, Scope
from rpdr_desk.views.review.key_button import KeyButton

_MAIN = ("accept", "pick_1", "no_match", "relation", "also", "defer", "flag", "comment", "search", "undo")
_HELP = ("palette", "keys")
_GIVE_WAY = ("keys", "palette", "also", "relation", "comment", "flag", "undo", "search")
"""Where the line is too short these go, the first one first; all of them are in the menu too."""


class DecisionBar(QFrame):
    """The decisions, and in their place the answers to a question while one is asked (see `shortcuts.FACES`)."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._buttons: dict[tuple[Scope | None, str], KeyButton] = {}
        self._questions = {face: QLabel(self) for face in FACES}
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._face(None, _MAIN, _HELP))
        for face in FACES:
            answers = tuple(spec.id for spec in actions.specs if spec.scope is face)
            self._stack.addWidget(self._face(face, (*answers, "back"), (), self._questions[face]))
        self.setFixedHeight(tall(54))
        self.retranslate()

    def ask(self, face: Scope | None) -> None:
        """Show a question's answers, or with None the decisions again."""
        self._stack.setCurrentIndex(0 if face is None else 1 + FACES.index(face))
        if face is not None:
            self._questions[face].setAccessibleName(self.asked(face))

    def asked(self, face: Scope) -> str:
        """A question with its keys, for a screen reader."""
        answers = [(button, spec) for (of, spec), button in self._buttons.items() if of is face]
        told = [f"{self._actions.key_text(spec)} {button.text()}" for button, spec in answers]
        return ", ".join((self._questions[face].text(), *told))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        room = self.width() - 2 * theme.MARGIN
        need = {one: self._buttons[None, one].sizeHint().width() + theme.UNIT for one in (*_MAIN, *_HELP)}
        over = sum(need.values()) - room
        for one in _GIVE_WAY:
            self._buttons[None, one].setVisible(over <= 0)
            over -= need[one] if over > 0 else 0

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in TEXT_CHANGED:
            self.setFixedHeight(tall(54))
            self._make_room()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Words and keys anew: the language or the keys have changed."""
        asked: dict[Scope, Callable[[], str]] = {
            Scope.REASONS: lambda: self.tr("No match, because"),
            Scope.RELATIONS: lambda: self.tr("Compared with the mention, the code"),
            Scope.FLAGS: lambda: self.tr("Flag, because"),
        }
        for face, label in self._questions.items():
            label.setText(asked[face]())
        for (_face, action), button in self._buttons.items():
            hint = self._actions.spec(action).hint
            words = hint() if hint is not None else self._own_hint(action)
            button.set_words(self._actions.key_text(action), words)
        self._make_room()

    def _own_hint(self, id: str) -> str:
        if id == "pick_1":
            return self.tr("Take")
        return self.tr("Back")

    def _face(self, of: Scope | None, ids: tuple[str, ...], last: tuple[str, ...], *first: QWidget) -> QWidget:
        face = QWidget(self)
        row = QHBoxLayout(face)
        row.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        row.setSpacing(theme.UNIT)
        for widget in first:
            row.addWidget(widget)
        for action in ids:
            button = _PickButton(self._actions, face) if action == "pick_1" else self._button(action, face)
            self._buttons[of, action] = button
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for action in last:
            self._buttons[of, action] = self._button(action, face)
            row.addWidget(self._buttons[of, action], 0, Qt.AlignmentFlag.AlignVCenter)
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
