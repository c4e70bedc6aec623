"""`rpdr align`, `rpdr tune-retriever`, `rpdr encoders` with real workers and a tiny encoder."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.quick_contrastive import quick_contrastive, synonym_rows
from helpers.tiny_models import LAY, tiny_bert
from helpers.training_runs import Leave, Watcher, folder_of, kill_left_over, pid_of, wait_for

from rpdr_core.encoder_queries import VARIABLE
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.run_messages import ENDED
from rpdr_core.records import Candidate, NewDecision, NewMention, Provenance, Ranking, SourceRow
from rpdr_core.store import Project, SourceFile
from rpdr_core.workflow.encoders import encoder_folder
from rpdr_core.workflow.runs import control, follow, run_state

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]
_WORDS = ("left", "right", "old", "mild", "severe", "daily", "bad", "some", "again", "my", "since", "the")


@pytest.fixture(autouse=True)
def nothing_left(rpdr_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    # Which of a dozen workers measures how quickly it encodes is not the point here.
    monkeypatch.setenv(VARIABLE, "f32")
    yield
    kill_left_over(rpdr_home)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A terminology whose synonyms follow a rule."""
    path = tmp_path / "kb.tsv"
    lines = ["code\tname\tsynonyms"]
    for lay, name in LAY.items():
        lines.append(f"C-{name}\t{name}\t{'|'.join(f'{word} {lay}' for word in _WORDS)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_bert(tmp_path / "encoder")


@pytest.mark.usefixtures("quick_workers")
def test_a_terminology_teaches_an_encoder_that_takes_over_because_it_wins(
    table: Path, base: Path, tmp_path: Path, rpdr_home: Path
) -> None:
    recipe = quick_contrastive(tmp_path)
    command = ("align", table, "--encoder", base, "--recipe", recipe, "--held-out", "0.5", "--name", "mine")
    found = rpdr(*command, "--json").json
    assert found["check"]["wins"], found
    assert found["folder"] == str(rpdr_home / "data" / "encoders" / "mine")
    assert len(found["in_use"]) == 1
    [listed] = rpdr("encoders", "list", "--json").json
    assert listed["id"] == found["id"]
    assert rpdr("encoders", "list").out.startswith("* ")
    assert "held-out texts" in rpdr("encoders", "show", "mine").out
    gold = tmp_path / "gold.tsv"
    draw = random.Random(1)
    pairs = [(f"a {lay} b", f"C-{name}") for lay, name in LAY.items() for _ in range(2)]
    draw.shuffle(pairs)
    gold.write_text("mention\tcode\n" + "".join(f"{mention}\t{code}\n" for mention, code in pairs))
    options = ("evaluate", gold, "--kb", table, "--mode", "dense", "--json")
    own = rpdr(*options).json["overall"]["acc@1"]["value"]
    assert own == rpdr(*options, "--encoder", "mine").json["overall"]["acc@1"]["value"]
    assert own >= rpdr(*options, "--encoder", base).json["overall"]["acc@1"]["value"]
    refused = rpdr("encoders", "remove", "mine")
    assert refused.code != 0
    assert "in use" in refused.err
    assert rpdr("encoders", "use", "bundled", "--kb", table).code == 0
    assert rpdr("encoders", "remove", "mine", "--json").json["removed"] == "mine"


def test_an_encoder_that_learned_nothing_changes_nothing(table: Path, base: Path, tmp_path: Path) -> None:
    recipe = quick_contrastive(tmp_path, steps=1, learning_rate=1e-9)
    told = rpdr("align", table, "--encoder", base, "--recipe", recipe, "--held-out", "0.5", "--name", "dull")
    assert told.code == 0
    assert "does not win" in told.out
    [listed] = rpdr("encoders", "list", "--json").json
    assert listed["in_use"] == []
    assert "(no win)" in rpdr("encoders", "list").out


@pytest.mark.usefixtures("quick_workers")
def test_decisions_tune_the_retriever_and_a_detached_run_is_fetched_to_the_encoders(
    tmp_path: Path, base: Path, rpdr_home: Path
) -> None:
    table = tmp_path / "kb.tsv"
    table.write_text("code\tname\n" + "".join(f"C-{name}\t{name}\n" for name in LAY.values()))
    decided = tmp_path / "train.tsv"
    rows = [(row.mention, row.candidates[0].code) for row in synonym_rows(_WORDS)]
    decided.write_text("mention\tcode\n" + "".join(f"{mention}\t{code}\n" for mention, code in rows))
    recipe = quick_contrastive(tmp_path, "retriever", every=20)
    command = ("tune-retriever", "--corrections", decided, "--kb", table, "--encoder", base, "--recipe", recipe)
    found = rpdr(*command, "--validation", "0.4", "--keep", "--json").json
    assert found["check"]["at_1"] > found["check"]["at_1_before"]
    assert found["in_use"] == []
    run = rpdr(*command, "--detach", "--name", "later", "--json").json["run"]
    assert rpdr("runs", "follow", run).code == 0
    fetched = rpdr("runs", "fetch", run, "--json").json
    assert fetched["folder"] == str(rpdr_home / "data" / "encoders" / "later")
    assert rpdr("adapters", "list", "--json").json == []
    assert rpdr("tune-retriever").code == 2
    for command, recipe in (("align", "encoder-student"), ("distill", "retriever")):
        refused = rpdr(command, table, "--recipe", recipe)
        assert refused.code == 2
        assert "of kind" in refused.err
    assert rpdr("tune-retriever", "--corrections", decided).code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_alignment_killed_in_the_middle_goes_on_to_the_same_encoder(
    table: Path, base: Path, tmp_path: Path, rpdr_home: Path
) -> None:
    # An epoch is one step here: it is the epochs that would end it first.
    recipe = quick_contrastive(tmp_path, steps=400, epochs=400)
    command = ("align", table, "--encoder", base, "--recipe", recipe, "--held-out", "0.5", "--keep")
    whole = rpdr(*command, "--name", "whole", "--json").json
    run = rpdr(*command, "--name", "killed", "--detach", "--checkpoint", "0.05", "--json").json["run"]
    folder = folder_of(rpdr_home, run)
    with WorkerClient.start() as worker:
        for _ in range(2):
            watcher = Watcher(3)
            with contextlib.suppress(Leave):
                follow(worker, run, watcher, run_state(worker, run).offset)
            os.kill(pid_of(folder), signal.SIGKILL)
            wait_for(lambda: run_state(worker, run).state in ENDED)
            assert run_state(worker, run).state == "lost", "over before it was killed"
            control(worker, run, "resume")
        last = Watcher()
        state = follow(worker, run, last)
    assert (state.state, state.attempt) == ("done", 3)
    reached = [event.step for event in last.events if event.kind == "resumed"]
    assert len(reached) == 2
    assert max(reached) > 0, "it went on from a checkpoint"
    fetched = rpdr("runs", "fetch", run, "--json").json
    assert fetched["id"] == whole["id"]
    weights = [Path(one["folder"]) / "model.safetensors" for one in (whole, fetched)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def decided_project(folder: Path, table: Path) -> Path:
    """What lay people say, decided with lists on screen."""
    catalogue = Library().open(str(table))
    rows = synonym_rows(_WORDS)
    names = [Candidate(f"C-{name}", name, name) for name in LAY.values()]
    provenance = Provenance("retriever", "m", catalogue.info.fingerprint)
    with Project.create(folder / "lay.rpdr", name="Lay", knowledge_base=catalogue.info) as project:
        mentions = [NewMention(row.mention, row=SourceRow(at + 1, "")) for at, row in enumerate(rows)]
        project.add_mentions(SourceFile("lay.tsv", "cd" * 32, "tsv", "utf-8", "{}"), mentions)
        draw = random.Random(2)
        shown = [
            (Ranking(at + 1, "retriever", tuple(draw.sample(names, len(names))), provenance),)
            for at in range(len(rows))
        ]
        project.record_rankings(one for lists in shown for one in lists)
        right = [row.candidates[0] for row in rows]
        project.decide_many(
            [NewDecision(at + 1, "correct", one.code, one.name, shown=shown[at]) for at, one in enumerate(right)],
            reviewer="ann",
        )
        return project.path


@pytest.mark.usefixtures("quick_workers")
def test_a_projects_decisions_tune_its_retriever_and_only_a_winner_takes_over(
    tmp_path: Path, base: Path, rpdr_home: Path
) -> None:
    table = tmp_path / "kb.tsv"
    table.write_text("code\tname\n" + "".join(f"C-{name}\t{name}\n" for name in LAY.values()), encoding="utf-8")
    project = decided_project(tmp_path, table)
    gold = tmp_path / "gold.tsv"
    gold.write_text("mention\tcode\n" + "".join(f"a {lay} b\tC-{name}\n" for lay, name in LAY.items()))
    look = ("evaluate", gold, "--kb", table, "--mode", "dense", "--json")
    before = rpdr(*look, "--encoder", base).json
    given = ("tune-retriever", project, "--kb", table, "--encoder", base, "--validation", "0.4", "--json")
    winner = rpdr(*given, "--recipe", quick_contrastive(tmp_path, "retriever", every=20), "--name", "winner").json
    assert winner["check"]["wins"], winner
    assert winner["in_use"] == [Library().open(str(table)).info.fingerprint]
    after = rpdr(*look).json
    assert after["overall"]["acc@1"]["value"] > before["overall"]["acc@1"]["value"], "it is searched with"
    dull = quick_contrastive(tmp_path, "retriever", steps=1, epochs=1, learning_rate=1e-9)
    loser = rpdr(*given, "--recipe", dull, "--name", "loser").json
    assert not loser["check"]["wins"]
    assert loser["in_use"] == []
    assert [one["in_use"] for one in rpdr("encoders", "list", "--json").json] == [[], winner["in_use"]]
    assert encoder_folder("", winner["in_use"][0]) == winner["folder"], "the old one stays"
