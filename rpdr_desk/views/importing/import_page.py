"""The Import page: one door for mentions, documents and mappings. Look first, then all or nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_desk.actions import Actions
from rpdr_desk.operations.door import FileLook, Taken, Wish
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.error_words import told
from rpdr_desk.views.files.files_page import FilesPage
from rpdr_desk.views.files.layouts import local_file
from rpdr_desk.views.importing import words
from rpdr_desk.views.importing.door_pane import DoorPane
from rpdr_desk.views.importing.file_form import FileForm


class ImportPage(FilesPage):
    """The door while no file is chosen, then the form; a file that is refused leaves the form as it was filled."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(actions, "import", parent)
        self._workspace, self._actions = workspace, actions
        self._path = Path()
        self._wish = Wish()
        self._found: FileLook | None = None
        self._busy = False
        self.door, self.form = DoorPane(self), FileForm(self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.door)
        self._stack.addWidget(self.form)
        self.body.addWidget(self._stack, 1)
        self.setAcceptDrops(True)
        self.door.file_asked.connect(self.ask_file)
        self.door.folder_asked.connect(self.ask_folder)
        self.door.review_asked.connect(lambda: actions["go_review"].trigger())
        self.form.wished.connect(self._look_again)
        self.form.foresight_asked.connect(self._foresee)
        self.form.left.connect(self._leave_form)
        self.form.release.clicked.connect(lambda _checked=False: self._hand_over())
        self.form.go.clicked.connect(lambda _checked=False: self._take())
        self.form.progress.cancelled.connect(self._cancel)

    def entered(self) -> None:
        self._focus()

    def leave(self) -> None:
        self._cancel()

    def ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file to import"), "", words.file_kinds())
        if name:
            self.open_file(Path(name))

    def ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder to import"))
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Look at a file, and show what it would become."""
        if self._busy:
            return
        self._path, self._wish, self._found = path, Wish(), None
        self.banner.hide()
        self.form.show_file(path)
        self._stack.setCurrentWidget(self.form)
        self._look()
        self._workspace.door.imported_before(path, lambda name: self._known(path, name))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._busy and local_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = local_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.open_file(path)

    # Looking

    def _look(self) -> None:
        self.form.show_reading()
        self._workspace.door.look(self._path, self._wish, self._looked, self._refused)

    def _look_again(self, wish: Wish) -> None:
        self._wish = wish
        self.banner.hide()
        self._look()

    def _looked(self, found: FileLook) -> None:
        first, self._found = self._found is None, found
        self.form.show_look(found, self._wish)
        announce(self, words.summary(found))
        self._foresee()
        if first:
            # Later looks answer a choice: whoever chooses stays where they are.
            self._focus()

    def _foresee(self) -> None:
        """Count what taking the decisions over would do, before it is done."""
        found = self._found
        if found is not None and found.kind == "mappings" and found.ready and not self._busy:
            self._workspace.door.foresee(found, self.form.wish(), self.form.show_foreseen, self._refused)

    def _refused(self, error: RpdrError) -> None:
        self.form.show_refused(told(error), error)
        self.banner.show_error(error)
        if self._found is None:
            self._focus()

    def _known(self, path: Path, name: str) -> None:
        if name and path == self._path and self._stack.currentWidget() is self.form:
            self.form.show_known(name)

    def _hand_over(self) -> None:
        """A terminology is imported beside the project, on the page for it."""
        self._leave_form()
        self._workspace.release_asked.emit(self._path)

    # Taking in

    def _take(self) -> None:
        if self._found is None or self._busy:
            return
        self._busy = True
        self.banner.hide()
        self.form.begin(wording.fill(self.tr("Importing %1"), self._path.name))
        self._workspace.door.take(self._found, self.form.wish(), self._taken, self._failed)
        self._workspace.door.following.moved.connect(self.form.progress.show_moved)

    def _cancel(self) -> None:
        if self._busy:
            self._workspace.door.following.cancel()

    def _taken(self, taken: Taken) -> None:
        self._end()
        self.door.show_taken(taken)
        self._stack.setCurrentWidget(self.door)
        announce(self, words.taken_text(taken))
        self._focus()

    def _failed(self, error: RpdrError) -> None:
        self._end()
        if isinstance(error, Cancelled):
            self.banner.show_text(self.tr("Cancelled. Nothing was imported."))
        else:
            self.banner.show_error(error)
        self._focus()

    def _end(self) -> None:
        self._busy = False
        self.form.end()

    def _leave_form(self) -> None:
        self._found = None
        self.banner.hide()
        self._stack.setCurrentWidget(self.door)
        self._focus()

    def _focus(self) -> None:
        if not self.isVisible():
            return
        if self._stack.currentWidget() is self.door:
            self.door.first().setFocus()
        elif not self._busy:
            self.form.first().setFocus()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange and self._found is not None:
            self.form.show_look(self._found, self._wish)
        super().changeEvent(event)
