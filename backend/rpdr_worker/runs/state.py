"""How a run stands, from its folder alone."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from rpdr_core.protocol.run_messages import RunState, RunStateName
from rpdr_worker.runs.events import size_of
from rpdr_worker.runs.folder import HEARTBEAT, LAUNCH, RESULT, Heartbeat, Launch, Outcome, read, read_spec
from rpdr_worker.runs.life import lives, start_of
from rpdr_worker.runs.lock import is_held

FAR_SILENCE = 60.0
"""Seconds without a heartbeat after which a process on another machine (a cluster's node) counts as lost."""
NEAR_SILENCE = 15.0
"""Seconds that a new process may take to its first heartbeat."""


def state_of(folder: Path) -> RunState:
    """Raises `NotFoundError` where there is no run."""
    spec = read_spec(folder)
    outcome, beat, launch = read(folder / RESULT, Outcome), read(folder / HEARTBEAT, Heartbeat), _launch_of(folder)
    state = outcome.state if outcome else _living(folder, beat, launch)
    if state == "lost" and (outcome := read(folder / RESULT, Outcome)):
        # It ended while we looked.
        state = outcome.state
    began = beat.began if beat else 0.0
    seconds = outcome.seconds if outcome else round(max(0.0, beat.at - began), 1) if beat else 0.0
    error = outcome.error if outcome else None
    lost = "its process is gone" if state == "lost" else ""
    return RunState(
        run=spec.run,
        name=spec.name,
        state=state,
        created_at=spec.created_at,
        recipe=spec.spec.recipe,
        offset=size_of(folder),
        attempt=launch.attempt,
        seconds=seconds,
        last=beat.last if beat else None,
        message=error.message if error else lost,
        hint=error.hint if error else "resume it" if state in ("lost", "cancelled") else "",
        adapter_id=outcome.info.id if outcome and outcome.info else "",
    )


def _launch_of(folder: Path) -> Launch:
    return read(folder / LAUNCH, Launch) or Launch(0, "process", "", 0.0)


def _living(folder: Path, beat: Heartbeat | None, launch: Launch) -> RunStateName:
    if beat is not None and beat.attempt >= launch.attempt:
        if _beats(folder, beat):
            return beat.state
        if not launch.job:
            return "lost"
        # A cluster may have put its job into the queue again.
    return "queued" if _waits(folder, launch) else "lost"


def _beats(folder: Path, beat: Heartbeat) -> bool:
    if beat.host != socket.gethostname():
        return time.time() - (folder / HEARTBEAT).stat().st_mtime < FAR_SILENCE
    return is_held(folder) and lives(beat.pid, beat.boot, beat.started)


def _waits(folder: Path, launch: Launch) -> bool:
    """Whether a process without a heartbeat may still come."""
    if launch.job:
        from rpdr_worker.runs.cluster import is_waiting

        return is_waiting(launch.job, folder)
    if launch.launcher == "slurm" or launch.host != socket.gethostname() or not launch.pid:
        return time.time() - launch.at < NEAR_SILENCE
    return bool(start_of(launch.pid)) and (is_held(folder) or time.time() - launch.at < FAR_SILENCE)
