"""Importing mentions: choose a file, see what it would become, say which column is what, import all or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from rpdr_core.errors import RpdrError
from rpdr_desk import theme
from rpdr_desk.fonts import grown
from rpdr_desk.operations.exchanging import Columns
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog, size_dialog
from rpdr_desk.views.error_words import told

if TYPE_CHECKING:
    from rpdr_desk.operations.exchanging import ImportResult, Preview

FIELDS = ("mention", "context", "count", "code", "department", "id")


def ask_mentions(parent: QWidget, workspace: Workspace) -> None:
    """Ask for a file, then show what it would become."""
    say = QCoreApplication.translate
    kinds = say("import", "Mention files") + " (*.csv *.tsv *.xlsx *.txt *.jsonl)"
    name, _ = QFileDialog.getOpenFileName(parent, say("import", "Import mentions"), "", kinds)
    if name:
        ImportPanel(parent, workspace, Path(name)).dialog.open()


class ImportPanel(QWidget):
    """The dialog's contents. Every choice makes the preview anew, off the window's thread."""

    def __init__(self, parent: QWidget, workspace: Workspace, path: Path) -> None:
        super().__init__(parent)
        self.hide()
        self._workspace, self._path = workspace, path
        self._columns: Columns | None = None
        self._encoding = ""
        self.dialog, column = make_dialog(parent, wording.fill(self.tr("Import %1"), path.name), wide=860)
        self.setParent(self.dialog)
        self.facts = QLabel(self.tr("Reading the file ..."), self.dialog)
        self.facts.setProperty("dim", True)
        self.encoding = QComboBox(self.dialog)
        self.encoding.setAccessibleName(self.tr("Encoding"))
        self.encoding.activated.connect(lambda _row: self._choose_encoding())
        self.sheet = QComboBox(self.dialog)
        self.sheet.setAccessibleName(self.tr("Worksheet"))
        self.sheet.activated.connect(lambda _row: self._choose_sheet())
        self.fields = {name: self._field(name) for name in FIELDS}
        self.table = _preview_table(self.dialog)
        self.warnings = QLabel(self.dialog)
        self.warnings.setWordWrap(True)
        self.go = QPushButton(self.tr("Import"), self.dialog)
        self.go.setDefault(True)
        self.go.setEnabled(False)
        cancel = QPushButton(self.tr("Cancel"), self.dialog)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.dialog.close)
        self.go.clicked.connect(lambda _checked=False: self._import())
        column.addWidget(self.facts)
        column.addLayout(self._grid())
        column.addWidget(self.table, 1)
        column.addWidget(self.warnings)
        column.addLayout(button_row(cancel, self.go))
        size_dialog(self.dialog, 960, 640)
        self._look()

    def _look(self) -> None:
        self.go.setEnabled(False)
        self._workspace.exchange.preview(self._path, self._columns, self._encoding, self._show, self._refused)

    def _show(self, found: Preview) -> None:
        self._show_encodings(found)
        self._show_sheets(found)
        self._columns = found.columns
        for name, box in self.fields.items():
            box.clear()
            box.addItem(self.tr("none"), "")
            for header in found.headers:
                box.addItem(header, header)
            box.setCurrentIndex(max(0, box.findData(getattr(found.columns, name))))
            box.setEnabled(bool(found.headers))
        self._fill(found)
        parts = [found.format.upper(), found.encoding]
        if not found.needs_encoding:
            parts.append(wording.fill(self.tr("about %1 rows"), wording.number(found.rows_estimate)))
        self.facts.setText("   ·   ".join(part for part in parts if part))
        self.warnings.setText("\n".join(found.warnings))
        self.warnings.setVisible(bool(found.warnings))
        self.go.setEnabled(bool(found.columns.mention) and not found.needs_encoding)

    def _show_encodings(self, found: Preview) -> None:
        self.encoding.setVisible(bool(found.alternatives) or bool(self._encoding))
        if found.alternatives:
            self.encoding.clear()
            self.encoding.addItem(self.tr("Choose the encoding that reads right"), "")
            for one in found.alternatives:
                sample = next(iter(one.lines), "")
                self.encoding.addItem(f"{one.encoding}:  {sample[:60]}", one.encoding)

    def _show_sheets(self, found: Preview) -> None:
        self.sheet.setVisible(len(found.sheets) > 1)
        if self.sheet.count() != len(found.sheets):
            self.sheet.clear()
            self.sheet.addItems(list(found.sheets))
        self.sheet.setCurrentText(found.columns.sheet)

    def _fill(self, found: Preview) -> None:
        self.table.setColumnCount(len(found.headers))
        self.table.setHorizontalHeaderLabels(list(found.headers))
        self.table.setRowCount(len(found.rows))
        for number, row in enumerate(found.rows):
            for place, cell in enumerate(row):
                self.table.setItem(number, place, QTableWidgetItem(cell))
        wide = {found.columns.context: 330, found.columns.mention: 200}
        for place, header in enumerate(found.headers):
            self.table.setColumnWidth(place, grown(wide.get(header, 96)))

    def _refused(self, error: RpdrError) -> None:
        self.facts.setText("")
        self.warnings.setText(told(error))
        self.warnings.show()

    def _choose_encoding(self) -> None:
        self._encoding = str(self.encoding.currentData())
        self._columns = None
        self._look()

    def _choose_sheet(self) -> None:
        self._columns = Columns(sheet=self.sheet.currentText())
        self._look()

    def _choose_column(self) -> None:
        if self._columns is not None:
            chosen = {name: str(box.currentData() or "") for name, box in self.fields.items()}
            self._columns = replace(self._columns, **chosen)
            self._look()

    def _import(self) -> None:
        self.go.setEnabled(False)
        workspace = self._workspace

        def done(result: ImportResult) -> None:
            words = QCoreApplication.translate(
                "import", "%1 rows imported: %2 new mentions, %3 rows joined known ones."
            )
            numbers = (wording.number(number) for number in (result.rows, result.added, result.merged))
            workspace.notices.emit(wording.fill(words, *numbers))

        exchange = workspace.exchange
        exchange.import_file(self._path, self._columns, self._encoding, done, workspace.store.trouble.emit)
        self.dialog.close()

    def _field(self, name: str) -> QComboBox:
        box = QComboBox(self.dialog)
        box.setEnabled(False)
        box.setAccessibleName(self._label(name))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.activated.connect(lambda _row: self._choose_column())
        return box

    def _label(self, name: str) -> str:
        match name:
            case "mention":
                return self.tr("Mention")
            case "context":
                return self.tr("Sentence")
            case "count":
                return self.tr("Occurrences")
            case "code":
                return self.tr("Code already given")
            case "department":
                return self.tr("Department")
            case _:
                return self.tr("Row's own id")

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.MARGIN)
        grid.setVerticalSpacing(theme.UNIT)
        grid.addWidget(self.encoding, 0, 0, 1, 2)
        grid.addWidget(self.sheet, 0, 2)
        for number, (name, box) in enumerate(self.fields.items()):
            label = QLabel(self._label(name), self.dialog)
            label.setProperty("caption", True)
            label.setBuddy(box)
            row, place = divmod(number, 3)
            grid.addWidget(label, 1 + 2 * row, place)
            grid.addWidget(box, 2 + 2 * row, place)
        return grid


def _preview_table(parent: QDialog) -> QTableWidget:
    table = QTableWidget(0, 0, parent)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(30)
    table.setWordWrap(False)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table
