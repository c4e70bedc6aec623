"""The last look before mentions are accepted that nobody has seen: how many, and the least sure of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from rpdr_desk.operations.dashboard_state import MOST, Preview
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label, make_dialog, size_dialog
from rpdr_desk.views.model.dashboard import words
from rpdr_desk.views.model.dashboard.figures_view import FiguresView


class AcceptDialog:
    """`accepted` is called once, when the box is ticked and the button pressed."""

    def __init__(
        self, parent: QWidget, preview: Preview, threshold: float, alpha: float, accepted: Callable[[], None]
    ) -> None:
        say, number = QCoreApplication.translate, wording.number
        title = wording.fill(say("accept", "Accept %1 mentions unseen?"), number(len(preview.ids)))
        lead = wording.fill(
            say(
                "accept",
                "%1 mentions with %2 occurrences get their first candidate, because its confidence is at least %3. "
                "With 95% certainty about %4 of them or fewer are wrong. It is one step: one undo takes all of it "
                "back.",
            ),
            number(len(preview.ids)),
            number(preview.occurrences),
            words.percent(threshold, 0),
            number(round(alpha * len(preview.ids))),
        )
        self.dialog, column = make_dialog(parent, title, lead, wide=860)
        least = dim_label(say("accept", "The least sure of them:"), self.dialog)
        self.table = FiguresView(self.dialog, most=10, wide=(0, 1))
        self.table.setAccessibleName(least.text())
        self._fill(preview)
        self.sure = QCheckBox(say("accept", "I have looked at them, and accept them all"), self.dialog)
        self.accept = QPushButton(title.rstrip("?？"), self.dialog)
        cancel = QPushButton(say("accept", "Cancel"), self.dialog)
        self.accept.setEnabled(False)
        for button in (self.accept, cancel):
            button.setAutoDefault(False)
        self.sure.toggled.connect(self.accept.setEnabled)
        cancel.clicked.connect(self.dialog.reject)
        self.accept.clicked.connect(self.dialog.accept)
        self.dialog.accepted.connect(accepted)
        column.addWidget(least)
        column.addWidget(self.table, 1)
        if len(preview.ids) == MOST:
            capped = say("accept", "More lie above the threshold: these are the surest %1, the others come next time.")
            column.addWidget(dim_label(wording.fill(capped, number(MOST)), self.dialog))
        column.addWidget(self.sure)
        column.addLayout(button_row(cancel, self.accept))
        size_dialog(self.dialog, 860, 580)
        self.dialog.open()
        self.table.setFocus()

    def _fill(self, preview: Preview) -> None:
        say = QCoreApplication.translate
        headings = (
            say("accept", "Mention"),
            say("accept", "Gets"),
            say("accept", "Sure"),
            say("accept", "Occurrences"),
        )
        rows = [
            (one.text, f"{one.code}  {one.name}".strip(), words.percent(one.confidence), wording.number(one.count))
            for one in preview.least_sure
        ]
        self.table.rows.set_rows(headings, rows, frozenset((2, 3)), [one.mention_id for one in preview.least_sure])
        if rows:
            self.table.selectRow(0)
