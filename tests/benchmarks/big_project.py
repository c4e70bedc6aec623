"""A project of a million mentions on ICD-10-CM: texts, sentences, counts, rankings and decisions, all made up.

    python tests/benchmarks/big_project.py FILE.rpdr [--mentions 1000000]

Everything goes in by the store's own doors, so each index and tally is what a user's file has. The same seed gives the
same project. A retriever has ranked every mention, a teacher one in five; one in ten is decided.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import Candidate, NewDecision, NewMention, Provenance, Ranking, SourceRow
from rpdr_core.store import Project, SourceFile

SEED = 20_260
CANDIDATES = 6
STEP = 20_000
DEPARTMENTS = ("Ophthalmology", "Cardiology", "Emergency", "Neurology", "Surgery", "内科", "眼科", "")
REVIEWERS = ("Chen", "Dupont", "Okafor", "李娜")
SIDES = ("left", "right", "bilateral", "chronic", "acute", "recurrent", "suspected", "history of")
_CODES = 12_000


class Maker:
    """Hands out mentions, rankings and decisions by number, each a function of the seed and the number alone."""

    def __init__(self, names: list[tuple[str, str]], seed: int = SEED) -> None:
        self.names = names
        self._seed = seed

    def mention(self, number: int) -> NewMention:
        rng = self._random("mention", number)
        _, name = self.names[self.target(number)]
        text = f"{rng.choice(SIDES)} {name.lower()} {number % 997}"
        context = f"Seen today because of {text}; no change since visit {number - 1}, to be seen again."
        count = min(5_000, round(rng.paretovariate(1.1)))
        department = rng.choice(DEPARTMENTS)
        return NewMention(
            text, context, 22, 22 + len(text), count=count, department=department, row=SourceRow(number, f"r{number}")
        )

    def target(self, number: int) -> int:
        return self._random("target", number).randrange(len(self.names))

    def ranking(self, number: int, ranker: str) -> Ranking:
        """The right code is first four times in five for a retriever, more often for a teacher."""
        rng = self._random(ranker, number)
        first, others = self.target(number), rng.sample(range(len(self.names)), CANDIDATES)
        right = rng.random() < (0.8 if ranker == "retriever" else 0.9)
        order = list(dict.fromkeys([first, *others] if right else [others[0], first, *others[1:]]))[:CANDIDATES]
        lead = rng.random()
        candidates = tuple(
            Candidate(*self.names[place], self.names[place][1].lower(), "synonym", lead / (1 + rank) if rank else 1.0)
            for rank, place in enumerate(order)
        )
        verdict = "" if ranker == "retriever" else rng.choice(("exact", "close", "none"))
        provenance = Provenance(ranker, "made up", "icd10cm")
        return Ranking(number, ranker, candidates, provenance, verdict, round(rng.random(), 4))  # type: ignore[arg-type]

    def decision(self, number: int) -> tuple[str, NewDecision]:
        rng = self._random("decision", number)
        code, name = self.names[self.target(number)]
        kind = rng.choices(("accept", "correct", "no_match", "defer"), (70, 15, 10, 5))[0]
        who = rng.choice(REVIEWERS)
        if kind == "no_match":
            reason = rng.choice(("not_in_terminology", "not_retrieved", "not_a_mention", "unreadable"))
            return who, NewDecision(number, "no_match", reason=reason)  # type: ignore[arg-type]
        if kind == "defer":
            return who, NewDecision(number, "defer")
        relation = rng.choices(("equivalent", "broader", "narrower", "inexact"), (80, 8, 8, 4))[0]
        return who, NewDecision(number, kind, code, name, relation=relation)  # type: ignore[arg-type]

    def _random(self, purpose: str, number: int) -> random.Random:
        return random.Random(f"{self._seed} {purpose} {number}")


def make(path: Path, mentions: int, *, seed: int = SEED) -> None:
    """Make the project; minutes for a million."""
    catalogue = Library().open("icd10cm")
    assignable = [(entity.code, entity.name) for entity in catalogue.entities() if entity.assignable]
    rng = random.Random(seed)
    maker = Maker(rng.sample(assignable, min(_CODES, len(assignable))), seed)
    project = Project.create(path, name="A million mentions", knowledge_base=catalogue.info)
    try:
        source = SourceFile("made-up.csv", "0" * 64, "csv", "utf-8")
        project.add_mentions(source, (maker.mention(number) for number in range(1, mentions + 1)))
        for batch in _batches(range(1, mentions + 1)):
            project.record_rankings(maker.ranking(number, "retriever") for number in batch)
        for batch in _batches(range(1, mentions + 1, 5)):
            project.record_rankings(maker.ranking(number, "teacher") for number in batch)
        for batch in _batches(range(3, mentions + 1, 10)):
            for who in REVIEWERS:
                made = [decision for reviewer, decision in map(maker.decision, batch) if reviewer == who]
                if made:
                    project.decide_many(made, reviewer=who)
        for number in range(7, min(mentions, 20_000), 400):
            project.set_flag(number, True, reason="needs_expert", reviewer=REVIEWERS[0])
    finally:
        project.close()


def _batches(numbers: range) -> Iterator[list[int]]:
    rest = iter(numbers)
    while batch := list(islice(rest, STEP)):
        yield batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    options = parser.parse_args()
    began = time.monotonic()
    make(options.path, options.mentions)
    print(f"{options.mentions} mentions in {time.monotonic() - began:.0f} s, {options.path.stat().st_size >> 20} MiB")


if __name__ == "__main__":
    main()
