"""A release to import: what it is, what it is to be called, what of it to take, and how it begins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, tall
from rpdr_desk.operations.shelf import Naming, ReleaseOptions, formats
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.files.choice_grid import ChoiceGrid
from rpdr_desk.views.files.layouts import form_column, over_foot, scrolling
from rpdr_desk.views.files.plain_table import PlainTable
from rpdr_desk.views.files.progress_strip import ProgressStrip
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.terminologies import words
from rpdr_desk.views.terminologies.vocabulary_list import VocabularyList

if TYPE_CHECKING:
    from rpdr_desk.operations.shelf import Look

FIELDS = ("code", "name", "synonyms", "parents", "type", "active", "replaced_by")
LEAST_TABLE = 200
CALM_MS = 500
"""After the last tick the file is looked at again."""


class ReleaseForm(QWidget):
    """`wished` carries `ReleaseOptions`: look at the file so. `left`: rather another file."""

    wished = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._trouble = ""
        self._heading, self._facts = Heading(self, 1.25), dim_label("", self)
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.title, self.version = QLineEdit(self), QLineEdit(self)
        self.format, self.dialect = QComboBox(self), QComboBox(self)
        self.encoding, self.sheet = QComboBox(self), QComboBox(self)
        self.vocabularies = VocabularyList(self)
        self.columns, self.table = ChoiceGrid(FIELDS, words.field_text, self), PlainTable(self)
        self._labels: dict[QWidget, QLabel] = {}
        self._notes = QLabel(self)
        self._notes.setWordWrap(True)
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = ProgressStrip(self)
        self.back, self.go = QPushButton(self), QPushButton(self)
        self.go.setProperty("primary", True)
        self._later = QTimer(self, singleShot=True, interval=CALM_MS)
        self._later.timeout.connect(self._say)
        self._connect()
        self._lay_out()
        self._retranslate()

    def show_file(self, path: Path) -> None:
        """A file that nothing is known of yet."""
        self._look, self._trouble = None, ""
        self._heading.setText(path.name)
        for field in (self.title, self.version):
            field.clear()
            field.setModified(False)
        for box in (self.format, self.dialect, self.encoding, self.sheet):
            box.clear()
        self.vocabularies.clear()
        for widget in self._optional():
            self._offer(widget, on=False)
        self.table.show_rows((), ())

    def show_reading(self) -> None:
        self._trouble = ""
        self.go.setEnabled(False)
        self._facts.setText(self.tr("Reading the file ..."))
        self._show_notes()

    def show_look(self, look: Look) -> None:
        self._look, self._trouble = look, ""
        self._facts.setText(words.summary(look))
        for field, said in ((self.title, look.title), (self.version, look.version)):
            if not field.isModified():
                field.setText(said)
                field.setModified(False)
        self._show_choices(look)
        self._show_table(look)
        self.go.setEnabled(not look.needs)
        self._show_notes()

    def show_refused(self, trouble: str) -> None:
        """The fields stay as they were filled."""
        self._trouble = trouble
        self._facts.setText("")
        self.go.setEnabled(False)
        self._show_formats("")
        self._show_notes()

    def naming(self) -> Naming:
        return Naming(title=self.title.text().strip(), version=self.version.text().strip())

    def first(self) -> QWidget:
        """Where work goes on: at what is to be chosen, else at the import."""
        if self.go.isEnabled():
            return self.go
        needs = self._look.needs if self._look is not None else ()
        asked = {"encoding": self.encoding, "columns": self.columns.boxes["code"], "vocabularies": self.vocabularies}
        return next((asked[one] for one in needs if one in asked), self.back)

    def begin(self, what: str) -> None:
        self._use(on=False)
        self.progress.begin(what)

    def end(self) -> None:
        self.progress.end()
        self._use(on=True)

    def leave(self) -> None:
        self._later.stop()

    # What is shown

    def _show_choices(self, look: Look) -> None:
        self._show_formats(look.format)
        _fill(self.dialect, look.dialects, look.options.dialect)
        self._offer(self.dialect, on=len(look.dialects) > 1)
        if [value for value, _ in look.vocabularies] != self._offered():
            self.vocabularies.show_offered(look.vocabularies, look.options.vocabularies)
        self._offer(self.vocabularies, on=len(look.vocabularies) > 1)

    def _show_formats(self, format: str) -> None:
        self.format.clear()
        self.format.addItem(self.tr("as the file shows"), "")
        for name, title in formats():
            self.format.addItem(words.format_text(name, title), name)
        self.format.setCurrentIndex(max(0, self.format.findData(format)))
        self._offer(self.format, on=True)

    def _show_table(self, look: Look) -> None:
        table = look.table
        offered = table.alternatives if table is not None else ()
        if offered:
            self.encoding.clear()
            self.encoding.addItem(self.tr("Choose the encoding that reads right"), "")
            for one in offered:
                self.encoding.addItem(f"{one.encoding}:  {next(iter(one.lines), '')[:60]}", one.encoding)
        self._offer(self.encoding, on=bool(offered) or bool(look.options.encoding))
        sheets = table.sheets if table is not None else ()
        _fill(self.sheet, tuple((name, name) for name in sheets), table.sheet if table is not None else "")
        self._offer(self.sheet, on=len(sheets) > 1)
        self.columns.setVisible(table is not None and bool(table.headers))
        if table is not None:
            self.columns.show_choices(table.headers, dict(reversed(table.columns)))
        if look.entities or table is None:
            self.table.show_rows(words.entity_headings(), [words.entity_row(one) for one in look.entities])
        else:
            self.table.show_rows(table.headers, table.rows)

    def _show_notes(self) -> None:
        said = [self._trouble] if self._trouble else []
        if self._look is not None and not self._trouble:
            said += [words.needs_text(one) for one in self._look.needs]
            said += [in_language(one) for one in self._look.warnings]
            if not self._look.entities and not self._look.needs:
                said.append(self.tr("Too large for a look inside; the import reads it all."))
        self._notes.setText("\n".join(f"–  {one}" for one in said))
        self._notes.setVisible(bool(said))

    def _offer(self, widget: QWidget, *, on: bool) -> None:
        widget.setVisible(on)
        if widget in self._labels:
            self._labels[widget].setVisible(on)

    def _optional(self) -> tuple[QWidget, ...]:
        return (self.format, self.dialect, self.encoding, self.sheet, self.vocabularies, self.columns)

    def _offered(self) -> list[str]:
        rows = range(self.vocabularies.count())
        return [str(self.vocabularies.item(row).data(Qt.ItemDataRole.UserRole)) for row in rows]

    # What the user says

    def options(self) -> ReleaseOptions:
        base = self._look.options if self._look is not None else ReleaseOptions()
        return replace(
            base,
            format=str(self.format.currentData() or ""),
            dialect=str(self.dialect.currentData() or ""),
            encoding=str(self.encoding.currentData() or base.encoding),
            vocabularies=self.vocabularies.chosen(),
        )

    def _say(self) -> None:
        self.wished.emit(self.options())

    def _say_format(self) -> None:
        """Another format has other choices."""
        self._look = None
        self.wished.emit(ReleaseOptions(format=str(self.format.currentData() or "")))

    def _say_columns(self) -> None:
        picked = {name: header for name, header in self.columns.choices().items() if header}
        known = self._look.table.columns if self._look is not None and self._look.table is not None else ()
        # Several columns may hold synonyms, and the chooser shows the first.
        more = [pair for pair in known if pair[0] == "synonyms" and pair[1] not in picked.values()]
        kept = more[1:] if ("synonyms", picked.get("synonyms", "")) not in known else more
        chosen = (*picked.items(), *kept)
        self.wished.emit(replace(self.options(), columns=chosen))

    def _say_sheet(self) -> None:
        self.wished.emit(replace(self.options(), sheet=self.sheet.currentText(), columns=()))

    def _use(self, *, on: bool) -> None:
        for widget in (self.title, self.version, *self._optional(), self.back):
            widget.setEnabled(on)
        self.go.setEnabled(on and self._look is not None and not self._look.needs)

    def _connect(self) -> None:
        self.back.clicked.connect(lambda _checked=False: self.left.emit())
        self.format.activated.connect(lambda _row: self._say_format())
        self.dialect.activated.connect(lambda _row: self._say())
        self.encoding.activated.connect(lambda _row: self._say())
        self.sheet.activated.connect(lambda _row: self._say_sheet())
        self.columns.chosen.connect(self._say_columns)
        self.vocabularies.ticked.connect(self._later.start)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self.table.setMinimumHeight(tall(LEAST_TABLE, 4))
        super().changeEvent(event)

    def _retranslate(self) -> None:
        said = {
            self.title: self.tr("Name"),
            self.version: self.tr("Version"),
            self.format: self.tr("Read as"),
            self.dialect: self.tr("Language of the names"),
            self.encoding: self.tr("Encoding"),
            self.sheet: self.tr("Worksheet"),
            self.vocabularies: self.tr("Vocabularies to import"),
        }
        for widget, label in said.items():
            self._labels[widget].setText(label)
            widget.setAccessibleName(label)
        self.table.setAccessibleName(self.tr("The first entities"))
        self.back.setText(self.tr("Back"))
        self.go.setText(self.tr("Import"))
        if self._look is not None:
            self.show_look(self._look)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.MARGIN)
        grid.setVerticalSpacing(theme.UNIT)
        fields = (self.title, self.version, self.format, self.dialect, self.encoding, self.sheet)
        for number, widget in enumerate(fields):
            row, place = divmod(number, 3)
            grid.addWidget(self._label(widget), 2 * row, place)
            grid.addWidget(widget, 2 * row + 1, place)
            grid.setColumnStretch(place, 1)
            if isinstance(widget, QComboBox):
                widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                widget.setMinimumContentsLength(10)
        self.table.setMinimumHeight(tall(LEAST_TABLE, 4))
        inside = QWidget(self)
        column = form_column(inside)
        column.addWidget(self._heading)
        column.addWidget(self._facts)
        column.addLayout(grid)
        for widget in (self._label(self.vocabularies), self.vocabularies, self.columns, self._notes):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.GAP)
        foot.addWidget(self.progress, 1)
        foot.addStretch(0)
        foot.addWidget(self.back)
        foot.addWidget(self.go)
        over_foot(self, scrolling(inside), foot)

    def _label(self, widget: QWidget) -> QLabel:
        label = QLabel(self)
        label.setProperty("caption", True)
        label.setBuddy(widget)
        self._labels[widget] = label
        return label


def _fill(box: QComboBox, offered: tuple[tuple[str, str], ...], chosen: str) -> None:
    box.clear()
    for value, title in offered:
        box.addItem(title, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
