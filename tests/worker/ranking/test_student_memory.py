from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.folding import fold
from rpdr_core.records import Candidate, MemoryTerm
from rpdr_worker.ranking.student_memory import NOTHING, Remembered, without_own_wording
from rpdr_worker.ranking.student_texts import candidate_texts

TEXTS = st.sampled_from(("sore eyes", "Sore  Eyes", "SORE EYES ", "red eyes", "Myopia", "", "  "))
TERMS = st.lists(st.builds(MemoryTerm, TEXTS, st.sampled_from("AB"), st.integers(1, 99)), max_size=12)


def remembered(*pairs: tuple[str, str]) -> Remembered:
    return Remembered.of(MemoryTerm(text, code, at) for at, (text, code) in enumerate(pairs))


def test_wordings_stand_with_their_entity_most_often_given_first() -> None:
    found = remembered(("sore eyes", "A"), ("red eyes", "A"), ("Red eyes", "A"), ("blind", "B"))
    assert found.strings("A") == ("red eyes", "sore eyes")
    assert found.strings("B") == ("blind",)
    assert found.strings("C") == ()
    assert len(found) == 3


def test_where_people_disagree_the_majority_keeps_the_wording() -> None:
    found = remembered(("red eyes", "A"), ("red eyes", "B"), ("Red Eyes", "B"))
    assert found.strings("A") == ()
    assert found.strings("B") == ("red eyes",)
    even = remembered(("red eyes", "A"), ("red eyes", "B"))
    assert even.strings("A") == even.strings("B") == ("red eyes",)


@given(TERMS, TEXTS)
def test_a_wording_left_out_is_left_out_however_it_is_written(terms: list[MemoryTerm], own: str) -> None:
    found = Remembered.of(terms)
    for code in "AB":
        assert fold(own) not in [fold(text) for text in found.strings(code, own)]
        others = [text for text in found.strings(code) if fold(text) != fold(own)]
        assert list(found.strings(code, own)) == others


@given(TERMS)
def test_the_digest_tells_memories_apart(terms: list[MemoryTerm]) -> None:
    found = Remembered.of(terms)
    assert found.digest() == Remembered.of(reversed(terms)).digest() or len(terms) > 1
    assert (found.digest() == "") == (len(found) == 0)
    assert found.digest() != Remembered.of([*terms, MemoryTerm("new words", "A", 1000)]).digest()


def test_a_candidate_is_its_name_and_what_people_called_it() -> None:
    memory = remembered(("bad eyes", "A"), ("MYOPIA", "A"), ("red eyes", "B"))
    candidate = Candidate("A", "Myopia", "short sight", "synonym")
    assert candidate_texts(candidate, memory) == ("Myopia", "short sight", "bad eyes")
    assert candidate_texts(candidate, memory, "Bad Eyes") == ("Myopia", "short sight")
    assert candidate_texts(candidate, NOTHING) == ("Myopia", "short sight")


def test_an_undone_wording_is_no_string_even_if_it_once_brought_the_candidate() -> None:
    assert candidate_texts(Candidate("A", "Myopia", "bad eyes", "memory"), NOTHING) == ("Myopia",)


def test_a_list_that_was_made_with_its_own_answer_is_read_without_it() -> None:
    told = Candidate("A", "Myopia", "Bad  Eyes", "memory", 1.5)
    others = (Candidate("B", "Iritis", "iritis", "name", 0.6), Candidate("C", "Uveitis", "eyes", "memory", 0.4))
    read = without_own_wording("bad eyes", (told, *others))
    assert read == (Candidate("A", "Myopia", "", "name", 0.5), *others)
    assert without_own_wording("worse eyes", (told, *others)) == (told, *others)
    assert without_own_wording("bad eyes", (told,)) == (Candidate("A", "Myopia", "", "name", 0.0),)
