from __future__ import annotations

from pathlib import Path

import pytest
from helpers.tiny_encoders import TokenRuntime, encoder_folder
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import NotFoundError
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.protocol.messages import BuildIndex, KnowledgeBaseRef, NearestTexts, OpenRetrieval
from rpdr_core.records import Entity
from rpdr_worker.job import RecordingJob
from rpdr_worker.retrieval import nearest as room
from rpdr_worker.retrieval.encoder import Encoder
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.nearest import nearest
from rpdr_worker.retrieval.service import RetrievalService

POOL = ("chest pain", "pain in the chest", "blurred vision", "白内障手术后", "itchy rash", "白内障")


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder(open_encoder_folder(str(encoder_folder(tmp_path / "tiny"))), TokenRuntime())


@pytest.mark.parametrize(
    ("query", "first"), [("chest pains", 0), ("blurry vision", 2), ("右眼白内障术后", 3), ("rash, itchy", 4)]
)
def test_by_letters(query: str, first: int) -> None:
    found = nearest([query], POOL, 2, None)
    assert found.by == "lexical"
    assert found.nearest[0][0] == first
    assert len(found.nearest[0]) == 2


def test_by_vectors_the_same_text_is_nearest(encoder: Encoder) -> None:
    found = nearest(POOL[:3], POOL, 3, encoder)
    assert found.by == "dense"
    assert [near[0] for near in found.nearest] == [0, 1, 2]


def test_chinese_is_compared_by_its_signs_where_the_encoder_reads_none(encoder: Encoder) -> None:
    assert not encoder.reads_chinese
    found = nearest(["白内障", "chest pain"], POOL, 2, encoder)
    assert found.nearest[0] == (5, 3)
    assert found.nearest[1][0] == 0


def test_of_equals_the_earlier_comes_first() -> None:
    assert nearest(["x"], ["same", "same", "same"], 2, None).nearest == ((0, 1),)


@pytest.mark.parametrize(("queries", "pool", "k"), [((), POOL, 3), (("a",), (), 3), (("a",), POOL, 0)])
def test_nothing_asked_nothing_found(queries: tuple[str, ...], pool: tuple[str, ...], k: int) -> None:
    assert nearest(queries, pool, k, None).nearest == tuple(() for _ in queries)


def test_a_large_pool_is_shortlisted_by_letters(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_ALL", 10)
    monkeypatch.setattr(room, "_SHORTLIST", 5)
    pool = [f"finding {number}" for number in range(40)] + ["chest pain"]
    found = nearest(["chest pain"], pool, 9, encoder)
    assert found.nearest[0][0] == 40
    assert len(found.nearest[0]) == 5


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=12), st.integers(0, 15))
def test_any_texts(queries: list[str], pool: list[str], k: int) -> None:
    found = nearest(queries, pool, k, None).nearest
    assert len(found) == len(queries)
    for near in found:
        assert len(near) == len(set(near)) == min(k, len(pool))
        assert all(0 <= at < len(pool) for at in near)
    assert nearest(queries, pool, k, None).nearest == found


def test_the_service_compares_by_letters_until_the_index_is_built(tmp_path: Path) -> None:
    entities = [Entity("A", "Cataract"), Entity("B", "Chest pain")]
    folder = write_catalogue(tmp_path / "kb", entities, id="eye", title="Eye", version="1", source="test")
    fingerprint = read_manifest(folder).info.fingerprint
    service, job = RetrievalService(), RecordingJob()
    ask = NearestTexts(fingerprint, ("chest pains",), POOL, 1)
    with pytest.raises(NotFoundError):
        service.nearest(ask, job)
    service.open(OpenRetrieval(KnowledgeBaseRef(fingerprint, str(folder))), job)
    assert service.nearest(ask, job).by == "lexical"
    if service.build(BuildIndex(fingerprint), job).dense == "ready":
        found = service.nearest(ask, job)
        assert (found.by, found.nearest) == ("dense", ((0,),))
