from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import new_project, ranking

from rpdr_core.folding import fold
from rpdr_core.prompting.rendering import render
from rpdr_core.prompting.template import load_template
from rpdr_core.records import Candidate, Mention, NewDecision, NewMention, NewOpinion, ReviewPlan, WorkedExample
from rpdr_core.store import Project, QueueQuery, SourceFile
from rpdr_core.workflow.examples import choose_examples, examples_for
from rpdr_core.workflow.held_out import HeldOut
from rpdr_core.workflow.letters import by_letters, grams
from rpdr_core.workflow.minimum import minimal_example

TEXTS = [
    "blurry vision",
    "blurred vision",
    "vision loss",
    "chest pain",
    "chest ache",
    "sore chest",
    "ankle pain",
    "头痛",
]
KEPT = [text for text in (*TEXTS, "knee pain", "头疼", "itchy eye", "eye itch") if text not in HeldOut()]
HELD = next(text for text in (f"sore chest {n}" for n in range(99)) if text in HeldOut())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = new_project(tmp_path, [*KEPT, HELD])
    for id_ in made.queue(QueueQuery(order="import")):
        shown = (ranking(id_, "retriever", "A", f"B{id_}", "C"),)
        made.decide(NewDecision(id_, "correct", f"B{id_}", f"Name of B{id_}", shown=shown))
    yield made
    made.close()


def undecided(project: Project, text: str, context: str = "") -> Mention:
    """A mention that nobody decided, added to the project."""
    project.add_mentions(SourceFile("more.tsv", "ef" * 32, "tsv", "utf-8", "{}"), [NewMention(text, context)])
    [mention] = [
        m for m in project.mentions(list(project.queue(QueueQuery()))) if (m.text, m.context) == (text, context)
    ]
    return mention


def test_examples_are_the_nearest_decisions_the_nearest_last(project: Project) -> None:
    found = choose_examples(project, by_letters, undecided(project, "pain in chest"), n=3)
    assert len(found) == 3
    assert "chest" in found[-1].mention
    example = found[-1]
    assert example.order == (2, 1, 3)
    assert example.verdict == "exact"
    assert example.candidates[0] == "Name of A"
    assert example.context == f"seen with {example.mention} today"


def test_an_example_never_is_the_mention_itself_in_any_context(project: Project) -> None:
    text = KEPT[0]
    for written in (text.upper(), f" {text} "):
        mention = undecided(project, written, "another context")
        for example in choose_examples(project, by_letters, mention, n=len(KEPT)):
            assert fold(example.mention) != fold(text)


def test_a_held_out_text_is_no_example(project: Project) -> None:
    found = choose_examples(project, by_letters, undecided(project, f"{HELD} again"), n=50)
    assert found
    assert all(example.mention not in HeldOut() for example in found)


def test_the_same_project_gives_the_same_examples(project: Project) -> None:
    mention = undecided(project, "pain of the eye")
    assert choose_examples(project, by_letters, mention) == choose_examples(project, by_letters, mention)
    several = examples_for(project, by_letters, [mention, replace(mention, id=999)])
    assert several[mention.id] == several[999] == choose_examples(project, by_letters, mention)


def test_undone_and_deferred_decisions_are_no_examples(tmp_path: Path) -> None:
    with new_project(tmp_path, KEPT[:3]) as project:
        first, second, third = project.queue(QueueQuery(order="import"))
        project.decide(NewDecision(first, "defer", shown=(ranking(first, "retriever", "A", "B"),)))
        project.decide(NewDecision(second, "accept", "A", "Name of A", shown=(ranking(second, "retriever", "A", "B"),)))
        project.undo()
        [mention] = project.mentions([third])
        assert choose_examples(project, by_letters, mention) == ()


def test_a_decision_with_nothing_on_screen_is_passed_over(tmp_path: Path) -> None:
    with new_project(tmp_path, KEPT[:3]) as project:
        first, second, third = project.queue(QueueQuery(order="import"))
        project.decide(NewDecision(first, "correct", "A", "Name of A"))
        project.decide(NewDecision(second, "accept", "A", "Name of A", shown=(ranking(second, "retriever", "A", "B"),)))
        [mention] = project.mentions([third])
        [example] = choose_examples(project, by_letters, mention)
        assert example.mention == KEPT[1]


def test_the_templates_own_examples_fill_up_first(project: Project) -> None:
    own = load_template("rerank_en").examples
    near = choose_examples(project, by_letters, undecided(project, "pain"), n=50)
    assert 0 < len(near) < len(KEPT)
    found = choose_examples(project, by_letters, undecided(project, "pain"), n=len(near) + 2, own=own)
    assert found == (*own[:2], *near)
    itself = choose_examples(project, by_letters, undecided(project, f"{own[0].mention} "), n=50, own=own)
    assert own[0] not in itself


def test_without_decisions_there_are_none(tmp_path: Path) -> None:
    with new_project(tmp_path, KEPT[:2]) as project:
        [mention] = project.mentions([project.queue(QueueQuery())[0]])
        assert choose_examples(project, by_letters, mention) == ()
        assert examples_for(project, by_letters, [mention], own=load_template("rerank_en").examples) == {}


def test_examples_make_a_prompt_with_nothing_of_a_person_in_it() -> None:
    raw = WorkedExample("pain", "Mr John Smith, MRN 123456, has pain since 2024-03-01", ("A", "B"), (2, 1), "exact")
    example, shared = minimal_example(raw, 80, ["John Smith"])
    messages = render(load_template("rerank_en"), "ache", "", [Candidate("a", "A")], [example])
    sent = "\n".join(message.content for message in messages)
    assert "[name]" in sent
    assert "[record]" in sent
    assert "[date]" in sent
    for secret in ("Smith", "123456", "2024"):
        assert secret not in sent
    assert shared.masked == 3


def test_texts_are_near_by_their_letters() -> None:
    pool = ["chest pain", "pain in the chest", "blurred vision", "白内障手术后", "itchy rash", "chest pain"]
    [chest, eye, cataract, nothing] = by_letters(["Chest  pains", "blurry vision", "白内障术后", "zzz"], pool, 3)
    assert chest == (0, 5, 1)
    assert eye[0] == 2
    assert cataract[0] == 3
    assert nothing == ()
    assert by_letters(["a"], [], 3) == [()]


def test_grams() -> None:
    assert grams("pain 头痛") == {" pa", "pai", "ain", "in ", "头", "痛", "头痛"}
    assert grams("a") == {" a "}
    assert grams("") == set()


def test_the_example_of_a_text_is_what_somebody_looked_at_and_nobody_disputes(tmp_path: Path) -> None:
    with new_project(tmp_path, [KEPT[0], KEPT[1], KEPT[2]]) as project:
        project.add_mentions(SourceFile("more.tsv", "ef" * 32, "tsv", "utf-8", "{}"), [NewMention(KEPT[0], "again")])
        project.record_rankings([ranking(4, "retriever", "Z", "A")])
        project.decide(NewDecision(1, "accept", "A", "Name of A", shown=(ranking(1, "retriever", "A", "B"),)))
        project.decide(NewDecision(4, "correct", "A", "Name of A", mode="propagated", origin_id=1))
        [asked] = project.mentions([3])
        [example] = choose_examples(project, by_letters, asked)
        assert example.candidates == ("Name of A", "Name of B"), "those that were on screen"
        project.set_review_plan(ReviewPlan(double_share=1.0))
        seen = (ranking(2, "retriever", "A", "B"),)
        project.decide(NewDecision(2, "accept", "A", "Name of A", shown=seen), reviewer="ann")
        assert len(choose_examples(project, by_letters, asked)) == 2
        project.give_opinion(NewOpinion(2, "second", "correct", "B", "Name of B"), reviewer="bo")
        assert choose_examples(project, by_letters, asked) == (example,)
