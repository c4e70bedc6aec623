"""The left side: how many disputes, the list of them, how many wait for a second answer, who reviews."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.adjudicate_state import Disputes
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.adjudicate.dispute_list import DisputeList
from rpdr_desk.views.model.heading import Heading


class DisputesPane(QFrame):
    """`reviewers_asked`: open the dialog of reviewers and double review."""

    reviewers_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self._disputes: Disputes | None = None
        self._title, self._lead = Heading(self, 1.06), dim_label("", self)
        self.list = DisputeList(self)
        self.reviewers = QPushButton(self)
        self.reviewers.clicked.connect(lambda _checked=False: self.reviewers_asked.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.MARGIN, 0, theme.MARGIN)
        column.setSpacing(theme.GAP)
        head = QVBoxLayout()
        head.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        head.setSpacing(theme.UNIT)
        head.addWidget(self._title)
        head.addWidget(self._lead)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        foot.addWidget(self.reviewers)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        self._render()

    def show_disputes(self, disputes: Disputes) -> None:
        """The row on screen stays; a mention that has come into the list since is gone to, e.g. after an undo."""
        self._disputes = disputes
        model, before = self.list.model_, self.list.current()
        row, known = self.list.currentIndex().row(), {case.mention.id for case in model.cases}
        model.set_cases(disputes.cases)
        came = [case.mention.id for case in disputes.cases if case.mention.id not in known]
        here = before.mention.id if before is not None else 0
        wanted = came[0] if known and len(came) == 1 else here
        self.list.go_to(model.row(wanted) if model.row(wanted) >= 0 else max(0, row))
        self._render()

    def settled(self, mention_id: int) -> None:
        """One less; the next one comes under the hand, unless that has moved on meanwhile."""
        row, here = self.list.model_.row(mention_id), self.list.current()
        self.list.model_.remove(mention_id)
        if here is None or here.mention.id == mention_id:
            self.list.go_to(row)
        self._render()

    def empty_text(self) -> str:
        """What there is to do while nothing is in dispute."""
        found = self._disputes
        if found is None:
            return ""
        if found.roster.plan.double_share == 0 and not found.waiting:
            return self.tr(
                "Double review is off. Switch it on below: a share of the mentions then goes to two reviewers, each "
                "blind to the other, and where they differ you settle it here."
            )
        if found.waiting:
            return self.tr(
                "Nothing to settle. The mentions that wait need a second reviewer: they are in the review's queues for "
                "everybody but the first."
            )
        return self.tr("Nothing to settle: where two reviewers have answered, they agree.")

    def _counted(self, count: int) -> str:
        match count:
            case 0:
                return self.tr("No disputes")
            case 1:
                return self.tr("1 dispute")
            case _:
                return wording.fill(self.tr("%1 disputes"), wording.number(count))

    def _render(self) -> None:
        count = self.list.model_.rowCount()
        self._title.setText(self._counted(count))
        waiting = self._disputes.waiting if self._disputes is not None else 0
        one, many = self.tr("1 waits for a second answer."), self.tr("%1 wait for a second answer.")
        more = wording.fill(one if waiting == 1 else many, wording.number(waiting))
        lead = self.tr("The most material first.") if count else ""
        self._lead.setText(wording.sentences(lead, more if waiting else ""))
        self._lead.setVisible(bool(self._lead.text()))
        off = self._disputes is not None and self._disputes.roster.plan.double_share == 0
        if self.reviewers.property("primary") is not off:
            self.reviewers.setProperty("primary", off)
            self.reviewers.style().polish(self.reviewers)
        self.reviewers.setText(self.tr("Reviewers ..."))
        self.reviewers.setToolTip(self.tr("Reviewers and double review"))
        self.list.setAccessibleName(self.tr("Disputes"))
        self.list.set_empty_text(self.empty_text())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
