"""`rpdr link --engine ray`: on a cluster of two machines, disturbed, the output is that of the local engine."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("ray")
if sys.platform != "linux":
    pytest.skip("machines of their own on 127.0.0.0/8 are Linux's", allow_module_level=True)

from helpers import ray_link
from helpers.ray_cluster import QUICK, RayCluster, processes, words_of
from helpers.tiny_encoders import tiny_bert

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
WORDS = ("pain", "ache", "sore", "left", "right", "knee", "back", "throat", "lens", "opacity", "head", "severe", "old")
SECRET = "zzyzxia"
ROWS = 12_000
HEAD, OTHER, SMALL = "127.0.0.2", "127.0.0.3", "127.0.0.4"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Short: sockets lie below it."""
    path = Path(tempfile.mkdtemp(prefix="ry", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def home(folder: Path) -> Path:
    """Files to link, a terminology, an encoder; and the output of the local engine."""
    rng = random.Random(4)
    names = sorted({" ".join(rng.sample(WORDS, rng.randint(2, 3))) for _ in range(300)})
    lines = [f"K{at},{name}" for at, name in enumerate(names)]
    (folder / "kb.csv").write_text("\n".join(["code,name", *lines]) + "\n", encoding="utf-8")
    said = [" ".join(rng.choices((*WORDS, SECRET), k=rng.randint(1, 6))) for _ in range(ROWS)]
    rows = [f"{text},{rng.choice(('', 'the left side', 'since yesterday'))}" for text in said]
    (folder / "mentions.csv").write_text("\n".join(["mention,context", *rows]) + "\n", encoding="utf-8")
    remembered = [f"{SECRET} {said},K{at}" for at, said in enumerate(WORDS)]
    (folder / "memory.csv").write_text("\n".join(["mention,code", *remembered]) + "\n", encoding="utf-8")
    tiny_bert(folder / "encoder")
    environment = {**os.environ, "RPDR_HOME": str(folder / "home"), **QUICK}
    done = subprocess.run(command(folder, "local.csv"), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "home"


@pytest.fixture(scope="module")
def cluster(folder: Path, home: Path) -> Iterator[RayCluster]:
    made = RayCluster(folder, home)
    try:
        made.start(HEAD)
        made.start(OTHER)
        # It has a core, but no room for a worker: nobody is asked whether it may have texts, so it gets none.
        made.start(SMALL, "--memory=200000000")
        yield made
    finally:
        made.stop()
        left = processes(str(folder))
    assert left == []


def command(folder: Path, output: str, *more: str) -> list[str]:
    given = ["link", str(folder / "mentions.csv"), "-o", str(folder / output), "--kb", str(folder / "kb.csv")]
    given += ["--encoder", str(folder / "encoder"), "--memory", str(folder / "memory.csv")]
    return [sys.executable, ray_link.__file__, *given, *more]


def remote(cluster: RayCluster, output: str, *more: str) -> list[str]:
    return command(cluster.folder, output, "--engine", "ray", "--ray-address", cluster.address, *more)


def run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=400)


def wait(found: Callable[[], object], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 400
    while not found():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.2)


def linked(journal: Path) -> int:
    return journal.read_bytes().count(b"\n[") if journal.is_file() else 0


def record(home: Path) -> list[dict[str, object]]:
    path = home / "data" / "sent-to-clusters.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.is_file() else []


def actors(folder: Path) -> list[int]:
    return [pid for pid in processes(str(folder)) if words_of(pid)[0].startswith("ray::MapWorker")]


def workers(folder: Path) -> list[int]:
    return [pid for pid in processes(str(folder)) if "rpdr_worker" in words_of(pid)]


def test_texts_stay_unless_somebody_agrees_to_the_cluster(cluster: RayCluster, home: Path) -> None:
    refused = run(remote(cluster, "refused.csv"), cluster.environment)
    assert refused.returncode == 2, refused.stderr
    assert "mentions with their contexts" in refused.stderr
    assert OTHER in refused.stderr
    assert SMALL not in refused.stderr
    assert f"{len(WORDS)} remembered ones" in refused.stderr
    assert "entities.jsonl" in refused.stderr
    assert f"--agree {HEAD}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert record(home) == []


def test_who_has_no_token_gets_nothing(cluster: RayCluster) -> None:
    token = cluster.folder / "other-token"
    token.write_text("0" * 64, encoding="ascii")
    stranger = {**cluster.environment, "RAY_AUTH_TOKEN_PATH": str(token)}
    refused = run(remote(cluster, "refused.csv", "--agree", HEAD), stranger)
    assert refused.returncode == 1, refused.stderr
    assert "does not take this machine in" in refused.stderr
    disabled = run(
        remote(cluster, "refused.csv", "--agree", HEAD), {**cluster.environment, "RAY_AUTH_MODE": "disabled"}
    )
    assert disabled.returncode == 2
    assert "RAY_AUTH_MODE=token" in disabled.stderr


def test_killed_workers_and_a_lost_machine_change_no_byte(cluster: RayCluster, home: Path) -> None:
    """Last of this cluster: afterwards one of its machines is gone."""
    folder, output = cluster.folder, cluster.folder / "ray.csv"
    journal = output.with_name("ray.csv.journal")
    process = subprocess.Popen(
        remote(cluster, "ray.csv", "--agree", HEAD, "--json"),
        env=cluster.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait(lambda: linked(journal) and len(actors(folder)) == len(workers(folder)) == 2, process)
        for victims in (workers, actors, lambda _: [cluster.raylet(OTHER)]):
            done = linked(journal)
            os.kill(victims(folder)[-1], signal.SIGKILL)
            wait(lambda done=done: linked(journal) > done + 500, process)
        out, err = process.communicate(timeout=400)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, err
    assert json.loads(out)["rows"] == ROWS
    assert output.read_bytes() == (folder / "local.csv").read_bytes()
    begin, end = record(home)
    assert (begin["event"], end["event"]) == ("begin", "end")
    assert begin["cluster"] == cluster.address
    assert begin["mentions"] == end["mentions"]
    assert OTHER in str(begin["machines"])
    assert SMALL not in str(begin["machines"])
    assert begin["remembered"] == len(WORDS)
    assert "entities.jsonl" in str(begin["files"])
    assert SECRET not in err
    holding = [path for path in (folder / "ray").rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert holding == []


def test_a_cluster_of_our_own_comes_and_goes(folder: Path, home: Path) -> None:
    temporary = folder / "q"  # no other path here begins so: processes are told apart by it
    temporary.mkdir()
    environment = {**os.environ, "RPDR_HOME": str(home), **QUICK, "TMPDIR": str(temporary)}
    done = run(command(folder, "own.csv", "--engine", "ray", "--json"), environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == ROWS
    assert done.stderr == ""
    assert (folder / "own.csv").read_bytes() == (folder / "local.csv").read_bytes()
    assert list(temporary.glob("rpdr*")) == []
    until = time.monotonic() + 60
    while processes(str(temporary)) and time.monotonic() < until:
        time.sleep(0.2)  # the last of Ray's processes are on their way out
    assert processes(str(temporary)) == []
