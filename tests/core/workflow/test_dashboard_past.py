"""What one pass over the decisions gathers: who was right, who worked when, what keeps being reversed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Any

import msgspec
import pytest
from helpers.projects import ranking

from rpdr_core.errors import Cancelled
from rpdr_core.records import Opinion, Ranking, Target
from rpdr_core.store.history import PastDecision, Said, said
from rpdr_core.workflow.dashboard_accuracy import LEAST_BLOCK, accuracy_of, reliability_of
from rpdr_core.workflow.dashboard_past import Fact, Past, gather, told

SHANGHAI = timezone(timedelta(hours=8))


def frozen(*rankings: Ranking) -> bytes:
    return msgspec.json.encode(rankings)


BOTH = frozen(ranking(1, "retriever", "A", "B", confidence=0.8), ranking(1, "teacher", "B", "A", verdict="exact"))


def made(id: int, kind: str = "accept", code: str = "A", **more: Any) -> PastDecision:
    given = {
        "mention_id": 1, "also": "[]", "undone": False, "reason": "", "reviewer": "ann",
        "made_at": "2026-03-02T10:00:00.000Z", "mode": "open", "seconds": None, "shown": BOTH, "count": 3,
        "flag_reason": "",
    }  # fmt: skip
    return PastDecision(id=id, kind=kind, code=code, **{**given, **more})


def opinion(code: str, stage: str = "independent", reviewer: str = "ann", also: tuple[Target, ...] = ()) -> Opinion:
    return Opinion(1, 1, stage, "accept", code, "n", "equivalent", also, "", "", reviewer, "", False)  # type: ignore[arg-type]


def past_of(
    *decisions: PastDecision, opinions: Sequence[Opinion] = (), in_use: str | None = None, zone: Any = SHANGHAI
) -> Past:
    return gather([decisions], opinions, in_use, zone)


def fact_of(*decisions: PastDecision, **more: Any) -> Fact:
    [fact] = past_of(*decisions, **more).facts
    return fact


def test_only_the_first_of_each_list_is_read() -> None:
    rankings = (
        ranking(1, "retriever", "A", "B", confidence=0.5),
        ranking(1, "teacher", "B", verdict="none"),
        ranking(1, "student:s1"),
    )
    assert said(frozen(*rankings)) == [
        Said("retriever", "A", 0.5),
        Said("teacher", "", None),
        Said("student:s1", "", None),
    ]
    assert said(b"[]") == []


@pytest.mark.parametrize("code", ['odd"code', "back\\slash", "白内障", "x" * 200, ""])
def test_a_code_that_must_be_unescaped_is_read_whole(code: str) -> None:
    assert said(frozen(ranking(1, "retriever", code, "B")))[0].code == code


def test_each_ranker_is_judged_by_the_code_in_force() -> None:
    fact = fact_of(made(1, code="A", undone=True), made(2, code="A"), made(3, "correct", "B"))
    assert fact.id == 3
    assert dict(told(fact.answers)) == {"retriever": False, "teacher": True}
    assert fact.sure == ("retriever", 0.8, False)
    assert fact.lead == (0.8, True), "the teacher's answer counts, the confidence is the retriever's"


def test_a_further_code_is_right_too() -> None:
    fact = fact_of(made(1, "correct", "C", also='[{"code":"A","name":"a"}]'))
    assert dict(told(fact.answers)) == {"retriever": True, "teacher": False}


@pytest.mark.parametrize("reason", ["not_in_terminology", "not_retrieved"])
def test_no_match_judges_where_the_ranker_could_have_known(reason: str) -> None:
    shown = frozen(ranking(1, "retriever", "A", confidence=0.9), ranking(1, "teacher", "B", verdict="none"))
    fact = fact_of(made(1, "no_match", "", reason=reason, shown=shown))
    assert dict(told(fact.answers)) == {"retriever": False, "teacher": True}
    assert fact.lead is None, "the teacher says that nothing fits: nothing would be accepted"


def test_what_is_no_mention_would_still_have_been_accepted_wrongly() -> None:
    shown = frozen(ranking(1, "retriever", "A", confidence=0.9))
    fact = fact_of(made(1, "no_match", "", reason="not_a_mention", shown=shown))
    assert fact.answers == 0
    assert fact.lead == (0.9, False)


@pytest.mark.parametrize("mode", ["propagated", "agreed"])
def test_what_was_not_made_by_hand_judges_nobody(mode: str) -> None:
    past = past_of(made(1, mode=mode))
    assert (past.facts, past.left_out, past.decisions) == ([], 1, 1)


def test_a_decision_without_candidates_on_screen_judges_nobody() -> None:
    assert past_of(made(1, shown=b"[]")).left_out == 1


def test_the_confidence_of_another_student_than_the_one_in_use_does_not_count() -> None:
    shown = frozen(
        ranking(1, "retriever", "A", confidence=0.4),
        ranking(1, "student:old", "A", confidence=0.9),
        ranking(1, "student:new", "B", confidence=0.7),
    )
    assert fact_of(made(1, shown=shown), in_use="new").lead == (0.7, False)
    assert fact_of(made(1, shown=shown), in_use="old").lead == (0.9, True)
    assert fact_of(made(1, shown=shown), in_use="").lead == (0.4, True)
    assert fact_of(made(1, shown=shown), in_use="third").lead is None
    assert fact_of(made(1, shown=shown), in_use=None).lead == (0.7, False), "the newest, where none was ever promoted"


def test_an_answer_given_before_the_rankings_is_judged_apart() -> None:
    fact = fact_of(made(1, "accept", "A", mode="independent"), opinions=[opinion("B", also=(Target("C", "c"),))])
    assert dict(told(fact.answers)) == {"retriever": True, "teacher": False}
    assert dict(told(fact.blind)) == {"retriever": False, "teacher": True}


def test_a_second_reviewers_opinion_is_not_independent_of_the_rankings() -> None:
    assert fact_of(made(1), opinions=[opinion("B", "second", "bob")]).blind == 0


def test_a_mention_counts_on_the_day_and_for_the_person_that_decided_it_first() -> None:
    late = "2026-03-02T20:00:00.000Z"
    past = past_of(made(1, made_at=late, reviewer="ann"), made(2, "correct", "B", reviewer="bob"))
    assert past.worked == {("2026-03-03", "ann"): [1, 3]}


def test_what_is_not_decided_now_is_no_progress() -> None:
    assert past_of(made(1), made(2, "reopen", "")).worked == {}
    assert past_of(made(1, "defer", "")).decisions == 0
    assert past_of(made(1, undone=True)).decisions == 0


def test_seconds_are_kept_by_kind_and_undone_ones_do_not_count() -> None:
    past = past_of(made(1, seconds=2.0), made(2, "correct", "B", seconds=9.0), made(3, seconds=1.0, undone=True))
    assert dict(past.seconds) == {"accept": [2.0], "correct": [9.0]}


@pytest.mark.parametrize(
    ("decisions", "times"),
    [
        ([made(1, code="A"), made(2, code="B"), made(3, code="A")], 2),
        ([made(1, code="A", undone=True), made(2, code="B", undone=True), made(3, code="A")], 2),
        ([made(1), made(2, "reopen", ""), made(3), made(4, "reopen", "")], 2),
        ([made(1), made(2, "reopen", ""), made(3, code="B"), made(4, "defer", "")], 2),
        ([made(1), made(2, "no_match", "", reason="unreadable"), made(3)], 2),
    ],
)
def test_a_mention_that_was_reversed_twice_is_a_leech(decisions: list[PastDecision], times: int) -> None:
    [leech] = past_of(*decisions).reversals
    assert (leech.mention_id, leech.reversals, leech.split) == (1, times, False)


@pytest.mark.parametrize(
    "decisions",
    [
        [made(1, code="A"), made(2, code="B")],
        [made(1, code="A", undone=True), made(2, code="B")],
        [made(1, code="A"), made(2, code="A"), made(3, code="A")],
        [made(1, "defer", ""), made(2, "defer", ""), made(3, code="A")],
        [made(1, mode="propagated", undone=True), made(2, mode="propagated", undone=True), made(3)],
        [made(1), made(2, "reopen", "", undone=True), made(3, "reopen", "", undone=True)],
    ],
)
def test_a_slip_is_none(decisions: list[PastDecision]) -> None:
    assert past_of(*decisions).reversals == []


def test_reviewers_and_rankers_that_keep_differing_are_one_too() -> None:
    opinions = [opinion("B", "second", "bob"), opinion("B", "second", "eve")]
    [leech] = past_of(made(1, reviewer="ann"), opinions=opinions).reversals
    assert (leech.reversals, leech.split) == (0, True)
    agreeing = frozen(ranking(1, "retriever", "A", confidence=0.8), ranking(1, "teacher", "A"))
    assert past_of(made(1, reviewer="ann", shown=agreeing), opinions=opinions).reversals == []


def test_what_waits_for_the_guideline_is_counted_and_not_listed() -> None:
    back_and_forth = [made(at, code=code, flag_reason="guideline") for at, code in enumerate("ABA", 1)]
    past = past_of(*back_and_forth)
    assert (past.reversals, [one.mention_id for one in past.put_aside]) == ([], [1])


def test_a_pass_can_be_ended() -> None:
    def stop() -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        gather([(made(1),)], [], None, check=stop)


def facts(count: int, day: str = "2026-03-02", right: bool = True) -> list[Fact]:
    return [Fact(at, at, day, 3 if right else 1, ("retriever", 0.85, right), (0.85, right)) for at in range(count)]


def test_accuracy_by_blocks_leaves_no_small_rest() -> None:
    found = accuracy_of(facts(2 * LEAST_BLOCK + 5), 3)
    assert [span.decisions for span in found.blocks.spans] == [LEAST_BLOCK, LEAST_BLOCK + 5]
    assert found.left_out == 3
    assert found.overall["retriever"].value == 1.0
    assert set(found.blocks.rates) == {"retriever"}
    assert found.blind == {}


def test_accuracy_by_week_follows_the_calendar() -> None:
    sunday, monday = facts(4, "2026-03-01", right=False), facts(6, "2026-03-02")
    found = accuracy_of([*sunday, *monday], 0)
    assert [(span.start, span.end, span.decisions) for span in found.weeks.spans] == [
        ("2026-03-01", "2026-03-01", 4),
        ("2026-03-02", "2026-03-02", 6),
    ]
    assert [rate.value for rate in found.weeks.rates["retriever"]] == [0.0, 1.0]


def test_nothing_decided_gives_nothing() -> None:
    assert accuracy_of([], 0).blocks.spans == ()
    assert reliability_of([]).bins == ()


def test_the_confidence_is_that_of_the_ranker_heard_last() -> None:
    student = Fact(99, 99, "2026-03-02", 48, ("student", 0.95, True))
    found = reliability_of([*facts(10), student])
    assert (found.role, found.summary.n) == ("student", 1)
