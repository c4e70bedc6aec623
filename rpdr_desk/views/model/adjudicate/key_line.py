"""The line of keys of the Adjudicate page: what can be done now, or the reasons for no match while they are asked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views.review.key_button import KeyButton

_MAIN = ("settle_first", "settle_second", "settle_take", "settle_search", "settle_no_match", "settle_comment", "undo",
         "settle_figures")  # fmt: skip
_FIGURES = ("settle_figures", "settle_back")
_HELP = ("palette", "keys")
_GIVE_WAY = ("keys", "palette", "undo", "settle_comment", "settle_figures")
"""Where the line is too short these go, the first one first."""


class KeyLine(QFrame):
    """Three faces: settling, the figures, the reasons."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._buttons: dict[tuple[int, str], KeyButton] = {}
        self._searching = False
        self._question = QLabel(self)
        reasons = tuple(spec.id for spec in actions.specs if spec.scope is Scope.ADJUDICATE_REASONS)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        for face, (ids, last) in enumerate(((_MAIN, _HELP), (_FIGURES, _HELP), ((*reasons, "settle_back"), ()))):
            self._stack.addWidget(self._face(face, ids, last))
        self.setFixedHeight(grown(54))
        self.retranslate()

    def show_face(self, *, figures: bool = False, asked: bool = False) -> None:
        self._stack.setCurrentIndex(2 if asked else 1 if figures else 0)

    def show_search(self, on: bool) -> None:
        """While codes that were found are on screen, the key that takes one is shown too."""
        self._searching = on
        self._make_room()

    @property
    def asked(self) -> str:
        """The question with its keys, for a screen reader."""
        told = [
            f"{self._actions.key_text(name)} {one.text()}" for (face, name), one in self._buttons.items() if face == 2
        ]
        return ", ".join((self._question.text(), *told))

    def retranslate(self) -> None:
        self._question.setText(self.tr("No match, because"))
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
            self.setFixedHeight(grown(54))
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

    def _face(self, number: int, ids: tuple[str, ...], last: tuple[str, ...]) -> QWidget:
        face = QWidget(self)
        row = QHBoxLayout(face)
        row.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        row.setSpacing(theme.UNIT)
        if number == 2:
            row.addWidget(self._question)
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
