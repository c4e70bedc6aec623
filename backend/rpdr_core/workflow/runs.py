"""Training runs, from the near side: start, follow, control, fetch. The worker may be on this machine or behind ssh.

What takes several requests is a conversation: a generator that yields `Ask`s and is sent their answers. `play` runs one
over a blocking client; a desk runs it from its event loop. A run goes on whatever happens to the client.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import tomllib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from rpdr_core.errors import Cancelled, NotFoundError, RpdrError, UserInputError, WorkerLostError, WorldError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import Empty, TrainingSpec
from rpdr_core.protocol.run_messages import (
    ENDED,
    Checkpoints,
    Cluster,
    ControlRun,
    FollowRun,
    HeldPart,
    HostInfo,
    Launcher,
    RunEvent,
    RunFileName,
    RunPart,
    RunRef,
    RunRow,
    RunState,
    StartRun,
)
from rpdr_core.resources import resource_path
from rpdr_core.store import StoredRun
from rpdr_core.workflow.distilling import TrainingRows

RETRIEVER_KINDS = frozenset(("self-alignment", "retriever"))
"""Kinds of recipes whose runs leave an encoder for retrieval, no student."""

PART = 512 * 1024
"""Bytes of an uploaded part before base64."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to send; its answer is what the conversation is sent next."""

    method: str
    params: Any


Talk = Generator[Ask, Any, T]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run is carried out, not what it learns."""

    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    launcher: Launcher = "process"
    cluster: Cluster = field(default_factory=Cluster)
    processes: int = 0


def play(worker: WorkerClient, talk: Talk[T]) -> T:
    """Carry a conversation on to its end. Raises the worker's errors at the place that asked."""
    call: Any = worker.call
    try:
        ask = next(talk)
        while True:
            try:
                answer = call(ask.method, ask.params)
            except Exception as error:  # noqa: BLE001 - the conversation decides what an error means to it
                ask = talk.throw(error)
            else:
                ask = talk.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value


def new_run_id() -> str:
    """Sorts by time; unique without asking anybody."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def starting(
    spec: TrainingSpec, rows: TrainingRows, name: str, *, run: str = "", settings: RunSettings | None = None
) -> Talk[RunState]:
    """Upload recipe and rows, start. With the `run` of an upload that was cut off, it goes on where it stopped.

    `spec.recipe` is a bundled recipe's name or a .toml file on this side; its text is what is sent.
    """
    if not rows.train:
        raise UserInputError("there is nothing to train on", hint="let the teacher rank, or decide some mentions")
    settings, run = settings or RunSettings(), run or new_run_id()
    recipe = recipe_text(spec.recipe)
    recipe_sha256 = yield from _upload(run, "recipe.toml", [recipe])
    rows_sha256 = yield from _upload(run, "rows.jsonl", _lines(rows))
    state: RunState = yield Ask(
        "run.start",
        StartRun(
            run=run,
            name=name,
            spec=replace(spec, recipe=Path(spec.recipe).name),
            recipe_sha256=recipe_sha256,
            rows_sha256=rows_sha256,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            checkpoints=settings.checkpoints,
            launcher=settings.launcher,
            cluster=settings.cluster,
            processes=settings.processes,
        ),
    )
    return state


def start_run(
    worker: WorkerClient,
    spec: TrainingSpec,
    rows: TrainingRows,
    name: str,
    *,
    run: str = "",
    settings: RunSettings | None = None,
) -> RunState:
    """Start a detached run and return while it begins. `name` is for people, and for the adapter's folder."""
    return play(worker, starting(spec, rows, name, run=run, settings=settings))


def follow(
    worker: WorkerClient, run: str, on_event: Callable[[RunEvent], object] = lambda _event: None, offset: int = 0
) -> RunState:
    """Events from `offset` on as they come; returns how the run ended. Leaving (Ctrl+C, an exception of `on_event`, a
    lost connection) never stops the run: follow again from the `offset` of the last event.
    """
    return worker.call("run.follow", FollowRun(run, offset), on_partial=on_event)


def control(worker: WorkerClient, run: str, action: Literal["pause", "resume", "cancel"]) -> RunState:
    """`cancel` keeps the last checkpoint; `resume` also starts again what was cancelled, failed or lost."""
    return worker.call("run.control", ControlRun(run, action))


def run_state(worker: WorkerClient, run: str) -> RunState:
    return worker.call("run.state", RunRef(run))


def list_runs(worker: WorkerClient) -> tuple[RunState, ...]:
    """The runs on the worker's machine, the newest first."""
    return worker.call("run.list", Empty()).runs


def remove_run(worker: WorkerClient, run: str) -> None:
    """Delete a run that has ended, with its rows, on the worker's machine."""
    worker.call("run.remove", RunRef(run))


def describe_host(worker: WorkerClient) -> HostInfo:
    """The worker's machine: devices, memory, versions. Takes the seconds that torch needs to load."""
    return worker.call("host.describe", Empty())


def recipe_text(reference: str) -> bytes:
    """The recipe's file by a bundled name, or by path (ends in `.toml`)."""
    folder = resource_path("recipes")
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if not reference.endswith(".toml") and reference not in known:
        raise NotFoundError(f"no recipe {reference!r}", hint=f"one of {', '.join(known)}, or a .toml file")
    path = Path(reference) if reference.endswith(".toml") else folder / f"{reference}.toml"
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFoundError("no such recipe", hint="check the path", file=str(path)) from error


def refuse_recipe(reference: str, *, retriever: bool) -> None:
    """Raise `UserInputError` for a recipe of the other command: a retriever's where a student is asked for, and the
    other way round. What is no TOML is left to the worker, which names the line.
    """
    try:
        kind = tomllib.loads(recipe_text(reference).decode("utf-8")).get("kind", "")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return
    if (kind in RETRIEVER_KINDS) != retriever:
        hint = "rpdr distill trains students" if retriever else "rpdr align and rpdr tune-retriever train retrievers"
        raise UserInputError(f"the recipe {reference} is of kind {kind!r}", hint=hint)


def _lines(rows: TrainingRows) -> Iterator[bytes]:
    for row in rows.train:
        yield msgspec.json.encode(RunRow("train", row)) + b"\n"
    for row in rows.validation:
        yield msgspec.json.encode(RunRow("validation", row)) + b"\n"


def _upload(run: str, file: RunFileName, pieces: Iterable[bytes]) -> Talk[str]:
    """Send what the worker does not hold yet; returns the SHA-256 of the whole."""
    held: HeldPart = yield Ask("run.upload", RunPart(run, file, 0))
    digest, at = hashlib.sha256(), 0
    for part in _portions(pieces):
        digest.update(part)
        end = at + len(part)
        if end > held.size:
            # A part that was cut off is sent whole again.
            held = yield Ask("run.upload", RunPart(run, file, at, base64.b64encode(part).decode("ascii")))
        at = end
    return digest.hexdigest()


def _portions(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


def trouble_of(state: RunState) -> RpdrError | None:
    """Why an ended run has no adapter, as an error to show; None for one that is done."""
    if state.state == "cancelled":
        return Cancelled("the run was cancelled", hint=f"its checkpoint is kept: rpdr runs resume {state.run}")
    if state.state == "lost":
        return WorkerLostError("the run's process is gone", hint=f"resume it: rpdr runs resume {state.run}")
    if state.state == "failed":
        return WorldError(state.message, hint=state.hint)
    return None


def stored_run(state: RunState, spec: TrainingSpec, host: str = "") -> StoredRun:
    """What a project keeps of a run (`Project.record_run`), so that it is found again. `host` empty: this machine."""
    finished = datetime.now(UTC).isoformat(timespec="seconds") if state.state in ENDED else ""
    text = msgspec.json.encode(spec).decode()
    return StoredRun(
        state.run, state.name, host, state.state, state.created_at, finished, state.adapter_id, state.message, text
    )
