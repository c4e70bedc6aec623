"""Strings of several meanings: the context chooses among them, and moves nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from rpdr_core.records import Candidate, Entity, MemoryTerm
from rpdr_worker.retrieval import retriever as module
from rpdr_worker.retrieval.encoder import Encoder, Vectors
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.meanings import Meanings, leanings, meanings
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.reading import ALONE
from rpdr_worker.retrieval.retriever import Retriever
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Owner, Terminology, TermTable
from rpdr_worker.retrieval.text import Expander

TERMINOLOGY = Terminology.of(
    [
        Entity("N", "Nerves", assignable=False),
        Entity("H", "Heart", assignable=False),
        Entity("N1", "Multiple sclerosis", parents=("N",)),
        Entity("N1.0", "Multiple sclerosis, relapsing", parents=("N1",)),
        Entity("H1", "Mitral stenosis", parents=("H",)),
        Entity("H2", "Aortic stenosis", parents=("H",)),
    ]
)
MS = [Owner(2, "lexicon", 0), Owner(3, "lexicon", 1), Owner(4, "lexicon", 2)]
BRAIN, VALVE = "Plaques in the brain, MS.", "Murmur of the valve, MS."


def test_entities_of_one_branch_are_one_meaning() -> None:
    found = meanings(TERMINOLOGY, [2, 3, 4], "MS", BRAIN)
    assert found == Meanings(BRAIN, ("Multiple sclerosis; Nerves", "Mitral stenosis; Heart"), ((2, 3), (4,)))
    assert found.texts() == (BRAIN, *found.names)


@pytest.mark.parametrize("entities", [[], [4], [2, 3], [3, 2]])
def test_one_meaning_asks_for_no_vector(entities: list[int]) -> None:
    assert meanings(TERMINOLOGY, entities, "MS", BRAIN).texts() == ()


@pytest.mark.parametrize("before", [0, 10, 150, 1_000])
@pytest.mark.parametrize("after", [0, 200, 1_000])
def test_of_a_long_context_the_surroundings_of_the_mention_are_read(before: int, after: int) -> None:
    read = meanings(TERMINOLOGY, [2, 4], "MS", f"{'a ' * (before // 2)}MS{' b' * (after // 2)}").context
    assert "MS" in read
    assert len(read) == min(300, before + after + 2)


def test_leanings_favour_what_is_nearer_and_add_up_to_nothing() -> None:
    found = meanings(TERMINOLOGY, [2, 3, 4], "MS", BRAIN)
    vectors = dict(zip(found.texts(), np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], np.float32), strict=True))
    added = leanings(found, vectors)
    assert added[2] == added[3] == pytest.approx(-added[4])
    assert added[2] > 0
    assert leanings(found, {}) == {}
    assert leanings(Meanings(), vectors) == {}


class Encoding:
    """Vectors by words: brain and sclerosis lie together, valve and mitral do."""

    reads_chinese = False
    contexts = ALONE

    class folder:
        lower_case = True

    def encode(self, texts: list[str], check: object) -> Vectors:
        rows = [[1.0, 3.0 * _has(text, "brain", "scler"), 3.0 * _has(text, "valve", "mitral")] for text in texts]
        found = np.array(rows, np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def _has(text: str, *words: str) -> bool:
    return any(word in text.lower() for word in words)


def retriever(*decisions: MemoryTerm) -> Retriever:
    official = TermTable.of(TERMINOLOGY.official_rows())
    ours = TermTable.of([*(("MS", owner) for owner in MS), ("AS", Owner(5, "lexicon"))])
    lexical = LexicalIndex.build(official.keys)
    segments = [Segment(official, lexical), Segment(ours, LexicalIndex.build(ours.keys, lexical))]
    return Retriever(TERMINOLOGY, Expander.of([]), segments, Memory(TERMINOLOGY, lexical, decisions))


def first(found: Retriever, text: str, context: str, encoder: object = None) -> str:
    encoding: Encoder = encoder or Encoding()  # type: ignore[assignment]
    (answer,) = found.retrieve([text], 5, contexts=[context], encoder=encoding)
    return answer.candidates[0].code


def test_the_context_chooses_between_meanings() -> None:
    found = retriever()
    assert first(found, "MS", "") == "N1"
    assert first(found, "MS", BRAIN) == "N1"
    assert first(found, "MS", VALVE) == "H1"


def test_equal_to_several_meanings_is_no_reason_to_be_sure() -> None:
    """Until a decision says which; and a name of its own is sure, whatever else the lexicon knows."""
    said = {text: retriever().retrieve([text], 5)[0].exact for text in ("MS", "AS", "Mitral stenosis")}
    assert said == {"MS": "", "AS": "lexicon", "Mitral stenosis": "name"}
    (decided,) = retriever(MemoryTerm("MS", "N1", 1)).retrieve(["MS"], 5)
    assert decided.exact == "memory"


def test_codes_of_one_chapter_are_one_meaning() -> None:
    """Shades of it: the first is as sure as the lexicon is."""
    official = TermTable.of(TERMINOLOGY.official_rows())
    ours = TermTable.of([("narrow valve", Owner(4, "lexicon", 0)), ("narrow valve", Owner(5, "lexicon", 1))])
    lexical = LexicalIndex.build(official.keys)
    segments = [Segment(official, lexical), Segment(ours, LexicalIndex.build(ours.keys, lexical))]
    found = Retriever(TERMINOLOGY, Expander.of([]), segments, Memory(TERMINOLOGY, lexical, ()))
    assert found.retrieve(["narrow valve"], 5)[0].exact == "lexicon"


def test_a_decision_outweighs_the_context() -> None:
    assert first(retriever(MemoryTerm("MS", "N1", 1)), "MS", VALVE) == "N1"


def test_decisions_that_differ_leave_it_to_the_context() -> None:
    found = retriever(MemoryTerm("MS", "N1", 1), MemoryTerm("MS", "H1", 2))
    assert first(found, "MS", VALVE) == "H1"
    assert first(found, "MS", BRAIN) == "N1"


def test_contexts_of_mentions_with_one_meaning_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    whole = module.Retriever._encode

    def noted(self: Retriever, variants: list[tuple[str, ...]], *rest: object) -> dict[str, Vectors]:
        read.extend(text for forms in variants for text in forms)
        return whole(self, variants, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module.Retriever, "_encode", noted)
    found = retriever()
    with_context = found.retrieve(["AS", "valve"], 5, contexts=[BRAIN, BRAIN], encoder=Encoding())  # type: ignore[arg-type]
    without = found.retrieve(["AS", "valve"], 5, encoder=Encoding())  # type: ignore[arg-type]
    assert with_context == without
    assert BRAIN not in read


def test_without_vectors_the_order_of_the_lexicon_stays() -> None:
    (answer,) = retriever().retrieve(["MS"], 5, contexts=[VALVE])
    assert [one.code for one in answer.candidates[:2]] == ["N1", "N1.0"]
    assert isinstance(answer.candidates[0], Candidate)
