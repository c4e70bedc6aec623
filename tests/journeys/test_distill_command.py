"""`rpdr distill` and `rpdr runs` with real workers: followed, left, interrupted, resumed, fetched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.projects import KNOWLEDGE_BASE
from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import LAY, lay_rows, tiny_bert
from helpers.training_runs import kill_left_over, wait_for

from rpdr_core.records import NewMention, Provenance, Ranking
from rpdr_core.store import Project, SourceFile, open_reader

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def nothing_left(rpdr_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield
    kill_left_over(rpdr_home)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Lay phrases that a teacher has ranked."""
    rows = {row.mention: row for row in lay_rows(90, seed=1)}
    path = tmp_path / "lay.rpdr"
    with Project.create(path, name="lay", knowledge_base=KNOWLEDGE_BASE) as opened:
        opened.add_mentions(SourceFile("a", "b" * 64, "csv", "utf-8"), map(NewMention, rows))
        for mention in opened.mentions(range(1, len(rows) + 1)):
            row = rows[mention.text]
            best = tuple(row.candidates[place] for place in row.order)
            opened.record_rankings([
                Ranking(mention.id, "retriever", row.candidates, Provenance("retriever", "none", "kb")),
                Ranking(mention.id, "teacher", best, Provenance("teacher", "t", "kb"), "exact"),
            ])  # fmt: skip
    return path


@pytest.fixture
def options(tmp_path: Path) -> tuple[object, ...]:
    return ("--base", tiny_bert(tmp_path / "encoder"))


def test_a_project_is_distilled_and_knows_its_student(
    project: Path, options: tuple[object, ...], tmp_path: Path, rpdr_home: Path
) -> None:
    found = rpdr("distill", project, *options, "--recipe", quick_recipe(tmp_path), "--json").json
    assert found["acc_at_1_before"] < found["acc_at_1"]
    assert found["seconds"] > 0
    assert found["folder"] == str(rpdr_home / "data" / "adapters" / "lay")
    assert sum(found["origins"].values()) == found["train_rows"] + found["validation_rows"]
    with open_reader(project) as reader:
        assert [(one.id, one.run_id) for one in reader.adapters()] == [(found["id"], found["run"])]
        assert [(run.id, run.state, run.host) for run in reader.runs()] == [(found["run"], "done", "")]


@pytest.mark.usefixtures("quick_workers")
def test_recorded_rankings_are_distilled_without_a_project(
    options: tuple[object, ...], tmp_path: Path, rpdr_home: Path
) -> None:
    table = tmp_path / "kb.tsv"
    table.write_text("code\tname\n" + "".join(f"C-{name}\t{name}\n" for name in LAY.values()))
    rankings = tmp_path / "recorded.jsonl"
    lines = [
        {
            "mention": row.mention,
            "candidates": [candidate.code for candidate in row.candidates],
            "order": [place + 1 for place in row.order],
            "verdict": "exact",
        }
        for row in lay_rows(60, seed=1)
    ]
    rankings.write_text("".join(json.dumps(line) + "\n" for line in lines))
    out = tmp_path / "students" / "mine"
    command = ("distill", "--rankings", rankings, "--kb", table, *options, "--recipe", quick_recipe(tmp_path))
    found = rpdr(*command, "-o", out, "--json").json
    assert found["folder"] == str(out)
    assert json.loads((out / "manifest.json").read_text())["info"]["id"] == found["id"]
    assert rpdr("distill", "--rankings", rankings).code == 2
    assert rpdr("distill").code == 2


def test_a_detached_run_is_steered_from_the_command_line(
    project: Path, options: tuple[object, ...], tmp_path: Path
) -> None:
    recipe = quick_recipe(tmp_path, epochs=3000, patience=3000)
    run = rpdr("distill", project, *options, "--recipe", recipe, "--detach", "--json").json["run"]
    wait_for(lambda: rpdr("runs", "list", "--json").json[0]["last"] is not None)
    assert rpdr("runs", "pause", run, "--json").json["state"] == "paused"
    assert run in rpdr("runs", "list").out
    assert rpdr("runs", "resume", run, "--json").json["state"] == "running"
    early = rpdr("runs", "fetch", run)
    assert early.code == 2
    assert "not done" in early.err
    assert rpdr("runs", "cancel", run, "--json").json["state"] == "cancelled"
    followed = rpdr("runs", "follow", run)
    assert followed.code == 130
    assert "cancelled" in followed.out
    assert rpdr("runs", "remove", run, "--json").json == {"removed": run}
    assert rpdr("runs", "list", "--json").json == []
    with open_reader(project) as reader:
        assert [stored.id for stored in reader.runs()] == [run], "the project knows it by its last state"


def reached(run: Path) -> bool:
    """Whether a run has told of its training; without a worker, whose start is longer than the run's steps."""
    try:
        return json.loads((run / "heartbeat.json").read_text())["last"] is not None
    except (OSError, ValueError):
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_cancels_and_the_run_can_be_resumed_and_fetched(
    project: Path, options: tuple[object, ...], tmp_path: Path, rpdr_home: Path
) -> None:
    recipe = quick_recipe(tmp_path, epochs=300, patience=300)
    words = [str(word) for word in ("distill", project, *options, "--recipe", recipe)]
    command = [sys.executable, "-c", "from rpdr_core.cli import main; main()", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        wait_for(lambda: any(reached(run) for run in (rpdr_home / "data" / "runs").glob("*")))
        os.kill(asked.pid, signal.SIGINT)
        _, told = asked.communicate(timeout=60)
    assert asked.returncode == 130
    [run] = rpdr("runs", "list", "--json").json
    assert run["state"] == "cancelled"
    assert f"rpdr runs resume {run['run']}" in told.decode()
    rpdr("runs", "resume", run["run"])
    followed = rpdr("runs", "follow", run["run"], "--json")
    assert followed.json["state"] == "done"
    assert "resumed from step" in followed.err
    fetched = rpdr("runs", "fetch", run["run"], "--project", project, "--json").json
    with open_reader(project) as reader:
        assert [(one.id, one.run_id) for one in reader.adapters()] == [(fetched["id"], run["run"])]
