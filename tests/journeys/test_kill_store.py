"""Killing the writer at any moment: what it acknowledged is there, whole, with its audit and its undo."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers import commit_until_killed as child
from helpers.killable import Killable
from helpers.projects import new_project

from rpdr_core.store import Project, QueueQuery

PROJECTS = 10
KILLS_PER_PROJECT = 10
HASTY_KILLS = 12

pytestmark = pytest.mark.journey


@contextmanager
def writers(mode: str) -> Iterator[Iterator[Killable]]:
    """Writers that have been started one ahead, so that nobody waits for Python to load."""
    started: list[Killable] = [child.start(mode), child.start(mode)]

    def supply() -> Iterator[Killable]:
        while True:
            started.append(child.start(mode))
            yield started[-3]

    try:
        yield supply()
    finally:
        for writer in started:
            writer.kill()
            writer.communicate()


def kill_at_random(writer: Killable, path: Path, first: int, rng: random.Random) -> int:
    """Let a writer work for a moment, kill it; returns the last step it acknowledged (`first` - 1 if none)."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(f"{path} {first}\n")
    writer.stdin.flush()
    head = writer.stdout.readline()
    time.sleep(rng.random() * 0.02)
    writer.kill()
    said = [head, *writer.stdout.read().splitlines(keepends=True)]
    writer.wait()
    whole = [int(line) for line in said if line.endswith("\n")]
    assert whole == list(range(first, first + len(whole)))
    return first + len(whole) - 1


def last_step(path: Path) -> int:
    """Open the project as the next start would; check that it is whole; the last step that is in it."""
    with Project.open(path) as project:
        assert project.verify_audit().ok
        codes = [row[0] for row in project._connection.rows("SELECT code FROM decision ORDER BY id")]
        last = int(codes[-1].removeprefix("K")) if codes else 0
        wanted = [decision for step in range(1, last + 1) for decision in child.decisions(step)]
        assert codes == [decision.code for decision in wanted], "a step is there as a whole or not at all"
        expected = {decision.mention_id: decision.code for decision in wanted}
        mentions = project.mentions(project.queue(QueueQuery()))
        assert {m.id: m.code for m in mentions if m.status == "accepted"} == expected
        assert project.progress().decided == len(expected)
        assert {decision.mention_id: decision.code for decision in project.decisions()} == expected
        return last


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    rng = random.Random(3)
    steps = 0
    with writers("safe") as supply:
        for number in range(PROJECTS):
            path, last = new(tmp_path, f"clinic{number}.rpdr"), 0
            for _ in range(KILLS_PER_PROJECT):
                acknowledged = kill_at_random(next(supply), path, last + 1, rng)
                last = last_step(path)
                assert last - acknowledged in (0, 1), "lost, or more than the one step that was under way"
            undo_all(path, last)
            steps += last
    assert steps > PROJECTS * KILLS_PER_PROJECT


def undo_all(path: Path, steps: int) -> None:
    """Undo reaches back through every crash."""
    with Project.open(path) as project:
        undone = 0
        while project.undo().kinds:
            undone += 1
        assert undone == steps
        assert project.progress().decided == 0


def test_a_store_that_speaks_too_early_is_caught(tmp_path: Path) -> None:
    """Control: the same kills find the loss in a writer that acknowledges before it commits."""
    rng = random.Random(3)
    path = new(tmp_path, "clinic.rpdr")
    last = losses = 0
    with writers("hasty") as supply:
        for _ in range(HASTY_KILLS):
            acknowledged = kill_at_random(next(supply), path, last + 1, rng)
            last = last_step(path)
            losses += acknowledged > last
    assert losses > 0


def new(folder: Path, name: str) -> Path:
    project = new_project(folder, [f"mention {i}" for i in range(child.MENTIONS)], name=name)
    project.close()
    return project.path
