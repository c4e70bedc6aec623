"""From the key to the history of the mention on screen, and from there to taking a propagation back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from rpdr_core.records import Changes, Ranking
from rpdr_desk.operations.history import Entry, History
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.review.history_dialog import HistoryDialog
from rpdr_desk.views.review.review_flow import ReviewFlow


class HistoryCourse(QObject):
    """`opened`: the dialog is on screen. `done` carries words on what was revoked; `trouble`: something could not be
    read or revoked.
    """

    opened = Signal(object)
    done = Signal(str)
    trouble = Signal(object)

    def __init__(self, workspace: Workspace, flow: ReviewFlow, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._flow, self._over = workspace, flow, parent

    def open(self) -> None:
        mention = self._flow.mention
        if mention is not None:
            self._workspace.past.history(mention.id, self._show, self.trouble.emit)

    def revoke_here(self) -> None:
        """Take back everything that was carried over from the decision on screen, or together with it."""
        mention = self._flow.mention
        if mention is not None:
            self._workspace.past.history(mention.id, self._revoke_newest, self.trouble.emit)

    def _revoke_newest(self, history: History | None) -> None:
        entries = history.entries if history is not None else ()
        carried = next((entry.carried_id for entry in entries if entry.carried), 0)
        if carried:
            self._revoke(carried)
        else:
            self._say(
                QCoreApplication.translate("history", "Nothing was carried over from a decision on this mention.")
            )

    def _show(self, history: History | None) -> None:
        if history is None or QApplication.activeModalWidget() is not None:
            return
        dialog = HistoryDialog(self._over, history, self._shown)
        dialog.revoke_asked.connect(self._revoke)
        dialog.open()
        self.opened.emit(dialog)

    def _shown(self, entry: Entry, done: Callable[[tuple[Ranking, ...]], None]) -> None:
        self._workspace.past.shown(entry.said, done, self.trouble.emit)

    def _revoke(self, origin_id: int) -> None:
        def done(changes: Changes) -> None:
            self._flow.met_again(changes.mention_ids)
            words = QCoreApplication.translate("history", "Revoked from %1. Undo brings it back.")
            self._say(wording.fill(words, wording.mentions(len(changes.mention_ids))))

        self._workspace.identical.revoke(origin_id, done, self.trouble.emit)

    def _say(self, words: str) -> None:
        self.done.emit(words)
        announce(self._over, words)
