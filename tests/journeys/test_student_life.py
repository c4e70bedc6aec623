"""A student's life with real workers: trained twice, compared, promoted, rolled back; and a leak refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.projects import KNOWLEDGE_BASE
from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import lay_rows, tiny_bert

from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import NewDecision, NewMention, Provenance, Ranking
from rpdr_core.store import Project, SourceFile, open_reader
from rpdr_core.workflow.adapters import current_student, find_adapter
from rpdr_core.workflow.comparing import compare
from rpdr_core.workflow.held_out import held_out_of
from rpdr_core.workflow.promotion import report_in
from rpdr_core.workflow.student_ranking import ranker

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """240 lay phrases whose retriever knows nothing, all decided by a person who saw its list."""
    rows: dict[str, TrainingRow] = {row.mention: row for row in lay_rows(240, seed=1)}
    path = tmp_path / "lay.rpdr"
    with Project.create(path, name="lay", knowledge_base=KNOWLEDGE_BASE) as opened:
        opened.add_mentions(SourceFile("a", "b" * 64, "csv", "utf-8"), map(NewMention, rows))
        provenance = Provenance("retriever", "none", KNOWLEDGE_BASE.fingerprint)
        for mention in opened.mentions(range(1, len(rows) + 1)):
            row = rows[mention.text]
            listed = Ranking(mention.id, "retriever", row.candidates, provenance)
            opened.record_rankings([listed])
            right = row.candidates[row.order[0]]
            kind = "accept" if row.order[0] == 0 else "correct"
            opened.decide(NewDecision(mention.id, kind, right.code, right.name, shown=(listed,)))  # type: ignore[arg-type]
    assert rpdr("adapters", "hold-out", path, "0.3").code == 0
    return path


def in_use(project: Path) -> str:
    with open_reader(project) as reader:
        return current_student(reader).id


@pytest.mark.usefixtures("quick_workers")
def test_trained_compared_promoted_rolled_back(project: Path, tmp_path: Path) -> None:
    encoder = tiny_bert(tmp_path / "tiny")

    def distil(name: str, **numbers: float) -> str:
        recipe = quick_recipe(tmp_path, **numbers)
        made = rpdr("distill", project, "--recipe", recipe, "--encoder", encoder, "--name", name, "--json")
        assert made.code == 0, made.err
        assert made.json["excluded"]["held out to judge students by"] > 30
        return str(made.json["id"])

    # One step of training leaves the retriever's order as it was.
    poor, good = distil("poor", epochs=1, learning_rate=1e-6), distil("good")
    listed = rpdr("adapters", "list", "--project", project, "--json").json
    assert {one["info"]["id"] for one in listed["adapters"]} == {poor, good}
    assert in_use(project) == ""
    checked = rpdr("adapters", "verify", good, "--json").json
    assert (checked["base"], checked["info"]["id"]) == ("same", good)

    assert rpdr("adapters", "promote", project, poor, "--yes").code == 0
    assert in_use(project) == poor
    found = rpdr("adapters", "compare", project, good, "--json").json
    comparison = found["comparison"]
    assert [one["role"] for one in comparison["rankers"]] == ["retriever", "teacher", "current", "new"]
    assert comparison["n"] > 30
    assert found["standing"] == "better"
    assert comparison["seen_by_current"] == 0, "neither was trained on a held-out text"
    new = comparison["rankers"][-1]
    assert new["scores"]["overall"]["metrics"]["acc@1"]["value"] > 0.8
    assert new["seconds_per_1000"] > 0
    assert found["impact"]["gained"] > found["impact"]["lost"]

    flips = tmp_path / "flips.jsonl"
    promoted = rpdr("adapters", "promote", project, good, "--flips", flips)
    assert promoted.code == 0, promoted.err
    assert in_use(project) == good
    assert len(flips.read_text("utf-8").splitlines()) == found["impact"]["flips"]
    back = rpdr("adapters", "promote", project, poor)
    assert back.code == 1
    assert "worse than the student in use" in back.err
    assert rpdr("adapters", "rollback", project, "--json").json == {"current": poor}
    assert in_use(project) == poor
    with open_reader(project) as reader:
        kept = [report_in(one) for one in reader.promotions()]
        assert kept[1] is not None
        assert kept[1].standing == "better"
        assert kept[2] is None
        assert reader.verify_audit().ok

    fused = rpdr("adapters", "fuse", good, "-o", tmp_path / "fused", "--json").json
    assert (fused["kind"], fused["adapter_id"]) == ("encoder", good)
    weights = find_adapter(good).folder + "/adapter_model.safetensors"
    content = bytearray(Path(weights).read_bytes())
    content[-1] ^= 1
    Path(weights).write_bytes(content)
    damaged = rpdr("adapters", "verify", good)
    assert damaged.code == 1
    assert "damaged" in damaged.err
    assert rpdr("adapters", "promote", project, good, "--yes").code == 1, "a damaged adapter is never put in use"
    assert in_use(project) == poor


def test_a_student_that_saw_what_judges_it_is_refused(project: Path, tmp_path: Path) -> None:
    """Trained on another project's rows, which holds out less."""
    other = tmp_path / "other.rpdr"
    shutil.copyfile(project, other)
    with Project.open(other) as opened:
        opened.set_setting("held_out", json.dumps({"seed": 9, "share": 0.1}))
    recipe, encoder = quick_recipe(tmp_path, epochs=1), tiny_bert(tmp_path / "tiny")
    made = rpdr("distill", other, "--recipe", recipe, "--encoder", encoder, "--json")
    assert made.code == 0, made.err
    refused = rpdr("adapters", "promote", project, made.json["id"], "--yes")
    assert refused.code == 2
    assert "of the held-out mention texts" in refused.err
    assert in_use(project) == ""
    with open_reader(other) as reader, WorkerClient.start() as worker:
        rank = ranker(worker, KNOWLEDGE_BASE.fingerprint, reader.memory())
        found = compare(reader, find_adapter(made.json["id"]), rank)
        assert found.n > 5
        assert held_out_of(reader).seed == 9
