"""The dashboard of a real project file: figures, the random check, acceptance, putting aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from helpers.projects import SOURCE, new_project, ranking
from helpers.reviewed import decide_as, ranked_project

from rpdr_core.errors import Cancelled, NotAllowedError, NotFoundError, UserInputError
from rpdr_core.knowledge_base.scope import SCOPE
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.records import NewDecision, NewMention, NewOpinion, ReviewPlan
from rpdr_core.store import EndEntry, Project, SendEntry
from rpdr_core.workflow import random_check
from rpdr_core.workflow.dashboard import dashboard_of
from rpdr_core.workflow.dashboard_figures import ALPHAS, Dashboard
from rpdr_core.workflow.dashboard_past import Fact
from rpdr_core.workflow.distilling import UNSEEN, select_rows
from rpdr_core.workflow.encoders import encoders_folder
from rpdr_core.workflow.judging import held_out_cases
from rpdr_core.workflow.random_check import answers_of, draw, size_for, unanswered
from rpdr_core.workflow.sure_acceptance import accept_all, preview

FIVE = ALPHAS.index(0.05)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with ranked_project(tmp_path, 60) as made:
        yield made


def test_an_empty_project_has_figures_too(tmp_path: Path) -> None:
    with new_project(tmp_path, []) as empty:
        found = dashboard_of(empty)
    assert found.progress.mentions == 0
    assert found.pace.finish is None
    assert found.safety.check == "none"
    assert [offer.promise.threshold for offer in found.safety.guesses] == [None] * len(ALPHAS)
    assert (found.leeches, found.cost.requests, found.timings) == ((), 0, ())


def test_progress_accuracy_and_calibration(project: Project) -> None:
    for number in range(1, 11):
        decide_as(project, number, "A1" if number <= 8 else "B2", seconds=2.0)
    project.decide(NewDecision(11, "defer"), reviewer="ann")
    found = dashboard_of(project)
    assert (found.progress.decided, found.decisions) == (10, 10)
    [worked] = found.pace.worked
    assert (worked.reviewer, worked.mentions) == ("ann", 10)
    assert worked.occurrences == found.progress.occurrences_decided
    rate = found.accuracy.overall["retriever"]
    assert (rate.count, rate.n) == (8, 10)
    assert found.accuracy.blind == {}
    assert sum(one.right.n for one in found.reliability.bins) == 10
    assert {(one.kind, one.n, one.median) for one in found.timings} == {("accept", 8, 2.0), ("correct", 2, 2.0)}


def test_an_answer_before_the_rankings_is_told_apart(project: Project) -> None:
    project.give_opinion(NewOpinion(1, "independent", "correct", "B2", "Name of B2"), reviewer="ann")
    decide_as(project, 1, "A1", mode="independent")
    found = dashboard_of(project).accuracy
    assert found.overall["retriever"].count == 1
    assert (found.blind["retriever"].count, found.blind["retriever"].n) == (0, 1)


def test_what_was_undone_counts_for_nothing(project: Project) -> None:
    decide_as(project, 1, "A1")
    project.undo()
    found = dashboard_of(project)
    assert found.decisions == 0
    assert found.accuracy.overall == {}


def test_what_keeps_coming_back_is_put_aside_as_one_step(project: Project) -> None:
    for number in (3, 5):
        for code in ("A1", "B2", "A1"):
            decide_as(project, number, code)
    leeches = dashboard_of(project).leeches
    assert [(one.mention_id, one.reversals, one.answers) for one in leeches] == [
        (3, 2, ("A1", "B2", "A1")),
        (5, 2, ("A1", "B2", "A1")),
    ]
    changes = project.set_flags([one.mention_id for one in leeches], "guideline", reviewer="ann")
    assert changes.mention_ids == (3, 5)
    found = dashboard_of(project)
    assert (found.leeches, found.put_aside) == ((), 2)
    assert [mention.flag_reason for mention in project.mentions([3, 5])] == ["guideline", "guideline"]
    project.undo()
    assert dashboard_of(project).leeches == leeches
    assert not any(mention.flagged for mention in project.mentions([3, 5]))


def test_flags_are_all_set_or_none(project: Project) -> None:
    with pytest.raises(NotFoundError):
        project.set_flags([1, 999], "guideline", reviewer="ann")
    assert not project.mentions([1])[0].flagged
    assert project.set_flags([], "guideline", reviewer="ann").mention_ids == ()


def test_a_mention_that_waits_for_its_second_reviewer_gives_nothing_away(project: Project) -> None:
    project.set_review_plan(ReviewPlan(double_share=1.0), actor="ann")
    for code in ("A1", "B2", "A1"):
        decide_as(project, 3, code)
    assert project.mentions([3])[0].review == "waiting"
    assert dashboard_of(project).leeches == ()


def test_cost_is_told_per_thousand_mentions(project: Project) -> None:
    entry = SendEntry("rank", "host", "m", "0" * 64, 10, 1, currency="USD")
    for number in (1, 2):
        send = project.open_send("run", number, entry)
        project.end_send(send, EndEntry("answered", 200, "", 100, 20, 1.0, 0.25))
    cost = dashboard_of(project).cost
    assert (cost.requests, cost.prompt_tokens, cost.completion_tokens, cost.money) == (2, 200, 40, 0.5)
    assert cost.per_1000 is not None
    assert 1000 * cost.per_1000.money / cost.per_1000.mentions == 250


def test_a_reading_can_be_ended(project: Project) -> None:
    decide_as(project, 1, "A1")

    def stop() -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        dashboard_of(project, check=stop)


# The random check


def test_a_check_is_drawn_by_lot_and_repeatable(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 120) as project:
        decide_as(project, 1, "A1")
        project.set_flag(2, True)
        draw(project, 50, seed=3, actor="ann")
        first = unanswered(project)
        assert len(set(first)) == 50
        assert not {1, 2} & set(first)
        draw(project, 50, seed=3)
        assert unanswered(project) == first
        draw(project, 50, seed=4)
        assert unanswered(project) != first


@pytest.mark.parametrize("size", [29, 5001])
def test_a_check_of_a_senseless_size_is_refused(project: Project, size: int) -> None:
    with pytest.raises(UserInputError):
        draw(project, size)


def test_a_check_needs_much_more_than_it_takes(project: Project) -> None:
    with pytest.raises(NotAllowedError, match="60 mentions"):
        draw(project, 31)


def test_every_alpha_has_a_size_that_may_be_drawn() -> None:
    assert [size_for(alpha) for alpha in ALPHAS] == [1190, 590, 240, 120]
    assert all(random_check.LEAST <= size_for(alpha) <= random_check.MOST for alpha in ALPHAS)


def state(project: Project) -> tuple[str, int, int]:
    found = dashboard_of(project).safety
    return found.check, found.answered, found.size


def checked(project: Project, *, right: bool = True, size: int = 100) -> Dashboard:
    draw(project, size, seed=3)
    for mention_id in unanswered(project):
        decide_as(project, mention_id, "A1" if right else "B2")
    return dashboard_of(project)


def test_only_a_finished_check_promises(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 300) as project:
        for number in range(1, 101):
            decide_as(project, number, "A1")
        before = dashboard_of(project).safety
        assert before.promises == ()
        assert before.guesses[FIVE].promise.threshold is not None, "a guess from what was decided in any order"
        draw(project, 100, seed=3)
        first, *others = unanswered(project)
        assert state(project) == ("open", 0, 100)
        decide_as(project, first, "A1")
        assert state(project) == ("open", 1, 100)
        for mention_id in others:
            decide_as(project, mention_id, "A1")
        found = dashboard_of(project).safety
        assert (found.check, found.answered, found.guesses) == ("done", 100, ())
        offer = found.promises[FIVE]
        assert offer.promise.threshold is not None
        left = [one for one in project.mentions(range(1, 301)) if one.status == "unreviewed"]
        above = [one for one in left if (one.confidence or 0) >= offer.promise.threshold]
        assert (offer.mentions, offer.occurrences) == (len(above), sum(one.count for one in above))


def test_a_check_that_went_wrong_promises_nothing(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 300) as project:
        found = checked(project, right=False).safety
    assert [offer.promise.threshold for offer in found.promises] == [None] * len(ALPHAS)
    assert [offer.mentions for offer in found.promises] == [0] * len(ALPHAS)


def test_what_is_put_off_counts_as_wrong(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 300) as project:
        draw(project, 100, seed=3)
        for place, mention_id in enumerate(unanswered(project)):
            if place % 2:
                decide_as(project, mention_id, "A1")
            else:
                project.decide(NewDecision(mention_id, "defer"), reviewer="ann")
        found = dashboard_of(project).safety
    assert found.check == "done"
    assert [offer.promise.threshold for offer in found.promises] == [None] * len(ALPHAS)


def test_a_decision_from_before_the_check_does_not_answer_it(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 120) as project:
        draw(project, 50, seed=3)
        check = random_check.check_of(project)
        assert check is not None
        later = replace(check, after=1000)
        facts = {one: _fact(one) for one in check.ids}
        assert len(answers_of(project, facts).judged) == 50
        project.set_setting(random_check.SETTING, _json(later))
        assert answers_of(project, facts).judged == ()


def test_a_check_is_stale_after_an_import_or_another_student(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 120) as project:
        draw(project, 50, seed=3)
        assert state(project)[0] == "open"
        project.add_mentions(SOURCE, [NewMention("a new one")])
        assert state(project)[0] == "stale"


def test_a_check_is_stale_once_the_search_is_another_and_fits_again_when_it_is_back(
    tmp_path: Path, rpdr_home: Path
) -> None:
    with ranked_project(tmp_path, 120) as project:
        draw(project, 50, seed=3)
        project.set_setting(SCOPE, "A00")
        assert state(project)[0] == "stale"
        project.set_setting(SCOPE, "")
        assert state(project)[0] == "open"
        in_use = encoders_folder() / "in_use.json"
        in_use.parent.mkdir(parents=True)
        in_use.write_bytes(_json({"of another terminology": "ab12"}).encode())
        assert state(project)[0] == "open"
        in_use.write_bytes(_json({project.knowledge_base().fingerprint: "ab12"}).encode())
        assert state(project)[0] == "stale", "it may have learned from what was checked"


def test_a_check_of_an_earlier_version_does_not_know_the_search(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 120) as project:
        draw(project, 50, seed=3)
        check = random_check.check_of(project)
        assert check is not None
        project.set_setting(random_check.SETTING, _json(replace(check, search=None)))
        project.set_setting(SCOPE, "A00")
        assert state(project)[0] == "open"


# Acceptance


def test_what_is_promised_is_accepted_as_one_step_and_taken_back_as_one(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 300) as project:
        offer = checked(project).safety.promises[FIVE]
        assert offer.promise.threshold is not None
        seen = preview(project, offer.promise.threshold)
        assert (len(seen.ids), seen.occurrences) == (offer.mentions, offer.occurrences)
        sure = [mention.confidence or 0 for mention in project.mentions(seen.ids)]
        assert sure == sorted(sure, reverse=True)
        least = seen.least_sure[0]
        assert (least.mention_id, least.code, least.name) == (seen.ids[-1], "A1", "Name of A1")
        assert least.confidence == min(sure)
        changes = accept_all(project, seen.ids, offer.promise.threshold, reviewer="ann")
        assert set(changes.mention_ids) == set(seen.ids)
        decision = project.decision(seen.ids[0])
        assert decision is not None
        assert (decision.mode, decision.code, decision.reviewer) == ("agreed", "A1", "ann")
        assert project.shown(decision.id)[0].ranker == "retriever"
        after = dashboard_of(project)
        assert after.accuracy.left_out == len(seen.ids), "they judge nobody"
        assert after.safety.check == "done"
        assert after.safety.promises[FIVE].mentions == 0
        project.undo()
        assert preview(project, offer.promise.threshold) == seen


def test_what_was_accepted_unseen_teaches_and_judges_nobody(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 60) as project:
        decide_as(project, 1, "A1")
        seen = preview(project, 0.0)
        changes = accept_all(project, seen.ids, 0.0, reviewer="ann")
        assert (changes.remembered, len(project.memory())) == ((), 1)
        rows = select_rows(project, validation=0.0)
        assert {row.mention for row in rows.train} <= {"mention 1"}
        assert rows.excluded[UNSEEN] == len(seen.ids)
        cases = held_out_cases(project, AdapterInfo("n", str(tmp_path), "r", "b", "0", 1, 1, 0.5, 0.5, "w"), None)
        assert cases.cases == ()
        assert cases.excluded["accepted unseen"] > 0


@pytest.mark.parametrize(("kind", "mode"), [("accept", "open"), ("correct", "agreed")])
def test_only_acceptances_are_made_unseen(project: Project, kind: str, mode: str) -> None:
    decision = NewDecision(1, kind, "A1", "Name of A1", mode=mode)  # type: ignore[arg-type]
    with pytest.raises(NotAllowedError):
        project.accept_unseen([decision], reviewer="ann")


def test_nobody_decides_one_by_one_unseen(project: Project) -> None:
    with pytest.raises(NotAllowedError):
        decide_as(project, 1, "A1", mode="agreed")


def test_flagged_and_deferred_mentions_are_never_accepted_unseen(project: Project) -> None:
    project.set_flag(1, True)
    project.decide(NewDecision(2, "defer"), reviewer="ann")
    assert not {1, 2} & set(preview(project, 0.0).ids)


def test_what_is_to_be_answered_before_rankings_is_not_accepted_nor_shown(project: Project) -> None:
    everything = set(preview(project, 0.0).ids)
    project.set_review_plan(ReviewPlan(independent_share=0.5), actor="ann")
    drawn = {one for one in everything if project.drawn(one).independent}
    seen = preview(project, 0.0)
    assert drawn
    assert set(seen.ids) == everything - drawn
    assert {one.mention_id for one in seen.least_sure} <= everything - drawn


def test_a_ranker_that_says_that_nothing_fits_is_not_overruled(project: Project) -> None:
    project.record_rankings([ranking(1, "teacher", "A1", "B2", verdict="none")])
    assert 1 not in preview(project, 0.0).ids


def test_what_changed_since_the_preview_is_not_accepted(project: Project) -> None:
    ids = preview(project, 0.5).ids
    decide_as(project, ids[3], "B2")
    with pytest.raises(NotAllowedError, match="changed since"):
        accept_all(project, ids, 0.5, reviewer="ann")
    assert project.mentions([ids[0]])[0].status == "unreviewed"


def test_another_answer_than_the_one_previewed_is_not_accepted(project: Project) -> None:
    ids = preview(project, 0.5).ids
    project.record_rankings([ranking(ids[0], "retriever", "A1", "B2", confidence=0.1)])
    with pytest.raises(NotAllowedError, match="changed since"):
        accept_all(project, ids, 0.5, reviewer="ann")


def _fact(mention_id: int) -> Fact:
    return Fact(mention_id, mention_id, "2026-03-02", 0, None, (0.9, True))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
