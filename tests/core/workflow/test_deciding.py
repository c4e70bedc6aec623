from __future__ import annotations

from pathlib import Path

import pytest
from helpers.projects import new_project, ranking
from helpers.terminologies import small_table

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.records import Entity, Target
from rpdr_core.store import Project, StoredAdapter
from rpdr_core.workflow import deciding
from rpdr_core.workflow.deciding import catalogue_of, map_to_code


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    folder = write_catalogue(
        tmp_path / "kbs", read_table(small_table(tmp_path)), id="eye", title="Eye", version="1", source="x"
    )
    return Catalogue(read_manifest(folder).info, folder)


@pytest.fixture
def project(tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(deciding, "catalogue_of", lambda library, info: catalogue)
    with new_project(tmp_path) as opened:
        yield opened


def _map(project: Project, code: str) -> tuple[str, str, str]:
    decision = map_to_code(project, Library(), 1, code)
    return decision.kind, decision.code, decision.name


def test_the_leading_candidate_is_accepted_and_another_corrects(project: Project) -> None:
    project.record_rankings([ranking(1, "retriever", "E3", "E1.9"), ranking(1, "teacher", "E1.9", "E3")])
    assert _map(project, "E1.9") == ("accept", "E1.9", "Unspecified cataract")
    assert _map(project, "E3") == ("correct", "E3", "Myocardial infarction")
    assert len(map_to_code(project, Library(), 1, "E3").shown) == 2


def test_only_the_student_in_use_counts(project: Project) -> None:
    project.record_rankings([ranking(1, "retriever", "E3", "E1.9"), ranking(1, "student:new", "E1.9", "E3")])
    for adapter in ("old", "new"):
        project.register_adapter(StoredAdapter(adapter, "encoder", f"/{adapter}", "", "", "", "{}"))
    assert _map(project, "E1.9")[0] == "accept"
    project.promote("old")
    assert _map(project, "E1.9")[0] == "correct"
    assert [one.ranker for one in map_to_code(project, Library(), 1, "E3").shown] == ["retriever"]
    project.record_rankings([ranking(1, "student:old", "E1.9", "E3")])
    assert [one.ranker for one in map_to_code(project, Library(), 1, "E3").shown] == ["retriever", "student:old"]


def test_relation_and_further_codes_are_looked_up(project: Project) -> None:
    decision = map_to_code(project, Library(), 1, "E3", relation="broader", also=[("E1.9", "inexact")])
    assert (decision.relation, decision.also) == ("broader", (Target("E1.9", "Unspecified cataract", "inexact"),))
    assert decision.knowledge_base
    with pytest.raises(NotAllowedError, match="E4 was retired"):
        map_to_code(project, Library(), 1, "E3", also=[("E4", "equivalent")])


def test_without_rankings_a_code_corrects(project: Project) -> None:
    assert _map(project, "E3")[0] == "correct"


def test_an_unknown_code_is_not_found(project: Project) -> None:
    with pytest.raises(NotFoundError, match="no entity 'nope'"):
        _map(project, "nope")


def test_a_retired_entity_is_refused(project: Project) -> None:
    with pytest.raises(NotAllowedError, match="E4 was retired"):
        _map(project, "E4")


def test_the_projects_knowledge_base_is_found_by_fingerprint(tmp_path: Path, catalogue: Catalogue) -> None:
    library = Library(tmp_path / "kbs")
    assert any(info == catalogue.info for info in library.list())


def test_a_knowledge_base_that_is_not_here_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(NotFoundError, match=catalogue.info.fingerprint[:12]) as caught:
        catalogue_of(Library(tmp_path / "empty"), catalogue.info)
    assert "Eye 1" in caught.value.hint


def test_an_entity_that_may_not_be_assigned_names_the_narrower_ones(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entities = [Entity("A", "Cataract", assignable=False), Entity("A.1", "Senile cataract", parents=("A",))]
    folder = write_catalogue(tmp_path / "other", entities, id="two", title="Two", version="1", source="x")
    monkeypatch.setattr(deciding, "catalogue_of", lambda *_: Catalogue(read_manifest(folder).info, folder))
    with pytest.raises(NotAllowedError, match="A may not be assigned") as caught:
        _map(project, "A")
    assert caught.value.hint == "choose a narrower one: A.1"
