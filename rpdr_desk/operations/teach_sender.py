"""Sends a plan: makes its terms, starts the run, and says how it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.errors import NotFoundError
from rpdr_desk.operations.agreement import host_shown
from rpdr_desk.operations.teach_door import Opened, Rooms
from rpdr_desk.operations.teach_plan import dated
from rpdr_desk.operations.teach_planner import Ready
from rpdr_desk.operations.teach_run import TeacherRun
from rpdr_desk.operations.teach_state import Choice, Money, Plan, Sending, WaitingBatch

if TYPE_CHECKING:
    from rpdr_core.store import Project
    from rpdr_core.workflow.prices import Tariff
    from rpdr_core.workflow.profiles import Profile
    from rpdr_core.workflow.sending import SendTerms

POLL_SECONDS = 30.0
"""Between two looks at a batch."""
FOLLOW_MS = 60
"""Steps of a run that come faster than this are shown together."""


class Sender(QObject):
    """One run at a time. `changed`: `sending` is new."""

    changed = Signal()

    def __init__(self, rooms: Rooms, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rooms = rooms
        self._run: TeacherRun | None = None
        self._follow = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._follow.timeout.connect(self.changed)
        self.sending = Sending()
        self.poll = POLL_SECONDS

    def start(self, ready: Ready, plan: Plan, choice: Choice, host: str, key: str, actor: str) -> None:
        """Send what `plan` shows, under `choice`'s ceiling; without `to_send` only known answers are used."""
        from rpdr_core.workflow.batches import begin_batch
        from rpdr_core.workflow.sending import Ceiling, Gatekeeper, SendTerms
        from rpdr_core.workflow.teaching import new_run, send_params

        run, ceiling = new_run(), Ceiling(choice.most_money, choice.most_requests)
        batch = choice.batch and bool(plan.to_send)
        made = ready.prepared
        terms = SendTerms(
            run, ready.asking.profile, ready.tariff, ceiling, actor, made.masks, batch, made.width, made.names
        )

        def open_(project: Project) -> Opened:
            params = send_params(project, ready.asking, made, key, run, ready.preview.digest)
            if batch:
                keeper, asked = begin_batch(project, params, terms, poll=self.poll)
                return Opened(keeper.gate, params, keeper, asked)
            return Opened(Gatekeeper(project, terms), replace(params, cached_only=not plan.to_send))

        begun = _begun(terms, host, len(made.items), plan.requests)
        self._begin(open_, terms, replace(begun, batch="validating" if batch else ""))

    def fetch(self, profile: Profile, waiting: WaitingBatch, tariff: Tariff, key: str, actor: str) -> None:
        """Go on with a batch that was handed in before. It was paid for then: no ceiling holds it back."""
        from rpdr_core.workflow.batches import open_batches, reopen_batch
        from rpdr_core.workflow.sending import Ceiling, SendTerms
        from rpdr_core.workflow.teaching import new_run

        terms = SendTerms(new_run(), profile, tariff, Ceiling(), actor, batch=True)

        def open_(project: Project) -> Opened:
            found = next((one for one in open_batches(project) if one.run == waiting.run), None)
            if found is None:
                raise NotFoundError("that batch is not open any more", hint="its answers are stored")
            keeper, asked = reopen_batch(project, found, key, terms, poll=self.poll)
            return Opened(keeper.gate, asked.requests, keeper, asked)

        begun = _begun(terms, host_shown(waiting.host), waiting.mentions, waiting.mentions)
        self._begin(open_, terms, replace(begun, batch="in_progress"))

    def stop(self) -> None:
        if self._run is not None:
            self._run.stop()

    def clear(self) -> None:
        """The last run was looked at."""
        if not self.sending.running:
            self._show(Sending())

    def close(self) -> None:
        self._follow.stop()

    def _begin(self, open_: Callable[[Project], Opened], terms: SendTerms, begun: Sending) -> None:
        self._show(begun)
        self._run = TeacherRun(self._rooms, open_, terms, begun, self._step)

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


def _begun(terms: SendTerms, host: str, mentions: int, requests: int) -> Sending:
    tariff = terms.tariff
    return Sending(
        terms.run,
        host,
        terms.profile.model,
        mentions,
        requests=requests,
        cost=Money(0.0 if tariff.known else None, tariff.currency or "USD", dated(tariff.version)),
        most_money=terms.ceiling.cost,
        most_requests=terms.ceiling.requests,
        state="running",
    )
