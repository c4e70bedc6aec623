"""Four rankers side by side, on held-out decisions only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import SOURCE, candidate, new_project, ranking
from helpers.students import adapter_folder, rule_rank

from rpdr_core.errors import Bug, Cancelled, NotAllowedError
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.records import NewDecision, NewMention, NewOpinion, ReviewPlan, Target
from rpdr_core.store import Project
from rpdr_core.workflow.adapters import register_adapter
from rpdr_core.workflow.comparing import Comparison, RankerScores, TeacherCost, compare
from rpdr_core.workflow.held_out import held_out_of, hold_out
from rpdr_core.workflow.labels import DISPUTED
from rpdr_core.workflow.promotion import promote
from rpdr_core.workflow.student_ranking import Ranked

CODES = ("A1", "B2", "C3")
TEXTS = tuple(f"mention {number}" for number in range(120))
RULES = {
    "wise": lambda text, code: code == gold(text),
    "half": lambda text, code: code == gold(text) and int(text.split()[1]) % 2 == 0,
    "wrong": lambda text, code: code != gold(text),
}
rank = rule_rank(RULES)


def gold(text: str) -> str:
    return CODES[int(text.split()[1]) % 3]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Every mention decided; half of the texts held out. The retriever is right in every third."""
    with new_project(tmp_path, TEXTS) as made:
        hold_out(made, 0.5)
        for number, text in enumerate(TEXTS, 1):
            screen = (ranking(number, "retriever", *CODES),)
            if number % 2:
                right = [gold(text), *(code for code in CODES if code != gold(text))]
                screen += (ranking(number, "teacher", *right, verdict="exact"),)
            made.decide(NewDecision(number, "correct", gold(text), "Name", shown=screen))
        yield made


@pytest.fixture
def students(tmp_path: Path) -> dict[str, AdapterInfo]:
    return {name: adapter_folder(tmp_path / "adapters", name) for name in RULES}


def held(project: Project) -> list[str]:
    return [text for text in TEXTS if text in held_out_of(project)]


def columns(found: Comparison) -> dict[str, RankerScores]:
    return {column.role: column for column in found.rankers}


def acc(column: RankerScores, name: str = "acc@1") -> float:
    return column.scores.overall.metrics[name].value


def test_four_rankers_side_by_side(project: Project, students: dict[str, AdapterInfo]) -> None:
    promote(project, students["half"], None)
    found = compare(project, students["wise"], rank, cost=TeacherCost(3.0, "USD", 1500))
    texts = held(project)
    assert found.n == len(texts) > 30
    by_role = columns(found)
    assert list(by_role) == ["retriever", "teacher", "current", "new"]
    assert by_role["current"].ranker == "student:half"
    assert acc(by_role["new"]) == acc(by_role["teacher"]) == 1.0
    assert acc(by_role["retriever"]) == pytest.approx(sum(gold(t) == "A1" for t in texts) / len(texts), abs=1e-4)
    taught = [text for text in texts if (TEXTS.index(text) + 1) % 2]
    assert by_role["teacher"].scores.overall.n == len(taught)
    assert (by_role["teacher"].per_1000, by_role["teacher"].currency) == (2.0, "USD")
    assert (by_role["new"].per_1000, by_role["new"].seconds_per_1000) == (0.0, 2.5)
    assert by_role["retriever"].seconds_per_1000 is None
    assert found.current == "half"
    assert acc(by_role["retriever"], "mrr") < acc(by_role["new"], "mrr") == 1.0


def test_the_pairs_say_how_sure_one_can_be(project: Project, students: dict[str, AdapterInfo]) -> None:
    promote(project, students["half"], None)
    found = compare(project, students["wise"], rank)
    against = {one.against: one for one in found.paired}
    assert list(against) == ["current", "retriever"]
    one = against["current"]
    assert one.acc_at_1.low > 0
    assert (one.mcnemar.lost, one.mcnemar.gained) == (0, round(one.acc_at_1.value * found.n))
    assert one.mcnemar.mid_p < one.mcnemar.exact < 0.001
    assert (one.standing, found.standing) == ("better", "better")
    assert found.decisive == one
    assert found.warnings == ()


def test_a_worse_student_is_called_so(project: Project, students: dict[str, AdapterInfo]) -> None:
    promote(project, students["wise"], None)
    found = compare(project, students["wrong"], rank)
    assert found.standing == "worse"
    assert any("worse than the student in use (-100.0% acc@1)" in warning for warning in found.warnings)
    assert any("worse than the retriever" in warning for warning in found.warnings)


def test_without_a_student_in_use_the_retriever_decides(project: Project, students: dict[str, AdapterInfo]) -> None:
    found = compare(project, students["half"], rank)
    assert list(columns(found)) == ["retriever", "teacher", "new"]
    assert found.decisive is not None
    assert found.decisive.against == "retriever"
    assert found.current == ""


def test_the_student_in_use_is_not_compared_with_itself(project: Project, students: dict[str, AdapterInfo]) -> None:
    promote(project, students["half"], None)
    assert list(columns(compare(project, students["half"], rank))) == ["retriever", "teacher", "new"]


@pytest.mark.parametrize("variant", [str, str.upper, lambda text: f" {text.replace(' ', '  ')} "])
def test_a_student_that_saw_a_held_out_text_is_refused(project: Project, tmp_path: Path, variant: object) -> None:
    seen = held(project)[3]
    leaky = adapter_folder(tmp_path / "other", "wise", texts=["something", variant(seen)])  # type: ignore[operator]
    with pytest.raises(NotAllowedError, match="1 of the held-out mention texts") as caught:
        compare(project, leaky, rank)
    assert seen in caught.value.message
    assert "selected anew" in caught.value.hint


def test_the_texts_a_student_may_train_on_do_not_refuse_it(project: Project, tmp_path: Path) -> None:
    texts = [text for text in TEXTS if text not in held_out_of(project)]
    info = adapter_folder(tmp_path / "other", "wise", texts=texts)
    assert compare(project, info, rank).standing == "better"


def test_what_the_student_in_use_has_seen_is_told(project: Project, tmp_path: Path) -> None:
    seen = held(project)[:7]
    older = adapter_folder(tmp_path / "older", "half", texts=seen)
    promote(project, older, None)
    found = compare(project, adapter_folder(tmp_path / "newer", "wise"), rank)
    assert found.seen_by_current == 7
    assert any("trained on 7 of the" in warning for warning in found.warnings)
    new = columns(found)["new"].scores
    assert (new.seen.n, new.unseen.n) == (7, found.n - 7)


def test_adapters_that_do_not_say_what_they_saw_are_compared_with_a_warning(project: Project, tmp_path: Path) -> None:
    promote(project, adapter_folder(tmp_path / "older", "half", texts=None), None)
    found = compare(project, adapter_folder(tmp_path / "newer", "wise", texts=None), rank)
    assert found.seen_by_current is None
    assert sum("does not say what it was trained on" in warning for warning in found.warnings) == 2


def test_a_wording_that_memory_knew_counts_as_seen(tmp_path: Path, students: dict[str, AdapterInfo]) -> None:
    with new_project(tmp_path, TEXTS, name="m.rpdr") as project:
        text = held(project)[0]
        number = TEXTS.index(text) + 1
        listed = ranking(number, "retriever", *CODES)
        memory = replace(candidate("B2"), matched=text.upper(), source="memory")
        screen = replace(listed, candidates=(memory, *listed.candidates[2:]))
        project.decide(NewDecision(number, "accept", "B2", "Name", shown=(screen,)))
        scores = columns(compare(project, students["wise"], rank))["new"].scores
        assert (scores.seen.n, scores.unseen.n) == (1, 0)


def test_decisions_that_judge_nobody_are_counted(tmp_path: Path, students: dict[str, AdapterInfo]) -> None:
    with new_project(tmp_path, TEXTS, name="e.rpdr") as project:
        hold_out(project, 0.5)
        numbers = [TEXTS.index(text) + 1 for text in held(project)[:4]]
        project.decide(NewDecision(numbers[0], "no_match", reason="not_in_terminology"))
        project.decide(NewDecision(numbers[1], "correct", "A1", "Name"))
        project.decide(NewDecision(numbers[2], "correct", "Z9", "Name", shown=(ranking(1, "retriever", *CODES),)))
        text = TEXTS[numbers[3] - 1]
        itself = replace(candidate("C3"), matched=text, source="memory")
        listed = ranking(numbers[3], "retriever", *CODES)
        project.record_rankings([replace(listed, candidates=(itself, *listed.candidates[:2]))])
        project.decide(NewDecision(numbers[3], "correct", "C3", "Name"))
        found = compare(project, students["wise"], rank)
    assert found.excluded == {
        "no candidates were on screen": 1,
        "no entity was chosen": 1,
        "the list remembers the decision itself": 1,
    }
    assert found.n == 1, "an entity that no list holds is a miss of every ranker, not an excuse"
    assert acc(columns(found)["new"]) == 0.0
    assert any("only 1 held-out" in warning for warning in found.warnings)


def test_with_nothing_to_judge_by_nothing_is_claimed(tmp_path: Path, students: dict[str, AdapterInfo]) -> None:
    with new_project(tmp_path, TEXTS, name="n.rpdr") as project:
        found = compare(project, students["wise"], rank)
    assert (found.n, found.standing) == (0, "unknown")
    assert any("no held-out mention is decided" in warning for warning in found.warnings)


def test_calibration_is_judged_where_there_is_a_confidence(project: Project, students: dict[str, AdapterInfo]) -> None:
    by_role = columns(compare(project, students["wise"], rank))
    assert by_role["new"].calibration.error == pytest.approx(0.2)
    assert by_role["retriever"].calibration.n == 0


def test_a_comparison_can_be_stopped(project: Project, students: dict[str, AdapterInfo]) -> None:
    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        compare(project, students["wise"], rank, check=stop)


def test_rankings_of_other_mentions_are_a_fault(project: Project, students: dict[str, AdapterInfo]) -> None:
    with pytest.raises(Bug):
        compare(project, students["wise"], lambda _folder, _items: Ranked(()))


def test_registering_is_not_using(project: Project, students: dict[str, AdapterInfo]) -> None:
    register_adapter(project, students["half"])
    assert compare(project, students["wise"], rank).current == ""


def test_neither_copies_of_an_answer_nor_open_disputes_judge(
    project: Project, students: dict[str, AdapterInfo]
) -> None:
    before = compare(project, students["wise"], rank).n
    text = held(project)[0]
    first = TEXTS.index(text) + 1
    contexts = [NewMention(text, f"{text} in another sentence, number {number}") for number in range(40)]
    project.add_mentions(SOURCE, contexts)
    copies = list(range(len(TEXTS) + 1, len(TEXTS) + 41))
    project.record_rankings(ranking(number, "retriever", *CODES) for number in copies)
    origin = project.decision(first)
    assert origin is not None
    project.decide_many(
        [NewDecision(one, "correct", origin.code, "Name", mode="propagated", origin_id=origin.id) for one in copies]
    )
    found = compare(project, students["wise"], rank)
    assert (found.n, found.excluded) == (before, {"carried over from an identical mention": 40})
    project.set_review_plan(ReviewPlan(double_share=1.0))
    project.decide(NewDecision(first, "correct", "A1", "Name", shown=project.shown(origin.id)), reviewer="ann")
    project.give_opinion(NewOpinion(first, "second", "correct", "B2", "Name"), reviewer="bo")
    found = compare(project, students["wise"], rank)
    assert (found.n, found.excluded[DISPUTED]) == (before - 1, 1)


def test_each_of_several_codes_is_right(project: Project, students: dict[str, AdapterInfo]) -> None:
    for text in held(project):
        number = TEXTS.index(text) + 1
        also = tuple(Target(code, "Name") for code in CODES if code != gold(text))
        screen = (ranking(number, "retriever", *CODES),)
        project.decide(NewDecision(number, "correct", gold(text), "Name", shown=screen, also=also))
    assert acc(columns(compare(project, students["wrong"], rank))["new"]) == 1.0
