"""Instructions and pairs: what they say, how others read them, and the way back from a text-free file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.mapped_projects import CODES, candidates, small_catalogue
from helpers.mention_files import csv_text

from rpdr_core.errors import Cancelled, FileFormatError, UserInputError
from rpdr_core.formats.opening import open_table
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import NewDecision, Provenance, Ranking, Target
from rpdr_core.store import Project
from rpdr_core.workflow import held_out
from rpdr_core.workflow.document_import import DocumentOptions, import_documents
from rpdr_core.workflow.importing import import_file
from rpdr_core.workflow.mapping_export import export_mappings
from rpdr_core.workflow.mapping_import import take_mappings
from rpdr_core.workflow.origins import WEIGHTS
from rpdr_core.workflow.relinking import relink
from rpdr_core.workflow.training import export_training, manifest_path
from rpdr_core.workflow.training_forms import PAIR_HEADERS

ROWS = [
    ("r1", "nuclear cataract", "has nuclear cataract", "2", "", ""),
    ("r2", "glaucoma Smith", "", "1", "", ""),
    ("r3", "=MI", "an =MI", "1", "", ""),
    ("r4", "not seen", "", "1", "", ""),
    ("r5", "waits", "", "1", "", ""),
]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return small_catalogue(tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(csv_text(ROWS).encode())
    return path


@pytest.fixture
def project(tmp_path: Path, catalogue: Catalogue, source: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.rpdr", name="p", knowledge_base=catalogue.info) as opened:
        opened.set_setting(held_out.SETTING, json.dumps({"seed": 0, "share": 0.0}))
        import_file(opened, source)
        listed = candidates(catalogue)
        names = {entity.code: entity.name for entity in catalogue.entities()}
        by = Provenance("retriever", "m", catalogue.info.fingerprint)

        def decide(mention_id: int, kind: str, code: str = "", *, seen: bool = True, **more: object) -> None:
            shown = (Ranking(mention_id, "retriever", listed, by),) if seen else ()
            new = NewDecision(mention_id, kind, code, names.get(code, ""), shown=shown, **more)  # type: ignore[arg-type]
            opened.decide(new, reviewer="Ann")

        also = (Target("E3", names["E3"], "inexact"),)
        decide(1, "correct", "E2.9", also=also, relation="broader")
        decide(2, "correct", "E4")
        decide(3, "correct", "E3", seen=False)
        decide(4, "no_match", reason="not_in_terminology")
        decide(5, "defer")
        yield opened


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_instructions_say_what_chats_say(project: Project, tmp_path: Path) -> None:
    export_training(project, tmp_path / "chat.jsonl")
    done = export_training(project, tmp_path / "alpaca.jsonl", form="alpaca")
    [chat], [row] = _lines(tmp_path / "chat.jsonl"), _lines(tmp_path / "alpaca.jsonl")
    assert done.rows == 1
    assert list(row)[:3] == ["instruction", "input", "output"]
    assert [row["instruction"], row["input"], row["output"]] == [one["content"] for one in chat["messages"]]
    assert row["meta"] == chat["meta"]
    assert (row["meta"]["origin"], row["meta"]["weight"]) == ("corrected", WEIGHTS["corrected"])


def test_the_description_beside_it_keeps_what_others_wrote(project: Project, tmp_path: Path) -> None:
    beside = tmp_path / "dataset_info.json"
    beside.write_text('{"theirs": {"file_name": "x.json"}}', encoding="utf-8")
    export_training(project, tmp_path / "alpaca.jsonl", form="alpaca")
    export_training(project, tmp_path / "chat.jsonl")
    export_training(project, tmp_path / "pairs.jsonl", form="pairs")
    found = json.loads(beside.read_text(encoding="utf-8"))
    assert set(found) == {"theirs", "alpaca", "chat"}
    columns = {"prompt": "instruction", "query": "input", "response": "output"}
    assert found["alpaca"] == {"file_name": "alpaca.jsonl", "columns": columns}
    assert (found["chat"]["formatting"], found["chat"]["columns"]) == ("sharegpt", {"messages": "messages"})
    beside.write_text("no JSON", encoding="utf-8")
    with pytest.raises(FileFormatError, match="no JSON"):
        export_training(project, tmp_path / "alpaca.jsonl", form="alpaca")
    assert beside.read_text(encoding="utf-8") == "no JSON"


def test_pairs_are_what_was_chosen_and_what_was_passed_over(project: Project, tmp_path: Path) -> None:
    done = export_training(project, tmp_path / "pairs.jsonl", form="pairs")
    rows = _lines(tmp_path / "pairs.jsonl")
    assert done.rows == len(rows)
    assert tuple(rows[0]) == PAIR_HEADERS
    found = [(row["group"], row["code"], row["label"], row["relation"], row["origin"]) for row in rows]
    assert found == [
        (1, "E2.9", 1.0, "broader", "corrected"),
        (1, "E3", 1.0, "inexact", "corrected"),
        (1, "E1.9", 0.0, "", "corrected"),
        (1, "E1.11", 0.0, "", "corrected"),
        (2, "E4", 1.0, "equivalent", "corrected"),
        *[(2, code, 0.0, "", "corrected") for code in CODES[:4]],
        (3, "E3", 1.0, "equivalent", "blind"),
        *[(4, code, 0.0, "", "no_match") for code in CODES[:4]],
    ]
    assert all(row["weight"] == WEIGHTS[row["origin"]] for row in rows)
    assert (rows[0]["mention"], rows[0]["context"]) == ("nuclear cataract", "has nuclear cataract")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_pairs_as_a_table(project: Project, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"pairs{suffix}"
    done = export_training(project, path, form="pairs")
    table = open_table(path)
    assert table.headers == PAIR_HEADERS
    rows = [dict(zip(PAIR_HEADERS, row.cells, strict=True)) for row in table.rows()]
    assert len(rows) == done.rows
    assert [float(row["label"]) for row in rows[:3]] == [1.0, 1.0, 0.0]
    if suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            assert [row["mention"] for row in csv.DictReader(stream) if row["group"] == "3"] == ["'=MI"]
        assert any("formulas" in loss.what for loss in done.report.losses)


@pytest.mark.parametrize(("form", "suffix"), [("alpaca", ".jsonl"), ("pairs", ".jsonl"), ("pairs", ".csv")])
def test_the_way_back_gives_the_same_bytes(
    project: Project, tmp_path: Path, catalogue: Catalogue, source: Path, form: str, suffix: str
) -> None:
    full, free, again = tmp_path / f"full{suffix}", tmp_path / "free.jsonl", tmp_path / f"again{suffix}"
    export_training(project, full, form=form)  # type: ignore[arg-type]
    export_training(project, free, form=form, text_free=True)  # type: ignore[arg-type]
    content = free.read_text(encoding="utf-8") + manifest_path(free).read_text(encoding="utf-8")
    assert [word for word in ("nuclear", "Smith", "MI", "list.csv", "Ann") if word in content] == []
    relink(free, [source], catalogue, again)
    assert again.read_bytes() == full.read_bytes()
    assert json.loads(manifest_path(again).read_text()) == json.loads(manifest_path(full).read_text())


@pytest.mark.parametrize("form", ["csv", "xlsx", "usagi"])
def test_texts_are_found_again_in_a_file_of_mappings(
    project: Project, tmp_path: Path, catalogue: Catalogue, form: str
) -> None:
    file = tmp_path / ("taken.xlsx" if form == "xlsx" else "taken.csv")
    export_mappings(project, file, form)
    with Project.create(tmp_path / "b.rpdr", name="b", knowledge_base=catalogue.info) as other:
        other.set_setting(held_out.SETTING, json.dumps({"seed": 0, "share": 0.0}))
        take_mappings(other, file, catalogue)
        full, free, again = (tmp_path / f"{name}.jsonl" for name in ("full", "free", "again"))
        assert export_training(other, full, form="pairs").rows
        export_training(other, free, form="pairs", text_free=True)
    relink(free, [file], catalogue, again)
    assert again.read_bytes() == full.read_bytes()


def test_a_form_that_has_no_such_file(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="alpaca"):
        export_training(project, tmp_path / "a.csv", form="alpaca")
    with pytest.raises(UserInputError, match="pairs"):
        export_training(project, tmp_path / "a.csv", form="pairs", text_free=True)


def test_a_cancel_leaves_nothing(project: Project, tmp_path: Path) -> None:
    def cancel(*_: object) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        export_training(project, tmp_path / "t.jsonl", watch=cancel)
    assert not list(tmp_path.glob("*t.jsonl*"))


PUBTATOR = (
    "1|t|Cataract of the eye\n1|a|An old MI was seen.\n"
    "1\t0\t8\tCataract\tDisease\tE1.9\n1\t23\t29\told MI\tDisease\tE3\n\n"
)


@pytest.mark.parametrize("types", [(), ("Disease",)])
def test_texts_are_found_again_in_documents(tmp_path: Path, catalogue: Catalogue, types: tuple[str, ...]) -> None:
    file = tmp_path / "docs.pubtator"
    file.write_text(PUBTATOR, encoding="utf-8")
    with Project.create(tmp_path / "d.rpdr", name="d", knowledge_base=catalogue.info) as project:
        project.set_setting(held_out.SETTING, json.dumps({"seed": 0, "share": 0.0}))
        import_documents(project, file, DocumentOptions(types=types))
        project.decide(NewDecision(1, "correct", "E1.9", "Unspecified cataract"))
        project.decide(NewDecision(2, "correct", "E3", "Myocardial infarction"))
        full, free, again = (tmp_path / f"{name}.jsonl" for name in ("full", "free", "again"))
        assert export_training(project, full, form="pairs").rows == 2
        export_training(project, free, form="pairs", text_free=True)
    assert "Disease" not in manifest_path(free).read_text(encoding="utf-8")
    relink(free, [file], catalogue, again)
    assert again.read_bytes() == full.read_bytes()
