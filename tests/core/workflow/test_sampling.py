from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from helpers.projects import accept, new_project, ranking
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.folding import fold
from rpdr_core.records import NewMention, SourceRow
from rpdr_core.store import Askable, Project, QueueQuery, SourceFile
from rpdr_core.workflow.held_out import HeldOut, held_out_of
from rpdr_core.workflow.sampling import Strategy, choose, doubt, pick

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
NOBODY = HeldOut(share=0.0)
EYES = ["blurry vision", "blurred vision", "vision blurry", "blurry visions", "blurring vision", "blurry  Vision!"]
OTHERS = [
    "白内障术后",
    "chest pain",
    "T2DM w/ CKD",
    "H/O fall",
    "ankle swelling",
    "头痛三天",
    "itchy rash",
    "tinnitus L",
]


def free(texts: list[str]) -> list[str]:
    """Those that the default rule does not hold out."""
    return [text for text in texts if text not in HeldOut()]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = new_project(tmp_path, free([*EYES, *OTHERS]))
    yield made
    made.close()


def texts_of(project: Project, ids: list[int]) -> list[str]:
    return [mention.text for mention in project.mentions(ids)]


def all_ids(project: Project) -> list[int]:
    return list(project.queue(QueueQuery(order="import")))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_chooses_each_once_and_the_same_again(project: Project, strategy: Strategy) -> None:
    ids = choose(project, 100, strategy)
    assert sorted(ids) == all_ids(project)
    assert choose(project, 100, strategy) == ids
    assert choose(project, 3, strategy) == ids[:3]
    assert choose(project, 0, strategy) == []


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_decided_ranked_and_held_out_mentions_are_not_chosen(tmp_path: Path, strategy: Strategy) -> None:
    texts = [f"finding number {number}" for number in range(60)]
    with new_project(tmp_path, texts) as project:
        ids = all_ids(project)
        project.decide(accept(ids[0]))
        project.record_rankings([ranking(ids[1], "teacher", "A", "B", verdict="exact")])
        project.record_rankings([ranking(ids[2], "retriever", "A")])
        chosen = choose(project, 100, strategy)
        rule = held_out_of(project)
        held = {mention.id for mention in project.mentions(ids) if mention.text in rule}
        assert held
        assert set(chosen) == set(ids[3:]) - held


def test_a_deferred_mention_may_be_asked_about(project: Project) -> None:
    first = all_ids(project)[0]
    project.record_rankings([ranking(first, "retriever", "A", "B", confidence=0.5)])
    assert first in choose(project, 100)


def test_frequent_and_first(project: Project) -> None:
    assert choose(project, 3, "first") == all_ids(project)[:3]
    counts = [mention.count for mention in project.mentions(choose(project, 100, "frequent"))]
    assert counts == sorted(counts, reverse=True)


def test_the_seed_moves_chance_and_nothing_else(project: Project) -> None:
    assert choose(project, 100, "random", seed=1) != choose(project, 100, "random", seed=2)
    assert choose(project, 100, "frequent", seed=1) == choose(project, 100, "frequent", seed=2)


def test_what_the_retriever_doubts_comes_first(tmp_path: Path) -> None:
    texts = free([f"wholly unlike text {letter * 5}" for letter in "abcdefghijklmnop"])
    with new_project(tmp_path, texts) as project:
        ids = all_ids(project)
        sure = dict(zip(ids, [0.99, 0.02, 0.5, 0.9] * 4, strict=False))
        project.record_rankings([ranking(id_, "retriever", f"C{id_}", "B", confidence=sure[id_]) for id_ in ids])
        doubted = [sure[id_] for id_ in choose(project, 100, "least_sure")]
        assert doubted == sorted(doubted, key=lambda chance: -doubt(chance))
        few = choose(project, 3, "uncertain")
        assert all(sure[id_] == 0.5 for id_ in few)


def test_a_spread_choice_takes_one_of_a_kind_before_another_of_the_same() -> None:
    pool = [Askable(number, fold(text), 1, None, "") for number, text in enumerate([*EYES[:5], *OTHERS])]
    chosen = {mention.folded for mention in pick(pool, len(OTHERS) + 1, "diverse")}
    assert {fold(text) for text in OTHERS} <= chosen


def test_a_spread_choice_goes_over_the_retrievers_candidates() -> None:
    texts = ["aab", "abb", "bba", "baa", "abab", "baba"]
    pool = [Askable(number, text, 1, 0.5, "A" if number < 4 else text) for number, text in enumerate(texts)]
    assert {mention.code for mention in pick(pool, 3, "diverse")} == {"A", "abab", "baba"}


def test_what_occurs_often_is_worth_more_if_all_else_is_equal() -> None:
    pool = [Askable(1, "aaaa", 1, 0.5, "A"), Askable(2, "bbbb", 500, 0.5, "B"), Askable(3, "cccc", 20, 0.5, "C")]
    assert [mention.id for mention in pick(pool, 3, "uncertain")] == [2, 3, 1]


def test_the_same_text_in_another_context_comes_last(tmp_path: Path) -> None:
    with new_project(tmp_path, free(OTHERS)) as project:
        text = free(OTHERS)[0]
        again = [NewMention(text.upper(), f"context {number}", count=99, row=SourceRow(number)) for number in (1, 2)]
        project.add_mentions(SourceFile("again.tsv", "ef" * 32, "tsv", "utf-8", "{}"), again)
        chosen = texts_of(project, choose(project, 100))
        assert len(chosen) == len(free(OTHERS)) + 2
        assert len({fold(each) for each in chosen[:-2]}) == len(free(OTHERS))


def test_an_answered_text_in_another_context_comes_last(tmp_path: Path) -> None:
    with new_project(tmp_path, free(OTHERS)) as project:
        text = free(OTHERS)[0]
        project.decide(accept(all_ids(project)[0]))
        project.add_mentions(
            SourceFile("again.tsv", "ef" * 32, "tsv", "utf-8", "{}"), [NewMention(text, "elsewhere", count=50)]
        )
        assert texts_of(project, choose(project, 100))[-1] == text


def test_doubt() -> None:
    assert doubt(0.5) == doubt(None) == 1.0
    assert doubt(0.0) == doubt(1.0) == doubt(7.0) == 0.0
    assert doubt(0.3) == pytest.approx(doubt(0.7))


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.text(max_size=12), st.integers(1, 99), st.none() | st.floats(0, 1), st.sampled_from(["", "A", "B"])
        ),
        max_size=30,
        unique_by=lambda row: row[0],
    ),
    st.integers(0, 40),
    st.sampled_from(["uncertain", "least_sure", "diverse", "random"]),
)
def test_any_pool(rows: list[tuple[str, int, float | None, str]], limit: int, strategy: Strategy) -> None:
    pool = [Askable(number, text, count, sure, code) for number, (text, count, sure, code) in enumerate(rows)]
    chosen = pick(pool, limit, strategy)
    assert len(chosen) == len(set(chosen)) == min(limit, len(pool))
    shuffled = random.Random(1).sample(pool, len(pool))
    assert set(pick(shuffled, limit, strategy)) == set(chosen)


def test_a_spread_choice_covers_more_of_the_terminology_than_the_first_ones() -> None:
    draw = random.Random(7)
    pool = [
        Askable(number, f"{draw.choice(OTHERS)} {number}", 1, draw.random(), f"C{int(draw.paretovariate(0.6)) % 500}")
        for number in range(3000)
    ]
    spread, first = pick(pool, 150, "uncertain"), pool[:150]
    assert len({mention.code for mention in spread}) > 1.5 * len({mention.code for mention in first})
