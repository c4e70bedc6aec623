"""A chosen file: what it is, which column holds what, how it begins, and what to watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from rpdr_core.errors import RpdrError
from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, tall
from rpdr_desk.operations.door import Columns, FileLook, IsTerminologyError, Suggestion, Taken, UndecodedError, Wish
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.files.choice_grid import ChoiceGrid
from rpdr_desk.views.files.layouts import form_column, over_foot, scrolling
from rpdr_desk.views.files.plain_table import PlainTable
from rpdr_desk.views.files.progress_strip import ProgressStrip
from rpdr_desk.views.importing import words
from rpdr_desk.views.importing.type_choice import TypeChoice
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.heading import Heading

LEAST_TABLE = 190
COUNTS = 520
"""No wider: a figure is to be seen beside what it counts."""
FIELDS = ("mention", "context", "count", "code", "department", "id")


class FileForm(QWidget):
    """`wished` carries a `Wish`: look at the file so. `foresight_asked`: the same file would be taken otherwise.
    `left`: rather another file.
    """

    wished = Signal(object)
    foresight_asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: FileLook | None = None
        self._encoding = ""
        self._known = self._trouble = ""
        self._foresight: Taken | None = None
        self._title, self._facts = Heading(self, 1.25), dim_label("", self)
        self._title.setWordWrap(True)
        self.kind, self.encoding, self.sheet = QComboBox(self), QComboBox(self), QComboBox(self)
        self.columns, self.table = ChoiceGrid(FIELDS, words.field_text, self), PlainTable(self)
        self.types = TypeChoice(self)
        self._recalled, self._notes = dim_label("", self), QLabel(self)
        self._notes.setWordWrap(True)
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        self.foreseen, self._counts = Card(self), Facts(self, figures=True)
        self.foreseen.column.addWidget(self._counts)
        self._counts.setMaximumWidth(grown(COUNTS))
        self.replace, self.again = QCheckBox(self), QCheckBox(self)
        self.progress = ProgressStrip(self)
        self.back, self.go, self.release = QPushButton(self), QPushButton(self), QPushButton(self)
        self.go.setProperty("primary", True)
        self.back.clicked.connect(lambda _checked=False: self.left.emit())
        self.kind.activated.connect(lambda _row: self._say(Wish(kind=self.kind.currentData())))
        self.encoding.activated.connect(lambda _row: self._choose_encoding())
        self.sheet.activated.connect(lambda _row: self._say(self._wish(Columns(sheet=self.sheet.currentText()))))
        self.columns.chosen.connect(self._choose_columns)
        self.types.chosen.connect(self._choose_types)
        self.again.toggled.connect(lambda _on: self._enable())
        self.replace.toggled.connect(lambda _on: self.foresight_asked.emit())
        self._lay_out()
        self._retranslate()

    def show_file(self, path: Path) -> None:
        """A file that nothing is known of yet."""
        self._found, self._encoding, self._known, self._trouble = None, "", "", ""
        self._title.setText(path.name)
        self.replace.setChecked(False)
        self.again.setChecked(False)
        self.again.hide()
        self.release.hide()
        for box in (self.encoding, self.sheet):
            box.clear()
            box.hide()
        self.columns.hide()
        self.types.forget()
        self._recalled.hide()
        self.table.show_rows((), ())

    def show_reading(self) -> None:
        self._trouble = ""
        self.release.hide()
        self.show_foreseen(None)
        self.go.setEnabled(False)
        self._facts.setText(self.tr("Reading the file ..."))
        self._show_notes()

    def show_look(self, found: FileLook, wish: Wish) -> None:
        self._found, self._encoding, self._trouble = found, wish.encoding, ""
        self._facts.setText(words.summary(found))
        self._show_kinds(found)
        self._show_choices(found)
        self.columns.setVisible(found.preview is not None and bool(found.headers))
        if found.preview is not None:
            self.columns.show_choices(found.headers, asdict(found.preview.columns))
        if found.kind == "documents":
            self.types.show_types(found.types)
        else:
            self.types.forget()
        self._recalled.setVisible(found.recalled)
        self.replace.setVisible(found.kind == "mappings")
        self.table.show_rows(words.headings(found), words.cells(found))
        self._enable()
        self._show_notes()

    def show_refused(self, trouble: str, error: RpdrError | None = None) -> None:
        """The fields stay as they were filled. What cures the error is offered."""
        self._trouble = trouble
        self.release.setVisible(isinstance(error, IsTerminologyError))
        if isinstance(error, UndecodedError):
            self._offer_encodings(error.encodings)
        self._facts.setText("")
        self.go.setEnabled(False)
        self._show_notes()

    def first(self) -> QWidget:
        """Where work goes on: at what is to be chosen, else at the import."""
        if self.go.isEnabled():
            return self.go
        asked = (self.release, self.encoding, self.columns.boxes["mention"], self.kind)
        return next((one for one in asked if one.isVisibleTo(self)), self.back)

    def show_known(self, name: str) -> None:
        """These bytes were imported before, under this name."""
        self._known = name
        self._enable()
        self._show_notes()

    def show_foreseen(self, taken: Taken | None) -> None:
        """What an import would do, counted; None while that is not known."""
        self._foresight = taken
        self.foreseen.setVisible(taken is not None)
        if taken is not None:
            self._counts.show_lines(words.fact_lines(taken.facts))

    def wish(self) -> Wish:
        """What the user says of the file now."""
        columns = self._found.preview.columns if self._found and self._found.preview else None
        return replace(self._wish(columns), replace=self.replace.isChecked(), again=self.again.isChecked())

    def begin(self, what: str) -> None:
        self._use(on=False)
        self.progress.begin(what)

    def end(self) -> None:
        self.progress.end()
        self._use(on=True)

    def _use(self, *, on: bool) -> None:
        for widget in (self.kind, self.encoding, self.sheet, self.columns, self.types, self.replace, self.again,
                       self.back):  # fmt: skip
            widget.setEnabled(on)
        self._enable(on=on)

    def _enable(self, *, on: bool = True) -> None:
        """Mentions that were imported before count twice only if that is meant."""
        found = self._found
        twice = bool(self._known) and found is not None and found.kind == "mentions"
        self.again.setVisible(twice)
        meant = not twice or self.again.isChecked()
        ready = found is not None and found.ready and not self._trouble and not self.types.is_none
        self.go.setEnabled(on and meant and ready)

    def _wish(self, columns: Columns | None) -> Wish:
        kind = self._found.kind if self._found is not None else ""
        return Wish(kind, columns, self._encoding, types=self.types.types())

    def _say(self, wish: Wish) -> None:
        self.wished.emit(wish)

    def _choose_encoding(self) -> None:
        self._encoding = str(self.encoding.currentData())
        self._say(self._wish(None))

    def _choose_columns(self) -> None:
        if self._found is not None and self._found.preview is not None:
            self._say(self._wish(replace(self._found.preview.columns, **self.columns.choices())))

    def _choose_types(self) -> None:
        if self.types.is_none:
            self._enable()
        else:
            self._say(self._wish(None))

    def _show_kinds(self, found: FileLook) -> None:
        self.kind.clear()
        for kind in found.kinds:
            self.kind.addItem(words.kind_text(kind), kind)
        self.kind.setCurrentIndex(self.kind.findData(found.kind))
        self.kind.setVisible(len(found.kinds) > 1)

    def _show_choices(self, found: FileLook) -> None:
        preview = found.preview
        offered = preview.alternatives if preview is not None else ()
        self.encoding.setVisible(bool(offered) or bool(self._encoding))
        if offered:
            self._offer_encodings(offered)
        sheets = preview.sheets if preview is not None else ()
        self.sheet.setVisible(len(sheets) > 1)
        self.sheet.clear()
        self.sheet.addItems(list(sheets))
        if preview is not None:
            self.sheet.setCurrentText(preview.columns.sheet)

    def _offer_encodings(self, offered: Sequence[Suggestion]) -> None:
        """Each with the line that tells it from the others."""
        self.encoding.clear()
        self.encoding.addItem(self.tr("Choose the encoding that reads right"), "")
        for one in offered:
            self.encoding.addItem(f"{one.encoding}:  {next(iter(one.lines), '')[:60]}", one.encoding)
        self.encoding.setCurrentIndex(max(0, self.encoding.findData(self._encoding)))
        self.encoding.show()

    def _show_notes(self) -> None:
        said = [self._trouble] if self._trouble else []
        if self._known:
            said.append(wording.fill(self.tr("This very file was imported before, as %1."), self._known))
        if self._found is not None and not self._trouble:
            said += [in_language(one) for one in self._found.warnings]
            if not self._found.complete:
                said.append(self.tr("Only the first documents were looked at; the import reads them all."))
        self._notes.setText("\n".join(f"–  {one}" for one in said))
        self._notes.setVisible(bool(said))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self.table.setMinimumHeight(tall(LEAST_TABLE, 4))
            self._counts.setMaximumWidth(grown(COUNTS))
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.kind.setAccessibleName(self.tr("What the file holds"))
        self.encoding.setAccessibleName(self.tr("Encoding"))
        self.sheet.setAccessibleName(self.tr("Worksheet"))
        self.table.setAccessibleName(self.tr("How the file begins"))
        self._recalled.setText(self.tr("The columns are those you chose for a file with these headers before."))
        self.foreseen.set_title(self.tr("What the import would do"))
        self.show_foreseen(self._foresight)
        self.replace.setText(self.tr("Let the file's decisions replace those in force here"))
        self.again.setText(self.tr("Import it again all the same: its rows count twice"))
        self.back.setText(self.tr("Another file"))
        self.go.setText(self.tr("Import"))
        self.release.setText(self.tr("Import it as a terminology"))
        self._show_notes()

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(theme.GAP)
        for box in (self.kind, self.encoding, self.sheet):
            box.hide()
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            choices.addWidget(box)
        choices.addStretch(1)
        self.table.setMinimumHeight(tall(LEAST_TABLE, 4))
        inside = QWidget(self)
        column = form_column(inside)
        column.addWidget(self._title)
        column.addWidget(self._facts)
        column.addLayout(choices)
        for widget in (self.columns, self.types, self._recalled, self._notes, self.again, self.replace, self.foreseen):
            column.addWidget(widget)
            widget.hide()
        column.addWidget(self.table, 1)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        foot = QHBoxLayout()
        foot.setSpacing(theme.GAP)
        foot.addWidget(self.progress, 1)
        foot.addStretch(0)
        foot.addWidget(self.release)
        foot.addWidget(self.back)
        foot.addWidget(self.go)
        foot.setAlignment(self.back, Qt.AlignmentFlag.AlignRight)
        over_foot(self, scrolling(inside), foot)
