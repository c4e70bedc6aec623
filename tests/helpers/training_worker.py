"""Answers of a stand-in worker that trains in no time, by the methods of detached runs, and ranks."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import msgspec
from helpers.desk_parts import FakeWorker, Rig, ranking, wait_until

from rpdr_core.errors import RpdrError
from rpdr_core.protocol.messages import AdapterInfo, Done, RankByStudent, TrainingEvent
from rpdr_core.protocol.run_messages import (
    FilePart,
    FollowRun,
    HeldPart,
    RunEvent,
    RunFile,
    RunPart,
    RunResult,
    RunState,
    StartRun,
)
from rpdr_desk.operations.jobs import Job
from rpdr_desk.operations.train_state import TrainChoice


class Trained:
    """Answers of a worker that trains and ranks. `rows`: what was uploaded, run by run."""

    def __init__(self, worker: FakeWorker) -> None:
        self.started: list[StartRun] = []
        self.ranked: list[RankByStudent] = []
        self.rows: dict[str, bytes] = {}
        info = AdapterInfo("a1", "/elsewhere", "r", "m", "0", 4, 1, 0.5, 0.7, "w")
        self._manifest = msgspec.json.encode({"info": info})
        file = RunFile("manifest.json", len(self._manifest), hashlib.sha256(self._manifest).hexdigest())
        worker.answers |= {
            "run.upload": self._upload,
            "run.start": self._start,
            "run.follow": self._follow,
            "run.result": lambda *_: RunResult(info, (file,)),
            "run.fetch": lambda *_: FilePart(base64.b64encode(self._manifest).decode()),
            "rank.student": self._rank,
        }

    @property
    def origins(self) -> set[str]:
        """Of the first run's rows."""
        lines = self.rows[self.started[0].run].splitlines()
        return {json.loads(line)["row"]["origin"] for line in lines}

    def _upload(self, params: RunPart, *_: object) -> HeldPart:
        data = base64.b64decode(params.data)
        if params.file == "rows.jsonl":
            self.rows[params.run] = self.rows.get(params.run, b"") + data
        return HeldPart(params.offset + len(data))

    def _start(self, params: StartRun, *_: object) -> RunState:
        self.started.append(params)
        return RunState(params.run, params.name, "queued")

    def _follow(self, params: FollowRun, partial: Callable[[object], None], _progress: object) -> RunState:
        partial(RunEvent(80, 1.0, "training", training=TrainingEvent(2, 4, 0.5, 1.5)))
        partial(RunEvent(160, 2.0, "training", training=TrainingEvent(4, 4, 1.0, 0.5, 0.7)))
        return RunState(params.run, self.started[-1].name, "done", adapter_id="a1")

    def _rank(self, params: RankByStudent, partial: Callable[[object], None], _progress: object) -> Done:
        self.ranked.append(params)
        for item in params.items:
            ordered = tuple(reversed(item.candidates))
            partial(replace(ranking(item.mention.id, "student:a1"), candidates=ordered))
        return Done(len(params.items))


def job_of(rig: Rig, kind: str) -> Job:
    """The newest job of a kind."""
    return next(one for one in reversed(rig.workspace.jobs.all()) if one.kind == kind)


def job_ended(rig: Rig, kind: str) -> bool:
    return any(one.kind == kind for one in rig.workspace.jobs.all()) and job_of(rig, kind).state != "running"


def trained(rig: Rig) -> AdapterInfo:
    """Train a student on what was decided, as the Train page does, and wait until it is registered."""
    found: list[AdapterInfo] = []
    errors: list[RpdrError] = []
    rig.workspace.runs.trained.connect(found.append)
    rig.workspace.runs.start(TrainChoice(), errors.append)
    wait_until(lambda: bool(found or errors))
    assert not errors
    rig.workspace.runs.trained.disconnect(found.append)
    wait_until(lambda: job_ended(rig, "train"))
    return found[0]


def promoted(rig: Rig, id: str, *, rank: bool = True) -> None:
    """Put a registered student in use; `rank`: through the page's operation, after which the queue is ranked."""
    if rank:
        compared: list[object] = []
        errors: list[RpdrError] = []
        rig.workspace.comparing.read()
        rig.settle()
        rig.workspace.comparing.compare(id, compared.append, errors.append)
        wait_until(lambda: bool(compared or errors))
        assert not errors
        rig.workspace.comparing.promote(id, errors.append)
    else:
        rig.workspace.store.change(lambda project: project.promote(id))
    rig.settle()
