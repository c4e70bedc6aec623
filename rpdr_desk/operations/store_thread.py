"""The one thread that owns the project file, and the two builders: `query` and `change`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes
from rpdr_desk.operations.one_thread import Failed, OneThread

if TYPE_CHECKING:
    from rpdr_core.store import Project

T = TypeVar("T")


class StoreThread(QObject):
    """Every change is announced by `changed`; a failure that nobody else takes goes to `trouble`."""

    changed = Signal(object)
    trouble = Signal(object)

    def __init__(self, project: Project, thread: OneThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._thread = thread

    def query(self, read: Callable[[Project], T], done: Callable[[T], None], failed: Failed | None = None) -> None:
        """Read in the store's thread; `done` gets the result in the window's thread."""
        self._thread.submit(lambda: read(self._project), done, failed or self._report)

    def change(
        self,
        write: Callable[[Project], Changes],
        done: Callable[[Changes], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Change in the store's thread. When it is committed: `done`, then `changed` for everybody."""

        def committed(changes: Changes) -> None:
            if done is not None:
                done(changes)
            self.changed.emit(changes)

        self._thread.submit(lambda: write(self._project), committed, failed or self._report)

    def close(self) -> None:
        """Wait for what is queued, then close the file."""
        self._thread.close(self._project.close)

    def _report(self, error: RpdrError) -> None:
        self.trouble.emit(error)
