"""One run of requests to the teacher, from the first permit to the last fate.

The worker announces each request and waits. Its ledger row is committed in the store's thread, and only then the permit
goes out. Stopping refuses further permits, so that what is on its way still arrives and is kept.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.protocol.messages import (
    BatchState,
    SendIntent,
    SendOutcome,
    SendPermit,
    TeacherAnswer,
    TeacherEvent,
)
from rpdr_core.records import Changes
from rpdr_desk.operations.teach_door import Opened, Rooms
from rpdr_desk.operations.teach_plan import dated
from rpdr_desk.operations.teach_state import Count, Money, Sending

if TYPE_CHECKING:
    from rpdr_core.store import Project, Spent
    from rpdr_core.workflow.sending import SendTerms

_LOG = logging.getLogger(__name__)
STOPPED = "stopped by you"


class TeacherRun:
    """Starts at once: `open_` makes the gate in the store's thread. `changed` is called with the state after every
    step; the last state is not running.
    """

    def __init__(
        self,
        rooms: Rooms,
        open_: Callable[[Project], Opened],
        terms: SendTerms,
        begun: Sending,
        changed: Callable[[Sending], None],
    ) -> None:
        self._store, self._worker, self._jobs = rooms.store, rooms.worker, rooms.jobs
        self._terms, self._changed = terms, changed
        self._opened: Opened | None = None
        self._classes: Counter[str] = Counter()
        self._began = time.monotonic()
        self._request = 0
        self._bought: set[int] = set()
        self.state = begun
        self._job = rooms.jobs.start("teacher", total=begun.mentions, cancel=self.stop)
        rooms.store.query(open_, self._begin, self._fail)

    def stop(self) -> None:
        """Send no more, and keep what is on its way. Asked for again: wait for that no longer."""
        if self.state.state == "running":
            self._put(state="stopping")
        elif self.state.state == "stopping" and self._request:
            self._worker.cancel(self._request)

    def _begin(self, opened: Opened) -> None:
        self._opened = opened
        if opened.batch is None:
            self._ask("rank.teacher", opened.params, lambda _done: self._settle(None))
        else:
            self._ask("rank.teacher.batch", opened.batch, self._batch_seen)

    def _ask(self, method: str, params: object, done: Callable[[Any], None]) -> None:
        self._request = self._worker.request(method, params, done=done, failed=self._settle, partial=self._hear)

    # What the worker says

    def _hear(self, event: TeacherEvent) -> None:
        if event.intent is not None:
            self._permit(event.intent)
        elif event.outcome is not None:
            self._close(event.outcome)
        elif event.answer is not None:
            self._keep(event.answer)
        elif event.batch is not None:
            self._learn(event.batch)

    def _permit(self, intent: SendIntent) -> None:
        if self.state.state != "running":
            self._answer(SendPermit(self._terms.run, intent.number, False, STOPPED))
            return
        gate = self._there().gate

        def decided(permit: SendPermit) -> None:
            if permit.granted:
                self._put(sent=self.state.sent + 1, on_the_way=self.state.on_the_way + 1)
            self._answer(permit)

        def broken(error: RpdrError) -> None:
            # Without its row nothing leaves.
            self._answer(SendPermit(self._terms.run, intent.number, False, error.message))

        self._store.query(lambda _project: gate.permit(intent), decided, broken)

    def _answer(self, permit: SendPermit) -> None:
        def unheard(error: RpdrError) -> None:
            _LOG.info("permit %d of a teacher's run came too late: %s", permit.number, error.code)

        self._worker.request("rank.teacher.permit", permit, done=lambda _done: None, failed=unheard)

    def _close(self, outcome: SendOutcome) -> None:
        opened = self._there()

        def close(_project: Project) -> Changes:
            changes = opened.gate.close(outcome)
            # It was refused, and has no row: nothing changed.
            known.append((bool(changes.kinds), opened.gatekeeper.cost))
            return changes

        known: list[tuple[bool, float]] = []

        def closed(_changes: Changes) -> None:
            had_row, cost = known[0]
            if not had_row:
                return
            now = self.state
            failed = outcome.fate in ("refused", "no_answer", "unreached")
            self._put(
                sent=now.sent - (outcome.fate == "not_sent"),
                on_the_way=max(0, now.on_the_way - 1),
                failed=now.failed + failed,
                answered=now.answered + (outcome.fate == "answered"),
                tokens_in=now.tokens_in + (outcome.prompt_tokens or 0),
                tokens_out=now.tokens_out + (outcome.completion_tokens or 0),
                cost=replace(now.cost, amount=cost if self._terms.tariff.known else None),
            )

        self._store.change(close, closed)

    def _keep(self, answer: TeacherAnswer) -> None:
        """An answer without a ranking is no label: it is counted, not stored."""
        ranking, opened = answer.ranking, self._there()
        # A batch's answers were paid for by it, though the worker has them from its cache.
        cached = answer.cached and opened.batch is None
        self._classes[answer.answer_class] += 1
        if ranking is not None:
            if not cached:
                self._bought.add(answer.mention_id)
            self._store.change(lambda project: project.record_rankings([ranking]))
        now = self.state
        self._put(
            cached=now.cached + cached * opened.params.orders,
            rankings=now.rankings + (ranking is not None),
            mentions_done=now.mentions_done + 1,
            classes=_counts(self._classes),
        )
        self._jobs.progress(self._job, self.state.mentions_done, self.state.mentions)

    def _learn(self, batch: BatchState) -> None:
        self._put(batch=batch.status, batch_done=batch.answered + batch.failed)

        def learn(_project: Project) -> None:
            keeper = self._there().keeper
            if keeper is not None:
                keeper.learn(batch)

        self._store.query(learn, lambda _done: None)

    # The end

    def _batch_seen(self, batch: BatchState) -> None:
        """A batch that has ended gives its answers; another one is looked at later."""
        from rpdr_core.workflow.batches import has_ended, stored_params

        asked = self._there().batch
        if asked is not None and has_ended(batch):
            self._ask("rank.teacher", stored_params(asked), lambda _done: self._settle(None, fetched=True))
        else:
            self._settle(None)

    def _settle(self, error: RpdrError | None, *, fetched: bool = False) -> None:
        """The request is over; the rows that are still being written come first."""

        def read(project: Project) -> Spent:
            keeper = self._there().keeper
            if keeper is not None:
                (keeper.forget if fetched else keeper.tidy)()
            return project.spent(self._terms.run)

        self._store.query(read, lambda spent: self._end(error, spent), self._fail)

    def _end(self, error: RpdrError | None, spent: Spent) -> None:
        reason = self._there().gatekeeper.stopped or (STOPPED if self.state.state == "stopping" else "")
        if isinstance(error, Cancelled) and not reason:
            reason = STOPPED
        tariff = self._terms.tariff
        per_thousand = 1000 * spent.cost / len(self._bought) if self._bought and tariff.known else None
        self._put(
            state="done" if error is None else "stopped" if reason else "failed",
            message=reason if error is not None and reason else str(error) if error is not None else "",
            by_user=reason == STOPPED,
            on_the_way=0,
            maybe=spent.maybe_sent,
            cost=Money(spent.cost if tariff.known else None, tariff.currency or "USD", dated(tariff.version)),
            per_thousand=per_thousand,
        )
        if error is None:
            self._jobs.finish(self._job)
        else:
            self._jobs.fail(self._job, Cancelled(reason) if reason == STOPPED else error)

    def _fail(self, error: RpdrError) -> None:
        self._put(state="failed", message=str(error), on_the_way=0)
        self._jobs.fail(self._job, error)

    def _there(self) -> Opened:
        # The worker is asked only after the gate was made.
        assert self._opened is not None
        return self._opened

    def _put(self, **values: object) -> None:
        self.state = replace(self.state, **values, seconds=time.monotonic() - self._began)  # type: ignore[arg-type]
        self._changed(self.state)


def _counts(classes: Counter[str]) -> tuple[Count, ...]:
    """As asked first, then the most frequent."""
    ordered = sorted(classes.items(), key=lambda pair: (pair[0] != "ok", -pair[1], pair[0]))
    return tuple(Count(name, number) for name, number in ordered)
