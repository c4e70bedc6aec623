"""Training rows, text-free training rows, and the way back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.mention_files import csv_text, workbook
from helpers.terminologies import small_table

from rpdr_core.errors import FileFormatError, NotAllowedError, NotFoundError
from rpdr_core.formats.losses import Loss
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.prompting.template import load_template
from rpdr_core.records import Candidate, NewDecision, NewOpinion, Provenance, Ranking, ReviewPlan, Target
from rpdr_core.store import Project
from rpdr_core.workflow import held_out, training
from rpdr_core.workflow.distilling import HELD_OUT
from rpdr_core.workflow.exporting import sha256_of
from rpdr_core.workflow.importing import Columns, import_file
from rpdr_core.workflow.labels import DISPUTED
from rpdr_core.workflow.relinking import relink
from rpdr_core.workflow.training import export_training, manifest_path

SECRETS = ("Smith", "nuclear sclerosing", "白内障术后", "MRN77", "Dr. Who", "patients.csv", "private remark", "Befund")
CODES = ("E1.9", "E1.11", "E2.9", "E3")


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    table = small_table(tmp_path / "kb")
    folder = write_catalogue(tmp_path / "kbs", read_table(table), id="eye", title="Eye", version="1", source="x")
    return Catalogue(read_manifest(folder).info, folder)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A CSV in GB18030 with semicolons, a workbook's second sheet, and plain text."""
    rows = [
        ("MRN77", "nuclear sclerosing cataract", "Mr Smith has nuclear sclerosing cataract {{mention}}", "2", "", ""),
        ("MRN78", "白内障术后", "", "1", "", "眼科"),
        ("MRN79", "glaucoma Smith", "", "1", "", ""),
    ]
    table = tmp_path / "patients.csv"
    table.write_bytes(csv_text(rows, ("id", "Befund", "context", "n", "code", "dept"), delimiter=";").encode("gb18030"))
    book = workbook(tmp_path / "list.xlsx", [("x", "MI, Smith", "", 1, "", "")], sheet="S1")
    lines = tmp_path / "lines.txt"
    lines.write_text("unseen\nheart attack Smith\n", encoding="utf-8")
    return [table, book, lines]


def _shown(mention_id: int, catalogue: Catalogue, *, teacher: bool = False) -> tuple[Ranking, ...]:
    names = {entity.code: entity.name for entity in catalogue.entities()}
    # What brought a candidate may be a remembered mention: it must never leave.
    candidates = tuple(Candidate(code, names[code], "nuclear sclerosing of Smith", "memory") for code in CODES)
    by = Provenance("retriever", "m", catalogue.info.fingerprint)
    retriever = Ranking(mention_id, "retriever", candidates, by)
    return (retriever, Ranking(mention_id, "teacher", candidates[::-1], by, "none")) if teacher else (retriever,)


def _hold_out(project: Project, share: float) -> None:
    project.set_setting(held_out.SETTING, json.dumps({"seed": 0, "share": share}))


@pytest.fixture
def project(tmp_path: Path, catalogue: Catalogue, files: list[Path]) -> Iterator[Project]:
    with Project.create(tmp_path / "p.rpdr", name="Smith", knowledge_base=catalogue.info) as opened:
        _hold_out(opened, 0.0)
        columns = Columns(mention="Befund", context="context", count="n", id="id", department="dept")
        import_file(opened, files[0], columns, encoding="gb18030")
        for file in files[1:]:
            import_file(opened, file)

        def decide(mention_id: int, kind: str, code: str = "", *, teacher: bool = False, **more: str) -> None:
            shown = _shown(mention_id, catalogue, teacher=teacher)
            name = dict(zip(CODES, (c.name for c in shown[0].candidates), strict=True)).get(code, code and "Old term")
            new = NewDecision(mention_id, kind, code, name, shown=shown, comment="private remark", **more)  # type: ignore[arg-type]
            opened.decide(new, reviewer="Dr. Who")

        decide(1, "correct", "E1.11")
        decide(2, "accept", "E1.9")
        decide(3, "no_match", reason="not_retrieved", teacher=True)
        decide(4, "correct", "E3")
        decide(5, "defer")
        decide(6, "correct", "E4")
        yield opened


def test_held_out_mentions_train_nobody(project: Project, tmp_path: Path) -> None:
    _hold_out(project, 1.0)
    for form in ("chat", "alpaca", "pairs"):
        for text_free in (False, True):
            done = export_training(project, tmp_path / "t.jsonl", form=form, text_free=text_free)  # type: ignore[arg-type]
            assert done.rows == 0
            assert any(HELD_OUT in loss.what for loss in done.report.losses)


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_are_chats_with_numbered_candidates(project: Project, tmp_path: Path) -> None:
    done = export_training(project, tmp_path / "t.jsonl")
    first, second, third, _ = _lines(tmp_path / "t.jsonl")
    assert done.rows == 4
    assert [message["role"] for message in first["messages"]] == ["system", "user", "assistant"]
    question = first["messages"][1]["content"]
    assert "nuclear sclerosing cataract" in question
    assert "1. Unspecified cataract\n2. Age-related nuclear cataract, right eye\n3." in question
    assert "of Smith" not in question
    answers = [json.loads(row["messages"][2]["content"]) for row in (first, second, third)]
    assert answers == [
        {"order": [2, 1, 3, 4], "verdict": "exact"},
        {"order": [1, 2, 3, 4], "verdict": "exact"},
        {"order": [4, 3, 2, 1], "verdict": "none"},
    ]
    assert first["meta"]["codes"] == list(CODES)
    assert [row["meta"]["meaning"] for row in (first, second, third)] == ["corrected", "accepted", "no_match"]


def test_a_row_says_how_it_was_decided(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    also = (Target("E3", "Myocardial infarction"),)
    shown = _shown(1, catalogue)
    project.decide(NewDecision(1, "correct", "E1.11", "x", shown=shown, relation="narrower", also=also))
    for text_free in (False, True):
        export_training(project, tmp_path / "t.jsonl", text_free=text_free)
        meta, other = (row["meta"] for row in _lines(tmp_path / "t.jsonl")[:2])
        assert (meta["relation"], meta["further"], meta["mode"], meta["verdict"]) == (
            "narrower",
            ["E3"],
            "open",
            "close",
        )
        assert (other["relation"], other["further"]) == ("equivalent", [])


def test_the_manifest_counts_by_meaning_and_says_what_is_missing(
    project: Project, tmp_path: Path, catalogue: Catalogue
) -> None:
    done = export_training(project, tmp_path / "t.jsonl")
    manifest = json.loads(manifest_path(tmp_path / "t.jsonl").read_text(encoding="utf-8"))
    assert manifest["labels"] == {"corrected": 2, "accepted": 1, "no_match": 1}
    assert manifest["excluded"] == {"deferred": 1, "the chosen entity was not among the candidates": 1}
    assert manifest["sha256"] == done.sha256 == sha256_of(tmp_path / "t.jsonl")
    assert (manifest["rows"], manifest["text_free"], manifest["template"]) == (4, False, "rerank_en")
    assert manifest["knowledge_base"]["fingerprint"] == catalogue.info.fingerprint
    assert Loss("decisions left out: deferred", 1) in done.report.losses


def test_a_text_free_export_holds_no_word_of_a_patient(project: Project, tmp_path: Path) -> None:
    export_training(project, tmp_path / "free.jsonl", text_free=True)
    for path in (tmp_path / "free.jsonl", manifest_path(tmp_path / "free.jsonl")):
        content = path.read_text(encoding="utf-8")
        assert content.isascii()
        assert [secret for secret in SECRETS if secret.casefold() in content.casefold()] == []
    assert all(set(row) == {"meta"} for row in _lines(tmp_path / "free.jsonl"))


def test_rows_with_text_name_no_patient_beside_the_mention(project: Project, tmp_path: Path) -> None:
    export_training(project, tmp_path / "t.jsonl")
    content = (tmp_path / "t.jsonl").read_text(encoding="utf-8")
    assert [word for word in ("MRN77", "Dr. Who", "private remark", "patients.csv") if word in content] == []


def test_the_way_back_gives_the_same_bytes(
    project: Project, tmp_path: Path, catalogue: Catalogue, files: list[Path]
) -> None:
    export_training(project, tmp_path / "t.jsonl")
    export_training(project, tmp_path / "free.jsonl", text_free=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = [Path(shutil.copy(file, elsewhere / f"renamed{file.suffix}")) for file in reversed(files)]
    done = relink(tmp_path / "free.jsonl", moved, catalogue, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "t.jsonl").read_bytes()
    assert done.rows == 4
    again, first = (json.loads(manifest_path(tmp_path / name).read_text()) for name in ("again.jsonl", "t.jsonl"))
    assert again == first


def test_a_file_imported_twice_with_other_columns_finds_both_ways(
    tmp_path: Path, catalogue: Catalogue, files: list[Path]
) -> None:
    book = workbook(tmp_path / "two.xlsx", [("x", "lens opacity", "red eye", 1, "", "")])
    with Project.create(tmp_path / "q.rpdr", name="q", knowledge_base=catalogue.info) as project:
        _hold_out(project, 0.0)
        import_file(project, book, Columns(mention="mention"))
        import_file(project, book, Columns(mention="context"), again=True)
        for mention_id in (1, 2):
            shown = _shown(mention_id, catalogue)
            project.decide(NewDecision(mention_id, "accept", "E1.9", shown[0].candidates[0].name, shown=shown))
        export_training(project, tmp_path / "t.jsonl")
        export_training(project, tmp_path / "free.jsonl", text_free=True)
    relink(tmp_path / "free.jsonl", [book], catalogue, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "t.jsonl").read_bytes()
    assert "red eye" in (tmp_path / "again.jsonl").read_text(encoding="utf-8")


@pytest.fixture
def free(project: Project, tmp_path: Path) -> Path:
    export_training(project, tmp_path / "free.jsonl", text_free=True)
    return tmp_path / "free.jsonl"


def test_a_missing_or_changed_source_is_named_by_its_hash(
    free: Path, tmp_path: Path, catalogue: Catalogue, files: list[Path]
) -> None:
    missing = sha256_of(files[0])[:12]
    with pytest.raises(NotFoundError, match=missing):
        relink(free, files[1:], catalogue, tmp_path / "again.jsonl")
    files[0].write_bytes(files[0].read_bytes() + b"\n")
    with pytest.raises(NotFoundError, match=missing):
        relink(free, files, catalogue, tmp_path / "again.jsonl")
    assert not (tmp_path / "again.jsonl").exists()


def test_another_knowledge_base_is_refused(free: Path, tmp_path: Path, files: list[Path]) -> None:
    table = small_table(tmp_path / "other", "code,name\nE1.9,Cataract\n")
    folder = write_catalogue(tmp_path / "kbs", read_table(table), id="eye", title="Eye", version="1", source="y")
    with pytest.raises(NotAllowedError, match="another knowledge base") as caught:
        relink(free, files, Catalogue(read_manifest(folder).info, folder), tmp_path / "again.jsonl")
    assert "Eye 1" in caught.value.hint


def test_a_changed_text_free_file_is_refused(
    free: Path, tmp_path: Path, catalogue: Catalogue, files: list[Path]
) -> None:
    free.write_bytes(free.read_bytes().replace(b"E1.9", b"E2.9", 1))
    with pytest.raises(FileFormatError, match="belongs to another file"):
        relink(free, files, catalogue, tmp_path / "again.jsonl")


def test_a_file_with_text_is_not_relinked(
    project: Project, tmp_path: Path, catalogue: Catalogue, files: list[Path]
) -> None:
    export_training(project, tmp_path / "t.jsonl")
    with pytest.raises(FileFormatError, match="belongs to another file"):
        relink(tmp_path / "t.jsonl", files, catalogue, tmp_path / "again.jsonl")


def test_a_missing_or_broken_manifest(free: Path, tmp_path: Path, catalogue: Catalogue, files: list[Path]) -> None:
    manifest_path(free).write_text("{}")
    with pytest.raises(FileFormatError, match="not a manifest"):
        relink(free, files, catalogue, tmp_path / "again.jsonl")
    manifest_path(free).unlink()
    with pytest.raises(NotFoundError):
        relink(free, files, catalogue, tmp_path / "again.jsonl")


def test_other_words_of_the_template_are_refused(
    free: Path, tmp_path: Path, catalogue: Catalogue, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(load_template("rerank_en"), user="Phrase: {{mention}} {{candidates}}", sha256="0" * 64)
    monkeypatch.setattr("rpdr_core.workflow.relinking.load_template", lambda name: other)
    with pytest.raises(NotAllowedError, match="words of template"):
        relink(free, files, catalogue, tmp_path / "again.jsonl")


def test_undone_decisions_are_not_exported(project: Project, tmp_path: Path) -> None:
    for _ in range(6):
        project.undo()
    done = export_training(project, tmp_path / "t.jsonl")
    assert done.rows == 0
    assert (tmp_path / "t.jsonl").read_bytes() == b""


def test_a_missing_folder(project: Project, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        export_training(project, tmp_path / "none" / "t.jsonl")
    assert training.TEMPLATE == "rerank_en"


def test_an_open_dispute_is_not_exported(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    project.set_review_plan(ReviewPlan(double_share=1.0))
    project.decide(NewDecision(1, "correct", "E1.11", "x", shown=_shown(1, catalogue)), reviewer="ann")
    project.give_opinion(NewOpinion(1, "second", "correct", "E3", "y"), reviewer="bo")
    done = export_training(project, tmp_path / "t.jsonl")
    assert done.rows == 3
    assert any(DISPUTED in loss.what for loss in done.report.losses)
