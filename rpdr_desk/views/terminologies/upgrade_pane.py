"""Moving the project to another release: what that touches is counted and listed before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, tall
from rpdr_desk.operations.upgrades import UpgradeWish
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.files.layouts import over_foot
from rpdr_desk.views.files.plain_table import PlainTable
from rpdr_desk.views.files.progress_strip import ProgressStrip
from rpdr_desk.views.model.card import Card, Facts, column_of
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.terminologies import upgrade_words as words

if TYPE_CHECKING:
    from rpdr_desk.operations.upgrades import UpgradePlan

LEAST_TABLE = 220


class UpgradePane(QWidget):
    """`wished` carries an `UpgradeWish`: plan it so. `applied`: do it. `left`: rather not."""

    wished = Signal(object)
    applied = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan: UpgradePlan | None = None
        self._to: KnowledgeBaseInfo | None = None
        self._trouble = ""
        self._title, self._lead = Heading(self, 1.25), dim_label("", self)
        self._title.setWordWrap(True)
        self._codes, self._decisions = Card(self), Card(self)
        self._code_facts, self._decision_facts = Facts(self, figures=True), Facts(self, figures=True)
        self._codes.column.addWidget(self._code_facts)
        self._codes.column.addStretch(1)
        self._decisions.column.addWidget(self._decision_facts)
        self._decisions.column.addStretch(1)
        self._alert = QLabel(self)
        self._alert.setWordWrap(True)
        self._alert.setTextFormat(Qt.TextFormat.PlainText)
        self.renamed, self.force = QCheckBox(self), QCheckBox(self)
        self.scope, self._scope_label = QLineEdit(self), QLabel(self)
        self._scope_label.setBuddy(self.scope)
        self._scope_label.setProperty("caption", True)
        self._list_title = QLabel(self)
        self._list_title.setProperty("caption", True)
        self.table = PlainTable(self)
        self.progress = ProgressStrip(self)
        self.back, self.go = QPushButton(self), QPushButton(self)
        self.go.setProperty("primary", True)
        self._connect()
        self._lay_out()
        self._retranslate()

    def show_wanted(self, to: KnowledgeBaseInfo) -> None:
        """A release that nothing is known of yet."""
        self._to, self._plan, self._trouble = to, None, ""
        for box in (self.renamed, self.force):
            box.blockSignals(True)
            box.setChecked(False)
            box.blockSignals(False)
        self.scope.clear()
        self.scope.setModified(False)
        self._render()

    def show_planning(self) -> None:
        self._plan, self._trouble = None, ""
        self.progress.begin(self.tr("Comparing the two releases"))
        self._render()

    def show_plan(self, plan: UpgradePlan) -> None:
        self.progress.end()
        self._plan, self._trouble = plan, ""
        if not self.scope.isModified():
            self.scope.setText(plan.scope)
        self._render()
        (self.go if self.go.isEnabled() else self.back).setFocus()

    def show_trouble(self, trouble: str) -> None:
        self.progress.end()
        self._plan, self._trouble = None, trouble
        self._render()

    def wish(self) -> UpgradeWish:
        scope = self.scope.text().strip() if self.scope.isModified() else None
        return UpgradeWish(self.renamed.isChecked(), scope, self.force.isChecked())

    def begin(self) -> None:
        """The move is under way; it has no half."""
        for widget in (self.back, self.go, self.renamed, self.force, self.scope):
            widget.setEnabled(False)

    def end(self) -> None:
        for widget in (self.back, self.renamed, self.force, self.scope):
            widget.setEnabled(True)
        self._enable()

    # What is shown

    def _render(self) -> None:
        plan = self._plan
        if self._to is not None:
            words_ = self.tr("Use %1 for this project?")
            self._title.setText(wording.fill(words_, words.release_text(self._to)))
        self._lead.setText(self._lead_text())
        shown = plan is not None
        for widget in (self._codes, self._decisions, self._list_title, self.table):
            widget.setVisible(shown)
        self.renamed.setVisible(shown and (plan is not None and plan.counts.renamed_decisions > 0))
        self._show_scope()
        if plan is not None:
            self._code_facts.show_lines(words.code_lines(plan.counts))
            self._decision_facts.show_lines(words.decision_lines(plan.counts))
            self.table.show_rows(words.headings(), [words.row(one) for one in plan.targets], words.FIGURES)
            self.table.setVisible(bool(plan.targets))
            self._list_title.setVisible(bool(plan.targets))
        alien = plan is not None and not plan.kin
        self.force.setVisible(alien)
        told = [self._trouble] if self._trouble else []
        if alien:
            told.append(self.tr("Most codes of the present release are not in this one: is it another terminology?"))
        if plan is not None and plan.scope_problem:
            problem = in_language(plan.scope_problem)
            told.append(wording.fill(self.tr("The project's scope does not fit this release: %1"), problem))
        self._alert.setText("\n".join(told))
        self._alert.setVisible(bool(told))
        self._enable()

    def _show_scope(self) -> None:
        plan = self._plan
        asked = (plan is not None and bool(plan.scope or plan.scope_problem)) or self.scope.isModified()
        self.scope.setVisible(asked)
        self._scope_label.setVisible(asked)

    def _lead_text(self) -> str:
        plan = self._plan
        if plan is None:
            return ""
        if not plan.counts.reopened:
            return self.tr("No decision has to be looked at again. Nothing is changed until you say so.")
        return self.tr(
            "The reopened decisions come to the review one after the other, the release's own replacement first. "
            "Nothing is changed until you say so; one undo takes it all back."
        )

    def _enable(self) -> None:
        plan = self._plan
        may = plan is not None and not plan.scope_problem and (plan.kin or self.force.isChecked())
        self.go.setEnabled(may)

    def _connect(self) -> None:
        self.renamed.toggled.connect(lambda _on: self.wished.emit(self.wish()))
        self.force.toggled.connect(lambda _on: self._enable())
        self.scope.returnPressed.connect(lambda: self.wished.emit(self.wish()))
        self.back.clicked.connect(lambda _checked=False: self.left.emit())
        self.go.clicked.connect(lambda _checked=False: self.applied.emit())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self.table.setMinimumHeight(tall(LEAST_TABLE, 4))
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._codes.set_title(self.tr("Codes of the terminology"))
        self._decisions.set_title(self.tr("Decisions of this project"))
        self._list_title.setText(self.tr("Codes that decisions name and that are another thing now"))
        self.table.setAccessibleName(self.tr("Codes that decisions name and that are another thing now"))
        self.renamed.setText(self.tr("Also reopen decisions whose code has another name now"))
        self.force.setText(self.tr("It is meant: move the project all the same"))
        self._scope_label.setText(self.tr("Scope of the project afterwards"))
        self.scope.setAccessibleName(self.tr("Scope of the project afterwards"))
        self.back.setText(self.tr("Back"))
        self.go.setText(self.tr("Move the project"))
        self._render()

    def _lay_out(self) -> None:
        self.table.setMinimumHeight(tall(LEAST_TABLE, 4))
        cards = QWidget(self)
        beside = QHBoxLayout(cards)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.MARGIN - 4)
        beside.addWidget(self._codes, 1)
        beside.addWidget(self._decisions, 1)
        main = column_of(
            self._title, self._lead, self._alert, self._scope_label, self.scope, cards, self.renamed, self.force,
            self._list_title, self.table,
        )  # fmt: skip
        main.setFrameShape(QFrame.Shape.NoFrame)
        foot = QHBoxLayout()
        foot.setSpacing(theme.GAP)
        foot.addWidget(self.progress, 1)
        foot.addStretch(0)
        foot.addWidget(self.back)
        foot.addWidget(self.go)
        over_foot(self, main, foot, theme.MARGIN)
