"""Projects with many decisions, made quickly: for what counts and measures them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from helpers.projects import new_project, ranking

from rpdr_core.records import NewDecision, Ranking
from rpdr_core.store import Project

Truth = Callable[[int], str]


def ranked_project(folder: Path, mentions: int, *, seed: int = 1) -> Project:
    """Mentions whose retriever is as right as it is sure, between 50 % and 100 %: see `truth_of`."""
    source = random.Random(seed)
    project = new_project(folder, [f"mention {number}" for number in range(1, mentions + 1)])
    project.record_rankings(
        ranking(number, "retriever", "A1", "B2", confidence=round(source.uniform(0.5, 1.0), 4))
        for number in range(1, mentions + 1)
    )
    return project


def truth_of(sure: float, number: int, *, seed: int = 7) -> str:
    """The right code of a mention: its first candidate as often as the ranker is sure."""
    return "A1" if random.Random(f"{seed}:{number}").random() < sure else "B2"


def decide_as(project: Project, mention_id: int, code: str, *, reviewer: str = "ann", **more: object) -> None:
    """Decide with the rankings of the moment on screen."""
    shown: tuple[Ranking, ...] = tuple(project.rankings(mention_id))
    kind = "accept" if shown and shown[0].candidates[0].code == code else "correct"
    project.decide(
        NewDecision(mention_id, kind, code, f"Name of {code}", shown=shown, **more),  # type: ignore[arg-type]
        reviewer=reviewer,
    )
