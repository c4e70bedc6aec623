"""Runs as jobs of a SLURM cluster, through submitit (the extra `cluster`).

The job is a small program that starts the process of the run; what it trains is in the run's folder, which every node
must see. Before a time limit or a preemption SLURM sends SIGUSR2; the process then writes a checkpoint and the job is
put into the queue again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from rpdr_core.errors import MissingExtraError, WorldError
from rpdr_core.protocol.run_messages import Cluster, StartRun
from rpdr_worker.runs.folder import LOG
from rpdr_worker.runs.launch import run_command
from rpdr_worker.runs.life import start_of

_SECONDS = 30.0
_REQUEUES = 20


class RunJob:
    """What submitit calls on the node. Called once more after a requeue, it goes on from the newest checkpoint."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._pid = 0

    def __call__(self) -> int:
        folder = Path(self._folder)
        with (folder / LOG).open("ab") as log:
            process = subprocess.Popen(
                run_command(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env={**os.environ, "PYTHONSAFEPATH": "1"},
            )
        self._pid = process.pid
        return process.wait()

    def checkpoint(self) -> Any:
        """submitit's door: called on SIGUSR2, inside of the wait above; its answer is put into the queue."""
        import submitit

        if self._pid:
            os.kill(self._pid, signal.SIGTERM)
            # Popen's own wait is not to be entered twice; what is left of a process does not count as living.
            while start_of(self._pid):
                time.sleep(0.1)
        return submitit.helpers.DelayedSubmission(RunJob(self._folder))


def submit(folder: Path, spec: StartRun, cluster: str = "slurm") -> str:
    """Put the run into the queue; returns the job's id. Raises `MissingExtraError`, or `WorldError` when it is refused.

    `cluster`: submitit's executor, `local` for a machine without SLURM.
    """
    if cluster == "slurm" and shutil.which("sbatch") is None:
        raise WorldError("there is no SLURM on this host", hint="set the host's launcher to process")
    try:
        import submitit
    except ModuleNotFoundError:
        raise MissingExtraError("submitit is not installed", hint='pip install "rpdr-desk[cluster]"') from None
    executor = submitit.AutoExecutor(folder=folder / "cluster", cluster=cluster, slurm_max_num_timeout=_REQUEUES)
    executor.update_parameters(**_parameters(spec.cluster, spec.run))
    try:
        return str(executor.submit(RunJob(str(folder))).job_id)
    except (RuntimeError, OSError) as error:
        raise WorldError("the cluster refused the job", hint="check partition, account and limits") from error


def _parameters(asked: Cluster, run: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "name": f"rpdr-{run}",
        "timeout_min": asked.minutes,
        "gpus_per_node": asked.gpus,
        "cpus_per_task": asked.cpus,
        "nodes": 1,
        "tasks_per_node": 1,
    }
    if asked.memory_gb:
        wanted["mem_gb"] = asked.memory_gb
    if asked.partition:
        wanted["slurm_partition"] = asked.partition
    if asked.account:
        wanted["slurm_account"] = asked.account
    return wanted


def is_waiting(job: str, folder: Path) -> bool:
    """Whether the job is in the queue or about to begin. A cluster that does not answer is believed to keep it."""
    tool = shutil.which("squeue")
    if tool is None:
        return not (folder / "cluster" / f"{job}_0_result.pkl").exists()
    try:
        done = subprocess.run(
            [tool, "--noheader", "--jobs", job, "--format=%t"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return bool(done.stdout.strip()) if done.returncode == 0 else "Invalid job id" not in done.stderr


def withdraw(job: str) -> None:
    """Take the job out of the queue. Raises `WorldError` where the cluster does not answer."""
    tool = shutil.which("scancel")
    if tool is None:
        return
    try:
        subprocess.run([tool, job], capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise WorldError("the cluster does not answer", hint="cancel it again in a moment") from error
