"""The line of keys of the Adjudicate page: what can be done now, or the reasons for no match while they are asked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED, tall
from rpdr_desk.shortcuts import QUESTIONS, Scope
from rpdr_desk.views.review.key_button import KeyButton

_MAIN = ("settle_first", "settle_second", "settle_take", "settle_search", "settle_no_match", "settle_relation",
         "settle_comment", "undo", "settle_figures")  # fmt: skip
_FIGURES = ("settle_figures", "settle_back")
_HELP = ("palette", "keys")
_GIVE_WAY = ("keys", "palette", "settle_relation", "settle_comment", "undo", "settle_figures")
"""Where the line is too short these go, the first one first."""


class KeyLine(QFrame):
    """Faces: settling, the figures, and one for each question of the page (`shortcuts.QUESTIONS`)."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._buttons: dict[tuple[int, str], KeyButton] = {}
        self._searching = False
        self._questions = {scope: QLabel(self) for scope in QUESTIONS}
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._face(0, _MAIN, _HELP))
        self._stack.addWidget(self._face(1, _FIGURES, _HELP))
        for face, (scope, question) in enumerate(self._questions.items(), 2):
            answers = tuple(spec.id for spec in actions.specs if spec.scope is scope)
            self._stack.addWidget(self._face(face, (*answers, "settle_back"), (), question))
        self.setFixedHeight(tall(54))
        self.retranslate()

    def show_face(self, *, figures: bool = False, asked: Scope | None = None) -> None:
        self._stack.setCurrentIndex(int(figures) if asked is None else 2 + QUESTIONS.index(asked))

    def show_search(self, on: bool) -> None:
        """While codes that were found are on screen, the key that takes one is shown too."""
        self._searching = on
        self._make_room()

    def asked(self, question: Scope) -> str:
        """A question with its keys, for a screen reader."""
        number = 2 + QUESTIONS.index(question)
        answers = [(name, one) for (face, name), one in self._buttons.items() if face == number]
        told = [f"{self._actions.key_text(name)} {one.text()}" for name, one in answers]
        return ", ".join((self._questions[question].text(), *told))

    def retranslate(self) -> None:
        self._questions[Scope.ADJUDICATE_REASONS].setText(self.tr("No match, because"))
        self._questions[Scope.ADJUDICATE_RELATIONS].setText(self.tr("Compared with the mention, the code"))
        for (face, name), button in self._buttons.items():
            hint = self._actions.spec(name).hint
            words = hint() if hint is not None else self.tr("Back")
            if face == 1 and name in _FIGURES:
                words = self.tr("Disputes") if name == "settle_figures" else self.tr("Back")
            button.set_words(self._actions.key_text(name), words)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in TEXT_CHANGED:
            self.setFixedHeight(tall(54))
            self._make_room()
        super().changeEvent(event)

    def _make_room(self) -> None:
        self._buttons[0, "settle_take"].setVisible(self._searching)
        need = {name: one.sizeHint().width() + theme.UNIT for (face, name), one in self._buttons.items() if face == 0}
        if not self._searching:
            need["settle_take"] = 0
        over = sum(need.values()) - (self.width() - 2 * theme.MARGIN)
        for name in _GIVE_WAY:
            self._buttons[0, name].setVisible(over <= 0)
            over -= need[name] if over > 0 else 0

    def _face(self, number: int, ids: tuple[str, ...], last: tuple[str, ...], *first: QWidget) -> QWidget:
        face = QWidget(self)
        row = QHBoxLayout(face)
        row.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        row.setSpacing(theme.UNIT)
        for widget in first:
            row.addWidget(widget)
        for name in ids:
            row.addWidget(self._button(number, name, face), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for name in last:
            row.addWidget(self._button(number, name, face), 0, Qt.AlignmentFlag.AlignVCenter)
        return face

    def _button(self, face: int, id: str, parent: QWidget) -> KeyButton:
        strong = id in ("settle_first", "settle_second")
        self._buttons[face, id] = KeyButton(self._actions[id], parent, strong=strong)
        return self._buttons[face, id]
