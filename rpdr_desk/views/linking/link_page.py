"""The page that links whole files: choose one, say how, let it run, see what may stand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_desk.actions import Actions
from rpdr_desk.operations.door import FileLook, Wish
from rpdr_desk.operations.link_run import least
from rpdr_desk.operations.link_state import LinkResult, LinkWish, OtherRunError, Unfinished
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.error_words import told
from rpdr_desk.views.files.files_page import FilesPage
from rpdr_desk.views.files.layouts import local_file
from rpdr_desk.views.importing import words as import_words
from rpdr_desk.views.linking import words
from rpdr_desk.views.linking.door_pane import LinkDoor
from rpdr_desk.views.linking.link_form import LinkForm


class LinkPage(FilesPage):
    """A linking goes on while other pages are on screen; its end is told wherever the user is."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(actions, "link_file", parent)
        self._workspace, self._actions = workspace, actions
        self._path, self._wish = Path(), Wish("mentions")
        self._looked_once = False
        self.door, self.form = LinkDoor(self), LinkForm(self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.door)
        self._stack.addWidget(self.form)
        self.body.addWidget(self._stack, 1)
        self.setAcceptDrops(True)
        self._connect()
        self._show_least()

    def entered(self) -> None:
        self._read()
        self._focus()

    def leave(self) -> None:
        self._workspace.linking.cancel()

    def ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a file to link"), "", words.source_kinds())
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Look at a file, and show how it would be linked."""
        if self._workspace.linking.busy:
            return
        self._path, self._wish, self._looked_once = path, Wish("mentions"), False
        self.banner.hide()
        self.form.show_file(path)
        self._stack.setCurrentWidget(self.form)
        self._ask_readiness()
        self._look()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._workspace.linking.busy and local_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = local_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.open_file(path)

    # Looking

    def _read(self) -> None:
        self._ask_readiness()
        self._workspace.linking.unfinished(self.door.show_unfinished)

    def _index_grew(self) -> None:
        if self.isVisible():
            self._ask_readiness()

    def _ask_readiness(self) -> None:
        self._workspace.linking.readiness(self.form.show_readiness, self.banner.show_error)

    def _look(self) -> None:
        self.form.show_reading()
        self._workspace.linking.look(self._path, self._wish, self._looked, self._refused)

    def _look_again(self, wish: Wish) -> None:
        self._wish = wish
        self.banner.hide()
        self._look()

    def _looked(self, found: FileLook) -> None:
        first, self._looked_once = not self._looked_once, True
        self.form.show_look(found, self._wish)
        announce(self, import_words.summary(found))
        if first:
            # Later looks answer a choice: whoever chooses stays where they are.
            self._focus()

    def _refused(self, error: RpdrError) -> None:
        self.form.show_refused(told(error))
        self.banner.show_error(error)

    def _show_least(self) -> None:
        self.form.show_least(least(self.form.accept.rate.rate))

    # Linking

    def _link(self, wish: LinkWish) -> None:
        self._begin(wish.source)
        self._workspace.linking.link(wish, self._linked, self._failed)
        self._follow()

    def _go_on(self, one: Unfinished) -> None:
        self.form.show_wish(one.wish)
        self._path, self._wish = one.wish.source, Wish("mentions", one.wish.columns, one.wish.encoding)
        self._stack.setCurrentWidget(self.form)
        self._look()
        self._begin(one.wish.source)
        self._workspace.linking.go_on(one, self._linked, self._failed)
        self._follow()

    def _begin(self, source: Path) -> None:
        self.banner.hide()
        self.form.offer_anew(on=False)
        self.door.show_result(None)
        self.form.begin(wording.fill(self.tr("Linking %1"), source.name))

    def _follow(self) -> None:
        if self._workspace.linking.busy:
            self._workspace.linking.following.moved.connect(self.form.progress.show_moved)

    def _linked(self, result: LinkResult) -> None:
        self.form.end()
        self.door.show_result(result)
        self._stack.setCurrentWidget(self.door)
        announce(self, words.told(result))
        if not self.isVisible():
            self._workspace.notices.emit(words.told(result))
        self._read()
        self._focus()

    def _failed(self, error: RpdrError) -> None:
        self.form.end()
        self.form.offer_anew(on=isinstance(error, OtherRunError))
        if isinstance(error, Cancelled):
            self.banner.show_text(self.tr("Cancelled. What is linked is kept: link it again, and it goes on."))
        else:
            self.banner.show_error(error)
            if not self.isVisible():
                self._workspace.store.trouble.emit(error)
        self._read()
        self._focus()

    def _discard(self, one: Unfinished) -> None:
        self._workspace.linking.discard(one.key, self._read)

    def _leave_form(self) -> None:
        self.banner.hide()
        self._stack.setCurrentWidget(self.door)
        self._read()
        self._focus()

    def _focus(self) -> None:
        if not self.isVisible() or self._workspace.linking.busy:
            return
        (self.door if self._stack.currentWidget() is self.door else self.form).first().setFocus()

    def _connect(self) -> None:
        door, form = self.door, self.form
        door.file_asked.connect(self.ask_file)
        door.go_on_asked.connect(self._go_on)
        door.discard_asked.connect(self._discard)
        form.wished.connect(self._look_again)
        form.asked.connect(self._link)
        form.left.connect(self._leave_form)
        form.accept.changed.connect(self._show_least)
        form.accept.check_asked.connect(lambda: self._actions["go_dashboard"].trigger())
        self._workspace.retrieval.dense_changed.connect(lambda _dense: self._index_grew())
        form.progress.cancelled.connect(self._workspace.linking.cancel)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange and self._workspace.linking.busy:
            self.form.progress.begin(wording.fill(self.tr("Linking %1"), self._path.name))
        super().changeEvent(event)
