"""`rpdr align`, `rpdr tune-retriever`, `rpdr encoders` with real workers and a tiny encoder."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.quick_contrastive import quick_contrastive, synonym_rows
from helpers.tiny_models import LAY, tiny_bert
from helpers.training_runs import kill_left_over

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]
_WORDS = ("left", "right", "old", "mild", "severe", "daily", "bad", "some", "again", "my", "since", "the")


@pytest.fixture(autouse=True)
def nothing_left(rpdr_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
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
