"""From a closed teacher to a student of one's own, through the command line and real workers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from helpers.command_line import rpdr
from helpers.projects import KNOWLEDGE_BASE
from helpers.quick_recipe import quick_recipe
from helpers.teacher_server import Planned, TeacherServer, error_body, teacher_server
from helpers.tiny_llama import quick_generative, tiny_llama
from helpers.tiny_models import LAY, lay_rows, tiny_bert

from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import MentionText, RankByStudent, RankItem, TrainingRow
from rpdr_core.records import NewDecision, NewMention, Provenance, Ranking
from rpdr_core.store import Project, QueueQuery, SourceFile, open_reader
from rpdr_core.workflow.adapters import current_student
from rpdr_core.workflow.distilling import HELD_OUT, select_rows
from rpdr_core.workflow.promotion import report_in
from rpdr_worker.ranking.adapter import open_adapter
from rpdr_worker.ranking.generative_student import GenerativeStudent

pytestmark = pytest.mark.journey
KEY_ENV = "RPDR_TEST_KEY"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of lay phrases with the candidates of a retriever that knows nothing."""
    rows = {row.mention: row for row in lay_rows(150, seed=1)}
    path = tmp_path / "lay.rpdr"
    with Project.create(path, name="lay", knowledge_base=KNOWLEDGE_BASE) as opened:
        opened.add_mentions(SourceFile("a", "b" * 64, "csv", "utf-8"), map(NewMention, rows))
        provenance = Provenance("retriever", "none", KNOWLEDGE_BASE.fingerprint)
        opened.record_rankings(
            Ranking(mention.id, "retriever", rows[mention.text].candidates, provenance)
            for mention in opened.mentions(range(1, len(rows) + 1))
        )
    return path


def wise(question: str) -> str:
    """Puts the right name first, as a teacher who knows what lay people say."""
    mention = re.search(r"Mention: (.*)", question)
    assert mention is not None
    right = next(name for lay, name in LAY.items() if lay in mention[1].split())
    names = re.findall(r"^\d+\. (\w+)", question, re.M)
    order = sorted(range(1, len(names) + 1), key=lambda number: names[number - 1] != right)
    return json.dumps({"order": order, "verdict": "exact"})


def agree(server: TeacherServer, project: Path) -> None:
    """A profile `local` for the server, and the consent that its project needs."""
    rpdr("endpoint", "add", "local", "--base-url", server.base_url, "--model", "m")
    given = rpdr("consent", project, "--grant", "local", "--as", "Dr A", "--project-name", "lay")
    assert given.code == 0, given.err


def test_a_teacher_is_asked_once_and_its_student_needs_no_teacher(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_ENV, "sk-journey")
    with teacher_server(Planned(think=wise)) as server:
        agree(server, project)
        ask = ("teach", project, "--profile", "local", "--choose", "frequent", "--limit", 1000, "--json")
        seen = rpdr(*ask, "--preview").json
        assert server.received == []
        sent = rpdr(*ask, "--key-env", KEY_ENV, "--yes").json
        assert sent["counts"]["ok"] == sent["items"] == len(server.received) == seen["items"]
        assert seen["body"].encode() in {received.body for received in server.received}
        assert {received.headers["authorization"] for received in server.received} == {"Bearer sk-journey"}
        assert rpdr(*ask, "--yes").json == {"items": 0, "counts": {}}

    encoder = tiny_bert(tmp_path / "tiny")
    trained = rpdr("distill", project, "--recipe", quick_recipe(tmp_path), "--encoder", encoder, "--json").json
    held_out = trained["excluded"].get(HELD_OUT, 0)
    assert trained["origins"] == {"teacher-exact": sent["items"] - held_out}
    assert trained["acc_at_1_before"] < 0.5 < 0.8 < trained["acc_at_1"]
    assert [info["id"] for info in rpdr("adapters", "--json").json] == [trained["id"]]
    assert trained["id"] in rpdr("adapters").out

    new = lay_rows(30, seed=9)
    items = tuple(RankItem(MentionText(at, row.mention), row.candidates) for at, row in enumerate(new))
    found: list[Ranking] = []
    with WorkerClient.start() as worker:
        worker.call("rank.student", RankByStudent("lay", KNOWLEDGE_BASE.fingerprint, items), on_partial=found.append)
    right = [
        ranking.candidates[0].code == row.candidates[row.order[0]].code for ranking, row in zip(found, new, strict=True)
    ]
    assert sum(right) > 24
    assert found[0].ranker == f"student:{trained['id']}"


def decide_all(project: Path) -> None:
    """What a person who knows the lay words says, for the students to be judged by."""
    with Project.open(project) as opened:
        for mention in opened.mentions(opened.queue(QueueQuery())):
            shown = tuple(opened.rankings(mention.id))
            right = next(name for lay, name in LAY.items() if lay in mention.text.split())
            code = next((one.code for one in shown[0].candidates if one.name == right), "")
            if code:
                opened.decide(NewDecision(mention.id, "correct", code, right, shown=shown))


def taught_lists(project: Path) -> list[TrainingRow]:
    """Thirty-two lists that the student learned from."""
    with open_reader(project) as reader:
        return list(select_rows(reader).train[:32])


@pytest.mark.usefixtures("quick_workers")
@pytest.mark.timeout(900)
def test_a_generative_student_goes_the_whole_way(project: Path, tmp_path: Path) -> None:
    """Taught, distilled with LoRA, ranked by logits and by writing, compared, promoted, made ready to serve."""
    assert rpdr("adapters", "hold-out", project, "0.3").code == 0
    with teacher_server(Planned(think=wise)) as server:
        agree(server, project)
        sent = rpdr("teach", project, "--profile", "local", "--choose", "frequent", "--limit", 1000, "--json", "--yes")
        assert sent.json["counts"]["ok"] == len(server.received) > 60
    base = tiny_llama(tmp_path / "llama")
    # By heart: every list once an epoch, the order written out, too.
    recipe = quick_generative(
        tmp_path, epochs=25, batch=8, learning_rate=2e-3, rank=32, alpha=64, shuffles=0, written=1.0
    )
    made = rpdr("distill", project, "--recipe", recipe, "--base", base, "--name", "llama-lay", "--json")
    assert made.code == 0, made.err
    assert made.json["kind"] == "generative"
    assert set(made.json["origins"]) == {"teacher-exact"}, "no human label taught it"
    folder, manifest = open_adapter("llama-lay")

    taught = taught_lists(project)
    items = tuple(RankItem(MentionText(at, one.mention), one.candidates) for at, one in enumerate(taught))
    for mode in ("logits", "generate"):
        student = GenerativeStudent(folder, manifest, mode=mode)
        found = student.rank(items, KNOWLEDGE_BASE.fingerprint, lambda: None)
        firsts = [ranking.candidates[0].code for ranking in found]
        right = [first == one.candidates[one.order[0]].code for first, one in zip(firsts, taught, strict=True)]
        assert sum(right) > 0.8 * len(right), mode
        assert all(
            sorted(one.code for one in ranking.candidates) == sorted(one.code for one in row.candidates)
            for ranking, row in zip(found, taught, strict=True)
        ), mode

    decide_all(project)
    promoted = rpdr("adapters", "promote", project, "llama-lay", "--yes", "--json")
    assert promoted.code == 0, promoted.err
    with open_reader(project) as reader:
        assert current_student(reader).id == made.json["id"]
        report = report_in(reader.promotions()[0])
    assert report is not None
    assert report.comparison.n > 20
    assert [one.role for one in report.comparison.rankers] == ["retriever", "teacher", "new"]
    served = rpdr("adapters", "export", "llama-lay", "--for", "vllm", "-o", tmp_path / "served")
    assert served.code == 0, served.err
    assert rpdr("adapters", "rollback", project, "--json").json == {"current": ""}


def test_a_refused_key_leaves_the_project_as_it_was(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_ENV, "sk-wrong")
    with teacher_server(Planned(status=401, body=error_body("invalid_api_key"))) as server:
        agree(server, project)
        done = rpdr("teach", project, "--endpoint", server.base_url, "--model", "m", "--key-env", KEY_ENV, "--yes")
    assert done.code == 1
    assert "401" in done.err
    assert "check the key" in done.err
    assert "sk-wrong" not in done.err
    with open_reader(project) as reader:
        assert {ranking.ranker for ranking in reader.rankings(1)} == {"retriever"}


def test_without_a_yes_nothing_is_sent(project: Path) -> None:
    with teacher_server() as server:
        agree(server, project)
        done = rpdr("teach", project, "--profile", "local")
        assert server.received == []
    assert done.code == 1
    assert "Send" in done.err


def test_an_empty_key_is_told_before_anything_starts(project: Path) -> None:
    with teacher_server() as server:
        agree(server, project)
        done = rpdr("teach", project, "--profile", "local", "--key-env", "NO_SUCH_KEY")
    assert done.code == 2
    assert "NO_SUCH_KEY" in done.err


def test_a_project_without_labels_cannot_be_distilled(project: Path) -> None:
    done = rpdr("distill", project)
    assert done.code == 2
    assert "nothing to train on" in done.err


def test_no_adapters_is_an_empty_list(tmp_path: Path) -> None:
    assert rpdr("adapters", "--json").json == []
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    assert rpdr("adapters", "--folder", tmp_path, "--json").json == []


def test_mentions_without_candidates_get_them_first(tmp_path: Path) -> None:
    table = tmp_path / "eyes.tsv"
    table.write_text("code\tname\nA\tBlurred vision\nB\tDouble vision\nC\tNight blindness\n", encoding="utf-8")
    info = Library().import_table(table).info
    path = tmp_path / "eyes.rpdr"
    with Project.create(path, name="eyes", knowledge_base=info) as opened:
        opened.add_mentions(
            SourceFile("a", "b" * 64, "csv", "utf-8"), [NewMention("vision is blurred"), NewMention("seeing double")]
        )
    with teacher_server() as server:
        seen = rpdr("teach", path, "--endpoint", server.base_url, "--model", "m", "--preview", "--json").json
    assert seen["items"] == 2
    assert "vision" in seen["body"]
    with open_reader(path) as reader:
        assert [ranking.ranker for ranking in reader.rankings(1)] == ["retriever"]
