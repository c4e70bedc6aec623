"""Killing the desk between any two decisions: what the reviewer saw accepted is there at the next start."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from helpers import desk_until_killed as desk
from helpers.desk_parts import make_project
from helpers.killable import Killable

from rpdr_core.store import Project

KILLS = 100
PER_PROJECT = 20
MENTIONS = 4_000

pytestmark = [pytest.mark.journey, pytest.mark.gui, pytest.mark.timeout(900)]


def kill_at_random(window: Killable, path: Path, rng: random.Random) -> list[int]:
    """Let the window work on the project for a moment and kill it; the mentions that it said were decided."""
    assert window.stdin is not None
    assert window.stdout is not None
    window.stdin.write(f"{path}\n")
    window.stdin.flush()
    # Between one and three decisions are waited for, so that kills fall early and late on any machine.
    head = [window.stdout.readline() for _ in range(rng.randint(1, 3))]
    assert all(head), "the window ended by itself"
    time.sleep(rng.random() * 0.08)
    window.kill()
    said = [*head, *window.stdout.read().splitlines(keepends=True)]
    window.wait()
    window.stdin.close()
    window.stdout.close()
    return [int(line) for line in said if line.endswith("\n")]


def test_nothing_that_was_shown_as_decided_is_lost(tmp_path: Path) -> None:
    rng = random.Random(11)
    waiting = [desk.start(), desk.start()]
    acknowledged = 0
    try:
        for number in range(KILLS // PER_PROJECT):
            path = make_project(tmp_path / f"clinic{number}.rpdr", MENTIONS, ranked=True)
            said: set[int] = set()
            for kill in range(PER_PROJECT):
                waiting.append(desk.start())
                said.update(kill_at_random(waiting.pop(0), path, rng))
                with Project.open(path) as project:
                    kept = {decision.mention_id for decision in project.decisions()}
                    assert project.verify_audit().ok
                    assert project.progress().decided == len(kept)
                assert said <= kept, "a decision that the window had shown is gone"
                assert len(kept - said) <= kill + 1, "more than the one decision that was under way at each kill"
            acknowledged += len(said)
    finally:
        for window in waiting:
            window.kill()
            window.communicate()
    assert acknowledged > KILLS
