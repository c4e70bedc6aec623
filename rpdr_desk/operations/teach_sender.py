"""Sends a plan: makes its terms, starts the run, and says how it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.protocol.messages import RankByTeacher
from rpdr_desk.operations.teach_plan import dated
from rpdr_desk.operations.teach_planner import Ready
from rpdr_desk.operations.teach_run import Rooms, TeacherRun
from rpdr_desk.operations.teach_state import Choice, Money, Plan, Sending

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader
    from rpdr_core.workflow.sending import SendTerms

FOLLOW_MS = 60
"""Steps of a run that come faster than this are shown together."""


class Sender(QObject):
    """One run at a time. `changed`: `sending` is new."""

    changed = Signal()
    trouble = Signal(object)

    def __init__(self, rooms: Rooms, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rooms = rooms
        self._run: TeacherRun | None = None
        self._follow = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._follow.timeout.connect(self.changed)
        self.sending = Sending()

    def start(self, ready: Ready, plan: Plan, choice: Choice, host: str, key: str, actor: str) -> None:
        """Send what `plan` shows, under `choice`'s ceiling; without `to_send` only known answers are used."""
        from rpdr_core.workflow.sending import Ceiling, SendTerms
        from rpdr_core.workflow.teaching import new_run, send_params

        run, ceiling = new_run(), Ceiling(choice.most_money, choice.most_requests)
        terms = SendTerms(run, ready.asking.profile, ready.tariff, ceiling, actor, ready.prepared.masks)
        begun = _begun(ready, plan, choice, run, host)
        self._show(begun)

        def params(project: ProjectReader) -> RankByTeacher:
            made = send_params(project, ready.asking, ready.prepared, key, run, ready.preview.digest)
            return replace(made, cached_only=not plan.to_send)

        self._rooms.store.query(params, lambda made: self._begin(made, terms, begun), self._broke)

    def stop(self) -> None:
        if self._run is not None:
            self._run.stop()

    def clear(self) -> None:
        """The last run was looked at."""
        if not self.sending.running:
            self._show(Sending())

    def close(self) -> None:
        self._follow.stop()

    def _begin(self, params: RankByTeacher, terms: SendTerms, begun: Sending) -> None:
        self._run = TeacherRun(self._rooms, params, terms, begun, self._step)

    def _step(self, sending: Sending) -> None:
        if sending.state != self.sending.state:
            self._show(sending)
            return
        self.sending = sending
        if not self._follow.isActive():
            self._follow.start()

    def _show(self, sending: Sending) -> None:
        self._follow.stop()
        self.sending = sending
        self.changed.emit()

    def _broke(self, error: RpdrError) -> None:
        self._show(Sending())
        self.trouble.emit(error)


def _begun(ready: Ready, plan: Plan, choice: Choice, run: str, host: str) -> Sending:
    tariff = ready.tariff
    return Sending(
        run,
        host,
        ready.asking.profile.model,
        len(ready.prepared.items),
        requests=plan.requests,
        cost=Money(0.0 if tariff.known else None, tariff.currency or "USD", dated(tariff.version)),
        most_money=choice.most_money,
        most_requests=choice.most_requests,
        state="running",
    )
