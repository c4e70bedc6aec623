"""`rpdr link` with its worker: formats in and out, provenance, and rows accepted at an error rate."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.students import adapter_folder

from rpdr_core.formats.opening import open_table
from rpdr_core.formats.parquet import write as write_parquet
from rpdr_core.workflow import retrieving

pytestmark = pytest.mark.journey
NAMES = [
    f"{first} {second}" for first in ("pain", "ache", "swelling", "numbness") for second in ("knee", "back", "arm")
]
ODD = ("sore spot", "feeling bad", "tired all day", "knee and back")


@pytest.fixture(autouse=True)
def letters_only(rpdr_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No vectors: what is tested here is the command."""
    monkeypatch.setattr(retrieving, "SMALL", 0)
    return rpdr_home


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    path = tmp_path / "kb.csv"
    rows = [f"K{at},{name}" for at, name in enumerate(NAMES)]
    path.write_text("\n".join(["code,name", *rows]) + "\n", encoding="utf-8")
    return path


def said(n: int, seed: int) -> list[tuple[str, str]]:
    """Mentions with codes: names, and a fifth that nobody can place."""
    rng = random.Random(seed)
    found = []
    for _ in range(n):
        at = rng.randrange(len(NAMES))
        found.append((rng.choice(ODD), "K99") if rng.random() < 0.2 else (NAMES[at].upper(), f"K{at}"))
    return found


def table(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("\n".join(["mention\tcode", *("\t".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def records(path: Path) -> list[dict[str, str]]:
    found = open_table(path)
    return [dict(zip(found.headers, row.cells, strict=False)) for row in found.rows()]


def test_every_format_in_and_out_gives_the_same_links(tmp_path: Path, kb: Path) -> None:
    mentions = [text for text, _ in said(30, 1)]
    (tmp_path / "m.csv").write_text("\n".join(["mention", *mentions]) + "\n", encoding="utf-8")
    (tmp_path / "m.txt").write_text("\n".join(mentions) + "\n", encoding="utf-8")
    lines = [json.dumps({"mention": one}) for one in mentions]
    (tmp_path / "m.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_parquet(tmp_path / "m.parquet", ("mention",), [(one,) for one in mentions])
    found = []
    for source, target in (("csv", "parquet"), ("txt", "tsv"), ("jsonl", "xlsx"), ("parquet", "jsonl")):
        output = tmp_path / f"out.{target}"
        done = rpdr("link", tmp_path / f"m.{source}", "-o", output, "--kb", kb, "--json")
        assert done.code == 0, done.err
        assert done.json["rows"] == 30
        found.append([(row["mention"], row["code"], float(row["confidence"])) for row in records(output)])
    assert found[0] == found[1] == found[2] == found[3]
    assert [row[0] for row in found[0]] == mentions


def test_provenance_tells_what_made_the_file_and_no_mention(tmp_path: Path, kb: Path) -> None:
    source = table(tmp_path / "m.tsv", said(20, 2))
    assert rpdr("link", source, "-o", tmp_path / "out.csv", "--kb", kb, "--scope", "K1 OR K2").code == 0
    text = (tmp_path / "out.csv.provenance.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert found["counts"]["rows"] == 20
    assert found["promised"] is None
    assert (found["made"]["input"], found["made"]["ranker"]) == ("m.tsv", "retriever")
    assert found["made"]["scope"] == "K1 OR K2"
    assert len(found["made"]["input_sha256"]) == len(found["made"]["output_sha256"]) == 64
    assert not any(name in text.casefold() for name in (*NAMES, *ODD))


def test_rows_are_accepted_at_an_error_rate(tmp_path: Path, kb: Path) -> None:
    source, reviewed = table(tmp_path / "m.tsv", said(400, 3)), table(tmp_path / "r.tsv", said(300, 4))
    given = ("link", source, "-o", tmp_path / "out.csv", "--kb", kb)
    done = rpdr(*given, "--max-error", "0.05", "--reviewed", reviewed)
    assert done.code == 0, done.err
    assert "rows accepted at an error of at most 5.00%" in done.out
    assert "warning" not in done.err
    wrong = accepted = 0
    for row, (_, code) in zip(records(tmp_path / "out.csv"), said(400, 3), strict=True):
        accepted += row["accepted"] == "yes"
        wrong += row["accepted"] == "yes" and row["code"] != code
    assert accepted >= 250
    assert wrong <= 0.05 * accepted
    promised = json.loads((tmp_path / "out.csv.provenance.json").read_text(encoding="utf-8"))["promised"]
    assert promised["max_error"] == 0.05
    assert promised["reviewed"] == 300
    assert "reviewed mentions are remembered; each was judged before it was" in done.out
    assert promised["learned"] == 300


def test_what_was_reviewed_is_answered_and_without_its_memory_the_file_is_refused(tmp_path: Path, kb: Path) -> None:
    """Words that the terminology does not have: reviewed once, they are known."""
    lay = [(f"{one} {number}", "K1") for number in range(12) for one in ("ouch", "bother")]
    rng = random.Random(8)
    reviewed = table(tmp_path / "r.tsv", said(150, 4) + rng.choices(lay, k=150))
    source = table(tmp_path / "m.tsv", lay)
    given = ("link", source, "-o", tmp_path / "out.csv", "--kb", kb, "--max-error", "0.4", "--reviewed", reviewed)
    assert rpdr(*given).code == 0
    learned = records(tmp_path / "out.csv")
    assert sum(row["code"] == "K1" for row in learned) >= 20
    assert {row["matched_source"] for row in learned} == {"memory"}
    refused = rpdr(*given, "--no-learn")
    assert refused.code != 0
    assert "promise nothing at an error of 0.4" in refused.err


def test_a_file_unlike_the_reviewed_mentions_warns(tmp_path: Path, kb: Path) -> None:
    names = [row for row in said(400, 5) if row[1] != "K99"]
    source = table(tmp_path / "m.tsv", names[:150] + [(one, "K99") for one in ODD * 40])
    reviewed = table(tmp_path / "r.tsv", said(300, 4))
    done = rpdr(
        "link", source, "-o", tmp_path / "o.csv", "--kb", kb, "--max-error", "0.1", "--reviewed", reviewed, "--json"
    )
    assert done.code == 0, done.err
    assert done.json["drift"]["warns"]
    assert "of the new mentions are exact names, " in done.err
    assert done.json["drift"]["differences"][0]["p"] < 0.002


def test_what_can_promise_nothing_is_refused_before_any_work(tmp_path: Path, kb: Path) -> None:
    source, few = table(tmp_path / "m.tsv", said(50, 3)), table(tmp_path / "r.tsv", said(40, 4))
    given = ("link", source, "-o", tmp_path / "out.csv", "--kb", kb)
    refused = rpdr(*given, "--max-error", "0.02", "--reviewed", few)
    assert refused.code != 0
    assert "review at least 149 mentions drawn by lot" in refused.err
    assert "--reviewed FILE or --project FILE" in rpdr(*given, "--max-error", "0.02").err
    assert "add --max-error" in rpdr(*given, "--reviewed", few).err
    same = rpdr(*given, "--max-error", "0.02", "--reviewed", few, "--memory", few)
    assert "the reviewed mentions are the memory" in same.err
    assert sorted(path.name for path in tmp_path.glob("out*")) == []


def test_a_student_is_not_judged_by_what_it_learned_nor_a_memory_by_what_it_knows(tmp_path: Path, kb: Path) -> None:
    source, reviewed = table(tmp_path / "m.tsv", said(50, 3)), table(tmp_path / "r.tsv", said(300, 4))
    given = ("link", source, "-o", tmp_path / "out.csv", "--kb", kb, "--max-error", "0.1", "--reviewed", reviewed)
    student = adapter_folder(tmp_path, "student", texts=["pain knee"]).folder
    for by in (("--ranker", f"student:{student}"), ("--encoder", student)):
        refused = rpdr(*given, *by)
        assert refused.code != 0
        assert " has learned from " in refused.err
        assert "of the reviewed mentions" in refused.err
    # The same reviewed mentions in another file: none of them is right by heart.
    turned = tmp_path / "memory.tsv"
    turned.write_text("code\tmention\n" + "".join(f"{code}\t{text}\n" for text, code in said(300, 4)), encoding="utf-8")
    done = rpdr(*given, "--memory", turned, "--no-learn")
    assert "300 entries of --memory are worded as reviewed mentions and left out" in done.err
    assert done.code == rpdr(*given, "--no-learn").code


def test_an_evaluation_shows_how_far_the_confidence_can_be_believed(tmp_path: Path, kb: Path) -> None:
    gold = table(tmp_path / "gold.tsv", said(200, 6))
    told = rpdr("evaluate", gold, "--kb", kb)
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    head = next(at for at, line in enumerate(lines) if line.split() == ["confidence", "right", "n"])
    bins = [line.split() for line in lines[head + 1 : -1]]
    assert sum(int(row[-1]) for row in bins) == 200
    assert "expected calibration error" in lines[-1]
    found = rpdr("evaluate", gold, "--kb", kb, "--json").json["reliability"]
    assert f"error {found['error']:.3f} over 200 answers" in lines[-1]
    assert len(found["bins"]) == len(bins)
