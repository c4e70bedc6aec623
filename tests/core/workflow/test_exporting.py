from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from helpers.mention_files import csv_text, read
from helpers.projects import KNOWLEDGE_BASE, new_project, ranking

from rpdr_core.errors import NotFoundError, UserInputError, WorldError
from rpdr_core.formats.losses import Loss
from rpdr_core.records import NewDecision, ReviewPlan, Target
from rpdr_core.store import Project, StoredAdapter
from rpdr_core.workflow import exporting
from rpdr_core.workflow.decision_table import Level, headers_of
from rpdr_core.workflow.exporting import export_decisions, sha256_of
from rpdr_core.workflow.importing import import_file

FORMATS = (".csv", ".xlsx", ".jsonl")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two files: "-5 D" three times (twice in one file), "青光眼" once; one decision of each kind."""
    with Project.create(tmp_path / "p.rpdr", name="p", knowledge_base=KNOWLEDGE_BASE) as opened:
        rows = [("R1", "-5 D", "OD -5 D today", "2", "X1", "Eye"), ("R2", "青光眼", "", "1", "", "")]
        more = [("=Q", "-5 D", "OD -5 D today", "1", "X2", "Eye"), ("Q2", "'=odd", '\u4e00\r\n"x",\ty', "7", "", "")]
        for name, found in (("one.csv", rows), ("two.csv", more)):
            (tmp_path / name).write_bytes(csv_text(found).encode())
            import_file(opened, tmp_path / name)
        shown = (
            ranking(1, "retriever", "A", "B", "C"),
            ranking(1, "teacher", "B", "C"),
            ranking(1, "student:s", "C", "A"),
        )
        opened.decide(NewDecision(1, "correct", "C", "Name C", comment="=sure", shown=shown), reviewer="Ann")
        opened.record_rankings([ranking(1, "retriever", "Z"), ranking(2, "retriever", "B")])
        opened.decide(NewDecision(3, "no_match", reason="unreadable"), reviewer="@Bob")
        opened.set_flag(2, True)
        opened.set_comment(2, "ask")
        yield opened


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_one_line_for_each_source_row(project: Project, tmp_path: Path) -> None:
    done = export_decisions(project, tmp_path / "out.csv")
    rows = _rows(tmp_path / "out.csv")
    assert done.rows == len(rows) == 4
    places = [(r["source file"], r["row"], r["row id"], r["mention id"], r["count"], r["given code"]) for r in rows]
    assert places == [
        ("one.csv", "1", "R1", "1", "2", "X1"),
        ("one.csv", "2", "R2", "2", "1", ""),
        ("two.csv", "1", "'=Q", "1", "1", "X2"),
        ("two.csv", "2", "Q2", "3", "7", ""),
    ]
    assert rows[0]["status"] == rows[2]["status"] == "corrected"


def test_one_line_for_each_mention(project: Project, tmp_path: Path) -> None:
    export_decisions(project, tmp_path / "out.csv", level="mentions")
    rows = _rows(tmp_path / "out.csv")
    assert [(r["mention"], r["count"]) for r in rows] == [("'-5 D", "3"), ("青光眼", "1"), ("''=odd", "7")]
    assert "source file" not in rows[0]


def test_what_a_decision_says(project: Project, tmp_path: Path) -> None:
    export_decisions(project, tmp_path / "out.csv", level="mentions")
    decided, flagged, none = _rows(tmp_path / "out.csv")
    assert (decided["code"], decided["name"], decided["reviewer"], decided["decision comment"]) == (
        "C",
        "Name C",
        "Ann",
        "'=sure",
    )
    assert decided["decided at"].endswith("Z")
    assert (flagged["status"], flagged["flagged"], flagged["comment"], flagged["code"]) == (
        "unreviewed",
        "yes",
        "ask",
        "",
    )
    assert (none["status"], none["reason"], none["reviewer"]) == ("no_match", "unreadable", "'@Bob")
    base = (decided["knowledge base"], decided["knowledge base version"], decided["knowledge base fingerprint"])
    assert base == ("icd10cm", "2026", "ab" * 32)


def test_what_a_review_adds(project: Project, tmp_path: Path) -> None:
    project.set_review_plan(ReviewPlan(double_share=1.0))
    also = (Target("H1", "One"), Target("H2", "Two", "narrower"))
    project.decide(
        NewDecision(1, "correct", "C", "Name C", relation="broader", also=also, seconds=4.5, knowledge_base="kb"),
        reviewer="Ann",
    )
    project.decide(NewDecision(2, "accept", "B", "Name B"))
    origin = project.decision(2)
    assert origin is not None
    project.decide(NewDecision(3, "correct", "B", "Name B", mode="propagated", origin_id=origin.id))
    project.set_flag(3, True, reason="source_unclear")
    export_decisions(project, tmp_path / "out.csv", level="mentions")
    first, second, third = _rows(tmp_path / "out.csv")
    assert (first["relation"], first["further codes"], first["further names"]) == (
        "the target is broader than the source", "H1 | H2", "One | Two",
    )  # fmt: skip
    assert first["further relations"] == (
        "the target means the same as the source | the target is narrower than the source"
    )
    assert (first["how decided"], first["seconds"], first["double review"]) == ("open", "4.5", "waiting")
    assert first["decided with fingerprint"] == "kb"
    assert (second["relation"], second["further codes"]) == ("the target means the same as the source", "")
    assert (third["how decided"], third["propagated from"]) == ("propagated", second["decision id"])
    assert (third["flagged"], third["flag reason"], second["double review"]) == ("yes", "source_unclear", "")


def test_a_student_that_is_not_in_use_has_no_rank(project: Project, tmp_path: Path) -> None:
    project.register_adapter(StoredAdapter("old", "encoder", "/old", "", "", "", "{}"))
    project.record_rankings([ranking(2, "student:new", "B", "C")])
    export_decisions(project, tmp_path / "out.csv", level="mentions")
    assert _rows(tmp_path / "out.csv")[1]["student code"] == "B"
    project.promote("old")
    export_decisions(project, tmp_path / "out.csv", level="mentions")
    assert _rows(tmp_path / "out.csv")[1]["student code"] == ""


def test_ranks_are_those_that_were_on_screen(project: Project, tmp_path: Path) -> None:
    export_decisions(project, tmp_path / "out.csv", level="mentions")
    decided, open_, _ = _rows(tmp_path / "out.csv")
    cells = [(decided[f"{role} code"], decided[f"{role} rank"]) for role in ("retriever", "teacher", "student")]
    assert cells == [("A", "3"), ("B", "2"), ("C", "1")]
    assert (open_["retriever code"], open_["retriever rank"], open_["teacher code"]) == ("B", "", "")


@pytest.mark.parametrize("level", ["rows", "mentions"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_an_export_imports_again_unchanged(project: Project, tmp_path: Path, level: Level, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    export_decisions(project, path, level=level)
    again = read(path)
    originals = read(tmp_path / "one.csv") + read(tmp_path / "two.csv")
    if level == "rows":
        assert [(m.text, m.context, m.start, m.end, m.count, m.department, m.row.key) for m in again] == [
            (m.text, m.context, m.start, m.end, m.count, m.department, m.row.key) for m in originals
        ]
    else:
        assert {(m.text, m.context) for m in again} == {(m.text, m.context) for m in originals}
    assert [m.code for m in again if m.text == "-5 D"] == ["C"] * (2 if level == "rows" else 1)


def test_jsonl_keeps_types(project: Project, tmp_path: Path) -> None:
    export_decisions(project, tmp_path / "out.jsonl")
    first = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == [header.replace(" ", "_") for header in headers_of("rows")]
    assert (first["mention"], first["count"], first["student_rank"], first["start"]) == ("-5 D", 2, 1, 3)


def test_losses_are_told(project: Project, tmp_path: Path) -> None:
    plain = export_decisions(project, tmp_path / "out.jsonl").report.losses
    assert {loss.times for loss in plain} == {0}
    assert any("audit" in loss.what for loss in plain)
    guarded = export_decisions(project, tmp_path / "out.csv").report.losses
    assert guarded[-1] == Loss("cells that look like formulas have a leading apostrophe", 7)


def test_the_hash_is_that_of_the_file(project: Project, tmp_path: Path) -> None:
    done = export_decisions(project, tmp_path / "out.csv", mark=True)
    assert done.sha256 == sha256_of(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_failing_export_leaves_the_old_file(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"precious")

    def fail(*_: object, **__: object) -> object:
        yield tuple(headers_of("rows"))
        raise OSError(28, "no space left")

    monkeypatch.setattr(exporting, "rows_of", fail)
    with pytest.raises(WorldError, match="cannot be written"):
        export_decisions(project, path)
    assert path.read_bytes() == b"precious"
    assert [child.name for child in tmp_path.iterdir() if "out" in child.name] == [path.name]


def test_a_missing_folder_and_an_unknown_format(project: Project, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such folder"):
        export_decisions(project, tmp_path / "none" / "out.csv")
    with pytest.raises(UserInputError, match="no format"):
        export_decisions(project, tmp_path / "out.pdf")


def test_many_mentions_go_by_pages(tmp_path: Path) -> None:
    with new_project(tmp_path, [f"m{number}" for number in range(1_203)]) as project:
        for level in ("rows", "mentions"):
            done = export_decisions(project, tmp_path / f"{level}.csv", level=level)  # type: ignore[arg-type]
            assert done.rows == 1_203
            assert [row["mention"] for row in _rows(done.path)] == [f"m{number}" for number in range(1_203)]
