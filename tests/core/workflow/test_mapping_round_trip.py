"""What a project says in a file, another project of the same terminology says again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from helpers.mapped_projects import empty_project, full_project, said, small_catalogue
from helpers.mention_files import mentions as texts
from helpers.mention_files import passages
from helpers.terminologies import small_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.records import NewDecision, NewMention, SourceRow, Target
from rpdr_core.store import SourceFile
from rpdr_core.workflow.exporting import export_decisions
from rpdr_core.workflow.mapping_export import ExportOptions, export_mappings, losses
from rpdr_core.workflow.mapping_import import take_mappings


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return small_catalogue(tmp_path_factory.mktemp("small"))


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Distinct mentions, most of them in a context that holds them."""
    found = draw(st.lists(st.tuples(texts, passages), min_size=1, max_size=6))
    return [
        (text, f"{context} {text}".strip() if draw(st.booleans()) else context)
        for text, context in dict.fromkeys(found)
    ]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    pairs(),
    st.integers(0, 10**6),
    st.sampled_from(["csv", "xlsx", "jsonl", "parquet"]),
    st.sampled_from(["rows", "mentions"]),
)
def test_our_own_table_loses_nothing(
    catalogue: Catalogue, found: list[tuple[str, str]], seed: int, form: str, level: str
) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / f"file.{form}"
        with full_project(folder / "a.rpdr", catalogue, found, seed) as project:
            export_decisions(project, folder / "a.csv", level=level)  # type: ignore[arg-type]
            export_decisions(project, file, level=level)  # type: ignore[arg-type]
            memory = [(term.term, term.code) for term in project.memory()]
        with empty_project(folder / "b.rpdr", catalogue) as other:
            take_mappings(other, file, catalogue)
            export_decisions(other, folder / "b.csv", level=level)  # type: ignore[arg-type]
            assert other.verify_audit().ok
            assert sorted((term.term, term.code) for term in other.memory()) == sorted(memory)
        assert said(folder / "b.csv") == said(folder / "a.csv")


def test_the_same_file_again_brings_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    with full_project(tmp_path / "a.rpdr", catalogue, [("cataract", ""), ("MI", "an MI")], 3, decided=1.0) as project:
        export_mappings(project, tmp_path / "a.csv", "csv")
        before = project.progress()
        done = take_mappings(project, tmp_path / "a.csv", catalogue)
        assert set(done.taken.fates) <= {"same", "repeated"}
        assert (project.progress(), done.taken.added, len(project.sources())) == (before, 0, 2)


FOREIGN = {"usagi": ".csv", "fhir-r4": ".json", "fhir-r5": ".json", "sssom": ".sssom.tsv"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(pairs(), st.integers(0, 10**6), st.sampled_from(sorted(FOREIGN)), st.sampled_from(["rows", "mentions"]))
def test_formats_of_others_lose_what_they_say_they_lose(
    catalogue: Catalogue, found: list[tuple[str, str]], seed: int, form: str, level: str
) -> None:
    """What comes back is what went out. SSSOM leaves undecided mentions out, and says how many."""
    options = ExportOptions(level=level, only="decided" if form == "sssom" else "all")  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / f"file{FOREIGN[form]}"
        with full_project(folder / "a.rpdr", catalogue, found, seed) as project:
            done = export_mappings(project, file, form, options)
            told = losses(project, form, options)
            export_decisions(project, folder / "a.csv", level=level, only=options.only)  # type: ignore[arg-type]
        assert told == done.report
        with empty_project(folder / "b.rpdr", catalogue) as other:
            take_mappings(other, file, catalogue)
            export_decisions(other, folder / "b.csv", level=level)  # type: ignore[arg-type]
        assert said(folder / "b.csv") == said(folder / "a.csv")


def test_a_table_of_concept_ids_brings_its_pairs_back(tmp_path: Path) -> None:
    table = small_table(tmp_path / "kb", "code,name\n378416,Retinal disorder\n4317977,Cataract\n")
    folder = write_catalogue(tmp_path / "kbs", read_table(table), id="omop", title="OMOP", version="v5", source="x")
    omop = Catalogue(read_manifest(folder).info, folder)
    with empty_project(tmp_path / "a.rpdr", omop) as project:
        texts = ("cataract", "两个", "nothing")
        rows = [NewMention(text, row=SourceRow(n, f"r{n}")) for n, text in enumerate(texts, 1)]
        project.add_mentions(SourceFile("a.csv", "0" * 64, "csv", "utf-8", "{}"), rows)
        project.decide(NewDecision(1, "correct", "4317977", "Cataract"))
        also = (Target("378416", "Retinal disorder"),)
        project.decide(NewDecision(2, "correct", "4317977", "Cataract", also=also))
        project.decide(NewDecision(3, "no_match", reason="not_in_terminology"))
        export_mappings(project, tmp_path / "a.csv", "stcm")
    with empty_project(tmp_path / "b.rpdr", omop) as other:
        done = take_mappings(other, tmp_path / "a.csv", omop)
        assert (done.format, done.taken.fates) == ("stcm", {"taken": 3})
        found = [(one.code, one.name, tuple(more.code for more in one.also)) for one in other.decisions()]
        assert found == [("4317977", "Cataract", ()), ("4317977", "Cataract", ("378416",)), ("", "", ())]
