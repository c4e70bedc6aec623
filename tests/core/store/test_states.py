"""Mentions in a rare state are found by seeking: what that costs does not grow with the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from helpers.projects import SOURCE, new_project, ranking
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.records import NewDecision, NewMention
from rpdr_core.store import Order, Project, QueueQuery, queue, states, stretch
from rpdr_core.store.database import Connection
from rpdr_core.store.states import Wanted

MENTIONS = 6_000
STEPS = 100


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The rare ones stand at the end, where a walk comes last."""
    with new_project(tmp_path_factory.mktemp("states"), []) as made:
        rows = (NewMention(f"text {n}", f"line {n}", department=f"ward {n % 3}") for n in range(MENTIONS))
        made.add_mentions(SOURCE, rows)
        made.record_rankings(
            [ranking(MENTIONS - 3, "retriever", "A", "B"), ranking(MENTIONS - 2, "retriever", "B", "A")]
        )
        made.set_flag(MENTIONS, True)
        made.set_flag(MENTIONS - 1, True, reason="guideline")
        made.decide(NewDecision(MENTIONS - 2, "defer"), reviewer="anna")
        yield made


def steps_of(connection: Connection, ask: Callable[[], object]) -> int:
    """Steps of SQLite's, in hundreds."""
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    with connection.stoppable(count, STEPS):
        ask()
    return taken


RARE = [
    QueueQuery(flagged=True),
    QueueQuery(flagged=True, order="recent"),
    QueueQuery(flagged=True, order="frequent"),
    QueueQuery(flagged=True, order="least_sure", text="text"),
    QueueQuery(statuses=frozenset(("deferred",)), order="worth"),
    QueueQuery(flag_reasons=frozenset(("guideline",)), departments=frozenset(("ward 1", "ward 2"))),
    QueueQuery(review=frozenset(("disputed",))),
    QueueQuery(reviewers=frozenset(("anna",))),
    QueueQuery(not_by="bo"),
    QueueQuery(margin_below=0.9),
    QueueQuery(margin_below=0.9, order="recent"),
]


@pytest.mark.parametrize("query", RARE)
def test_the_rare_are_found_without_a_pass_over_the_others(project: Project, query: QueueQuery) -> None:
    connection = project._connection
    a_pass = steps_of(connection, lambda: queue.ids(connection, QueueQuery()))
    assert a_pass > MENTIONS // STEPS
    assert steps_of(connection, lambda: states.ranges(connection, Wanted())) < a_pass / 10
    assert steps_of(connection, lambda: queue.ids(connection, query)) < a_pass / 5
    assert steps_of(connection, lambda: project.count(query)) < a_pass / 5


def test_a_stretch_of_the_rare_is_all_of_them(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "_WALK_SECONDS", -1.0)
    monkeypatch.setattr(stretch, "_PASS_SECONDS", -1.0)
    for query in RARE:
        found = project.stretch(query)
        assert found is not None
        assert found.whole
        assert found.ids == project.queue(query)


def test_too_many_states_are_left_to_a_pass(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "MOST", 2)
    by_ward = QueueQuery(departments=frozenset(("ward 1",)))
    assert states.ranges(project._connection, Wanted(department=by_ward.departments.__contains__)) is None
    assert len(project.queue(by_ward)) == project.count(by_ward) == MENTIONS // 3


@given(
    departments=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3), max_size=6),
    wanted=st.text(max_size=2),
)
def test_every_state_that_occurs_is_found(
    tmp_path_factory: pytest.TempPathFactory, departments: list[str], wanted: str
) -> None:
    with new_project(tmp_path_factory.mktemp("any"), []) as made:
        made.add_mentions(SOURCE, [NewMention(f"t{n}", "", department=name) for n, name in enumerate(departments)])
        rows = made._connection.rows("SELECT DISTINCT facets, department, reviewer FROM mention")
        assert sorted(states._states(made._connection, Wanted(margin_below=1.0)) or ()) == sorted(rows)
        picked = {*departments[:2], wanted}
        found = states._states(made._connection, Wanted(department=picked.__contains__)) or ()
        assert {row[1] for row in found} == picked & {row[1] for row in rows}


@pytest.mark.parametrize("order", ["import", "recent"])
def test_what_the_index_is_sorted_by_is_read_from_it(project: Project, order: Order) -> None:
    asked: list[str] = []
    raw = project._connection.database.conn
    raw.set_trace_callback(asked.append)
    queue.ids(project._connection, QueueQuery(flagged=True, order=order))
    raw.set_trace_callback(None)
    plan = [row[-1] for row in raw.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert any("mention_facets (facets=?" in step for step in plan), plan
