from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import new_project

from rpdr_core.store import Project
from rpdr_core.store.ledger import EndEntry, LedgerLine, SendEntry
from rpdr_core.workflow.costs import TeacherCost, teacher_cost


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as made:
        yield made


def send(project: Project, mention: int, end: EndEntry | None, *, currency: str = "USD", lines: int = 0) -> None:
    batch = tuple(LedgerLine(number + 1, 0, "ab" * 32, 10) for number in range(lines))
    entry = SendEntry("rank", "host", "model", "ab" * 32, 10, 1, currency=currency, reserved=1.0, lines=batch)
    number = project.open_send("run", mention, entry)
    if end is not None:
        project.end_send(number, end)


def answered(cost: float | None, seconds: float = 2.0) -> EndEntry:
    return EndEntry("answered", 200, cost=cost, seconds=seconds)


def test_an_empty_ledger_knows_no_cost(project: Project) -> None:
    assert teacher_cost(project) is None
    send(project, 1, None)
    send(project, 2, EndEntry("not_sent"))
    assert teacher_cost(project) is None


def test_two_orders_of_one_mention_are_one_ranking(project: Project) -> None:
    for mention in (1, 1, 2):
        send(project, mention, answered(0.5))
    assert teacher_cost(project) == TeacherCost(1.5, "USD", 2, 6.0)


def test_a_refused_request_may_cost_and_ranks_nobody(project: Project) -> None:
    send(project, 1, answered(0.5))
    send(project, 2, EndEntry("no_answer", cost=0.25))
    assert teacher_cost(project) == TeacherCost(0.75, "USD", 1, 2.0)


def test_a_batch_counts_its_mentions_and_not_its_hours(project: Project) -> None:
    send(project, 0, answered(2.0, seconds=9000.0), lines=4)
    assert teacher_cost(project) == TeacherCost(2.0, "USD", 4, None)


@pytest.mark.parametrize("second", [{"cost": None}, {"cost": 1.0, "currency": "CNY"}])
def test_an_unknown_price_or_two_currencies_add_up_to_nothing(project: Project, second: dict[str, object]) -> None:
    send(project, 1, answered(0.5))
    currency = str(second.get("currency", "USD"))
    send(project, 2, answered(second["cost"]), currency=currency)  # type: ignore[arg-type]
    assert teacher_cost(project) is None
