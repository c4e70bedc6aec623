"""From the key to the history of the mention on screen, and from there to taking a propagation back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from rpdr_core.records import Changes, Ranking
from rpdr_desk.operations.history import Entry, History
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.review.history_dialog import HistoryDialog
from rpdr_desk.views.review.review_flow import ReviewFlow


class HistoryCourse(QObject):
    """`opened`: the dialog is on screen. `trouble`: something could not be read or revoked."""

    opened = Signal(object)
    trouble = Signal(object)

    def __init__(self, workspace: Workspace, flow: ReviewFlow, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._flow, self._over = workspace, flow, parent

    def open(self) -> None:
        mention = self._flow.mention
        if mention is not None:
            self._workspace.past.history(mention.id, self._show, self.trouble.emit)

    def _show(self, history: History | None) -> None:
        if history is None:
            return
        dialog = HistoryDialog(self._over, history, self._shown)
        dialog.revoke_asked.connect(self._revoke)
        dialog.open()
        self.opened.emit(dialog)

    def _shown(self, entry: Entry, done: Callable[[tuple[Ranking, ...]], None]) -> None:
        self._workspace.past.shown(entry.said, done, self.trouble.emit)

    def _revoke(self, origin_id: int) -> None:
        def done(changes: Changes) -> None:
            words = QCoreApplication.translate("history", "Revoked from %1. Undo brings it back.")
            announce(self._over, wording.fill(words, wording.mentions(len(changes.mention_ids))))

        self._workspace.identical.revoke(origin_id, done, self.trouble.emit)
