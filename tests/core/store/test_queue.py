"""Queues against sorting in Python; reading by id; the plans that keep a million mentions quick."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from helpers.projects import accept, new_project, ranking
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Bug
from rpdr_core.folding import fold
from rpdr_core.records import Mention, Status
from rpdr_core.store import Order, Project, QueueQuery
from rpdr_core.store import reader as reader_module

TEXTS = [
    "Blurry vision",
    "blurry VISION left",
    "MI",
    "old mi",
    "白内障",
    "白内障术后",
    "Ménière",
    "İstanbul",
    "50 µg",
    "ß",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with new_project(tmp_path_factory.mktemp("queue"), TEXTS) as created:
        for mention_id, codes, confidence in [(2, "AB", 0.9), (3, "AA", 0.1), (4, "AB", None), (5, "AA", 0.1)]:
            created.record_rankings(
                [
                    ranking(mention_id, "retriever", codes[0], confidence=confidence),
                    ranking(mention_id, "teacher", codes[1]),
                ]
            )
        created.decide_many([accept(2), accept(6)])
        created.set_flag(3, True)
        created.set_flag(6, True)
        yield created


def expected(mentions: list[Mention], query: QueueQuery) -> list[int]:
    def unsure(mention: Mention) -> float:
        return 2.0 if mention.confidence is None else mention.confidence

    keys = {
        "import": lambda m: (m.id,),
        "frequent": lambda m: (-m.count, m.id),
        "least_sure": lambda m: (unsure(m), -m.count, m.id),
        "disagreement": lambda m: (-m.disagreement, -m.count, m.id),
        "text": lambda m: (fold(m.text), m.id),
    }
    kept = [
        m
        for m in mentions
        if (not query.statuses or m.status in query.statuses)
        and (query.flagged is None or m.flagged == query.flagged)
        and fold(query.text) in fold(m.text)
    ]
    return [m.id for m in sorted(kept, key=keys[query.order])]


queries = st.builds(
    QueueQuery,
    st.frozensets(st.sampled_from(get_args(Status))),
    st.sampled_from([None, True, False]),
    st.sampled_from(["", "MI", "blurry", "白内", "内", "i̇st", "SS", "µ", "%", "_", "'", " "]),
    st.sampled_from(get_args(Order)),
)


@settings(max_examples=150, deadline=None)
@given(query=queries)
def test_a_queue_is_what_sorting_gives(project: Project, query: QueueQuery) -> None:
    everything = project.mentions(range(1, len(TEXTS) + 1))
    found = project.queue(query)
    assert isinstance(found, array)
    assert found.typecode == "q"
    assert list(found) == expected(everything, query)


def test_an_empty_project_has_empty_queues(tmp_path: Path) -> None:
    with new_project(tmp_path, []) as project:
        for order in get_args(Order):
            assert list(project.queue(QueueQuery(order=order))) == []
        assert list(project.unranked("retriever", 5)) == []


def test_an_unknown_order_is_a_bug(project: Project) -> None:
    with pytest.raises(Bug, match="unknown order"):
        project.queue(QueueQuery(order="random"))  # type: ignore[arg-type]


@pytest.mark.parametrize("order", get_args(Order))
def test_no_queue_sorts_or_reads_the_table(project: Project, order: Order) -> None:
    plans: list[str] = []
    query = QueueQuery(frozenset(["unreviewed"]), flagged=False, order=order)
    where, parameters = reader_module._conditions(query)
    sql = f"EXPLAIN QUERY PLAN SELECT id FROM mention WHERE {where} ORDER BY {reader_module._ORDER_BY[order]}"
    plans += [row[3] for row in project._connection.rows(sql, *parameters)]
    assert len(plans) == 1
    assert "USING COVERING INDEX" in plans[0]


def test_mentions_come_in_the_order_asked(project: Project) -> None:
    assert [m.id for m in project.mentions([9, 1, 77, 3, 1])] == [9, 1, 3, 1]
    assert project.mentions([]) == []
    assert [m.id for m in project.mentions(array("q", range(1, 2000)))] == list(range(1, len(TEXTS) + 1))
    assert all(type(m.flagged) is bool for m in project.mentions([1, 3]))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  Blurry \t VISION\u00a0", "blurry vision"),
        ("ＭＩ", "mi"),
        ("Straße", "strasse"),
        ("µ", "μ"),
        ("½", "1⁄2"),
        ("e\u0301", "é"),
        ("白内障", "白内障"),
    ],
)
def test_folding(text: str, key: str) -> None:
    assert fold(text) == key


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
