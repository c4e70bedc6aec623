"""A scope in retrieval: nothing outside of it is proposed, and the lists are as long as they would be in it alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from helpers.terminologies import SMALL, lexicon_file, small_table
from helpers.tiny_encoders import TokenRuntime, encoder_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.errors import NotAllowedError, NotFoundError, UserInputError
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.knowledge_base.scope import parse_scope
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.protocol.messages import (
    BuildIndex,
    KnowledgeBaseRef,
    LinkMentions,
    MentionText,
    OpenRetrieval,
    Remember,
    Retrieve,
)
from rpdr_core.records import MemoryTerm, Ranking
from rpdr_worker.job import RecordingJob
from rpdr_worker.linking.linker import link
from rpdr_worker.retrieval import encoder as encoder_module
from rpdr_worker.retrieval.index import ExactIndex, HnswIndex, hnswlib_installed, open_index
from rpdr_worker.retrieval.service import RetrievalService
from rpdr_worker.retrieval.space import Space

SCOPES = (
    "<< H25 |Age-related cataract|",
    "< H53",
    "<< I21 OR << H40",
    "type = extension AND << H40",
    "H40.1111 OR H40.1112 OR S02.30XA",
    "* MINUS << H25",
    "type != extension",
)
TEXTS = (
    "nuclear cataract OD",
    "heart attack",
    "POAG severe stage right eye",
    "H25.13",
    "白内障",
    "blurry vision",
    "zzz",
)


@pytest.mark.parametrize("scope", SCOPES)
def test_nothing_outside_is_proposed(icd10cm_space: Space, scope: str) -> None:
    inside = _codes(icd10cm_space, scope)
    contexts = ["left eye, moderate stage"] * len(TEXTS)
    reach = icd10cm_space.reaches.of(scope)
    for found in icd10cm_space.retriever.retrieve(TEXTS, 25, contexts=contexts, reach=reach):
        codes = [candidate.code for candidate in found.candidates]
        assert set(codes) <= inside
        assert len(set(codes)) == len(codes)


def test_the_list_is_still_full(icd10cm_space: Space) -> None:
    """Unscoped, the best hundred hold almost nothing of this chapter; the scope's list is full all the same."""
    scope = "<< H53 OR << H54"
    wide = icd10cm_space.retriever.retrieve(["fracture of the right eye socket"], 60)[0]
    inside = _codes(icd10cm_space, scope)
    assert len([one for one in wide.candidates if one.code in inside]) < 10
    (found,) = icd10cm_space.retriever.retrieve(
        ["fracture of the right eye socket"], 10, reach=icd10cm_space.reaches.of(scope)
    )
    assert len(found.candidates) == 10


def test_an_extension_in_scope_is_found_by_its_parents_name(icd10cm_space: Space) -> None:
    """Its parent has the strings and is out of scope itself; of its extensions the one in scope is taken."""
    reach = icd10cm_space.reaches.of("H40.1112")
    (found,) = icd10cm_space.retriever.retrieve(["POAG right eye, severe stage"], 10, reach=reach)
    assert [candidate.code for candidate in found.candidates] == ["H40.1112"]


def test_a_code_typed_is_found_in_scope_only(icd10cm_space: Space) -> None:
    for scope, by_code in (("<< H25", ["H25.13"]), ("<< H26", [])):
        (found,) = icd10cm_space.retriever.retrieve(["h2513"], 5, reach=icd10cm_space.reaches.of(scope))
        assert [candidate.code for candidate in found.candidates if candidate.source == "code"] == by_code


def test_everything_changes_nothing(icd10cm_space: Space) -> None:
    reach = icd10cm_space.reaches.of("*")
    assert icd10cm_space.retriever.retrieve(TEXTS, 10, reach=reach) == icd10cm_space.retriever.retrieve(TEXTS, 10)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SCOPES), st.text(max_size=40) | st.sampled_from(TEXTS), st.integers(1, 30))
def test_whatever_is_asked_it_stays_in_scope(icd10cm_space: Space, scope: str, text: str, k: int) -> None:
    (found,) = icd10cm_space.retriever.retrieve([text], k, reach=icd10cm_space.reaches.of(scope))
    assert len(found.candidates) <= k
    assert {candidate.code for candidate in found.candidates} <= _codes(icd10cm_space, scope)


def test_memory_outside_is_passed_over_and_within_comes_first(icd10cm_space: Space) -> None:
    icd10cm_space.memory.remember([MemoryTerm("heart attack", "I25.2", 1), MemoryTerm("heart attack", "H25.13", 2)])
    try:
        (found,) = icd10cm_space.retriever.retrieve(["heart attack"], 5, reach=icd10cm_space.reaches.of("<< H25"))
        assert found.candidates[0].code == "H25.13"
        assert found.exact == "memory"
    finally:
        icd10cm_space.memory.forget([1, 2])


def test_a_scope_is_worked_out_once_and_few_are_kept(icd10cm_space: Space) -> None:
    first = icd10cm_space.reaches.of("<< H25")
    assert icd10cm_space.reaches.of("<< H25") is first
    for code in ("H26", "H27", "H28", "H30"):
        icd10cm_space.reaches.of(f"<< {code}")
    assert icd10cm_space.reaches.of("<< H25") is not first


@pytest.mark.parametrize(
    ("scope", "error"), [("<< ZZZ", NotFoundError), ("type = nothing", NotFoundError), ("H25 AND", UserInputError)]
)
def test_a_wrong_scope_is_refused(icd10cm_space: Space, scope: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        icd10cm_space.reaches.of(scope)


class Clinic:
    """The small terminology with a lexicon, opened with dense retrieval."""

    def __init__(self, folder: Path) -> None:
        table = small_table(folder, SMALL.replace("E4,Old term,,,category,0", "E4,Old term,bygone,,category,0"))
        self.folder = write_catalogue(folder / "kb", read_table(table), id="c", title="C", version="", source="t")
        self.fingerprint = read_manifest(self.folder).info.fingerprint
        lexicon = lexicon_file(folder, "cloudy eye\tE1.9|E2\tlay", "gone\tE4\tlay")
        self.service = RetrievalService()
        reference = KnowledgeBaseRef(self.fingerprint, str(self.folder), (str(lexicon),))
        memory = (MemoryTerm("old thing", "E4", 1), MemoryTerm("foggy", "E2.9", 2))
        self.service.open(OpenRetrieval(reference, memory, str(encoder_folder(folder / "encoder"))), RecordingJob())
        self.service.build(BuildIndex(self.fingerprint), RecordingJob())

    def ranking(self, text: str, scope: str = "", mode: str = "auto") -> Ranking:
        job = RecordingJob()
        mentions = (MentionText(1, text),)
        self.service.retrieve(Retrieve(self.fingerprint, mentions, 10, mode, scope=scope), job)  # type: ignore[arg-type]
        (found,) = job.partials
        assert isinstance(found, Ranking)
        return found

    def codes(self, text: str, scope: str = "", mode: str = "auto") -> list[str]:
        return [candidate.code for candidate in self.ranking(text, scope, mode).candidates]


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    runtime = TokenRuntime()
    monkeypatch.setattr(encoder_module, "_runtime", lambda folder: runtime)
    return Clinic(tmp_path)


@pytest.mark.parametrize("mode", ["auto", "lexical", "dense"])
@pytest.mark.parametrize("text", ["old thing", "gone", "E4", "Old term", "bygone"])
def test_a_retired_entity_is_never_proposed(clinic: Clinic, text: str, mode: str) -> None:
    assert "E4" not in clinic.codes(text, mode=mode)


@pytest.mark.parametrize("mode", ["auto", "dense"])
def test_vectors_fill_a_small_scope(clinic: Clinic, mode: str) -> None:
    assert set(clinic.codes("heart attack", "<< E1", mode)) == {"E1", "E1.1", "E1.11", "E1.12", "E1.9"}


def test_an_owner_outside_is_left_out_of_a_string_that_names_several(clinic: Clinic) -> None:
    assert {"E1.9", "E2"} <= set(clinic.codes("cloudy eye"))
    assert clinic.codes("cloudy eye", "<< E2", "lexical")[0] == "E2"
    assert "E1.9" not in clinic.codes("cloudy eye", "<< E2")


def test_new_memory_is_searched_within_the_scope(clinic: Clinic) -> None:
    assert clinic.codes("foggy", "<< E2")[0] == "E2.9"
    clinic.service.remember(
        Remember(clinic.fingerprint, (MemoryTerm("dim", "E3", 7), MemoryTerm("dim", "E2", 8))), RecordingJob()
    )
    assert clinic.codes("dim", "<< E2")[0] == "E2"
    assert "E3" not in clinic.codes("dim", "<< E2")


def test_the_ranking_says_its_scope(clinic: Clinic) -> None:
    assert clinic.ranking("foggy", "<< E2").provenance.parameters.endswith(" scope=[<< E2]")
    assert "scope" not in clinic.ranking("foggy").provenance.parameters


def test_linking_keeps_to_the_scope(clinic: Clinic) -> None:
    job = RecordingJob()
    link(LinkMentions(clinic.fingerprint, (MentionText(1, "cataract"),), scope="<< E2"), job, clinic.service, _nobody)
    (found,) = job.partials
    assert isinstance(found, Ranking)
    assert {one.code for one in found.candidates} == {"E2", "E2.9"}


def test_a_retired_code_in_a_scope_is_told(clinic: Clinic) -> None:
    with pytest.raises(NotAllowedError, match="retired"):
        clinic.codes("foggy", "<< E4")


@pytest.mark.parametrize("reached", [0, 1, 5, 64])
def test_a_walk_that_meets_too_few_gives_what_it_met(reached: int) -> None:
    class Graph:
        def set_ef(self, ef: int) -> None: ...

        def knn_query(self, queries: np.ndarray, k: int, **_: object) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
            if k > reached:
                raise RuntimeError("Cannot return the results in a contiguous 2D array")
            return np.zeros((len(queries), k), np.uint64), np.zeros((len(queries), k), np.float32)

    index = HnswIndex(Graph(), ROWS, WHOLE, exact_below=1)
    found, values = index.search(QUERIES, 10, np.ones(4_000, np.bool_))
    assert found.shape == values.shape
    assert found.shape[1] == {0: 0, 1: 1, 5: 5, 64: 10}[reached]


def _nobody(*_: object) -> object:
    raise AssertionError("no student was asked for")


@cache
def _codes(space: Space, scope: str) -> set[str]:
    flags = parse_scope(scope).flags(space.terminology.entities)
    return {one.code for one, inside in zip(space.terminology.entities, flags, strict=True) if inside}


def unit(rows: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    found = np.random.default_rng(seed).standard_normal((rows, 16)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


WHOLE = unit(4_000, 0)
ROWS = np.arange(2_000) * 2 + 1
QUERIES = unit(20, 1)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 1.0])
@pytest.mark.parametrize("kind", ["exact", "graph, few inside", "graph, many inside"])
def test_an_index_finds_what_is_inside(tmp_path: Path, share: float, kind: str) -> None:
    inside = np.random.default_rng(2).random(4_000) < share
    if kind == "exact":
        index = open_index(WHOLE[ROWS], ROWS, tmp_path)
        assert isinstance(index, ExactIndex)
    else:
        if not hnswlib_installed():
            pytest.skip("hnswlib is optional")
        index = open_index(WHOLE[ROWS], ROWS, tmp_path, WHOLE, hnsw_from=1_500 if "few" in kind else 1)
        assert isinstance(index, HnswIndex)
    kept = ROWS[inside[ROWS]]
    expected, scores = ExactIndex(WHOLE[kept], kept).search(QUERIES, 10) if len(kept) else (None, None)
    found, values = index.search(QUERIES, 10, inside)
    again, _ = index.search(QUERIES, 10, inside)
    assert np.array_equal(found, again)
    if expected is None or scores is None:
        assert found.shape == (20, 0)
        return
    assert inside[found].all()
    assert found.shape == expected.shape
    same = [len(set(a) & set(b)) for a, b in zip(found.tolist(), expected.tolist(), strict=True)]
    assert np.mean(same) >= 0.95 * expected.shape[1]
    assert np.allclose(np.sort(values[0]), np.sort(np.einsum("d,nd->n", QUERIES[0], WHOLE[found[0]])), atol=1e-5)
