"""Runs through an endpoint's batch interface, which outlive this program: what was handed in is remembered.

Before a batch is created, its run and its exact requests are written down; so one that is paid for is always found
again, by its id or, where that never arrived, by the run that it bears. Requests lie in the data folder, readable by
their owner alone, until their answers are stored.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError
from rpdr_core.paths import data_dir
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import (
    BatchByTeacher,
    BatchState,
    RankByTeacher,
    SendIntent,
    SendOutcome,
    SendPermit,
    TeacherAnswer,
    TeacherEvent,
)
from rpdr_core.records import Changes
from rpdr_core.store import Project, ProjectReader
from rpdr_core.workflow.profiles import Profile
from rpdr_core.workflow.sending import Gatekeeper, SendTerms
from rpdr_core.workflow.teaching import AnswerKeeper, OnProgress, TeachingReport, report_of

BATCHES = "teacher.batches"
POLL_SECONDS = 30.0
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that was, or may have been, created. `id` is empty while the endpoint's answer is not known."""

    run: str
    host: str
    model: str
    items: int
    id: str = ""


def open_batches(project: ProjectReader) -> tuple[OpenBatch, ...]:
    """Batches whose answers are not stored yet, oldest first."""
    stored = project.setting(BATCHES)
    return msgspec.json.decode(stored, type=tuple[OpenBatch, ...]) if stored else ()


class BatchKeeper:
    """The client's half of one conversation about one batch: permits, what is remembered, answers, the end.

    Used from the thread that owns the project. `gate` counts what left, `answers` what came of it.
    """

    def __init__(self, project: Project, terms: SendTerms, batch: OpenBatch) -> None:
        self._project, self._batch = project, batch
        self.gate = Gatekeeper(project, terms)
        self.answers = AnswerKeeper(project)

    def permit(self, intent: SendIntent) -> SendPermit:
        """As `Gatekeeper.permit`. A batch that may be created is written down before it may."""
        permit = self.gate.permit(intent)
        if permit.granted and intent.purpose == "batch.create":
            self._note()
        return permit

    def close(self, outcome: SendOutcome) -> Changes:
        return self.gate.close(outcome)

    def learn(self, state: BatchState) -> None:
        """The endpoint's name for the batch, as soon as it is known."""
        if state.id and state.id != self._batch.id:
            self._batch = replace(self._batch, id=state.id)
            self._note()

    def keep(self, answer: TeacherAnswer) -> None:
        """An answer out of the fetched batch: it was paid for by it, though the worker has it from its cache."""
        self.answers.keep(replace(answer, cached=False))

    def forget(self) -> None:
        """Its answers are stored, or there are none to come."""
        _save(self._project, tuple(one for one in open_batches(self._project) if one.run != self._batch.run))
        self.tidy()

    def tidy(self) -> None:
        """The written requests go with a batch that is not open, or never came to be."""
        if all(one.run != self._batch.run for one in open_batches(self._project)):
            _file(self._batch.run).unlink(missing_ok=True)

    def _note(self) -> None:
        others = tuple(one for one in open_batches(self._project) if one.run != self._batch.run)
        _save(self._project, (*others, self._batch))


def begin_batch(
    project: Project, params: RankByTeacher, terms: SendTerms, *, wait: bool = True, poll: float = POLL_SECONDS
) -> tuple[BatchKeeper, BatchByTeacher]:
    """What to ask `rank.teacher.batch` for a new batch of what was approved, and the keeper of what it says."""
    _remember(params)
    batch = OpenBatch(params.run, terms.profile.address.place, params.endpoint.model, len(params.items))
    return BatchKeeper(project, terms, batch), BatchByTeacher(params, wait=wait, poll=poll)


def reopen_batch(
    project: Project, open_: OpenBatch, key: str, terms: SendTerms, *, wait: bool = True, poll: float = POLL_SECONDS
) -> tuple[BatchKeeper, BatchByTeacher]:
    """The same for an open batch. One whose creation was never confirmed is looked for at the endpoint."""
    _check_place(open_, terms.profile)
    params = replace(_recall(open_.run), key=key, run=terms.run, endpoint=terms.profile.endpoint)
    return BatchKeeper(project, terms, open_), BatchByTeacher(
        params, open_.id, "" if open_.id else open_.run, wait, poll
    )


def stored_params(asked: BatchByTeacher) -> RankByTeacher:
    """What to ask `rank.teacher` when a batch has ended: rankings out of the worker's cache, nothing is sent."""
    return replace(asked.requests, cached_only=True, key="")


def has_ended(state: BatchState) -> bool:
    return state.status in _ENDED


def follow_batch(
    project: Project,
    worker: WorkerClient,
    terms: SendTerms,
    keeper: BatchKeeper,
    asked: BatchByTeacher,
    *,
    on_progress: OnProgress | None = None,
) -> TeachingReport:
    """Hold the conversation; where the batch has ended, store its answers."""

    def hear(event: TeacherEvent) -> None:
        if event.intent is not None:
            with suppress(NotFoundError):  # given up in the meantime: its outcome says so
                worker.call("rank.teacher.permit", keeper.permit(event.intent))
        elif event.outcome is not None:
            keeper.close(event.outcome)
        elif event.batch is not None:
            keeper.learn(event.batch)
        elif event.answer is not None:
            keeper.keep(event.answer)

    seconds, items = 0.0, len(asked.requests.items)
    try:
        state = worker.call("rank.teacher.batch", asked, on_partial=hear, on_progress=on_progress)
    except NotAllowedError:
        if not keeper.gate.stopped:
            raise
        return report_of(project, terms, keeper.gate, keeper.answers, items, seconds)
    finally:
        keeper.tidy()
    if has_ended(state):
        seconds = worker.call("rank.teacher", stored_params(asked), on_partial=hear).seconds
        keeper.forget()
    return report_of(project, terms, keeper.gate, keeper.answers, items, seconds)


def _save(project: Project, batches: tuple[OpenBatch, ...]) -> None:
    project.set_setting(BATCHES, msgspec.json.encode(batches).decode() if batches else "", action="batch")


def _check_place(open_: OpenBatch, profile: Profile) -> None:
    if (open_.host, open_.model) != (profile.address.place, profile.model):
        raise NotAllowedError(
            f"a batch is open for {open_.model} at {open_.host}", hint="fetch it with the profile that it was made with"
        )


def _file(run: str) -> Path:
    return data_dir() / "batches" / f"{run}.json"


def _remember(params: RankByTeacher) -> None:
    """On disk before anything is sent; without the key."""
    path = _file(params.run)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("wb") as stream:
        stream.write(msgspec.json.encode(replace(params, key="")))
        stream.flush()
        os.fsync(stream.fileno())


def _recall(run: str) -> RankByTeacher:
    path = _file(run)
    try:
        return msgspec.json.decode(path.read_bytes(), type=RankByTeacher)
    except FileNotFoundError as error:
        hint = "it was handed in from another machine: fetch it there"
        raise NotFoundError("the requests of an open batch are not on this machine", hint=hint) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedFileError("the requests of an open batch cannot be read", file=str(path)) from error
