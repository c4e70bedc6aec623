"""Lists to learn from: with `own` False the memory is searched as if it had never met the mention."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.records import Entity, MemoryTerm
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.retriever import Retrieved, Retriever
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Terminology, TermTable
from rpdr_worker.retrieval.text import Expander, search_key

NAMES = {"C1": "Backache", "C2": "Sore back", "C3": "Pain in throat"}
TERMINOLOGY = Terminology.of([Entity(code, name, type="category") for code, name in NAMES.items()])
OFFICIAL = TermTable.of(TERMINOLOGY.official_rows())
LEXICAL = LexicalIndex.build(OFFICIAL.keys)
TEXTS = ("my back hurts", "My back, hurts", "throat hurts", "Backache", "sore throat")
TERMS = st.lists(st.builds(MemoryTerm, st.sampled_from(TEXTS), st.sampled_from(tuple(NAMES)), st.integers(1, 9)))


def retrieve(terms: list[MemoryTerm], text: str, *, own: bool) -> Retrieved:
    memory = Memory(TERMINOLOGY, LEXICAL, terms)
    retriever = Retriever(TERMINOLOGY, Expander.of([], ()), [Segment(OFFICIAL, LEXICAL)], memory)
    return retriever.retrieve([text], 3, own=own)[0]


@given(TERMS, st.sampled_from(TEXTS))
def test_a_mentions_own_memory_changes_nothing_in_its_list(terms: list[MemoryTerm], text: str) -> None:
    last = {term.decision_id: term for term in terms}.values()
    others = [term for term in last if search_key(term.term) != search_key(text)]
    assert retrieve(list(last), text, own=False) == retrieve(others, text, own=True)


def test_otherwise_it_leads_the_list() -> None:
    terms = [MemoryTerm("throat hurts", "C1", 1)]
    assert retrieve(terms, "Throat hurts", own=True).candidates[0].code == "C1"
    assert retrieve(terms, "Throat hurts", own=False).candidates[0].code == "C3"
