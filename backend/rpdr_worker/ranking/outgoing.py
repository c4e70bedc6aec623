"""The one door through which a run's requests leave: announce, wait for the permit, send, tell the fate. No exceptions.

A request is announced with the hash of its body; the client writes its ledger row and answers with a permit. Every
attempt is a request of its own. The library's retries are off.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from rpdr_core.errors import NotAllowedError
from rpdr_core.protocol.messages import Endpoint, Purpose, SendIntent, SendOutcome, TeacherEvent
from rpdr_worker.job import Job
from rpdr_worker.ranking.batch_lines import usage_of_lines
from rpdr_worker.ranking.connection import JSON, Connection, Exchange
from rpdr_worker.ranking.pacing import Bucket, Pace, rest
from rpdr_worker.ranking.permits import Permits
from rpdr_worker.ranking.reply import Failure, Reply, Usage, failure_of, read_reply, usage_of
from rpdr_worker.ranking.teacher_request import LONGEST_ANSWER, Question, TeacherRequest

SENDS = 4
CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Errand:
    """A request to make: where, what, and what the ledger will say of it (its number and attempt come later)."""

    method: Literal["GET", "POST"]
    path: str
    body: bytes
    intent: SendIntent
    content_type: str = JSON
    attempts: int = SENDS


class Outgoing:
    """The door of one run. Thread-safe. `sends` counts every request that was let out."""

    def __init__(
        self, endpoint: Endpoint, key: str, run: str, job: Job, permits: Permits, pace: Pace | None = None
    ) -> None:
        self._endpoint, self._run, self._job, self._permits = endpoint, run, job, permits
        self._pace = pace or Pace()
        self._connection = Connection(endpoint, key)
        self._bucket = Bucket(endpoint.requests_per_minute, endpoint.tokens_per_minute)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._plain = False
        self._over = self._closed = False
        self._on_their_way = 0
        self.sends = 0

    def finish(self) -> None:
        """Let out no more; what is on its way arrives."""
        self._over = True

    def close(self) -> None:
        """As `finish`. The connection goes with the last answer on its way: that is paid for, and kept."""
        self.finish()
        with self._lock:
            self._closed = True
            idle = not self._on_their_way
        if idle:
            self._connection.close()

    def ask(self, question: Question, keep: Callable[[TeacherRequest, Reply], None]) -> Reply:
        """Send one question until there is an answer, at most `SENDS` times; `keep` hears of it before the ledger does.

        Raises `EndpointError` with its cure, `NotAllowedError` when the client refuses the permit.
        """
        if question.fallback is not None and self._plain:
            return self._ask(question.fallback, question, keep, None)
        return self._ask(question.request, question, keep, question.fallback)

    def _ask(
        self,
        request: TeacherRequest,
        question: Question,
        keep: Callable[[TeacherRequest, Reply], None],
        fallback: TeacherRequest | None,
    ) -> Reply:
        kept: list[Reply] = []

        def read(exchange: Exchange) -> Failure | None:
            found = read_reply(exchange)
            if isinstance(found, Failure):
                return replace(found, retried=False) if found.form and fallback is not None else found
            keep(request, found)
            kept.append(found)
            return None

        errand = Errand("POST", CHAT, request.body, self._intent_of(request, question))
        failure = self._until_done(errand, read)
        if kept:
            return kept[0]
        assert failure is not None
        if failure.form and fallback is not None:
            # The answer format is the likely reason. Without it from now on; the fallback was shown as well.
            self._plain = True
            return self._ask(fallback, question, keep, None)
        raise failure.error(1)

    def fetch(self, errand: Errand) -> Exchange:
        """Make a request that is no question. Raises `EndpointError` unless its answer is a success."""
        last: list[Exchange] = []

        def read(exchange: Exchange) -> Failure | None:
            last.append(exchange)
            return failure_of(exchange)

        failure = self._until_done(errand, read)
        if failure is not None:
            raise failure.error(1)
        return last[-1]

    def errand(
        self,
        method: Literal["GET", "POST"],
        path: str,
        intent: SendIntent,
        body: bytes = b"",
        content_type: str = JSON,
        attempts: int = SENDS,
    ) -> Errand:
        """An errand whose intent says what the body is."""
        told = replace(
            intent,
            host=self._connection.address.place,
            model=self._endpoint.model,
            sha256=hashlib.sha256(body).hexdigest(),
            bytes=len(body),
        )
        return Errand(method, path, body, told, content_type, attempts)

    def _intent_of(self, request: TeacherRequest, question: Question) -> SendIntent:
        return SendIntent(
            number=0,
            purpose="rank",
            host=self._connection.address.place,
            model=self._endpoint.model,
            sha256=request.sha256,
            bytes=len(request.body),
            mention_id=question.item.mention.id,
            order=question.order,
            tokens=request.tokens,
            most_tokens=len(request.body),
            most_answer_tokens=LONGEST_ANSWER,
        )

    def _until_done(self, errand: Errand, read: Callable[[Exchange], Failure | None]) -> Failure | None:
        """Send until `read` is content. Returns a failure that no further attempt helps, raises at the last attempt."""
        for attempt in range(1, errand.attempts + 1):
            self._check()
            self._bucket.take(errand.intent.tokens, self._check)
            failure = self._once(replace(errand, intent=replace(errand.intent, attempt=attempt)), read)
            if failure is None:
                return None
            if not failure.retried:
                return failure
            if attempt == errand.attempts:
                raise failure.error(attempt)
            self._pause(attempt, failure)
        raise AssertionError("unreachable")

    def _once(self, errand: Errand, read: Callable[[Exchange], Failure | None]) -> Failure | None:
        with self._lock:
            number = next(self._numbers)
        self._wait_for_permit(replace(errand.intent, number=number))
        began = time.monotonic()
        try:
            exchange = self._connection.exchange(errand.method, errand.path, errand.body, errand.content_type)
            failure = read(exchange)
        except BaseException:
            # Whatever happened, it may have left.
            self._tell(SendOutcome(number, "no_answer", seconds=time.monotonic() - began))
            raise
        finally:
            self._arrived()
        usage = _usage(errand.intent.purpose, exchange)
        self._tell(
            SendOutcome(
                number,
                exchange.fate,
                exchange.status,
                exchange.request_id,
                usage.prompt_tokens,
                usage.completion_tokens,
                time.monotonic() - began,
            )
        )
        return failure

    def _wait_for_permit(self, intent: SendIntent) -> None:
        with self._permits.slot(self._run, intent.number) as slot:
            self._job.partial(TeacherEvent(intent=intent))
            try:
                permit = slot.wait(self._check, self._pace.permit)
                if permit is not None and permit.granted:
                    self._leave()
            except BaseException:
                self._tell(SendOutcome(intent.number, "not_sent"))
                raise
        if permit is None:
            self._tell(SendOutcome(intent.number, "not_sent"))
            raise NotAllowedError("nobody permitted the request", hint="the client has to answer rank.teacher.permit")
        if not permit.granted:
            raise NotAllowedError(permit.reason or "the request was not permitted")

    def _check(self) -> None:
        self._job.check()
        if self._over:
            raise NotAllowedError("the run has ended")

    def _leave(self) -> None:
        """The last moment to stay here. From now on the connection is held open."""
        with self._lock:
            self._check()
            self._on_their_way += 1
            self.sends += 1

    def _arrived(self) -> None:
        with self._lock:
            self._on_their_way -= 1
            last = self._closed and not self._on_their_way
        if last:
            self._connection.close()

    def _tell(self, outcome: SendOutcome) -> None:
        self._job.partial(TeacherEvent(outcome=outcome))

    def _pause(self, attempt: int, failure: Failure) -> None:
        if failure.retry_after is None:
            rest(self._pace.back_off(attempt), self._check)
            return
        if failure.retry_after > self._pace.retry_after:
            wait = f"{failure.retry_after / 60:.0f} minutes" if failure.retry_after >= 90 else "a while"
            raise replace(failure, hint=f"the server asks to wait {wait}; run it again then").error(attempt)
        # Everybody waits: the limit is the account's, not this request's. A little more, so that not all come at once.
        self._bucket.hold(failure.retry_after)
        rest(failure.retry_after + self._pace.back_off(1), self._check)


def _usage(purpose: Purpose, exchange: Exchange) -> Usage:
    """What the endpoint bills for, as far as this answer says so."""
    if exchange.fate != "answered":
        return Usage()
    if purpose == "rank":
        return usage_of(exchange.body)
    return usage_of_lines(exchange.body) if purpose == "batch.fetch" else Usage()
