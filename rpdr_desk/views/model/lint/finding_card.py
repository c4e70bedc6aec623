"""The selected finding in full, and the keys that answer it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from rpdr_core.records import Mention
from rpdr_desk import icons, theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.views import lint_words, wording
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.review.key_button import KeyButton

_KEYS = ("lint_open", "lint_cure", "lint_dismiss", "lint_rule", "lint_run", "undo")
_GIVE_WAY = ("lint_run", "undo", "lint_rule", "lint_dismiss", "lint_cure")
"""Where the line is too short these go, the first one first; all of them are in the palette too."""


class FindingCard(QFrame):
    """`reason_given` carries why the finding is dismissed. `left`: the question was given up, or answered."""

    reason_given = Signal(str)
    left = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self._actions = actions
        self._line: FindingLine | None = None
        self._mention: Mention | None = None
        self._icon, self._sentence = QLabel(self), Heading(self, 1.15)
        self._facts, self._cure = QLabel(self), QLabel(self)
        for label in (self._sentence, self._facts, self._cure):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            policy = label.sizePolicy()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
            label.setSizePolicy(policy)
        self._facts.setProperty("dim", True)
        self._why = QLabel(self)
        self.reason = _Reason(self)
        self.reason.entered.connect(self._give)
        self.reason.left.connect(self.close_question)
        self._why.setBuddy(self.reason)
        self._buttons = {name: KeyButton(actions[name], self, strong=name == "lint_open") for name in _KEYS}
        self._lay_out()
        self.close_question()
        self.retranslate()

    def show_finding(self, line: FindingLine | None, mention: Mention | None) -> None:
        self._line, self._mention = line, mention
        self.close_question()
        self._render()

    def ask_reason(self) -> None:
        """Why it is dismissed: Return gives the reason, Esc gives the question up."""
        self._why.show()
        self.reason.clear()
        self.reason.show()
        self.reason.setFocus()

    def close_question(self) -> None:
        asked = self.reason.isVisible()
        self._why.hide()
        self.reason.hide()
        if asked:
            self.left.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange or event.type() in TEXT_CHANGED:
            self._render()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        need = {name: button.sizeHint().width() + theme.UNIT for name, button in self._buttons.items()}
        over = sum(need.values()) - (self.width() - 2 * theme.MARGIN)
        for name in _GIVE_WAY:
            self._buttons[name].setVisible(over <= 0)
            over -= need[name] if over > 0 else 0

    def retranslate(self) -> None:
        """Words and keys anew."""
        self._why.setText(self.tr("Dismiss, because"))
        self.reason.setPlaceholderText(self.tr("Why this is right as it is. Return dismisses, Esc goes back."))
        self.reason.setAccessibleName(self.tr("Why the finding is dismissed"))
        self._render()

    def _give(self) -> None:
        reason = self.reason.text().strip()
        if reason:
            self.close_question()
            self.reason_given.emit(reason)

    def _render(self) -> None:
        line = self._line
        there = line is not None
        for label in (self._icon, self._sentence, self._facts, self._cure):
            label.setVisible(there)
        for name, button in self._buttons.items():
            hint = self._actions.spec(name).hint
            button.set_words(self._actions.key_text(name), hint() if hint is not None else "")
        if line is not None and line.dismissed:
            self._buttons["lint_dismiss"].set_words(self._actions.key_text("lint_dismiss"), self.tr("Take back"))
        self._make_room()
        if line is None:
            return
        ink = theme.alert(self.palette()) if line.grade == "error" else theme.dim(self.palette())
        picture = icons.pixmap(lint_words.grade_icon(line.grade), ink, grown(22), self.devicePixelRatioF())
        self._icon.setPixmap(picture)
        self._icon.setAccessibleName(lint_words.grade_text(line.grade))
        self._sentence.setText(lint_words.sentence(line))
        self._facts.setText("   ·   ".join(self._fact_list(line)))
        self._cure.setText(wording.fill(self.tr("Cure: %1"), lint_words.cure_text(line)) if line.suggested else "")
        self._cure.setVisible(bool(line.suggested))
        self.setAccessibleName(f"{lint_words.grade_text(line.grade)}: {lint_words.sentence(line)}")

    def _fact_list(self, line: FindingLine) -> list[str]:
        facts = [lint_words.grade_text(line.grade)]
        mention = self._mention
        if len(line.mention_ids) > 1:
            facts.append(wording.fill(self.tr("%1 mentions"), wording.number(len(line.mention_ids))))
        elif mention is not None:
            facts += [f"“{mention.text}”", f"{mention.code}  {mention.name}", wording.occurrences(mention.count)]
        if line.dismissed:
            facts.append(wording.fill(self.tr("Dismissed: %1"), " · ".join(filter(None, (line.dismissed, line.by)))))
        return [fact for fact in facts if fact.strip()]

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(theme.UNIT)
        for label in (self._sentence, self._facts, self._cure):
            words.addWidget(label)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP + 4)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        question = QHBoxLayout()
        question.setSpacing(theme.GAP + 2)
        question.addWidget(self._why)
        question.addWidget(self.reason, 1)
        keys = QHBoxLayout()
        keys.setSpacing(theme.UNIT)
        for button in self._buttons.values():
            keys.addWidget(button)
        keys.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP + 2)
        column.addLayout(head)
        column.addLayout(question)
        column.addLayout(keys)


class _Reason(QLineEdit):
    """Return and Escape are its own; letters are text."""

    entered = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
