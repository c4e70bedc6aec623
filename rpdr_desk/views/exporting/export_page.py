"""The Export page: the form of the file, what goes into it, what it will not hold, then the file."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.records import Changes
from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.operations.exports import Form, Losses, Sent, forms
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.dialogs import dim_label, rule
from rpdr_desk.views.error_words import told
from rpdr_desk.views.exporting import words
from rpdr_desk.views.exporting.export_cards import LossesCard, OptionsCard, SentCard
from rpdr_desk.views.exporting.form_list import FormList
from rpdr_desk.views.exporting.proposed import proposed_file
from rpdr_desk.views.files.files_page import FilesPage
from rpdr_desk.views.files.progress_strip import ProgressStrip
from rpdr_desk.views.model.card import column_of
from rpdr_desk.views.model.heading import Heading

CALM_MS = 150
_TOUCHED = frozenset(("mentions", "decisions", "rankings", "opinions"))


class ExportPage(FilesPage):
    """Nothing is written before what the file will not hold has been counted and shown."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(actions, "export", parent)
        self._workspace = workspace
        self._form: Form | None = None
        self._busy = self._stale = False
        self._touched_path = False
        self.forms = FormList(self)
        self._title, self._lead = Heading(self, 1.25), dim_label("", self)
        self.options, self.losses, self.sent = OptionsCard(self), LossesCard(self), SentCard(self)
        self.target, self.choose = QLineEdit(self), QPushButton(self)
        self._replaces = dim_label("", self)
        self.progress = ProgressStrip(self)
        self.go = QPushButton(self)
        self.go.setProperty("primary", True)
        self._later = QTimer(self, singleShot=True, interval=CALM_MS)
        self._later.timeout.connect(self._count)
        self._lay_out()
        self._connect()
        self._retranslate()
        self.forms.show_forms(forms())
        self.forms.stand_on("csv")

    def entered(self) -> None:
        self._workspace.exports.sources(self.options.show_sources, self.banner.show_error)
        if self._stale or self.losses.losses is None:
            self._ask()
        self.forms.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees the count: it is made anew when somebody does."""
        self._stale = self._stale or self.losses.losses is None
        self.leave()
        super().hideEvent(event)

    def leave(self) -> None:
        self._later.stop()
        self._workspace.exports.stop_counting()

    def as_reviewer(self) -> None:
        """Another person may read other decisions."""
        self.sent.show_sent(None)
        self._changed_here()

    def stand_on(self, id: str) -> None:
        """Choose a form from elsewhere."""
        self.forms.stand_on(id)

    # What it would hold

    def _choose_form(self, form: Form) -> None:
        self._form = form
        self.options.show_form(form)
        self._touched_path = False
        self._show_form()
        self._ask()

    def _show_form(self) -> None:
        if self._form is None:
            return
        self._title.setText(words.form_text(self._form.id))
        self._lead.setText(words.form_explained(self._form.id))
        if not self._touched_path:
            self.target.setText(str(self._proposed(self._form)))
        self._show_path()

    def _ask(self) -> None:
        """Count anew in a moment; until then nothing can be written."""
        if self._busy:
            self._stale = True
            return
        self._stale = False
        self.losses.show_counting()
        self._enable()
        self._later.start()

    def _count(self) -> None:
        if self._form is not None and not self._busy:
            exports = self._workspace.exports
            exports.losses(self._form, self.options.choice(), self._counted, self._not_counted)
            exports.counting.moved.connect(self.losses.show_counting)

    def _counted(self, losses: Losses) -> None:
        if not self._later.isActive() and not self._busy:
            self.losses.show_losses(losses)
            self._enable()

    def _not_counted(self, error: RpdrError) -> None:
        if not isinstance(error, Cancelled):
            self.losses.show_trouble(told(error))

    def _changed(self, changes: Changes) -> None:
        if changes.kinds & _TOUCHED:
            self._changed_here()

    def _changed_here(self) -> None:
        if self.isVisible():
            self._ask()
        else:
            self._stale = True

    # The file

    def _proposed(self, form: Form) -> Path:
        ending = words.file_ending(form.id, form.suffix)
        beside = proposed_file(self._workspace.path, ending)
        folder = Path(self._workspace.export_folder or beside.parent)
        return (folder if folder.is_dir() else beside.parent) / beside.name

    def _ask_path(self) -> None:
        if self._form is None:
            return
        kinds = f"{words.form_text(self._form.id)} (*{self._form.suffix})"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save as"), self.target.text(), kinds)
        if name:
            self._touched_path = True
            self.target.setText(name)
            self.go.setFocus()

    def _show_path(self) -> None:
        there = Path(self.target.text()).is_file()
        self._replaces.setVisible(there)
        self._enable()

    def _enable(self) -> None:
        named = bool(self.target.text().strip())
        self.go.setEnabled(named and not self._busy and self.losses.losses is not None)

    def _write(self) -> None:
        if self._form is None or not self.go.isEnabled():
            return
        path = Path(self.target.text().strip()).expanduser()
        self._set_busy(on=True)
        self.banner.hide()
        self.sent.show_sent(None)
        self.progress.begin(wording.fill(self.tr("Writing %1"), path.name))
        exports = self._workspace.exports
        exports.write(self._form, self.options.choice(), path, self._written, self._failed)
        exports.following.moved.connect(self.progress.show_moved)

    def _written(self, sent: Sent) -> None:
        self._set_busy(on=False)
        self.losses.show_losses(sent.losses)
        self.sent.show_sent(sent)
        announce(self, wording.fill(self.tr("%1 is written"), sent.path.name))
        self._show_path()
        self._again()
        if self.isVisible():
            self.sent.folder.setFocus()

    def _failed(self, error: RpdrError) -> None:
        self._set_busy(on=False)
        if isinstance(error, Cancelled):
            self.banner.show_text(self.tr("Cancelled. No file was written."))
        else:
            self.banner.show_error(error)
        self._enable()
        self._again()
        if self.isVisible():
            self.go.setFocus()

    def _again(self) -> None:
        """What changed while the file was written is counted now."""
        if self._stale:
            self._ask()

    def _set_busy(self, *, on: bool) -> None:
        self._busy = on
        if not on:
            self.progress.end()
        for widget in (self.forms, self.options, self.target, self.choose):
            widget.setEnabled(not on)
        self._enable()

    def _connect(self) -> None:
        self.forms.chosen.connect(self._choose_form)
        self.options.changed.connect(self._ask)
        self.target.textEdited.connect(lambda _text: self._edited())
        self.choose.clicked.connect(lambda _checked=False: self._ask_path())
        self.go.clicked.connect(lambda _checked=False: self._write())
        self.progress.cancelled.connect(lambda: self._workspace.exports.following.cancel())
        self._workspace.store.changed.connect(self._changed)

    def _edited(self) -> None:
        self._touched_path = True
        self._show_path()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.target.setAccessibleName(self.tr("File to write"))
        self.choose.setText(self.tr("Choose ..."))
        self.go.setText(self.tr("Export"))
        self._replaces.setText(self.tr("There is a file of this name. It will be replaced."))
        self._show_form()

    def _lay_out(self) -> None:
        left = QFrame(self)
        left.setProperty("surface", True)
        beside = QVBoxLayout(left)
        beside.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        beside.addWidget(self.forms)
        main = column_of(self.sent, self._title, self._lead, self.options, self.losses)
        line = QHBoxLayout()
        line.setSpacing(theme.GAP)
        line.addWidget(self.target, 1)
        line.addWidget(self.choose)
        line.addWidget(self.go)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.MARGIN, theme.GAP + 2, theme.MARGIN, theme.GAP + 2)
        foot.setSpacing(theme.UNIT + 2)
        foot.addWidget(self.progress)
        foot.addLayout(line)
        foot.addWidget(self._replaces)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(main, 1)
        right.addWidget(rule(self))
        right.addLayout(foot)
        across = QHBoxLayout()
        across.setSpacing(1)
        across.addWidget(left)
        across.addLayout(right, 1)
        self.body.addLayout(across, 1)
        # The card moved into the scrolled column after the line below it was made: Tab goes as the eye does.
        options = self.options
        stations = (options.source, options.level, options.only, options.text_free, options.mark, self.target)
        for before, after in pairwise((self.forms, *stations, self.choose, self.go)):
            self.setTabOrder(before, after)
