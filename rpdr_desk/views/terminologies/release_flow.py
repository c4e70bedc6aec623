"""A release on its way from a file to the shelf: look, look otherwise, take in, end it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.operations.shelf import ReleaseOptions, Shelf
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner, announce
from rpdr_desk.views.error_words import told
from rpdr_desk.views.terminologies import words
from rpdr_desk.views.terminologies.release_form import ReleaseForm

if TYPE_CHECKING:
    from rpdr_desk.operations.shelf import Look


class ReleaseFlow(QObject):
    """Between the form and the shelf, on a page or in a dialog. `taken` carries a `KnowledgeBaseInfo`. `waiting`: it is
    the user's turn.
    """

    taken = Signal(object)
    waiting = Signal()

    def __init__(self, shelf: Shelf, form: ReleaseForm, banner: Banner, parent: QWidget) -> None:
        super().__init__(parent)
        self._shelf, self._form, self._banner, self._page = shelf, form, banner, parent
        self._path, self._options = Path(), ReleaseOptions()
        self._found: Look | None = None
        self.busy = False
        form.wished.connect(self._look_again)
        form.go.clicked.connect(lambda _checked=False: self._take())
        form.progress.cancelled.connect(self.cancel)

    def begin(self, path: Path) -> None:
        """Look at a release, and show what it would become."""
        self._path, self._options, self._found = path, ReleaseOptions(), None
        self._banner.hide()
        self._form.show_file(path)
        self._look()
        self._form.back.setFocus()

    def forget(self) -> None:
        """Rather another file."""
        self._found = None
        self._form.leave()
        self._banner.hide()

    def cancel(self) -> None:
        """End what is under way; it leaves nothing behind."""
        self._shelf.following.cancel()

    def _look(self) -> None:
        self._form.show_reading()
        self._shelf.look(self._path, self._options, self._looked, self._refused)

    def _look_again(self, options: ReleaseOptions) -> None:
        self._options = options
        self._banner.hide()
        self._look()

    def _looked(self, found: Look) -> None:
        first = self._found is None
        self._found = found
        self._form.show_look(found)
        announce(self._page, words.summary(found))
        if first:
            self.waiting.emit()

    def _refused(self, error: RpdrError) -> None:
        self._form.show_refused(told(error))
        self._banner.show_error(error)

    def _take(self) -> None:
        if self._found is None or self.busy:
            return
        self.busy = True
        self._banner.hide()
        naming = self._form.naming()
        self._form.begin(wording.fill(self.tr("Importing %1"), naming.title or self._path.name))
        self._shelf.take(self._path, self._found, naming, self._taken, self._failed)
        self._shelf.following.moved.connect(self._form.progress.show_moved)

    def _taken(self, info: KnowledgeBaseInfo) -> None:
        self._end()
        self._found = None
        self.taken.emit(info)

    def _failed(self, error: RpdrError) -> None:
        self._end()
        if isinstance(error, Cancelled):
            self._banner.show_text(self.tr("Cancelled. Nothing was imported."))
        else:
            self._form.show_refused(told(error))
            self._banner.show_error(error)
        self.waiting.emit()

    def _end(self) -> None:
        self.busy = False
        self._form.end()
