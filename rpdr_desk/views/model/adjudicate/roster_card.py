"""The people: names, roles, who is active, and which of them sits here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from rpdr_core.records import Reviewer, ReviewerRole
from rpdr_desk import theme
from rpdr_desk.fonts import grown
from rpdr_desk.operations.adjudicate_state import Roster
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.adjudicate.words import role_text
from rpdr_desk.views.model.card import Card

ROLES: tuple[ReviewerRole, ...] = get_args(ReviewerRole)


class RosterCard(Card):
    """`changed` carries a `Reviewer` that is new or changed; `me_chosen` the name of who sits here."""

    changed = Signal(object)
    me_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._roster = Roster()
        self._lines: list[_Line] = []
        self.set_title(self.tr("People"))
        explained = dim_label(
            self.tr(
                "A reviewer decides and answers second. An adjudicator also settles disputes. A lead may do both and "
                "sees to this list. While the list is empty, anybody may do anything."
            ),
            self,
        )
        self._people = QWidget(self)
        self._grid = QGridLayout(self._people)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.MARGIN)
        self._grid.setVerticalSpacing(theme.UNIT + 2)
        self._grid.setColumnStretch(0, 1)
        self.name, self.add = QLineEdit(self), QPushButton(self.tr("Add"), self)
        self.name.setPlaceholderText(self.tr("name or initials of one more"))
        self.name.setAccessibleName(self.tr("name or initials of one more"))
        self.name.returnPressed.connect(self._add)
        self.add.setAutoDefault(False)
        self.add.clicked.connect(lambda _checked=False: self._add())
        self.me = QComboBox(self)
        self.me.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.me.activated.connect(lambda at: self.me_chosen.emit(str(self.me.itemData(at))))
        self._me_label = QLabel(self.tr("At this desk now"), self)
        self._me_label.setBuddy(self.me)
        self.column.addWidget(explained)
        self.column.addWidget(self._people)
        self.column.addLayout(_row(self.name, self.add))
        self.column.addSpacing(theme.UNIT)
        self.column.addLayout(_row(self._me_label, self.me))

    def show_roster(self, roster: Roster) -> None:
        """Anew; who is typing a name keeps it."""
        self._roster = roster
        while len(self._lines) < len(roster.reviewers):
            self._lines.append(_Line(self._people, self._grid, len(self._lines), self.changed.emit))
        for number, line in enumerate(self._lines):
            line.show_reviewer(roster.reviewers[number] if number < len(roster.reviewers) else None)
        self._people.setVisible(bool(roster.reviewers))
        self._show_me(roster)

    def _show_me(self, roster: Roster) -> None:
        names = [one.name for one in roster.reviewers if one.active]
        with QSignalBlocker(self.me):
            self.me.clear()
            if not roster.me:
                self.me.addItem(self.tr("nobody: decisions carry no name"), "")
            for name in (*names, *([roster.me] if roster.me and roster.me not in names else [])):
                self.me.addItem(name, name)
            self.me.setCurrentIndex(max(0, self.me.findData(roster.me)))
        shown = bool(roster.reviewers) or bool(roster.me)
        self.me.setVisible(shown)
        self._me_label.setVisible(shown)

    def _add(self) -> None:
        """The first one is a lead: somebody has to see to the list."""
        name = " ".join(self.name.text().split())
        if name and name not in (one.name for one in self._roster.reviewers):
            self.changed.emit(Reviewer(name, "reviewer" if self._roster.reviewers else "lead"))
        self.name.clear()


class _Line:
    """One person: the name, the role, whether active."""

    def __init__(self, parent: QWidget, grid: QGridLayout, row: int, changed: Callable[[Reviewer], object]) -> None:
        self._reviewer: Reviewer | None = None
        self._changed = changed
        self.name, self.role, self.active = QLabel(parent), QComboBox(parent), QCheckBox(parent)
        self.name.setWordWrap(True)
        self.role.activated.connect(lambda at: self._change(role=self.role.itemData(at)))
        self.active.clicked.connect(lambda on: self._change(active=on))
        for column, widget in enumerate((self.name, self.role, self.active)):
            grid.addWidget(widget, row, column)

    def show_reviewer(self, reviewer: Reviewer | None) -> None:
        """None hides the line."""
        self._reviewer = reviewer
        for widget in (self.name, self.role, self.active):
            widget.setVisible(reviewer is not None)
        if reviewer is None:
            return
        say = QCoreApplication.translate
        self.name.setText(reviewer.name)
        with QSignalBlocker(self.role):
            self.role.clear()
            for role in ROLES:
                self.role.addItem(role_text(role), role)
            self.role.setCurrentIndex(ROLES.index(reviewer.role))
        widest = max(self.role.fontMetrics().horizontalAdvance(role_text(role)) for role in ROLES)
        self.role.setMinimumWidth(widest + grown(52))
        self.role.setAccessibleName(wording.fill(say("reviewers", "Role of %1"), reviewer.name))
        self.active.setText(say("reviewers", "active"))
        self.active.setAccessibleName(wording.fill(say("reviewers", "%1 is active"), reviewer.name))
        self.active.setChecked(reviewer.active)

    def _change(self, **values: Any) -> None:
        if self._reviewer is not None:
            self._reviewer = replace(self._reviewer, **values)
            self._changed(self._reviewer)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.GAP)
    for widget in widgets:
        row.addWidget(widget)
    return row
