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
from rpdr_core.protocol.messages import BatchByTeacher, BatchState, RankByTeacher, TeacherEvent
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


def submit_batch(
    project: Project,
    worker: WorkerClient,
    params: RankByTeacher,
    terms: SendTerms,
    *,
    wait: bool = True,
    poll: float = POLL_SECONDS,
    on_progress: OnProgress | None = None,
) -> TeachingReport:
    """Upload and create a batch of what was approved; with `wait`, follow it to its end and store the answers."""
    address = terms.profile.address
    new = OpenBatch(params.run, address.place, params.endpoint.model, len(params.items))
    _remember(params)
    session = _Session(project, worker, terms, new)
    asked = BatchByTeacher(params, wait=wait, poll=poll)
    return session.follow(asked, on_progress)


def resume_batch(
    project: Project,
    worker: WorkerClient,
    open_: OpenBatch,
    key: str,
    terms: SendTerms,
    *,
    wait: bool = True,
    poll: float = POLL_SECONDS,
    on_progress: OnProgress | None = None,
) -> TeachingReport:
    """Follow an open batch. One whose creation was never confirmed is looked for, and forgotten if it is not there."""
    _check_place(open_, terms.profile)
    stored = _recall(open_.run)
    params = replace(stored, key=key, run=terms.run, endpoint=terms.profile.endpoint)
    session = _Session(project, worker, terms, open_)
    asked = BatchByTeacher(params, open_.id, "" if open_.id else open_.run, wait, poll)
    return session.follow(asked, on_progress)


class _Session:
    """One conversation about one batch."""

    def __init__(self, project: Project, worker: WorkerClient, terms: SendTerms, batch: OpenBatch) -> None:
        self._project, self._worker, self._terms, self._batch = project, worker, terms, batch
        self._gate = Gatekeeper(project, terms)
        self._keeper = AnswerKeeper(project)

    def follow(self, asked: BatchByTeacher, on_progress: OnProgress | None) -> TeachingReport:
        try:
            state = self._worker.call("rank.teacher.batch", asked, on_partial=self._hear, on_progress=on_progress)
        except NotAllowedError:
            if not self._gate.stopped:
                raise
            state = BatchState("", "failed")
        seconds = 0.0
        if state.status in _ENDED and not self._gate.stopped:
            seconds = self._store(asked.requests)
            self._forget()
        return report_of(self._project, self._terms, self._gate, self._keeper, self._batch.items, seconds)

    def _hear(self, event: TeacherEvent) -> None:
        if event.intent is not None:
            permit = self._gate.permit(event.intent)
            if permit.granted and event.intent.purpose == "batch.create":
                self._note(self._batch)
            with suppress(NotFoundError):  # given up in the meantime: its outcome says so
                self._worker.call("rank.teacher.permit", permit)
        elif event.outcome is not None:
            self._gate.close(event.outcome)
        elif event.batch is not None and event.batch.id and event.batch.id != self._batch.id:
            self._batch = replace(self._batch, id=event.batch.id)
            self._note(self._batch)

    def _store(self, params: RankByTeacher) -> float:
        """Rankings out of the answers that are in the worker's cache; nothing is sent."""

        def hear(event: TeacherEvent) -> None:
            if event.answer is not None:
                self._keeper.keep(event.answer)
                if event.answer.ranking is not None:
                    self._keeper.bought.add(event.answer.mention_id)

        asked = replace(params, cached_only=True, key="")
        return self._worker.call("rank.teacher", asked, on_partial=hear).seconds

    def _note(self, batch: OpenBatch) -> None:
        others = tuple(one for one in open_batches(self._project) if one.run != batch.run)
        _save(self._project, (*others, batch))

    def _forget(self) -> None:
        _save(self._project, tuple(one for one in open_batches(self._project) if one.run != self._batch.run))
        _file(self._batch.run).unlink(missing_ok=True)


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
