"""The no-match report: how much goes to whom, then a file that says so line by line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QFrame, QGridLayout, QLabel, QPushButton, QWidget

from rpdr_core.records import NoMatchReason
from rpdr_desk import theme
from rpdr_desk.fonts import figures, grown, scaled
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label, make_dialog
from rpdr_desk.views.exporting.export_report import show_report
from rpdr_desk.views.exporting.proposed import proposed_file

if TYPE_CHECKING:
    from rpdr_desk.operations.exchanging import Exported, RouteCount


def ask_no_match(parent: QWidget, workspace: Workspace) -> None:
    """Count first, then open the dialog."""
    workspace.exchange.count_no_match(lambda counts: _open(parent, workspace, counts), workspace.store.trouble.emit)


def _open(parent: QWidget, workspace: Workspace, counts: Sequence[RouteCount]) -> None:
    NoMatchDialog(parent, workspace, counts).show_it()


class NoMatchDialog:
    """One line for each addressee, ticked where there is something for it."""

    def __init__(self, parent: QWidget, workspace: Workspace, counts: Sequence[RouteCount]) -> None:
        say = QCoreApplication.translate
        self._parent, self._workspace = parent, workspace
        lead = say("no_match", "Each reason goes to whoever can do something about it.")
        if not any(count.mentions for count in counts):
            lead = say("no_match", "There is nothing to report yet: no mention was said to have no match.")
        self.dialog, column = make_dialog(parent, say("no_match", "No-match report"), lead, wide=600)
        self.dialog.setObjectName("no_match_report")
        self.boxes: dict[NoMatchReason, QCheckBox] = {}
        column.addWidget(self._card(counts))
        self.sentences = QCheckBox(say("no_match", "With an example sentence for each"), self.dialog)
        column.addWidget(self.sentences)
        hint = say("no_match", "The file holds mentions and your comments: read it before it leaves the house.")
        column.addWidget(dim_label(hint, self.dialog))
        cancel = QPushButton(say("no_match", "Cancel"), self.dialog)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.dialog.reject)
        self.save = QPushButton(say("no_match", "Save as ..."), self.dialog)
        self.save.setDefault(True)
        self.save.clicked.connect(lambda _checked=False: self._ask_file())
        self._tell()
        column.addLayout(button_row(cancel, self.save))

    def show_it(self) -> QDialog:
        self.dialog.open()
        return self.dialog

    def reasons(self) -> frozenset[NoMatchReason]:
        return frozenset(reason for reason, box in self.boxes.items() if box.isChecked())

    def write(self, path: Path) -> None:
        """Write the report; a summary of the file follows."""
        workspace, parent = self._workspace, self._parent
        reasons, sentences = self.reasons(), self.sentences.isChecked()
        self.dialog.accept()
        workspace.exchange.export_no_match(
            path, reasons, sentences, lambda done: _report(parent, done), workspace.store.trouble.emit
        )

    def _ask_file(self) -> None:
        say = QCoreApplication.translate
        proposed = str(proposed_file(self._workspace.path, "no match.csv"))
        kinds = ";;".join(("CSV (*.csv)", "Excel (*.xlsx)", "JSON Lines (*.jsonl)"))
        name, _ = QFileDialog.getSaveFileName(self.dialog, say("no_match", "No-match report"), proposed, kinds)
        if name:
            self.write(Path(name))

    def _card(self, counts: Sequence[RouteCount]) -> QFrame:
        card = QFrame(self.dialog)
        card.setProperty("card", True)
        grid = QGridLayout(card)
        grid.setContentsMargins(theme.MARGIN, theme.GAP + 4, theme.MARGIN, theme.GAP + 4)
        grid.setHorizontalSpacing(theme.MARGIN)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, count in enumerate(counts):
            box = QCheckBox(wording.route_text(count.reason), card)
            box.setFont(scaled(card.font(), 1.0, QFont.Weight.DemiBold))
            box.setChecked(count.mentions > 0)
            box.setEnabled(count.mentions > 0)
            # The style measures the words of a box in its own font, not in the one the box was given.
            box.setMinimumWidth(box.sizeHint().width() + box.fontMetrics().horizontalAdvance("MM"))
            box.toggled.connect(lambda _checked: self._tell())
            said = _counted(count.mentions, count.occurrences)
            box.setAccessibleDescription(f"{wording.reason_text(count.reason)}, {said}")
            self.boxes[count.reason] = box
            reason, numbers = QLabel(wording.reason_text(count.reason), card), QLabel(said, card)
            reason.setProperty("dim", True)
            # Below the words of the box, and nearer to them than to the next one's.
            reason.setIndent(grown(16) + theme.GAP + theme.UNIT)
            reason.setContentsMargins(0, 0, 0, theme.GAP if row + 1 < len(counts) else 0)
            numbers.setFont(figures(card.font()))
            numbers.setWordWrap(True)
            numbers.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(box, 2 * row, 0)
            grid.addWidget(numbers, 2 * row, 1)
            grid.addWidget(reason, 2 * row + 1, 0, 1, 2)
        return card

    def _tell(self) -> None:
        self.save.setEnabled(bool(self.reasons()))


def _counted(mentions: int, occurrences: int) -> str:
    say = QCoreApplication.translate
    if not mentions:
        return say("no_match", "nothing")
    words = say("no_match", "1 mention, %2") if mentions == 1 else say("no_match", "%1 mentions, %2")
    return wording.fill(words, wording.number(mentions), wording.occurrences(occurrences))


def _report(parent: QWidget, exported: Exported) -> None:
    losses = [(loss.what, loss.times) for loss in exported.report.losses]
    show_report(parent, exported.path, exported.rows, losses)
