"""The shelf before there is a project: what is here, another to import, one to begin with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk import theme
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.shelf import Held, Shelf
from rpdr_desk.settings import Settings
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.dialogs import button_row, size_dialog
from rpdr_desk.views.files import words as files
from rpdr_desk.views.files.layouts import local_file
from rpdr_desk.views.terminologies.release_flow import ReleaseFlow
from rpdr_desk.views.terminologies.release_form import ReleaseForm
from rpdr_desk.views.terminologies.shelf_pane import ShelfPane

LARGE = (1080, 720)


def show_shelf(parent: QWidget, settings: Settings, chosen: Callable[[KnowledgeBaseInfo], None]) -> ShelfDialog:
    """Open the shelf; `chosen` gets the terminology that a project is to begin with."""
    dialog = ShelfDialog(parent, settings, chosen)
    dialog.open()
    return dialog


class ShelfDialog(QDialog):
    """The shelf or the form of a release. Escape goes one step back: ends an import, leaves the form, closes."""

    def __init__(self, parent: QWidget, settings: Settings, chosen: Callable[[KnowledgeBaseInfo], None]) -> None:
        super().__init__(parent)
        self._shelf = Shelf(Jobs(self), settings, self)
        self._chosen, self._prefer = chosen, ""
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Terminologies on this machine"))
        self.banner = Banner(self)
        self.shelf, self.form = ShelfPane("", self), ReleaseForm(self)
        self._flow = ReleaseFlow(self._shelf, self.form, self.banner, self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.shelf)
        self._stack.addWidget(self.form)
        self.close_button = QPushButton(self.tr("Close"), self)
        self.close_button.clicked.connect(lambda _checked=False: self.reject())
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        # The pane and the form have margins of their own, and the shelf a title.
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._stack, 1)
        foot = button_row(self.close_button)
        foot.setContentsMargins(theme.WIDE, 0, theme.WIDE, theme.MARGIN)
        column.addLayout(foot)
        self.setAcceptDrops(True)
        size_dialog(self, *LARGE)
        self._connect()
        self._read()

    def open_file(self, path: Path) -> None:
        """Look at a release, and show what it would become."""
        if not self._flow.busy:
            self._stack.setCurrentWidget(self.form)
            self.close_button.hide()
            self._flow.begin(path)

    def reject(self) -> None:
        if self._flow.busy:
            self._flow.cancel()
        elif self._stack.currentWidget() is self.form:
            self._leave_form()
        else:
            super().reject()

    def done(self, result: int) -> None:
        self.form.leave()
        self._shelf.close()
        super().done(result)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._flow.busy and local_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = local_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.open_file(path)

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a terminology's file"), "")
        if name:
            self.open_file(Path(name))

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Choose a terminology's folder"))
        if name:
            self.open_file(Path(name))

    def _read(self) -> None:
        self._shelf.list(self._listed, self.banner.show_error)

    def _listed(self, held: tuple[Held, ...]) -> None:
        new, self._prefer = self._prefer, ""
        self.shelf.show_held(held, "", new)
        if new:
            self.shelf.use.setFocus()
        else:
            self._focus()

    def _taken(self, info: KnowledgeBaseInfo) -> None:
        self._prefer = info.fingerprint
        self._show_shelf()
        title = f"{info.title} {info.version}".strip()
        said = self.tr("%1 is here: %2. Begin a project with it, or close.")
        self.banner.show_text(wording.fill(said, title, files.entities(info.entities)))

    def _use(self, held: Held) -> None:
        self.accept()
        self._chosen(held.info)

    def _remove(self, held: Held) -> None:
        remove_asked(self, self._shelf, held, self.banner)

    def _leave_form(self) -> None:
        self._flow.forget()
        self._show_shelf()

    def _show_shelf(self) -> None:
        self._stack.setCurrentWidget(self.shelf)
        self.close_button.show()
        self._focus()

    def _focus(self) -> None:
        if self._flow.busy:
            return
        if self._stack.currentWidget() is self.form:
            self.form.first().setFocus()
        elif not self.shelf.use.hasFocus():
            self.shelf.table.setFocus()

    def _connect(self) -> None:
        self.shelf.file_asked.connect(self._ask_file)
        self.shelf.folder_asked.connect(self._ask_folder)
        self.shelf.use_asked.connect(self._use)
        self.shelf.remove_asked.connect(self._remove)
        self.shelf.table.entered.connect(lambda _row: self.shelf.use.setFocus())
        self.form.left.connect(self._leave_form)
        self._flow.taken.connect(self._taken)
        self._flow.waiting.connect(self._focus)
        self._shelf.changed.connect(self._read)


def remove_asked(parent: QWidget, shelf: Shelf, held: Held, banner: Banner) -> None:
    """Ask once, then take a terminology off this machine."""
    say = QCoreApplication.translate
    title = f"{held.info.title} {held.info.version}".strip()
    words = say(
        "TerminologiesPage", "Remove %1 (%2) from this machine? Projects that map to it cannot be opened without it."
    )
    asked = wording.fill(words, title, files.size(held.size))
    heading = say("TerminologiesPage", "Remove a terminology")
    if QMessageBox.question(parent, heading, asked) == QMessageBox.StandardButton.Yes:
        said = wording.fill(say("TerminologiesPage", "%1 was removed."), title)
        shelf.remove(held.info, lambda: banner.show_text(said), banner.show_error)
