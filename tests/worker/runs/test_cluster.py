"""Runs as jobs of a cluster: submitit's local executor trains, stand-ins for SLURM's programs see what is asked."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from helpers import odd_training
from helpers.run_folders import MakeRun
from helpers.training_runs import wait_for

from rpdr_core.errors import MissingExtraError, WorldError
from rpdr_core.protocol.run_messages import Cluster, ControlRun, StartRun
from rpdr_worker.job import RecordingJob
from rpdr_worker.runs import cluster, service
from rpdr_worker.runs.cluster import submit
from rpdr_worker.runs.events import read_events
from rpdr_worker.runs.folder import LAUNCH, Launch, read_spec, write
from rpdr_worker.runs.launch import launch
from rpdr_worker.runs.state import state_of

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="SLURM is not on Windows"),
    # submitit leaves its controller behind on purpose.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
ASKED = Cluster("gpu", "rpdr", gpus=2, cpus=6, memory_gb=32, minutes=90)


def slurm_spec(folder: Path) -> StartRun:
    spec = read_spec(folder)
    made = StartRun(
        spec.run, spec.name, spec.spec, spec.recipe_sha256, spec.rows_sha256, spec.created_at, spec.checkpoints,
        "slurm", ASKED,
    )  # fmt: skip
    write(folder / "spec.json", made)
    return made


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """SLURM's programs as scripts: the job has number 42, and is in the queue while `queued` exists."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    scripts = {
        "sbatch": 'cp "${@: -1}" ' + f"{folder}/job.sh; touch {folder}/queued; echo Submitted batch job 42",
        "srun": "true",
        "squeue": f"test -e {folder}/queued && echo PD; true",
        "scancel": f"rm {folder}/queued; echo $1 > {folder}/cancelled",
    }
    for name, body in scripts.items():
        (folder / name).write_text(f"#!/bin/bash\n{body}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def test_what_slurm_is_asked_for(make_run: MakeRun, programs: Path) -> None:
    pytest.importorskip("submitit")
    folder = make_run()
    spec = slurm_spec(folder)
    launch(folder, spec)
    script = (programs / "job.sh").read_text()
    for line in ("--partition=gpu", "--account=rpdr", "--gpus-per-node=2", "--cpus-per-task=6", "--mem=32GB",
                 "--time=90", "--signal=USR2@"):  # fmt: skip
        assert line in script
    assert (state_of(folder).state, state_of(folder).attempt) == ("queued", 1)
    cluster.withdraw("42")
    assert (programs / "cancelled").read_text() == "42\n"
    assert state_of(folder).state == "lost"


def test_without_slurm_or_submitit_the_cure_is_told(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WorldError, match="no SLURM"):
        submit(folder, slurm_spec(folder))
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(MissingExtraError) as caught:
        submit(folder, slurm_spec(folder), "local")
    assert "rpdr-desk[cluster]" in caught.value.hint


def test_a_refused_job_is_told(make_run: MakeRun, programs: Path) -> None:
    pytest.importorskip("submitit")
    (programs / "sbatch").write_text("#!/bin/bash\necho invalid partition >&2; exit 1\n")
    folder = make_run()
    with pytest.raises(WorldError, match="refused"):
        launch(folder, slurm_spec(folder))
    assert (state_of(folder).state, "refused" in state_of(folder).message) == ("failed", True)


def test_a_job_trains_is_preempted_and_goes_on(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("submitit")
    folder = make_run()
    spec = slurm_spec(folder)
    odd = f"from rpdr_worker.runs import cluster, launch; import sys; program = {str(odd_training.__file__)!r}"
    # The node's process finds the stand-in for the training by this hook, as it would find an installation.
    site = folder.parent / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        f"{odd}\ncluster.run_command = lambda folder: [sys.executable, '-P', program, str(folder)]\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{site}:{os.environ.get('PYTHONPATH', '')}")
    job = submit(folder, spec, "local")
    write(folder / LAUNCH, Launch(1, "slurm", socket.gethostname(), time.time(), job=job))

    def steps() -> list[int]:
        return [event.step for event in read_events(folder) if event.kind == "checkpoint"]

    wait_for(steps)
    assert state_of(folder).state == "running"
    submitted = _task_of(int(job))
    os.kill(submitted, signal.SIGUSR2)
    wait_for(lambda: state_of(folder).state == "done")
    [resumed] = [event for event in read_events(folder) if event.kind == "resumed"]
    assert resumed.step >= 5
    assert resumed.lost_steps == 0
    wait_for(lambda: not Path(f"/proc/{job}").exists() or _is_over(int(job)))


def _task_of(controller: int) -> int:
    """The process of submitit that carries the job out, a child of its controller."""
    children = Path(f"/proc/{controller}/task/{controller}/children")
    if not children.exists():
        pytest.skip("children of a process are not shown here")
    return int(children.read_text().split()[0])


def _is_over(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_cluster_that_does_not_answer_in_time_keeps_its_job(
    make_run: MakeRun, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run()
    write(folder / LAUNCH, Launch(1, "slurm", socket.gethostname(), time.time(), job="42"))
    for name in ("squeue", "scancel"):
        (programs / name).write_text("#!/bin/bash\nexec sleep 60\n")
    monkeypatch.setattr(cluster, "_SECONDS", 0.2)
    assert state_of(folder).state == "queued"
    with pytest.raises(WorldError, match="does not answer"):
        service.control(ControlRun(folder.name, "cancel"), RecordingJob())
    assert state_of(folder).state == "queued", "nothing was withdrawn"
