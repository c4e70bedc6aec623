from __future__ import annotations

import csv
from pathlib import Path

import pytest
from helpers.projects import new_project, ranking

from rpdr_core.errors import Cancelled
from rpdr_core.formats.opening import open_table
from rpdr_core.records import NewDecision, Target
from rpdr_core.store import Project
from rpdr_core.workflow.candidates_export import HEADERS, export_candidates


@pytest.fixture
def project(tmp_path: Path) -> Project:
    with new_project(tmp_path, ["blurry", "MI", "=1"]) as opened:
        shown = (
            ranking(1, "retriever", "A", "B", confidence=0.5),
            ranking(1, "student:s", "B", "A", verdict="close", model="m2"),
        )
        opened.record_rankings([*shown, ranking(2, "retriever", "C"), ranking(2, "teacher", verdict="none")])
        also = (Target("A", "Name of A"),)
        opened.decide(NewDecision(1, "correct", "B", "Name of B", shown=shown, also=also), reviewer="Ann")
        opened.record_rankings([ranking(1, "retriever", "Z")])
        yield opened


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_one_line_for_each_mention_ranker_and_rank(project: Project, tmp_path: Path) -> None:
    done = export_candidates(project, tmp_path / "c.csv")
    rows = _rows(tmp_path / "c.csv")
    assert done.rows == len(rows) == 6
    assert [(r["mention"], r["ranker"], r["rank"], r["code"], r["chosen"], r["seen"]) for r in rows] == [
        ("blurry", "retriever", "1", "A", "yes", "yes"),
        ("blurry", "retriever", "2", "B", "yes", "yes"),
        ("blurry", "student:s", "1", "B", "yes", "yes"),
        ("blurry", "student:s", "2", "A", "yes", "yes"),
        ("MI", "retriever", "1", "C", "", ""),
        ("MI", "teacher", "", "", "", ""),
    ]
    first, other = rows[0], rows[2]
    assert (first["decided code"], first["further codes"], first["status"], first["reviewer"]) == (
        "B", "A", "corrected", "Ann",
    )  # fmt: skip
    assert (first["score"], first["confidence"], first["matched"], first["matched by"]) == (
        "1.0", "0.5", "A matched", "synonym",
    )  # fmt: skip
    assert (other["model"], other["verdict"]) == ("m2", "close")
    assert len(first["provenance"]) == 64
    assert first["provenance"] != other["provenance"]
    assert rows[1]["provenance"] == first["provenance"]


def test_only_decided_mentions(project: Project, tmp_path: Path) -> None:
    assert export_candidates(project, tmp_path / "c.csv", only="decided").rows == 4


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx", ".parquet"])
def test_every_format_says_the_same(project: Project, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"c{suffix}"
    assert export_candidates(project, path).rows == 6
    table = open_table(path)
    assert [header.replace("_", " ") for header in table.headers] == list(HEADERS)
    rows = [dict(zip(HEADERS, row.cells, strict=True)) for row in table.rows()]
    assert [(row["ranker"], row["rank"], row["code"]) for row in rows][2:] == [
        ("student:s", "1", "B"), ("student:s", "2", "A"), ("retriever", "1", "C"), ("teacher", "", ""),
    ]  # fmt: skip


def test_a_cancel_leaves_nothing(project: Project, tmp_path: Path) -> None:
    def cancel(*_: object) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        export_candidates(project, tmp_path / "c.csv", watch=cancel)
    assert not list(tmp_path.glob("*c.csv*"))
