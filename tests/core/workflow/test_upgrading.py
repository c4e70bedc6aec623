"""A project moved to a newer release: counted first, only what changed is reopened, and undo takes all of it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import run_sql, state
from helpers.releases import NEW, OLD, SAID, decided, listing, project_on, release
from helpers.terminologies import entity

from rpdr_core.errors import DamagedFileError, NotAllowedError
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import Entity, MemoryTerm, NewDecision, NewOpinion, Reviewer, ReviewPlan, Target
from rpdr_core.store import Project
from rpdr_core.workflow.deciding import map_to_code
from rpdr_core.workflow.leading import leading
from rpdr_core.workflow.scoping import is_current, set_scope
from rpdr_core.workflow.upgrading import UpgradePlan, apply_upgrade, plan_upgrade


class Rig:
    """A project on the old release with a decision for each kind of change."""

    def __init__(self, folder: Path) -> None:
        self.old, self.new = release(OLD, version="2025"), release(NEW, SAID, version="2026")
        self.project = project_on(self.old, folder)
        for mention, code in enumerate(("E1.2", "E2.1", "E3.1", "E4", "E1.1", "E2.2", "E1"), 1):
            self.project.decide(decided(self.old, mention, code), reviewer="anna")
        self.project.decide(NewDecision(8, "no_match", reason="not_in_terminology"), reviewer="anna")
        self.project.decide(NewDecision(9, "defer"), reviewer="anna")

    def plan(self, **how: object) -> UpgradePlan:
        return plan_upgrade(self.project, self.old, self.new, **how)  # type: ignore[arg-type]

    def apply(self, **how: object) -> UpgradePlan:
        plan = self.plan(**how)
        apply_upgrade(self.project, plan, "lead")
        return plan

    def codes(self, mention: int) -> list[str]:
        found = leading(self.project.rankings(mention))
        return [] if found is None else [one.code for one in found.candidates]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_everything_is_counted_before_anything_is_touched(rig: Rig) -> None:
    before = state(rig.project.path)
    plan = rig.plan()
    assert state(rig.project.path) == before
    counts = plan.counts
    assert (counts.unchanged, counts.renamed, counts.moved, counts.retired, counts.added) == (4, 1, 1, 4, 6)
    assert counts.retired_with_replacement == 1
    assert (counts.reopened, counts.reopened_occurrences, counts.replaced) == (4, 12 + 11 + 10 + 9, 1)
    assert (counts.renamed_decisions, counts.renamed_occurrences) == (1, 8)
    assert (counts.kept, counts.kept_occurrences, counts.foreign) == (3, 8 + 7 + 6, 0)
    assert (counts.lists, counts.no_match) == (4, 1)
    told = [(one.code, one.outcome, one.loss, one.mentions, one.occurrences) for one in plan.targets]
    assert told == [
        ("E1.2", "replaced", "inactive", 1, 12),
        ("E2.1", "choice", "inactive", 1, 11),
        ("E3.1", "choice", "not_assignable", 1, 10),
        ("E4", "choice", "vanished", 1, 9),
        ("E1.1", "renamed", "", 1, 8),
    ]
    assert [one.mention_id for one in plan.requeued] == [1, 2, 3, 4]


def test_only_what_changed_is_reopened_and_the_rest_stays_byte_for_byte(rig: Rig) -> None:
    kept = {one.id: one for one in rig.project.decisions() if one.mention_id >= 5}
    rows = [row for row in state(rig.project.path)["decision"] if row[0] in kept]
    rig.apply()
    assert {one.id: one for one in rig.project.decisions()} == kept
    assert [row for row in state(rig.project.path)["decision"] if row[0] in kept] == rows
    assert rig.project.knowledge_base() == rig.new.info
    statuses = [mention.status for mention in rig.project.mentions(range(1, 10))]
    assert statuses == ["unreviewed"] * 4 + ["corrected"] * 3 + ["no_match", "deferred"]
    assert rig.project.requeued() == [1, 2, 3, 4]
    assert rig.project.verify_audit().ok


def test_the_reviewer_sees_what_was_retired_and_accepts_the_replacement_as_first(rig: Rig) -> None:
    rig.apply()
    (first, *others) = rig.project.rankings(1)
    assert others == []
    assert first.provenance.knowledge_base == rig.new.info.fingerprint
    assert "E1.2>E1.3:replaced_by" in first.provenance.parameters
    candidate, *left = first.candidates
    assert (candidate.code, candidate.name) == ("E1.3", "Age-related cataract")
    # Behind it what the retriever had found and is still there, under its name of today.
    assert [one.code for one in left] == ["E1", "E1.1", "E2", "E2.2", "E3", "E5"]
    assert left[1].name == "Age-related nuclear cataract"
    assert (candidate.matched, candidate.source) == ("E1.2 Senile cataract", "replaces")
    (mention,) = rig.project.mentions([1])
    assert (mention.guess, mention.confidence) == ("E1.3", None)
    history = rig.project.decision_history(1)
    assert history[-1].kind == "reopen"
    assert history[-1].comment == "E1.2 Senile cataract was retired by Eyes 2026: replaced by E1.3 Age-related cataract"
    accepted = NewDecision(1, "accept", "E1.3", "Age-related cataract", shown=(first,))
    rig.project.decide(accepted, reviewer="anna")
    assert rig.project.mentions([1])[0].status == "accepted"
    assert rig.project.requeued() == [2, 3, 4]


def test_a_choice_lists_what_there_is_and_says_so(rig: Rig) -> None:
    rig.apply()
    assert rig.codes(2)[:3] == ["E2.3", "E2.4", "E1"]
    assert rig.codes(3)[:3] == ["E3.11", "E3.12", "E1"]
    assert [one.source for one in rig.project.rankings(2)[0].candidates[:3]] == ["instead", "instead", "name"]
    comments = [rig.project.decision_history(mention)[-1].comment for mention in (2, 3, 4)]
    assert comments[0].endswith(
        "was retired by Eyes 2026: possibly equivalent to E2.3 Preglaucoma, E2.4 Ocular hypertension"
    )
    assert "may no longer be assigned in Eyes 2026: now divided into E3.11" in comments[1]
    assert "is no longer in Eyes 2026: near it are" in comments[2]


def test_no_list_offers_what_was_retired(rig: Rig) -> None:
    rig.project.record_rankings(
        [listing(rig.old, 10, "E1.2", "E1", ranker="teacher"), listing(rig.old, 11, "E1", "E2")]
    )
    rig.project.record_rankings([listing(rig.old, 11, "E1", "E5", ranker="teacher")])
    rig.apply()
    assert rig.codes(9) == rig.codes(10) == []
    assert rig.codes(11) == ["E1", "E5"]
    assert [one.guess for one in rig.project.mentions([9, 10, 11])] == ["", "", "E1"]


def test_what_was_retrieved_from_the_old_release_is_retrieved_anew_and_the_proposals_stay(rig: Rig) -> None:
    assert list(rig.project.unranked("retriever", 99)) == []
    rig.project.record_rankings([listing(rig.old, 11, "E1", "E2")])
    rig.apply()
    assert list(rig.project.unranked("retriever", 99)) == [9, 10, 11, 12]
    assert is_current(rig.project, rig.project.rankings(1)[0])
    assert not is_current(rig.project, rig.project.rankings(11)[0])
    rig.project.record_rankings([listing(rig.new, 11)])
    assert list(rig.project.unranked("retriever", 99)) == [9, 10, 12]


def test_memory_of_reopened_decisions_is_forgotten_and_comes_back(rig: Rig) -> None:
    memory = rig.project.memory()
    gone = [term for term in memory if term.code in {"E1.2", "E2.1", "E3.1", "E4"}]
    changes = apply_upgrade(rig.project, rig.plan(), "lead")
    assert isinstance(gone[0], MemoryTerm)
    assert set(changes.forgotten) == set(gone)
    assert changes.kinds >= {"settings", "decisions", "mentions", "rankings", "memory"}
    assert set(rig.project.undo().remembered) == set(gone)
    assert rig.project.memory() == memory


def _without_new_lists(found: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """The lists that an upgrade made stay in the record, put away; so does where they come from."""
    kept = dict(found)
    kept["ranking"] = [row for row in found["ranking"] if row[3] == 1]
    kept["provenance"] = []
    return kept


def test_undo_after_a_restart_restores_everything_and_redo_does_it_again(rig: Rig) -> None:
    rig.project.record_rankings(listing(rig.old, mention, "E4", "E1", ranker="teacher") for mention in (1, 5, 10))
    path = rig.project.path
    before = _without_new_lists(state(path))
    summary = apply_upgrade(rig.project, rig.plan(), "lead").summary
    after = _without_new_lists(state(path))
    assert after != before
    rig.project.close()
    for _ in range(2):
        with Project.open(path) as project:
            assert project.undo_text() == summary == "upgrade to Eyes 2026"
            undone = project.undo(reviewer="lead")
            assert _without_new_lists(state(path)) == before
            assert project.knowledge_base() == rig.old.info
            assert undone.kinds >= {"settings", "decisions", "mentions", "rankings"}
            assert {1, 2, 3, 4, 9, 10} <= set(undone.mention_ids)
            assert project.requeued() == []
        with Project.open(path) as project:
            project.redo(reviewer="lead")
            assert _without_new_lists(state(path)) == after
            assert project.knowledge_base() == rig.new.info
            assert project.verify_audit().ok


def test_undo_puts_away_the_lists_that_came_since(rig: Rig) -> None:
    before = _without_new_lists(state(rig.project.path))
    mentions = [replace(one, changed_at="") for one in rig.project.mentions(range(1, 9))]
    rig.apply()
    rig.project.record_rankings([listing(rig.new, mention) for mention in (1, 2, 9)])
    rig.project.record_rankings([listing(rig.new, 9, "E6", "E1", ranker="teacher")])
    rig.project.decide(decided(rig.new, 1, "E1.3"))
    rig.project.undo()
    rig.project.undo()
    assert rig.project.knowledge_base() == rig.old.info
    found = _without_new_lists(state(rig.project.path))
    # A teacher asked since had no list before: its own stays, as every ranking that arrives does.
    teacher = [row for row in found["ranking"] if row[2] == "teacher"]
    assert len(teacher) == 1
    found["ranking"] = [row for row in found["ranking"] if row not in teacher]
    assert [replace(one, changed_at="") for one in rig.project.mentions(range(1, 9))] == mentions
    assert found["ranking"] == before["ranking"]
    assert found["decision"] == before["decision"]
    assert found["setting"] == before["setting"]


def test_a_setting_that_no_step_may_name_is_refused(rig: Rig) -> None:
    rig.apply()
    rig.project.close()
    path = rig.project.path
    run_sql(
        path,
        'UPDATE event_change SET before = \'{"name":"x"}\', after = \'{"name":"y"}\' WHERE table_name = \'setting\'',
    )
    with Project.open(path) as project, pytest.raises(DamagedFileError, match="undo history"):
        project.undo()


def test_decisions_made_since_the_plan_make_it_stale(rig: Rig) -> None:
    plan = rig.plan()
    rig.project.decide(decided(rig.old, 1, "E1"))
    with pytest.raises(NotAllowedError, match="since the upgrade was looked at"):
        apply_upgrade(rig.project, plan, "lead")
    assert rig.project.knowledge_base() == rig.old.info
    apply_upgrade(rig.project, rig.plan(), "lead")
    with pytest.raises(NotAllowedError, match="another knowledge base"):
        apply_upgrade(rig.project, plan, "lead")


def test_a_new_decision_on_a_retired_code_makes_it_stale_too(rig: Rig) -> None:
    plan = rig.plan()
    rig.project.decide(decided(rig.old, 12, "E4"))
    with pytest.raises(NotAllowedError, match="since the upgrade was looked at"):
        apply_upgrade(rig.project, plan, "lead")


def test_further_codes_count_and_the_code_that_stays_comes_first(rig: Rig) -> None:
    rig.project.decide(decided(rig.old, 10, "E1", also=(Target("E1.2", "Senile cataract"),), relation="broader"))
    plan = rig.apply()
    assert plan.targets[0].mentions == 2
    assert rig.codes(10)[:3] == ["E1", "E1.3", "E1.1"]
    comment = rig.project.decision_history(10)[-1].comment
    assert comment.endswith("; as decided before, the target is broader than the source")
    rig.project.undo()
    assert rig.project.decision(10) is not None


def test_renamed_decisions_are_reopened_on_request(rig: Rig) -> None:
    plan = rig.apply(renamed=True)
    assert plan.counts.reopened == 5
    (ranking,) = rig.project.rankings(5)
    candidate = ranking.candidates[0]
    assert (candidate.code, candidate.name, candidate.matched) == (
        "E1.1", "Age-related nuclear cataract", "Nuclear cataract",
    )  # fmt: skip
    assert 'is called "Age-related nuclear cataract"' in rig.project.decision_history(5)[-1].comment


def test_a_code_that_neither_release_knows_is_told_and_kept(rig: Rig) -> None:
    rig.project.decide(NewDecision(10, "correct", "Q9", "From elsewhere"))
    plan = rig.apply()
    assert plan.counts.foreign == 1
    assert rig.project.decision(10) is not None


def test_where_nothing_is_near_the_retriever_looks(tmp_path: Path) -> None:
    old, new = (
        release((entity("A"), entity("B"), entity("C")), version="1"),
        release((entity("A"), entity("C")), version="2"),
    )
    with project_on(old, tmp_path, 3) as project:
        project.decide(decided(old, 1, "B"))
        plan = plan_upgrade(project, old, new)
        assert plan.targets[0].outcome == "nothing"
        apply_upgrade(project, plan, "lead")
        assert project.rankings(1) == []
        assert 1 in project.unranked("retriever", 9)
        assert project.decision_history(1)[-1].comment.endswith("which names nothing in its place")


def test_wrong_releases_are_refused(rig: Rig) -> None:
    with pytest.raises(NotAllowedError, match="not the project's"):
        plan_upgrade(rig.project, rig.new, rig.old)
    with pytest.raises(NotAllowedError, match="already"):
        plan_upgrade(rig.project, rig.old, rig.old)
    other = release((entity("X"), entity("Y")), version="3")
    plan = plan_upgrade(rig.project, rig.old, other)
    with pytest.raises(NotAllowedError, match="no newer release"):
        apply_upgrade(rig.project, plan, "lead")
    assert rig.project.knowledge_base() == rig.old.info
    apply_upgrade(rig.project, plan, "lead", force=True)
    assert rig.project.knowledge_base() == other.info


def test_a_scope_that_no_longer_fits_is_told_and_another_travels_with_the_step(rig: Rig) -> None:
    set_scope(rig.project, rig.old, "<< E2.1 OR << E1", actor="lead")
    plan = rig.plan()
    assert "E2.1" in plan.scope_problem
    with pytest.raises(NotAllowedError, match="scope does not fit"):
        apply_upgrade(rig.project, plan, "lead")
    rig.apply(scope="<<E1")
    assert rig.project.setting("scope") == "<< E1"
    rig.project.undo()
    assert rig.project.setting("scope") == "<< E2.1 OR << E1"
    rig.apply(scope="")
    assert rig.project.setting("scope") == ""


def test_double_review_begins_anew_where_its_code_is_gone(rig: Rig) -> None:
    project = rig.project
    project.set_reviewer(Reviewer("anna"))
    project.set_reviewer(Reviewer("ben"))
    project.set_review_plan(ReviewPlan(double_share=1.0))
    for mention in (10, 11):
        project.decide(decided(rig.old, mention, "E1.2"), reviewer="anna")
    project.give_opinion(NewOpinion(11, "second", "correct", "E1", "Cataract"), reviewer="ben")
    assert [one.review for one in project.mentions([10, 11])] == ["waiting", "disputed"]
    before = _without_new_lists(state(project.path))
    rig.apply()
    assert [one.review for one in project.mentions([10, 11])] == ["", ""]
    project.undo()
    assert _without_new_lists(state(project.path)) == before


def test_what_an_upgrade_has_left_to_do_outlives_the_next(rig: Rig) -> None:
    """A release that was tried and taken back, or one that retires little, finishes nobody's work."""
    rig.apply()
    entities = [replace(one, active=one.code != "E2.2" and one.active) for one in NEW]
    third = release(entities, version="2027")
    apply_upgrade(rig.project, plan_upgrade(rig.project, rig.new, third), "lead")
    assert rig.project.requeued() == [1, 2, 3, 4, 6]
    rig.project.undo()
    assert rig.project.requeued() == [1, 2, 3, 4]
    rig.project.redo()
    assert rig.project.requeued() == [1, 2, 3, 4, 6]
    rig.project.undo()
    rig.project.undo()
    assert rig.project.requeued() == []


def test_a_list_that_comes_late_replaces_no_replacement(rig: Rig) -> None:
    """The retriever was at work on the old release while the project moved to the new one."""
    rig.apply()
    assert rig.codes(1)[0] == "E1.3"
    rig.project.record_rankings([listing(rig.old, 1, "E1.2", "E1")])
    assert rig.codes(1)[0] == "E1.3"
    rig.project.record_rankings([listing(rig.new, 1, "E2", "E1")])
    assert rig.codes(1) == ["E2", "E1"]


def test_a_dispute_about_a_retired_code_begins_anew(rig: Rig) -> None:
    """Else whoever settles it could take the second answer, and the project would name what is no longer there."""
    project = rig.project
    for name in ("anna", "ben", "cy"):
        project.set_reviewer(Reviewer(name))
    project.set_review_plan(ReviewPlan(double_share=1.0))
    project.decide(decided(rig.old, 10, "E1"), reviewer="anna")
    project.decide(NewDecision(11, "no_match", reason="unreadable"), reviewer="anna")
    project.decide(decided(rig.old, 12, "E1"), reviewer="anna")
    for mention in (10, 11):
        project.give_opinion(NewOpinion(mention, "second", "correct", "E1.2", "Senile cataract"), reviewer="ben")
    project.give_opinion(NewOpinion(12, "second", "correct", "E2.2", "Chronic glaucoma"), reviewer="ben")
    before = _without_new_lists(state(project.path))
    plan = rig.apply()
    assert [one.mention_id for one in plan.requeued] == [1, 2, 3, 4, 10, 11]
    assert plan.counts.reopened == 6
    assert [one.review for one in project.mentions([10, 11, 12])] == ["", "", "disputed"]
    assert rig.codes(10)[:2] == ["E1", "E1.3"]
    assert rig.codes(11)[0] == "E1.3"
    project.undo()
    assert _without_new_lists(state(project.path)) == before


def test_a_second_answer_since_the_look_ends_an_upgrade(rig: Rig) -> None:
    project = rig.project
    project.set_reviewer(Reviewer("anna"))
    project.set_reviewer(Reviewer("ben"))
    project.set_review_plan(ReviewPlan(double_share=1.0))
    project.decide(decided(rig.old, 10, "E1"), reviewer="anna")
    plan = rig.plan()
    project.give_opinion(NewOpinion(10, "second", "correct", "E1.2", "Senile cataract"), reviewer="ben")
    with pytest.raises(NotAllowedError, match="decisions were made since"):
        apply_upgrade(project, plan, "lead")


def test_who_reviews_no_more_upgrades_nothing(rig: Rig) -> None:
    rig.project.set_reviewer(Reviewer("lead", "lead", active=False))
    with pytest.raises(NotAllowedError):
        apply_upgrade(rig.project, rig.plan(), "lead")


def test_five_thousand_decisions(tmp_path: Path) -> None:
    """Every third one is reopened; the others, and undo, are byte for byte."""
    codes = [f"C{number}" for number in range(300)]
    old = release((entity(code) for code in codes), version="1")
    gone = {code for at, code in enumerate(codes) if at % 3 == 0}
    new = release((replace(entity(code), active=code not in gone) for code in codes), (), version="2")
    with project_on(old, tmp_path, 0) as empty:
        path = empty.path
    with Project.open(path) as project:
        _fill(project, old, codes, 5_000)
        before = _without_new_lists(state(path))
        plan = plan_upgrade(project, old, new)
        assert (plan.counts.reopened, plan.counts.kept) == (1_666, 3_334)
        apply_upgrade(project, plan, "lead")
        assert project.progress().unreviewed == 1_666
        assert len(project.requeued()) == 1_666
        kept = {row[0] for row in before["decision"]} - {one.decision_id for one in plan.requeued}
        untouched = [row for row in before["decision"] if row[0] in kept]
        assert [row for row in state(path)["decision"] if row[0] in kept] == untouched
    with Project.open(path) as project:
        project.undo()
        assert _without_new_lists(state(path)) == before
        assert project.progress().unreviewed == 0
        assert project.verify_audit().ok


def _fill(project: Project, catalogue: Catalogue, codes: list[str], mentions: int) -> None:
    from helpers.projects import SOURCE

    from rpdr_core.records import NewMention, SourceRow

    rows = [NewMention(f"text {n}", row=SourceRow(n, "")) for n in range(1, mentions + 1)]
    project.add_mentions(SOURCE, rows)
    project.decide_many(
        [NewDecision(n, "correct", codes[n % len(codes)], "x", knowledge_base=catalogue.info.fingerprint)
         for n in range(1, mentions + 1)]
    )  # fmt: skip


def test_a_decision_by_code_is_checked_against_the_new_release(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from rpdr_core.workflow import deciding

    rig.apply()
    monkeypatch.setattr(deciding, "catalogue_of", lambda *_: rig.new)
    made = map_to_code(rig.project, None, 1, "E1.3")  # type: ignore[arg-type]
    assert (made.kind, made.knowledge_base) == ("accept", rig.new.info.fingerprint)
    with pytest.raises(NotAllowedError):
        map_to_code(rig.project, None, 1, "E3.1")  # type: ignore[arg-type]


def test_an_entity_of_the_new_release_may_be_inactive_without_a_word(tmp_path: Path) -> None:
    old = release((entity("P"), entity("A", "", "P")), version="1")
    new = release((entity("P"), Entity("A", "a", active=False)), version="2")
    with project_on(old, tmp_path, 1) as project:
        project.decide(decided(old, 1, "A"))
        apply_upgrade(project, plan_upgrade(project, old, new), "")
        assert [one.code for one in project.rankings(1)[0].candidates] == ["P"]
