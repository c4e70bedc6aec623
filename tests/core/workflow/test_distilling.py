from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import new_project, ranking
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled
from rpdr_core.folding import fold
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate, NewDecision, NewOpinion, ReviewPlan, Target
from rpdr_core.store import Project
from rpdr_core.workflow.distilling import HELD_OUT, TrainingRows, select_rows, split
from rpdr_core.workflow.held_out import held_out_of, hold_out
from rpdr_core.workflow.labels import DISPUTED
from rpdr_core.workflow.origins import WEIGHTS

CODES = ("A1", "B2", "C3")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as made:
        made.record_rankings([ranking(mention, "retriever", *CODES) for mention in range(1, 7)])
        yield made


def rows_of(project: Project) -> dict[str, TrainingRow]:
    found = select_rows(project, validation=0.0)
    assert found.validation == ()
    return {row.mention: row for row in found.train}


def teach(project: Project, mention: int, *codes: str, verdict: str = "exact") -> None:
    project.record_rankings([ranking(mention, "teacher", *codes, verdict=verdict)])


def decide(project: Project, mention: int, kind: str, code: str = "", *, shown: bool = True, reason: str = "") -> None:
    screen = (ranking(mention, "retriever", *CODES),) if shown else ()
    name = f"Name of {code}" if code else ""
    project.decide(NewDecision(mention, kind, code, name, reason, shown=screen))  # type: ignore[arg-type]


def test_nothing_labelled_gives_no_rows(project: Project) -> None:
    assert select_rows(project) == TrainingRows((), (), {}, {})


def test_the_teachers_order_points_into_the_retrievers_list(project: Project) -> None:
    teach(project, 1, "C3", "A1", "B2")
    row = rows_of(project)["blurry vision"]
    assert [c.code for c in row.candidates] == list(CODES)
    assert [row.candidates[i].code for i in row.order] == ["C3", "A1", "B2"]
    assert (row.origin, row.weight) == ("teacher-exact", 1.0)
    assert row.context == "seen with blurry vision today"


def test_a_close_match_weighs_less(project: Project) -> None:
    teach(project, 1, "C3", "A1", "B2", verdict="close")
    row = rows_of(project)["blurry vision"]
    assert (row.origin, row.weight) == ("teacher-close", 0.5)


def test_a_teacher_without_a_verdict_teaches_nothing(project: Project) -> None:
    teach(project, 1, *CODES, verdict="")
    assert select_rows(project) == TrainingRows((), (), {}, {"the teacher gave no verdict": 1})


def test_a_teacher_without_a_match_teaches_that_none_is_right(project: Project) -> None:
    teach(project, 1, "C3", "A1", "B2", verdict="none")
    row = rows_of(project)["blurry vision"]
    assert (row.origin, row.verdict, row.weight, row.rejected) == ("teacher-none", "none", 0.5, ())


def test_agreement_with_itself_scales_the_teachers_weight(project: Project) -> None:
    for mention, parameters in ((1, '{"agreement": 0.25, "orders": 2}'), (2, '{"agreement": null}'), (3, "k=10")):
        taught = ranking(mention, "teacher", *CODES, verdict="close")
        project.record_rankings([replace(taught, provenance=replace(taught.provenance, parameters=parameters))])
    found = select_rows(project, validation=0.0)
    assert [row.weight for row in found.train] == [0.125, 0.5, 0.5]


def test_a_list_the_retriever_gives_no_longer_keeps_its_scores_order(project: Project) -> None:
    teach(project, 1, "D4", "A1", "B2")
    row = rows_of(project)["blurry vision"]
    scores = [c.score for c in row.candidates]
    assert scores == sorted(scores, reverse=True)
    assert row.candidates[row.order[0]].code == "D4"


def test_decisions_override_the_teacher(project: Project) -> None:
    teach(project, 1, "C3", "A1", "B2")
    decide(project, 1, "correct", "B2")
    row = rows_of(project)["blurry vision"]
    assert row.candidates[row.order[0]].code == "B2"
    assert (row.origin, row.weight) == ("corrected", 2.0)


def test_an_accepted_first_candidate(project: Project) -> None:
    decide(project, 1, "accept", "A1")
    row = rows_of(project)["blurry vision"]
    assert row.order == (0, 1, 2)
    assert (row.origin, row.weight) == ("accepted", 1.5)


def test_a_decision_without_a_screen_is_blind_and_uses_the_newest_rankings(project: Project) -> None:
    decide(project, 1, "correct", "C3", shown=False)
    row = rows_of(project)["blurry vision"]
    assert row.candidates[row.order[0]].code == "C3"
    assert (row.origin, row.weight, row.rejected) == ("blind", 2.0, ())


def test_an_own_answer_that_stood_is_blind(project: Project) -> None:
    for mention, own in ((1, "C3"), (2, "A1")):
        name = f"Name of {own}"
        project.give_opinion(NewOpinion(mention, "independent", "correct", own, name), reviewer="anna")
        screen = (ranking(mention, "retriever", *CODES),)
        made = NewDecision(mention, "correct", "C3", "Name of C3", shown=screen, mode="independent")
        project.decide(made, reviewer="anna")
    found = rows_of(project)
    assert found["blurry vision"].origin == "blind"
    assert found["白内障术后"].origin == "corrected", "the rankings changed the reviewer's mind"
    # Candidates were seen all the same: those above the chosen one were passed over.
    assert found["blurry vision"].rejected == (0, 1)


def test_a_settled_dispute_is_blind_and_what_was_carried_over_is_propagated(project: Project) -> None:
    project.set_review_plan(ReviewPlan(double_share=1.0))
    screen = (ranking(1, "retriever", *CODES),)
    project.decide(NewDecision(1, "accept", "A1", "Name of A1", shown=screen), reviewer="anna")
    project.give_opinion(NewOpinion(1, "second", "correct", "C3", "Name of C3"), reviewer="bo")
    project.adjudicate(NewDecision(1, "correct", "B2", "Name of B2", shown=screen), reviewer="cy")
    project.set_review_plan(ReviewPlan())
    decide(project, 2, "correct", "C3")
    origin = project.decision(2)
    assert origin is not None
    screen = (ranking(3, "retriever", *CODES),)
    carried = NewDecision(3, "correct", "C3", "Name of C3", shown=screen, mode="propagated", origin_id=origin.id)
    project.decide(carried)
    assert {text: row.origin for text, row in rows_of(project).items()} == {
        "blurry vision": "blind", "白内障术后": "corrected", "MI": "propagated",
    }  # fmt: skip
    assert rows_of(project)["MI"].rejected == ()


def test_further_codes_follow_the_first_and_are_not_rejected(project: Project) -> None:
    screen = (ranking(1, "retriever", *CODES),)
    also = (Target("B2", "Name of B2"), Target("Z9", "Not on the list"))
    project.decide(NewDecision(1, "correct", "C3", "Name of C3", shown=screen, also=also, relation="broader"))
    row = rows_of(project)["blurry vision"]
    assert [row.candidates[place].code for place in row.order] == ["C3", "B2", "A1"]
    assert (row.rejected, row.verdict) == ((0,), "close")


def test_decisions_that_teach_nothing_still_silence_the_teacher(project: Project) -> None:
    for mention in (2, 3):
        teach(project, mention, "C3", "A1", "B2")
    decide(project, 2, "no_match", reason="not_a_mention")
    decide(project, 3, "defer")
    found = select_rows(project)
    assert found.train == found.validation == ()
    assert found.excluded == {"deferred": 1, "the mention is none (not a mention, or unreadable)": 1}


@pytest.mark.parametrize(
    ("kind", "code", "reason", "origin"),
    [("no_match", "", "not_in_terminology", "no_match"), ("correct", "Z9", "", "corrected")],
)
def test_where_no_candidate_is_right_the_row_says_so(
    project: Project, kind: str, code: str, reason: str, origin: str
) -> None:
    teach(project, 1, "C3", "A1", "B2")
    decide(project, 1, kind, code, reason=reason)
    row = rows_of(project)["blurry vision"]
    assert (row.origin, row.verdict, row.rejected) == (origin, "none", (0, 1, 2))


def test_what_stood_above_the_chosen_one_was_rejected(project: Project) -> None:
    decide(project, 1, "correct", "C3")
    assert rows_of(project)["blurry vision"].rejected == (0, 1)
    decide(project, 2, "accept", "A1")
    assert rows_of(project)["白内障术后"].rejected == ()


def test_what_stood_above_on_screen_counts_not_in_the_retrievers_list(project: Project) -> None:
    screen = (ranking(1, "retriever", *CODES), ranking(1, "teacher", "C3", "B2", "A1", verdict="exact"))
    project.decide(NewDecision(1, "correct", "B2", "Name of B2", shown=screen))
    row = rows_of(project)["blurry vision"]
    assert [row.candidates[place].code for place in row.rejected] == ["C3"]
    assert [row.candidates[place].code for place in row.order] == ["B2", "C3", "A1"]


def test_decisions_made_at_once_are_propagated_and_weigh_less_than_any_looked_at(project: Project) -> None:
    screen = tuple((ranking(mention, "retriever", *CODES),) for mention in (1, 2, 3))
    project.decide_many([NewDecision(i, "correct", "B2", "Name", shown=screen[i - 1]) for i in (1, 2)])
    project.decide(NewDecision(3, "correct", "B2", "Name", shown=screen[2]))
    rows = rows_of(project)
    assert [row.origin for row in rows.values()] == ["propagated", "propagated", "corrected"]
    assert rows["blurry vision"].rejected == ()
    assert WEIGHTS["propagated"] < min(WEIGHTS[name] for name in ("accepted", "corrected", "blind", "no_match"))


def test_a_mention_decided_anew_on_its_own_is_propagated_no_longer(project: Project) -> None:
    screen = (ranking(1, "retriever", *CODES),)
    project.decide_many([NewDecision(i, "correct", "B2", "Name", shown=screen) for i in (1, 2)])
    decide(project, 1, "correct", "C3")
    assert [row.origin for row in rows_of(project).values()] == ["corrected", "propagated"]


def test_held_out_texts_train_nobody(project: Project) -> None:
    hold_out(project, 0.5)
    rule = held_out_of(project)
    held = {mention.id for mention in project.mentions(range(1, 7)) if mention.text in rule}
    assert 0 < len(held) < 6
    for mention in range(1, 4):
        teach(project, mention, *CODES)
    for mention in range(4, 7):
        decide(project, mention, "accept", "A1")
    found = select_rows(project)
    assert found.excluded == {HELD_OUT: len(held)}
    assert len(found.train) + len(found.validation) == 6 - len(held)
    assert not any(row.mention in rule for row in (*found.train, *found.validation))


def test_an_undone_decision_counts_for_nothing(project: Project) -> None:
    teach(project, 1, "C3", "A1", "B2")
    decide(project, 1, "correct", "B2")
    project.undo()
    assert rows_of(project)["blurry vision"].origin == "teacher-exact"


def test_a_single_candidate_is_left_out(project: Project) -> None:
    teach(project, 1, "A1")
    assert select_rows(project).excluded == {"a single candidate has no order": 1}


def test_origins_are_counted(project: Project) -> None:
    teach(project, 1, "C3", "A1", "B2")
    teach(project, 2, "C3", "A1", "B2", verdict="close")
    decide(project, 3, "accept", "A1")
    found = select_rows(project)
    assert found.origins == {"accepted": 1, "teacher-close": 1, "teacher-exact": 1}
    assert len(found.train) + len(found.validation) == 3
    assert found.validation


def test_it_can_be_stopped(project: Project) -> None:
    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        select_rows(project, check=stop)


def row(text: str, context: str = "") -> TrainingRow:
    return TrainingRow(text, context, (Candidate("A", "a"), Candidate("B", "b")), (1, 0), "accepted")


@given(st.lists(st.text(max_size=4), max_size=40), st.integers(0, 5))
def test_no_text_is_on_both_sides_and_no_row_is_lost(texts: list[str], seed: int) -> None:
    rows = [row(text, str(place)) for place, text in enumerate(texts)]
    train, held = split(rows, seed=seed, validation=0.3)
    assert not {fold(r.mention) for r in train} & {fold(r.mention) for r in held}
    assert sorted((r.context for r in (*train, *held)), key=int) == [r.context for r in rows]
    assert len({fold(text) for text in texts}) < 2 or (train or held)


def test_the_split_is_about_the_share_asked_and_stays() -> None:
    rows = [row(f"mention {n}") for n in range(2000)]
    _train, held = split(rows, validation=0.1)
    assert 150 < len(held) < 250
    assert split(rows[:1000], validation=0.1)[1] == tuple(r for r in held if r in set(rows[:1000]))
    assert split(rows, seed=1, validation=0.1)[1] != held


def test_case_and_width_do_not_part_a_text() -> None:
    train, held = split([row("Blurry  Vision"), row("blurry vision"), row("ｂｌｕｒｒｙ vision")], validation=0.5)
    assert not (train and held)


def test_an_open_dispute_trains_nobody(project: Project) -> None:
    project.set_review_plan(ReviewPlan(double_share=1.0))
    for mention in (1, 2):
        project.decide(
            NewDecision(mention, "correct", "B2", "Name of B2", shown=(ranking(mention, "retriever", *CODES),)),
            reviewer="anna",
        )
    teach(project, 1, "C3", "A1", "B2")
    project.give_opinion(NewOpinion(1, "second", "correct", "C3", "Name of C3"), reviewer="bo")
    found = select_rows(project, validation=0.0)
    assert [row.mention for row in found.train] == ["白内障术后"], "one that waits for its second answer trains"
    assert found.excluded == {DISPUTED: 1}, "and the teacher does not settle it"
    project.undo()
    assert {row.mention for row in select_rows(project, validation=0.0).train} == {"blurry vision", "白内障术后"}
