from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rpdr_core.records import Entity, MemoryTerm
from rpdr_worker.retrieval import memory as module
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.retriever import Retriever
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Terminology, TermTable
from rpdr_worker.retrieval.text import Expander, search_key

CODES = ("C1", "C2", "C3")
TERMINOLOGY = Terminology.of([Entity(code, f"Qxq {code}", type="category") for code in CODES])
OFFICIAL = TermTable.of(TERMINOLOGY.official_rows())
LEXICAL = LexicalIndex.build(OFFICIAL.keys)
TEXTS = ("blurry vision", "Blurry, Vision", "白内障", "POAG", "")
IDS = st.integers(1, 12)
TERMS = st.builds(MemoryTerm, st.sampled_from(TEXTS), st.sampled_from((*CODES, "GONE")), IDS)


def new_memory(*terms: MemoryTerm) -> Memory:
    return Memory(TERMINOLOGY, LEXICAL, terms)


def votes(memory: Memory) -> Counter[tuple[str, str]]:
    """What the memory says in all its segments: votes by (key, code)."""
    found: Counter[tuple[str, str]] = Counter()
    for segment in memory.segments:
        for position, key in enumerate(segment.table.keys):
            for owner in memory.owners(segment, position):
                assert owner.votes > 0
                assert owner.source == "memory"
                found[key, CODES[owner.entity]] += owner.votes
    return found


class AgainstAPlainModel(RuleBasedStateMachine):
    """A dictionary by decision is all that memory is; segments and revoked votes are how it is quick."""

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[int, MemoryTerm] = {}
        self.memory = new_memory()

    @rule(terms=st.lists(TERMS, max_size=4))
    def begin(self, terms: list[MemoryTerm]) -> None:
        self.memory = new_memory(*terms)
        self.model = {term.decision_id: term for term in terms}

    @rule(terms=st.lists(TERMS, max_size=4))
    def remember(self, terms: list[MemoryTerm]) -> None:
        self.memory.remember(terms)
        self.model |= {term.decision_id: term for term in terms}

    @rule(ids=st.lists(IDS, max_size=4))
    def forget(self, ids: list[int]) -> None:
        self.memory.forget(ids)
        for decision_id in ids:
            self.model.pop(decision_id, None)

    @invariant()
    def says_what_the_model_says(self) -> None:
        assert len(self.memory) == len(self.model)
        known = [term for term in self.model.values() if term.code in CODES]
        assert votes(self.memory) == Counter((search_key(term.term), term.code) for term in known)


@pytest.mark.parametrize("rebuild_after", [0, 3, 256])
def test_remember_and_forget_against_a_plain_model(rebuild_after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REBUILD_AFTER", rebuild_after)
    machine = AgainstAPlainModel.TestCase()
    machine.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
    machine.runTest()


def retriever(memory: Memory) -> Retriever:
    return Retriever(TERMINOLOGY, Expander.of([]), [Segment(OFFICIAL, LEXICAL)], memory)


def codes(memory: Memory, text: str) -> list[str]:
    return [candidate.code for candidate in retriever(memory).retrieve([text], 3)[0].candidates]


def test_a_correction_is_first_at_the_next_query_and_gone_when_undone() -> None:
    memory = new_memory()
    assert codes(memory, "qxq C1")[0] == "C1"
    memory.remember([MemoryTerm("qxq c1", "C2", 7)])
    assert codes(memory, "Qxq C1")[0] == "C2"
    memory.forget([7])
    assert codes(memory, "Qxq C1")[0] == "C1"


@given(st.booleans())
def test_a_forgotten_correction_surfaces_no_more_wherever_it_was_kept(indexed: bool) -> None:
    term = MemoryTerm("blurry vision", "C3", 1)
    memory = new_memory(*[term] * indexed)
    if not indexed:
        memory.remember([term])
    assert codes(memory, "blurry vision")[0] == "C3"
    assert "C3" in codes(memory, "blury vison")
    memory.forget([1])
    assert "C3" not in codes(memory, "blurry vision")


def test_one_of_two_equal_corrections_undone_leaves_the_other() -> None:
    memory = new_memory(MemoryTerm("blurry vision", "C3", 1), MemoryTerm("Blurry vision", "C3", 2))
    memory.forget([1])
    assert codes(memory, "blurry vision")[0] == "C3"
    memory.forget([2])
    assert codes(memory, "blurry vision") == []


def test_the_correction_with_more_votes_is_first() -> None:
    memory = new_memory(*(MemoryTerm("blurry vision", code, at) for at, code in enumerate(("C1", "C3", "C3"))))
    assert codes(memory, "blurry vision")[:2] == ["C3", "C1"]
    memory.remember([MemoryTerm("blurry vision", "C1", 10), MemoryTerm("blurry vision", "C1", 11)])
    assert codes(memory, "blurry vision")[:2] == ["C1", "C3"]


def test_a_changed_decision_replaces_what_it_had_brought() -> None:
    memory = new_memory(MemoryTerm("blurry vision", "C1", 1))
    memory.remember([MemoryTerm("blurry vision", "C2", 1)])
    assert codes(memory, "blurry vision") == ["C2"]


def test_many_corrections_move_from_the_tail_into_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REBUILD_AFTER", 5)
    memory = new_memory()
    for number in range(20):
        memory.remember([MemoryTerm(f"{number} tails", "C1", number)])
        assert len(memory.segments[-1]) <= 20
    assert [codes(memory, f"{number} tails")[0] for number in range(20)] == ["C1"] * 20
    assert len(memory._tail) <= 5


def test_segments_without_vectors_are_embedded_once() -> None:
    import numpy as np

    memory = new_memory(MemoryTerm("blurry vision", "C1", 1), MemoryTerm("白内障", "C2", 2))
    asked: list[int] = []

    def load(segment: Segment) -> None:
        asked.append(len(segment))
        vectors = np.ones((len(segment), 2), np.float32)
        vectors[1:] = 0  # a string that the encoder cannot read
        segment.publish(0, vectors)

    memory.embed(load)
    memory.embed(load)
    assert asked == [2]
    memory.remember([MemoryTerm("new", "C1", 3)])
    memory.embed(load)
    assert asked == [2, 1]
