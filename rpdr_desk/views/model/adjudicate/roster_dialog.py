"""Who reviews, in which role, and which share of the mentions is reviewed twice or answered before rankings."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk import theme
from rpdr_desk.operations.adjudicate_state import Roster
from rpdr_desk.operations.adjudicating import Adjudicating
from rpdr_desk.settings import Settings
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.dialogs import make_dialog, size_dialog
from rpdr_desk.views.model.adjudicate.plan_card import PlanCard
from rpdr_desk.views.model.adjudicate.roster_card import RosterCard


def show_reviewers(parent: QWidget, work: Adjudicating, settings: Settings) -> QDialog:
    """Open the dialog. Each change counts at once."""
    say = QCoreApplication.translate
    lead = say(
        "reviewers",
        "Two people who answer the same mention blind to each other show how sure the mapping is. Each change counts "
        "at once and is kept in the project's audit.",
    )
    dialog, column = make_dialog(parent, say("reviewers", "Reviewers and double review"), lead, wide=640)
    _Content(dialog, column, work, settings)
    size_dialog(dialog, 760, 780)
    dialog.open()
    work.read_roster(lambda _error: None)
    return dialog


class _Content(QWidget):
    """Cards that show what the project has, and hand on what is changed."""

    def __init__(self, dialog: QDialog, column: QVBoxLayout, work: Adjudicating, settings: Settings) -> None:
        super().__init__(dialog)
        self._work, self._settings = work, settings
        self._banner = Banner(dialog)
        self.people, self.plan = RosterCard(self), PlanCard(self)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, theme.GAP, 0)
        inside.setSpacing(theme.MARGIN - 4)
        inside.addWidget(self.people)
        inside.addWidget(self.plan)
        inside.addStretch(1)
        area = QScrollArea(dialog)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        # Return in the line of a name adds it, and closes nothing.
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        column.addWidget(self._banner)
        column.addWidget(area, 1)
        column.addWidget(buttons)
        work.roster_changed.connect(self._show)
        self.people.changed.connect(lambda reviewer: work.set_reviewer(reviewer, self._failed))
        self.people.me_chosen.connect(self._be)
        self.plan.changed.connect(lambda plan: work.set_plan(plan, self._failed))

    def _show(self, roster: Roster) -> None:
        self._banner.hide()
        self.people.show_roster(roster)
        self.plan.show_plan(roster.plan)

    def _be(self, name: str) -> None:
        """The name that decisions are stored under from now on."""
        self._settings.change(reviewer=name)
        self._work.read_roster(self._failed)

    def _failed(self, error: RpdrError) -> None:
        """Told, and the fields show again what the project has."""
        self._work.read_roster(lambda _error: None)
        self._banner.show_error(error)
