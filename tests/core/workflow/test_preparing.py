"""Whom a run asks about, seen what earlier runs asked: nobody twice, and nobody in the way of the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import new_project, ranking

from rpdr_core.store import EndEntry, LedgerLine, Project, SendEntry
from rpdr_core.workflow.batches import BATCHES
from rpdr_core.workflow.preparing import choose_mentions


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = new_project(tmp_path, [f"trouble {number}" for number in range(8)])
    made.record_rankings(ranking(mention, "retriever", "A", "B") for mention in range(1, 9))
    yield made
    made.close()


def send(
    project: Project, mention: int, fate: str = "answered", run: str = "r1", *, lines: tuple[int, ...] = ()
) -> None:
    purpose = "batch.upload" if lines else "rank"
    listed = tuple(LedgerLine(one, 0, "ab" * 32, 9) for one in lines)
    row = project.open_send(run, mention, SendEntry(purpose, "host:443", "m", "ab" * 32, 9, 1, lines=listed))
    if fate:
        project.end_send(row, EndEntry(fate, 200))  # type: ignore[arg-type]


def test_a_mention_whose_answer_gave_no_ranking_stands_behind_the_others(project: Project) -> None:
    ids = choose_mentions(project, 10, "first")
    send(project, ids[0])
    send(project, ids[1], "refused")
    assert choose_mentions(project, 10, "first") == [*ids[1:], ids[0]]
    assert choose_mentions(project, 2, "first") == ids[1:3]


def test_one_that_was_cut_off_comes_first(project: Project) -> None:
    ids = choose_mentions(project, 10, "first")
    send(project, ids[2])
    send(project, ids[2], "")
    assert choose_mentions(project, 10, "first") == [ids[2], *ids[:2], *ids[3:]]


def test_what_an_open_batch_asks_about_is_left_out(project: Project) -> None:
    ids = choose_mentions(project, 10, "first")
    send(project, 0, run="b1", lines=(ids[0], ids[1]))
    project.set_setting(BATCHES, '[{"run": "b1", "host": "host:443", "model": "m", "items": 2}]')
    assert choose_mentions(project, 10, "first") == ids[2:]
    assert choose_mentions(project, 2, "first") == ids[2:4]
    project.set_setting(BATCHES, "")
    assert choose_mentions(project, 10, "first") == [*ids[2:], *ids[:2]]
