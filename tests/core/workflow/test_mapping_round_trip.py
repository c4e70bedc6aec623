"""What a project says in a file, another project of the same terminology says again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from helpers.mapped_projects import empty_project, full_project, said, small_catalogue
from helpers.mention_files import mentions as texts
from helpers.mention_files import passages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.workflow.exporting import export_decisions
from rpdr_core.workflow.mapping_export import export_mappings
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
@given(pairs(), st.integers(0, 10**6), st.sampled_from(["csv", "xlsx", "jsonl"]), st.sampled_from(["rows", "mentions"]))
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
        assert set(done.taken.fates) == {"same"}
        assert (project.progress(), done.taken.added, len(project.sources())) == (before, 0, 2)
