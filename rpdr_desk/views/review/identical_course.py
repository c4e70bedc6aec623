"""After a decision: are there identical mentions? They are offered in a line; the dialog opens only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, Mention, NewDecision
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.operations.eyes import ANSWERS
from rpdr_desk.operations.identical import Offer
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.review import identical_words
from rpdr_desk.views.review.aftermath import Aftermath
from rpdr_desk.views.review.identical_dialog import IdenticalDialog
from rpdr_desk.views.review.review_flow import ReviewFlow

if TYPE_CHECKING:
    from rpdr_desk.operations.identical import Preview

PAUSE_MS = 350
"""A reviewer who decides faster than this is not told in between."""


class IdenticalCourse(QObject):
    """`trouble`: nothing was carried over, and why. `opened`: the dialog is on screen."""

    trouble = Signal(object)
    opened = Signal(object)

    def __init__(
        self, workspace: Workspace, flow: ReviewFlow, queue: QueueModel, line: Aftermath, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._workspace, self._flow, self._queue, self._line, self._over = workspace, flow, queue, line, parent
        self._last, self._route = 0, ""
        self._later = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._later.timeout.connect(self._ask)
        flow.committed.connect(self._decided)
        flow.mention_changed.connect(self._moved)
        flow.replayed.connect(self._replayed)

    def open(self) -> None:
        """Preview the decision on the mention on screen; where there is none yet, the one that was made last."""
        here = self._flow.mention
        about = here.id if here is not None and (self._decided_here() or not self._last) else self._last
        if about:
            identical = self._workspace.identical
            self._queue.when_whole(lambda ids: identical.preview(about, ids, self._show, self.trouble.emit))

    def _decided_here(self) -> bool:
        sight = self._flow.sight
        return sight is not None and sight.decision is not None and sight.decision.kind in ANSWERS

    def _replayed(self, changes: Changes) -> None:
        """In sight what a screen reader is told: which mention stands as before."""
        self.forget()
        count, here = len(changes.mention_ids), self._flow.mention
        if count:
            what = f"“{here.text}”" if count == 1 and here is not None else wording.mentions(count)
            self._line.note(wording.fill(QCoreApplication.translate("Telling", "%1: as it was"), what))

    def _moved(self, _mention: Mention | None) -> None:
        """On a mention that is decided already the key means that decision: an offer of another one would mislead."""
        if self._decided_here():
            self.forget()

    def _decided(self, mention: Mention, decision: NewDecision) -> None:
        self.forget()
        if decision.kind == "no_match":
            words = QCoreApplication.translate("IdenticalCourse", "“%1”: goes into the no-match report, %2.")
            self._route = wording.fill(words, mention.text, wording.route_text(decision.reason))
            self._line.note(self._route)
        if decision.kind in ANSWERS:
            self._last = mention.id
            self._later.start()

    def _ask(self) -> None:
        last = self._last
        self._queue.when_whole(lambda ids: self._workspace.identical.offer(last, ids, self._tell))

    def _tell(self, offer: Offer | None) -> None:
        if offer is None or offer.mention.id != self._last:
            return
        say = QCoreApplication.translate
        one = say("IdenticalCourse", "1 more undecided mention in this list reads “%2”.")
        more = say("IdenticalCourse", "%1 more undecided mentions in this list read “%2”.")
        words = wording.fill(one if offer.undecided == 1 else more, wording.number(offer.undecided), offer.mention.text)
        what = offer.decision.code or wording.kind_text("no_match")
        label = wording.fill(say("IdenticalCourse", "Apply %1 ..."), what)
        self._line.offer(label, "   ".join(part for part in (self._route, words) if part))

    def forget(self) -> None:
        """The last decision is not offered to anybody any more."""
        self._later.stop()
        self._last, self._route = 0, ""
        self._line.clear()

    def _show(self, preview: Preview) -> None:
        if QApplication.activeModalWidget() is not None:
            return  # asked for twice, or something else was asked for meanwhile
        if not preview.count:
            words = QCoreApplication.translate("IdenticalCourse", "No other mention in this list reads “%1”.")
            none = wording.fill(words, preview.origin.text)
            said = "   ".join(part for part in (none, identical_words.left_out(preview)) if part)
            self._line.note(said)
            announce(self._over, said)
            return
        dialog = IdenticalDialog(self._over, preview)
        dialog.applied.connect(lambda ids: self._apply(preview, ids))
        dialog.open()
        self.opened.emit(dialog)

    def _apply(self, preview: Preview, ids: tuple[int, ...]) -> None:
        def done(changes: Changes) -> None:
            self._flow.dealt_with(changes.mention_ids)
            self.forget()
            words = QCoreApplication.translate("IdenticalCourse", "Applied %1 to %2. Undo takes all of it back.")
            count = wording.mentions(len(changes.mention_ids))
            said = wording.fill(words, preview.decision.code or wording.kind_text("no_match"), count)
            self._line.note(said)
            announce(self._over, said)

        def failed(error: RpdrError) -> None:
            self.trouble.emit(error)

        self._workspace.identical.apply(preview, ids, done, failed)
