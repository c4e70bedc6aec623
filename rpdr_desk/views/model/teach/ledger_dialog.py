"""The ledger: every request that left this machine for this project, and whether its chain holds."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QWidget,
)

from rpdr_core.errors import RpdrError
from rpdr_desk.fonts import figures, grown
from rpdr_desk.item_models.ledger_model import COLUMNS, Column, LedgerModel
from rpdr_desk.operations.teach_state import LedgerLine, LedgerPage
from rpdr_desk.operations.teaching import Teaching
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog
from rpdr_desk.views.error_words import told
from rpdr_desk.views.model.teach import words
from rpdr_desk.views.model.teach.notes import Note

HASH = COLUMNS.index("sha256")
LOOKED_AT = 50
"""Rows that say how wide a column is."""


class LedgerDialog:
    """Reads the ledger when opened; `read` again after a run."""

    def __init__(self, parent: QWidget, teaching: Teaching, project: str) -> None:
        say = QCoreApplication.translate
        self._teaching, self._project = teaching, project
        lead = say("ledger", "One row for each request, written before it left. No text is kept here: the hash is of "
                             "the bytes that were sent. Rows are never changed or removed.")  # fmt: skip
        self.dialog, column = make_dialog(parent, say("ledger", "Ledger"), lead, wide=860)
        self.summary, self.chain = QLabel(self.dialog), Note(self.dialog, icon="shield")
        self.broken = Note(self.dialog, alert=True)
        self.model = LedgerModel(_cell, _heading, self.dialog)
        self.table = QTableView(self.dialog)
        self.table.setProperty("plain", True)
        self.table.setModel(self.model)
        self._dress()
        self.export, close = QPushButton(say("ledger", "Export as CSV ..."), self.dialog), QPushButton(self.dialog)
        close.setText(say("ledger", "Close"))
        close.setDefault(True)
        close.clicked.connect(self.dialog.close)
        self.export.setAutoDefault(False)
        self.export.clicked.connect(lambda _checked=False: self._ask_file())
        for widget in (self.summary, self.chain, self.broken):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addLayout(button_row(self.export, close))
        room = parent.window().size()
        self.dialog.resize(min(grown(1240), room.width() - 60), min(grown(680), room.height() - 60))
        self.dialog.open()
        self.table.setFocus()
        self.read()

    def read(self) -> None:
        self._teaching.read_ledger(self._show, self._failed)

    def export_to(self, path: Path) -> None:
        def done(rows: int) -> None:
            say = QCoreApplication.translate
            self.summary.setText(wording.fill(say("ledger", "%1 rows written to %2"), wording.number(rows), path))

        self._teaching.export_ledger(path, done, self._failed)

    def _show(self, page: LedgerPage) -> None:
        say, number = QCoreApplication.translate, wording.number
        self.model.set_lines(page.lines)
        self.export.setEnabled(bool(page.lines))
        if page.lines:
            filled = wording.fill(say("ledger", "%1   ·   %2   ·   %3"), words.requests(page.requests),
                                  words.size(page.bytes), words.money(page.cost))  # fmt: skip
            self.summary.setText(filled)
            self.table.resizeColumnsToContents()
            self.table.setCurrentIndex(self.model.index(0, 0))
        else:
            self.summary.setText(say("ledger", "Nothing of this project has left this machine."))
        whole = say("ledger", "The chain of all %1 rows was verified: none was changed or removed.")
        torn = say("ledger", "The chain is broken at row %1: it, or a row before it, was changed outside this program. "
                             "Keep the file as it is and look at a backup.")  # fmt: skip
        self.chain.say(wording.fill(whole, number(page.total)) if page.total and not page.broken_at else "")
        self.broken.say(wording.fill(torn, number(page.broken_at)) if page.broken_at else "")

    def _failed(self, error: RpdrError) -> None:
        self.broken.say(told(error))

    def _ask_file(self) -> None:
        title = QCoreApplication.translate("ledger", "Export the ledger")
        name, _ = QFileDialog.getSaveFileName(self.dialog, title, f"{self._project}-ledger.csv", "CSV (*.csv)")
        if name:
            self.export_to(Path(name))

    def _dress(self) -> None:
        table = self.table
        table.setAccessibleName(QCoreApplication.translate("ledger", "Ledger"))
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setFont(figures(table.font()))
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 14)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.horizontalHeader().setHighlightSections(False)
        table.setWordWrap(False)
        table.horizontalHeader().setResizeContentsPrecision(LOOKED_AT)
        # The hash takes what is left, and gives way first: it is whole in the file.
        table.horizontalHeader().setSectionResizeMode(HASH, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setMinimumSectionSize(grown(40))


def _cell(line: LedgerLine, column: Column) -> str:
    number = wording.number
    match column:
        case "number":
            return number(line.number)
        case "at":
            return words.when(line.at)
        case "mention":
            return number(line.mention_id) if line.mention_id else "–"
        case "host":
            return line.host
        case "model":
            return line.model
        case "bytes":
            return number(line.bytes)
        case "sha256":
            return f"{line.sha256[:12]}…"
        case "status":
            return f"{words.fate(line.status)} {line.http or ''}".strip()
        case "tokens":
            return "–" if line.tokens_in is None else f"{number(line.tokens_in)} + {number(line.tokens_out or 0)}"
        case "cost":
            return "–" if line.cost is None else f"{line.cost:.5f}"


def _heading(column: Column) -> str:
    say = QCoreApplication.translate
    return {
        "number": say("ledger", "Row"),
        "at": say("ledger", "When"),
        "mention": say("ledger", "Mention"),
        "host": say("ledger", "To"),
        "model": say("ledger", "Model"),
        "bytes": say("ledger", "Bytes"),
        "sha256": say("ledger", "SHA-256"),
        "status": say("ledger", "Fate"),
        "tokens": say("ledger", "Tokens"),
        "cost": say("ledger", "Cost"),
    }[column]
