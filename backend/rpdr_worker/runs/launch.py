"""Starting the process of a run, so that it lives on when the worker and its connection are gone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from rpdr_core.errors import RpdrError, to_wire
from rpdr_core.protocol.run_messages import StartRun
from rpdr_worker.runs.folder import LAUNCH, LOG, RECIPE, RESULT, Launch, Outcome, read, read_spec, want, write

SHARED = frozenset({"generative"})
"""Kinds of recipe whose trainer divides its batches among processes."""


def run_command(folder: Path) -> list[str]:
    """The process of a run, or torch's launcher of several. -P keeps the current folder off the import path."""
    own = ["-m", "rpdr_worker", "run", str(folder)]
    count = processes_of(folder)
    if count < 2:
        return [sys.executable, "-P", *own]
    several = ["-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1", f"--nproc-per-node={count}"]
    return [sys.executable, "-P", *several, *own]


def processes_of(folder: Path) -> int:
    """How many processes train: as asked, else one for each GPU if the recipe's trainer can share, else one."""
    asked = read_spec(folder).processes
    if asked:
        return asked
    from rpdr_worker.distillation.entry import recipe_kind
    from rpdr_worker.runs.host import usable_gpus

    return max(1, usable_gpus()) if recipe_kind(str(folder / RECIPE)) in SHARED else 1


def launch(folder: Path, spec: StartRun) -> Launch:
    """Start (or start again) a run that has no process, with all that stopped it taken back."""
    (folder / RESULT).unlink(missing_ok=True)
    want(folder, "run")
    before = read(folder / LAUNCH, Launch)
    attempt = before.attempt + 1 if before else 1
    started = Launch(attempt, spec.launcher, socket.gethostname(), time.time())
    write(folder / LAUNCH, started)
    try:
        started = _started(folder, spec, started)
    except RpdrError as error:
        write(folder / RESULT, Outcome("failed", 0.0, error=to_wire(error)))
        raise
    write(folder / LAUNCH, started)
    return started


def _started(folder: Path, spec: StartRun, launch: Launch) -> Launch:
    if spec.launcher == "slurm":
        from rpdr_worker.runs.cluster import submit

        return replace(launch, job=submit(folder, spec))
    return replace(launch, pid=detached(run_command(folder), folder / LOG).pid)


def detached(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """A process in a session of its own: neither a closed terminal nor the end of its parent reaches it."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=log.parent,
            # What a launcher starts in turn must keep the current folder off its path, too.
            env={**os.environ, "PYTHONSAFEPATH": "1"},
            start_new_session=sys.platform != "win32",
            creationflags=_windows_flags(),
        )
    if os.name == "posix":
        # Its remains would pass for a living process.
        threading.Thread(target=process.wait, name="rpdr-run-wait", daemon=True).start()
    return process


def _windows_flags() -> int:
    names = ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP", "CREATE_BREAKAWAY_FROM_JOB")
    return sum(getattr(subprocess, name, 0) for name in names)
