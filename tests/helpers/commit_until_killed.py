"""A writer to be killed: commits numbered steps and says each number once it is safe.

It starts, waits for a line `PATH FIRST` on stdin, opens the project and goes on from step FIRST until it dies. `hasty`
says the number before it commits: what a broken store would do.
"""

from __future__ import annotations

import sys
from pathlib import Path

from helpers.killable import Killable
from helpers.killable import start as begin

from rpdr_core.records import NewDecision
from rpdr_core.store import Project

MENTIONS = 60


def start(mode: str) -> Killable:
    """A writer of mode `safe` or `hasty`, loading."""
    return begin(main, mode)


def decisions(step: int) -> list[NewDecision]:
    """Step `step`: one decision, every fourth time five at once."""
    ids = [(step * 7 + i) % MENTIONS + 1 for i in range(5 if step % 4 == 0 else 1)]
    return [NewDecision(id_, "accept", f"K{step}", f"Name {step}") for id_ in ids]


def main(mode: str) -> None:
    hasty = mode == "hasty"
    path, first = sys.stdin.readline().rsplit(" ", 1)
    project = Project.open(Path(path))
    step = int(first)
    while True:
        if hasty:
            print(step, flush=True)
        project.decide_many(decisions(step), reviewer="child")
        if not hasty:
            print(step, flush=True)
        step += 1
