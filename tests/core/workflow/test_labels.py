from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.projects import ranking

from rpdr_core.records import Decision, DecisionKind, Ranking, Relation
from rpdr_core.workflow.labels import Label, label_of
from rpdr_core.workflow.leading import by_role, leading, rank_of

RETRIEVER = ranking(1, "retriever", "A", "B", "C", "D")
TEACHER = ranking(1, "teacher", "C", "A", "D", "B", verdict="close")
STUDENT = ranking(1, "student:x", "D", "C", "B", "A")


def _decision(kind: DecisionKind, code: str = "", reason: str = "") -> Decision:
    return Decision(1, 1, kind, code, f"Name of {code}" if code else "", reason, "", "me", "now", False)


def _label(decision: Decision, *shown: Ranking) -> Label:
    found = label_of(decision, shown)
    assert isinstance(found, Label), found
    return found


def test_candidates_stand_in_the_retrievers_order() -> None:
    label = _label(_decision("accept", "C"), RETRIEVER, TEACHER)
    assert [candidate.code for candidate in label.candidates] == ["A", "B", "C", "D"]
    assert label.numbered_by == "retriever"


def test_without_a_retriever_the_leading_list_is_numbered() -> None:
    label = _label(_decision("accept", "C"), TEACHER)
    assert [candidate.code for candidate in label.candidates] == ["C", "A", "D", "B"]
    assert (label.order, label.numbered_by) == ((1, 2, 3, 4), "teacher")


@pytest.mark.parametrize(
    ("code", "shown", "order"),
    [
        ("A", (RETRIEVER,), (1, 2, 3, 4)),
        ("C", (RETRIEVER,), (3, 1, 2, 4)),
        ("B", (RETRIEVER, TEACHER), (2, 3, 1, 4)),
        ("A", (RETRIEVER, TEACHER, STUDENT), (1, 4, 3, 2)),
    ],
)
def test_the_chosen_comes_first_and_the_rest_as_shown(
    code: str, shown: tuple[Ranking, ...], order: tuple[int, ...]
) -> None:
    assert _label(_decision("correct", code), *shown).order == order


def test_candidates_that_only_another_ranker_lists_get_no_number() -> None:
    wider = ranking(1, "teacher", "X", "C", "A")
    label = _label(_decision("correct", "B"), RETRIEVER, wider)
    assert label.order == (2, 3, 1, 4)


@pytest.mark.parametrize(("kind", "meaning"), [("accept", "accepted"), ("correct", "corrected")])
def test_what_a_label_means(kind: DecisionKind, meaning: str) -> None:
    assert _label(_decision(kind, "A"), RETRIEVER).meaning == meaning


def test_a_chosen_entity_is_exact_unless_its_ranker_called_it_close() -> None:
    assert _label(_decision("accept", "C"), RETRIEVER, TEACHER).verdict == "close"
    assert _label(_decision("correct", "A"), RETRIEVER, TEACHER).verdict == "exact"


@pytest.mark.parametrize("relation", ["broader", "narrower", "inexact"])
def test_what_is_no_equivalent_is_close(relation: Relation) -> None:
    decision = replace(_decision("correct", "A"), relation=relation)
    assert _label(decision, RETRIEVER, TEACHER).verdict == "close"


def test_what_nobody_looked_at_teaches_nothing() -> None:
    found = label_of(replace(_decision("accept", "A"), mode="agreed"), (RETRIEVER,))
    assert found == "accepted unseen: the ranker said so, nobody else"


@pytest.mark.parametrize("reason", ["not_retrieved", "not_in_terminology"])
def test_no_match_teaches_a_rankers_order_with_none(reason: str) -> None:
    label = _label(_decision("no_match", reason=reason), RETRIEVER, TEACHER)
    assert (label.meaning, label.verdict, label.order) == ("no_match", "none", (3, 1, 4, 2))


@pytest.mark.parametrize(
    ("decision", "shown", "why"),
    [
        (_decision("defer"), (RETRIEVER,), "deferred"),
        (_decision("accept", "A"), (), "no candidates were on screen"),
        (_decision("accept", "A"), (ranking(1, "retriever"),), "no candidates were on screen"),
        (_decision("correct", "Z"), (RETRIEVER, TEACHER), "the chosen entity was not among the candidates"),
        (_decision("no_match", reason="unreadable"), (RETRIEVER, TEACHER), "the mention is none"),
        (_decision("no_match", reason="not_a_mention"), (RETRIEVER, TEACHER), "the mention is none"),
        (_decision("no_match", reason="not_retrieved"), (RETRIEVER,), "no order but the retriever's own"),
    ],
)
def test_what_teaches_nothing_says_why(decision: Decision, shown: tuple[Ranking, ...], why: str) -> None:
    found = label_of(decision, shown)
    assert isinstance(found, str)
    assert why in found


def test_who_leads() -> None:
    newer = ranking(1, "student:y", "A")
    assert leading(()) is None
    assert leading((RETRIEVER,)) is RETRIEVER
    assert leading((RETRIEVER, TEACHER)) is TEACHER
    assert leading((RETRIEVER, TEACHER, STUDENT, newer)) is newer
    assert by_role((RETRIEVER, STUDENT), "teacher") is None


def test_ranks_count_from_one() -> None:
    assert [rank_of(TEACHER.candidates, code) for code in "CAZ"] == [1, 2, None]
