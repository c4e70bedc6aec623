"""A run through the endpoint's batch interface: upload, create, look again, fetch the answers into the cache.

Slower (up to a day) and, where the vendor says so, half the price. Every HTTP request, also one that only looks,
leaves through the same door with its own permit. A batch that was made for a run bears the run's id, so that one
whose creation was not confirmed can be found and is not paid for twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from rpdr_core.errors import EndpointError
from rpdr_core.prompting.template import load_template
from rpdr_core.protocol.messages import (
    BatchByTeacher,
    BatchState,
    BatchStatus,
    RankByTeacher,
    SendIntent,
    SentLine,
    TeacherEvent,
)
from rpdr_core.teacher_switch import refuse_if_off
from rpdr_worker.job import Job
from rpdr_worker.ranking.answer_cache import AnswerCache
from rpdr_worker.ranking.batch_lines import ENDPOINT, answers_in, batch_file, multipart
from rpdr_worker.ranking.outgoing import Outgoing
from rpdr_worker.ranking.pacing import Pace, rest
from rpdr_worker.ranking.permits import Permits
from rpdr_worker.ranking.teacher_request import LONGEST_ANSWER, Question, bodies_of, check_approved, every_question

_T = TypeVar("_T")
_TAG = "rpdr_run"
_PAGE = 100
_LONGEST_POLL = 300.0
_ENDED: frozenset[BatchStatus] = frozenset({"completed", "failed", "expired", "cancelled"})


class _Uploaded(msgspec.Struct, frozen=True):
    id: str


class _Counts(msgspec.Struct, frozen=True):
    total: int = 0
    completed: int = 0
    failed: int = 0


class _Batch(msgspec.Struct, frozen=True):
    id: str
    status: str
    output_file_id: str | None = None
    request_counts: _Counts | None = None
    metadata: dict[str, str] | None = None

    def state(self) -> BatchState:
        counts = self.request_counts or _Counts()
        return BatchState(self.id, _status(self.status), counts.total, counts.completed, counts.failed)


class _Listed(msgspec.Struct, frozen=True):
    data: tuple[_Batch, ...] = ()


def batch(params: BatchByTeacher, job: Job, permits: Permits, pace: Pace | None = None) -> BatchState:
    """Follow a batch to its end, after making or finding it. Its answers are in the cache when this returns.

    Progress: lines answered. Raises `EndpointError` when the endpoint refuses; a state without an id means that there
    was nothing to send, or nothing to find.
    """
    refuse_if_off()
    asked = params.requests
    outgoing = Outgoing(asked.endpoint, asked.key, asked.run, job, permits, pace)
    try:
        return _Batches(outgoing, AnswerCache(), job).follow(params)
    finally:
        outgoing.close()


@dataclass(frozen=True, slots=True)
class _Batches:
    outgoing: Outgoing
    cache: AnswerCache
    job: Job

    def follow(self, params: BatchByTeacher) -> BatchState:
        found = self._begin(params)
        if found is None:
            return BatchState("", "completed")
        self.job.partial(TeacherEvent(batch=found.state()))
        pause = params.poll
        while found.state().status not in _ENDED and params.wait:
            rest(pause, self.job.check)
            pause = min(pause * 1.5, max(params.poll, _LONGEST_POLL))
            found = self._look(found.id)
            state = found.state()
            self.job.partial(TeacherEvent(batch=state))
            self.job.progress(state.answered + state.failed, state.lines)
        if found.output_file_id and found.state().status in _ENDED:
            self._fetch(found.output_file_id)
        return found.state()

    def _begin(self, params: BatchByTeacher) -> _Batch | None:
        if params.batch:
            return self._look(params.batch)
        return self._find(params.find) if params.find else self._make(params.requests)

    def _make(self, params: RankByTeacher) -> _Batch | None:
        template = load_template(params.template)
        check_approved(params, template)
        new = [one for one in every_question(params, template) if not self._known(one)]
        if not new:
            return None
        uploaded = self._upload(params.run, new)
        self.job.check()
        body = {
            "input_file_id": uploaded.id,
            "endpoint": ENDPOINT,
            "completion_window": "24h",
            "metadata": {_TAG: params.run},
        }
        tokens = sum(one.request.tokens for one in new)
        intent = replace(_at_most(new), purpose="batch.create", tokens=tokens)
        errand = self.outgoing.errand("POST", "/batches", intent, msgspec.json.encode(body), attempts=1)
        return _decode(self.outgoing.fetch(errand).body, _Batch)

    def _known(self, question: Question) -> bool:
        """As a preview counts them: an answer to the fallback is an answer."""
        return any(self.cache.find(request.key) is not None for request in bodies_of(question))

    def _upload(self, run: str, new: Sequence[Question]) -> _Uploaded:
        lines = tuple(
            SentLine(one.item.mention.id, one.order, one.request.sha256, len(one.request.body)) for one in new
        )
        content, kind = multipart(batch_file([one.request for one in new]), f"rpdr-{run}")
        # What the batch may cost is told before its text leaves: a ceiling should not refuse it afterwards.
        intent = replace(_at_most(new), lines=lines)
        answer = self.outgoing.fetch(self.outgoing.errand("POST", "/files", intent, content, kind))
        return _decode(answer.body, _Uploaded)

    def _find(self, run: str) -> _Batch | None:
        intent = SendIntent(0, "batch.find", "", "", "", 0)
        listed = self.outgoing.fetch(self.outgoing.errand("GET", f"/batches?limit={_PAGE}", intent)).body
        return next((one for one in _decode(listed, _Listed).data if (one.metadata or {}).get(_TAG) == run), None)

    def _look(self, id: str) -> _Batch:
        intent = SendIntent(0, "batch.poll", "", "", "", 0)
        return _decode(self.outgoing.fetch(self.outgoing.errand("GET", f"/batches/{id}", intent)).body, _Batch)

    def _fetch(self, file: str) -> None:
        intent = SendIntent(0, "batch.fetch", "", "", "", 0)
        content = self.outgoing.fetch(self.outgoing.errand("GET", f"/files/{file}/content", intent)).body
        for answered in answers_in(content):
            self.cache.keep(answered.key, answered.reply)


def _at_most(new: Sequence[Question]) -> SendIntent:
    """An upload's intent, with what its requests may come to."""
    sent, answered = sum(len(one.request.body) for one in new), LONGEST_ANSWER * len(new)
    return SendIntent(0, "batch.upload", "", "", "", 0, most_tokens=sent, most_answer_tokens=answered)


def _status(word: str) -> BatchStatus:
    known: dict[str, BatchStatus] = {
        "validating": "validating",
        "finalizing": "finalizing",
        "completed": "completed",
        "failed": "failed",
        "expired": "expired",
        "cancelled": "cancelled",
        "cancelling": "in_progress",
    }
    return known.get(word, "in_progress")


def _decode(content: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        hint = "check the endpoint's address, and that it takes batches"
        raise EndpointError("the server's answer is none of the batch interface", hint=hint) from error
