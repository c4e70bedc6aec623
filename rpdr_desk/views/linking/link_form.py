"""A chosen file: which column holds what, how it begins, how it is linked, what may stand, where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, tall
from rpdr_desk.operations.door import Columns, FileLook, Suggestion, Wish
from rpdr_desk.operations.link_state import LinkWish, Readiness
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.files.choice_grid import ChoiceGrid
from rpdr_desk.views.files.layouts import form_column, over_foot, scrolling
from rpdr_desk.views.files.plain_table import PlainTable
from rpdr_desk.views.files.progress_strip import ProgressStrip
from rpdr_desk.views.importing import words as import_words
from rpdr_desk.views.linking import words
from rpdr_desk.views.linking.accept_card import AcceptCard
from rpdr_desk.views.linking.way_card import WayCard
from rpdr_desk.views.model.heading import Heading

LEAST_TABLE = 150
FIELDS = ("mention", "context", "count", "id")


class LinkForm(QWidget):
    """`wished` carries a `Wish`: look at the file so. `asked` carries a `LinkWish`. `left`: rather another file."""

    wished = Signal(object)
    asked = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = Path()
        self._found: FileLook | None = None
        self._encoding = self._trouble = ""
        self._other = self._busy = False
        self._title, self._facts, self._notes = Heading(self, 1.25), dim_label("", self), QLabel(self)
        self._title.setWordWrap(True)
        self._notes.setWordWrap(True)
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        self.encoding, self.sheet = QComboBox(self), QComboBox(self)
        self.columns, self.table = (
            ChoiceGrid(FIELDS, import_words.field_text, self, across=len(FIELDS)),
            PlainTable(self),
        )
        self.way, self.accept = WayCard(self), AcceptCard(self)
        self.target, self.choose, self._replaces = QLineEdit(self), QPushButton(self), dim_label("", self)
        self.progress = ProgressStrip(self)
        self.back, self.anew, self.go = QPushButton(self), QPushButton(self), QPushButton(self)
        self.go.setProperty("primary", True)
        self._connect()
        self._lay_out()
        self._retranslate()

    def show_file(self, path: Path) -> None:
        """A file that nothing is known of yet."""
        self._path, self._found, self._encoding, self._trouble = path, None, "", ""
        self._title.setText(path.name)
        self.target.setText(str(words.proposed(path)))
        for box in (self.encoding, self.sheet):
            box.clear()
            box.hide()
        self.columns.hide()
        self.table.show_rows((), ())
        self._other = False
        self._show_target()

    def show_wish(self, wish: LinkWish) -> None:
        """As an earlier run was begun: begun anew, it is the same."""
        self.show_file(wish.source)
        self.target.setText(str(wish.output))
        self.way.show_wish(wish.ranker, wish.memory)
        self.accept.show_wish(wish.rate, wish.reviewed)

    def show_reading(self) -> None:
        self._trouble = ""
        self._facts.setText(self.tr("Reading the file ..."))
        self._enable()
        self._show_notes()

    def show_look(self, found: FileLook, wish: Wish) -> None:
        self._found, self._encoding, self._trouble = found, wish.encoding, ""
        self._facts.setText(import_words.summary(found))
        preview = found.preview
        offered = preview.alternatives if preview is not None else ()
        self.encoding.setVisible(bool(offered) or bool(self._encoding))
        if offered:
            self._offer_encodings(offered)
        sheets = preview.sheets if preview is not None else ()
        self.sheet.setVisible(len(sheets) > 1)
        self.sheet.clear()
        self.sheet.addItems(list(sheets))
        self.columns.setVisible(preview is not None and bool(found.headers))
        if preview is not None:
            self.sheet.setCurrentText(preview.columns.sheet)
            self.columns.show_choices(found.headers, asdict(preview.columns))
        self.table.show_rows(found.headers, found.rows)
        self._enable()
        self._show_notes()

    def show_refused(self, trouble: str) -> None:
        """The fields stay as they were filled."""
        self._trouble = trouble
        if self._found is None:
            self._facts.setText("")
        self._enable()
        self._show_notes()

    def show_readiness(self, found: Readiness) -> None:
        self.way.show_readiness(found)
        self.accept.show_readiness(found)
        self._enable()

    def show_least(self, least: int) -> None:
        """So many reviewed mentions are the fewest that can keep the chosen error rate."""
        self.accept.show_least(least)
        self._enable()

    def offer_anew(self, *, on: bool) -> None:
        """What was done by an earlier run to this file cannot be used: begin anew, or write to another file."""
        self._other = on
        self._enable()

    def wish(self, *, restart: bool = False) -> LinkWish:
        """What the user says now."""
        preview = self._found.preview if self._found is not None else None
        return LinkWish(
            self._path,
            Path(self.target.text().strip()).expanduser(),
            preview.columns if preview is not None else Columns(),
            preview.encoding if preview is not None and preview.encoding != "utf-8" else "",
            self.way.chosen(),
            self.way.memory.isChecked(),
            self.accept.chosen_rate,
            self.accept.reviewed,
            restart,
        )

    def first(self) -> QWidget:
        """Where work goes on: at what is to be chosen, else at the linking."""
        if self.anew.isVisibleTo(self):
            return self.anew
        if self.go.isEnabled():
            return self.go
        asked = (self.encoding, self.columns.boxes["mention"])
        return next((one for one in asked if one.isVisibleTo(self)), self.back)

    def begin(self, what: str) -> None:
        self._busy = True
        self._enable()
        self.progress.begin(what)

    def end(self) -> None:
        self._busy = False
        self.progress.end()
        self._enable()

    def _enable(self) -> None:
        for widget in (
            self.encoding,
            self.sheet,
            self.columns,
            self.way,
            self.accept,
            self.target,
            self.choose,
            self.back,
        ):
            widget.setEnabled(not self._busy)
        readable = self._found is not None and self._found.ready and not self._trouble
        ready = readable and self.accept.is_ready and bool(self.target.text().strip()) and not self._busy
        self.go.setEnabled(ready and not self._other)
        self.anew.setVisible(self._other)
        self.anew.setEnabled(ready)

    def _choose_columns(self) -> None:
        chosen = self.columns.choices()
        self.wished.emit(Wish("mentions", Columns(**chosen, sheet=self.sheet.currentText()), self._encoding))

    def _choose_encoding(self) -> None:
        self._encoding = str(self.encoding.currentData())
        self.wished.emit(Wish("mentions", None, self._encoding))

    def _choose_sheet(self) -> None:
        self.wished.emit(Wish("mentions", Columns(sheet=self.sheet.currentText()), self._encoding))

    def _offer_encodings(self, offered: Sequence[Suggestion]) -> None:
        """Each with the line that tells it from the others."""
        self.encoding.clear()
        self.encoding.addItem(self.tr("Choose the encoding that reads right"), "")
        for one in offered:
            self.encoding.addItem(f"{one.encoding}:  {next(iter(one.lines), '')[:60]}", one.encoding)
        self.encoding.setCurrentIndex(max(0, self.encoding.findData(self._encoding)))

    def _show_notes(self) -> None:
        said = [self._trouble] if self._trouble else []
        if self._found is not None and not self._trouble:
            said += [in_language(one) for one in self._found.warnings]
        self._notes.setText("\n".join(f"–  {one}" for one in said))
        self._notes.setVisible(bool(said))

    def _ask_target(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the links"), self.target.text(), words.output_kinds())
        if name:
            self.target.setText(name)
            self._edited()
            self.go.setFocus()

    def _edited(self) -> None:
        self._other = False
        self._show_target()

    def _show_target(self) -> None:
        name = self.target.text().strip()
        self._replaces.setVisible(bool(name) and Path(name).expanduser().is_file())
        self._enable()

    def _connect(self) -> None:
        self.back.clicked.connect(lambda _checked=False: self.left.emit())
        self.encoding.activated.connect(lambda _row: self._choose_encoding())
        self.sheet.activated.connect(lambda _row: self._choose_sheet())
        self.columns.chosen.connect(self._choose_columns)
        self.accept.changed.connect(self._enable)
        self.target.textEdited.connect(lambda _text: self._edited())
        self.choose.clicked.connect(lambda _checked=False: self._ask_target())
        self.go.clicked.connect(lambda _checked=False: self.asked.emit(self.wish()))
        self.anew.clicked.connect(lambda _checked=False: self.asked.emit(self.wish(restart=True)))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self.table.setMinimumHeight(tall(LEAST_TABLE, 4))
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.encoding.setAccessibleName(self.tr("Encoding"))
        self.sheet.setAccessibleName(self.tr("Worksheet"))
        self.table.setAccessibleName(self.tr("How the file begins"))
        self.target.setAccessibleName(self.tr("File to write"))
        self.choose.setText(self.tr("Choose ..."))
        self._replaces.setText(self.tr("There is a file of this name. It will be replaced."))
        self.back.setText(self.tr("Another file"))
        self.anew.setText(self.tr("Begin anew"))
        self.go.setText(self.tr("Link"))
        if self._found is not None:
            self._facts.setText(import_words.summary(self._found))
        self._show_notes()

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(theme.GAP)
        for box in (self.encoding, self.sheet):
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
        for widget in (self.columns, self._notes):
            column.addWidget(widget)
            widget.hide()
        column.addWidget(self.table, 1)
        column.addWidget(self.way)
        column.addWidget(self.accept)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = QHBoxLayout()
        line.setSpacing(theme.GAP)
        line.addWidget(self.target, 1)
        for button in (self.choose, self.back, self.anew, self.go):
            line.addWidget(button)
        foot = QVBoxLayout()
        foot.setSpacing(theme.UNIT + 2)
        foot.addWidget(self.progress)
        foot.addLayout(line)
        foot.addWidget(self._replaces)
        over_foot(self, scrolling(inside), foot)
