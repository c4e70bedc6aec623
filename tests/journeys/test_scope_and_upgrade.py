"""A project with a scope on one release, moved to the next, with a real worker: what is proposed before and after."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.command_line import kb_home as kb_home
from helpers.command_line import rpdr
from helpers.releases import NEW, OLD, SAID, project_on, release

from rpdr_core.encoder_queries import VARIABLE
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.records import NewMention, SourceRow
from rpdr_core.store import Project, SourceFile, open_reader
from rpdr_core.workflow.preparing import retrieve_missing

TEXTS = ("senile cataract both eyes", "glaucoma suspect", "chronic glaucoma", "nuclear cataract", "poor sight")
SOURCE = SourceFile("more.tsv", "12" * 32, "tsv", "utf-8")


@pytest.fixture(autouse=True)
def quick_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime starts in a fraction of the time that torch takes, and there are many starts."""
    monkeypatch.setenv(VARIABLE, "f32")


def retrieved(path: Path) -> dict[int, tuple[list[str], str]]:
    """Undecided mentions ranked as `rpdr teach` would: codes and parameters of each retriever's list."""
    with Project.open(path) as project, WorkerClient.start() as worker:
        waiting = list(project.unranked("retriever", 99))
        retrieve_missing(project, worker, Library(), waiting)
        assert list(project.unranked("retriever", 99)) == []
        found = {}
        for number in waiting:
            ranking = project.rankings(number)[0]
            found[number] = ([one.code for one in ranking.candidates], ranking.provenance.parameters)
        return found


def test_from_one_release_to_the_next(kb_home: Path, tmp_path: Path) -> None:
    old, new = release(OLD, version="2025"), release(NEW, SAID, version="2026")
    with project_on(old, tmp_path, 0) as project:
        rows = [NewMention(text, row=SourceRow(at, "")) for at, text in enumerate(TEXTS, 1)]
        project.add_mentions(SOURCE, rows)
        path = project.path
    assert rpdr("scope", path, "<< E1 OR << E2").code == 0
    before = retrieved(path)
    assert len(before) == 5
    for codes, parameters in before.values():
        assert codes
        assert all(code.startswith(("E1", "E2")) for code in codes)
        assert parameters.endswith(" scope=[<< E1 OR << E2]")
    for mention, code in ((1, "E1.2"), (2, "E2.1"), (3, "E2.2")):
        assert rpdr("decide", path, mention, code).code == 0
    counted = rpdr("upgrade", path, "--kb", new.info.fingerprint, "--json").json
    assert (counted["counts"]["reopened"], counted["counts"]["kept"]) == (2, 1)
    assert rpdr("upgrade", path, "--kb", new.info.fingerprint, "--apply").code == 0
    # Undecided ones are retrieved from the new release; the reopened ones keep the release's own proposal.
    after = retrieved(path)
    assert set(after) == {4, 5}
    assert all("E1.2" not in codes and "E2.1" not in codes for codes, _ in after.values())
    with open_reader(path) as reader:
        assert reader.rankings(1)[0].candidates[0].code == "E1.3"
    assert rpdr("decide", path, 1, "E1.3", "--json").json["kind"] == "accept"
    refused = rpdr("decide", path, 2, "E2.1")
    assert (refused.code, "this release names E2.3, E2.4 in its place" in refused.err) == (2, True)
    with Project.open(path) as project:
        assert [project.undo().kinds != frozenset() for _ in range(2)] == [True, True]
        assert project.knowledge_base() == old.info
        assert [mention.code for mention in project.mentions([1, 2, 3])] == ["E1.2", "E2.1", "E2.2"]
        # So are the lists that were put away; those of the new release count for nothing.
        assert list(project.unranked("retriever", 99)) == []
        bases = {project.rankings(number)[0].provenance.knowledge_base for number in range(1, 6)}
        assert bases == {old.info.fingerprint}


def test_one_mention_under_a_scope_from_the_command_line(kb_home: Path, tmp_path: Path) -> None:
    old = release(OLD, version="2025")
    kb = old.info.fingerprint
    found = rpdr("retrieve", "cataract", "--kb", kb, "--scope", "<< E2", "--json")
    assert {row["code"] for row in found.json["candidates"]} <= {"E2", "E2.1", "E2.2"}
    assert found.json["candidates"]
    with project_on(old, tmp_path, 1) as project:
        path = project.path
    assert rpdr("scope", path, "<< E3").code == 0
    by_project = rpdr("retrieve", "cataract", "--kb", kb, "--scope", path, "--json")
    assert {row["code"] for row in by_project.json["candidates"]} <= {"E3", "E3.1"}
    gold = tmp_path / "gold.tsv"
    gold.write_text("mention\tcode\ncataract\tE1\nglaucoma\tE2\n", "utf-8")
    scored = rpdr("evaluate", gold, "--kb", kb, "--scope", "<< E2", "--json")
    assert scored.json["overall"]["acc@1"]["value"] == 0.5
    linked = tmp_path / "linked.csv"
    assert rpdr("link", gold, "-o", linked, "--kb", kb, "--scope", "<< E2").code == 0
    assert ",E1" not in linked.read_text("utf-8")
    wrong = rpdr("retrieve", "cataract", "--kb", kb, "--scope", "<< E9")
    assert (wrong.code, "not in this knowledge base" in wrong.err) == (2, True)
