"""A project of a million mentions: how long the review desk's reads and steps take, as a table.

    python tests/benchmarks/review_store.py FOLDER [--mentions 1000000] [--rounds 5]

Makes FOLDER/review.rpdr where there is none (some minutes), with contexts of about 200 characters, rankings for a part
of the mentions, decisions, flags. Prints best, median and worst of the rounds by the clock, and the median of the
time that this process was at work (the one to compare on a machine that others use). Reads are those of a reader beside
the writer.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from rpdr_core.records import (
    Candidate,
    KnowledgeBaseInfo,
    NewDecision,
    NewMention,
    Provenance,
    Ranking,
    Relation,
    SourceRow,
    Target,
    Verdict,
)
from rpdr_core.store import Order, Project, ProjectReader, QueueQuery, SourceFile, open_reader

KNOWLEDGE_BASE = KnowledgeBaseInfo("icd10cm", "ICD-10-CM", "2026", "ab" * 32, 98_505, 110_000)
SOURCE = SourceFile("benchmark.csv", "0" * 64, "csv", "utf-8")
WORDS = (
    "acute", "chronic", "left", "right", "knee", "femur", "vision", "blurry", "pain", "fracture", "of", "the",
    "cataract", "glaucoma", "headache", "severe", "type", "diabetes", "mellitus", "eye", "unspecified", "infection",
    "history",
    "fall", "hypertension", "heart", "failure", "renal", "status", "post", "lower", "upper", "limb", "bilateral",
    "recurrent", "without", "complication",
)  # fmt: skip
CODES = [f"{letter}{number:02}.{digit}" for letter in "ABCDEFGHIJKLMN" for number in range(60) for digit in range(10)]
DEPARTMENTS = ["", *(f"Department {number}" for number in range(24))]
REVIEWERS = ("anna", "bo", "cy", "dee")
RANKED, BY_TEACHER, BATCH = 0.4, 0.1, 20_000


def mentions(total: int, rng: random.Random) -> Iterator[NewMention]:
    for number in range(total):
        text = " ".join(rng.choices(WORDS, k=rng.randint(1, 4))) + (f" {number % 997}" if number % 3 else "")
        before = " ".join(rng.choices(WORDS, k=12))
        context = f"{before} {text} " + " ".join(rng.choices(WORDS, k=12)) + f" {number}"
        count = int(rng.paretovariate(1.0))
        row = SourceRow(number + 1, f"r{number}")
        start = len(before) + 1
        yield NewMention(text, context, start, start + len(text), min(count, 100_000), "", rng.choice(DEPARTMENTS), row)


def ranking(mention_id: int, ranker: str, rng: random.Random) -> Ranking:
    codes = rng.sample(CODES, 10)
    scores = sorted((rng.random() for _ in codes), reverse=True)
    candidates = tuple(
        Candidate(code, f"Name of {code}", "a matched string", "name", round(score, 4))
        for code, score in zip(codes, scores, strict=True)
    )
    verdict: Verdict = "" if ranker == "retriever" else rng.choice(["exact", "close", "none"])
    sure = round(rng.random(), 4) if ranker == "retriever" else None
    return Ranking(mention_id, ranker, candidates, Provenance(ranker, "m", "kb"), verdict, sure)


def rankings(total: int, rng: random.Random) -> Iterator[Ranking]:
    for mention_id in range(1, total + 1):
        if rng.random() < RANKED:
            yield ranking(mention_id, "retriever", rng)
            if rng.random() < BY_TEACHER:
                yield ranking(mention_id, "teacher", rng)


def decision(mention_id: int, rng: random.Random) -> NewDecision:
    code = rng.choice(CODES)
    match rng.random():
        case chance if chance < 0.55:
            return NewDecision(mention_id, "accept", code, f"Name of {code}")
        case chance if chance < 0.8:
            relation = rng.choice(get_args(Relation))
            also = (Target("Z99.9", "Another"),) if rng.random() < 0.1 else ()
            return NewDecision(mention_id, "correct", code, f"Name of {code}", relation=relation, also=also)
        case chance if chance < 0.95:
            reason = rng.choice(("not_in_terminology", "not_retrieved", "not_a_mention", "unreadable"))
            return NewDecision(mention_id, "no_match", reason=reason)
    return NewDecision(mention_id, "defer")


def make(path: Path, total: int) -> None:
    rng = random.Random(20261121)
    began = time.perf_counter()
    with Project.create(path, name="Benchmark", knowledge_base=KNOWLEDGE_BASE) as project:
        project.add_mentions(SOURCE, mentions(total, rng))
        say("import", time.perf_counter() - began)
        began, stored, batch = time.perf_counter(), 0, list[Ranking]()
        for one in rankings(total, rng):
            batch.append(one)
            if len(batch) == BATCH:
                project.record_rankings(batch)
                stored, batch = stored + len(batch), []
        project.record_rankings(batch)
        say(f"{stored + len(batch):,} rankings", time.perf_counter() - began)
        began = time.perf_counter()
        decided = rng.sample(range(1, total + 1), total // 5)
        for start in range(0, len(decided), 5_000):
            new = [decision(id_, rng) for id_ in decided[start : start + 5_000]]
            project.decide_many(new, reviewer=rng.choice(REVIEWERS))
        say(f"{len(decided):,} decisions", time.perf_counter() - began)
        project.set_flags(decided[:1_000], "guideline")


def say(what: str, seconds: float) -> None:
    sys.stderr.write(f"made: {what} in {seconds:,.0f} s\n")


QUERIES = {
    "status": QueueQuery(frozenset(["unreviewed"])),
    "flagged": QueueQuery(flagged=True),
    "verdict": QueueQuery(verdicts=frozenset(["close", "none"])),
    "quarrel": QueueQuery(quarrel=1),
    "margin < 0.1": QueueQuery(margin_below=0.1),
    "reason": QueueQuery(reasons=frozenset(["not_retrieved"])),
    "relation": QueueQuery(relations=frozenset(["broader", "narrower"])),
    "flag reason": QueueQuery(flag_reasons=frozenset(["guideline"])),
    "reviewer": QueueQuery(reviewers=frozenset(["anna"])),
    "not by": QueueQuery(not_by="anna"),
    "department": QueueQuery(departments=frozenset(["Department 3", "Department 4"])),
    "chapter (600 codes)": QueueQuery(codes=frozenset(CODES[:600])),
    "half of all codes": QueueQuery(codes=frozenset(CODES[::2])),
    "changed since": QueueQuery(changed_since="2026-01-01"),
    "text: rare ('femu')": QueueQuery(text="femu"),
    "text: common ('e')": QueueQuery(text="e"),
    "status, chapter, verdict": QueueQuery(
        frozenset(["unreviewed"]), codes=frozenset(CODES[:600]), verdicts=frozenset(["close"])
    ),
    "status, margin, department, text": QueueQuery(
        frozenset(["unreviewed", "deferred"]), margin_below=0.2, departments=frozenset(["Department 3"]), text="knee"
    ),
}


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds by the clock, and of this process: on a busy machine the two differ."""

    clock: float
    cpu: float


def timed(work: Callable[[], object], rounds: int) -> list[Round]:
    found = []
    for _ in range(rounds):
        gc.collect()
        began, used = time.perf_counter(), time.process_time()
        work()
        found.append(Round(time.perf_counter() - began, time.process_time() - used))
    return found


def line(what: str, rounds: list[Round], note: str = "") -> None:
    clock, cpu = [one.clock * 1000 for one in rounds], [one.cpu * 1000 for one in rounds]
    times = (min(clock), statistics.median(clock), max(clock), statistics.median(cpu))
    sys.stdout.write(f"{what:<48}" + "".join(f" {one:>9,.1f}" for one in times) + f"  {note}\n")
    sys.stdout.flush()


def measure_reads(reader: ProjectReader, rounds: int) -> None:
    def queue(what: str, query: QueueQuery) -> None:
        line(what, timed(lambda: reader.queue(query), rounds), f"{len(reader.queue(query)):,}")

    def counts(what: str, query: QueueQuery) -> None:
        line(f"facets: {what}", timed(lambda: reader.facets(query), rounds))
        line(f"targets: {what}", timed(lambda: reader.targets(query), rounds), f"{len(reader.targets(query)):,}")

    for order in get_args(Order):
        queue(f"queue, all, by {order}", QueueQuery(order=order))
    for what, query in QUERIES.items():
        queue(f"queue by worth: {what}", replace(query, order="worth"))
    counts("nothing asked", QueueQuery())
    for what in ("status", "chapter (600 codes)", "text: rare ('femu')"):
        counts(what, QUERIES[what])
    line("progress", timed(reader.progress, rounds))


def measure_next(reader: ProjectReader, total: int) -> None:
    """What the desk reads to show the next mention."""
    rng = random.Random(1)

    def show() -> None:
        number = rng.randint(1, total)
        reader.mentions([number])
        reader.rankings(number)
        reader.decision(number)

    found = sorted(timed(show, 1_000), key=lambda one: one.clock)
    line("next mention, p50", [found[500]], "(mention, rankings, decision)")
    line("next mention, p99", [found[990]])


def measure_steps(project: Project, total: int) -> None:
    rng = random.Random(2)
    ids = rng.sample(range(1, total + 1), 5_000)
    one = timed(lambda: project.decide(decision(rng.randint(1, total), rng), reviewer="anna"), 200)
    line("one decision", one, "(durable)")
    line("undo of one decision", timed(lambda: project.undo(), 20))
    many = [NewDecision(id_, "accept", "A00.0", "Name of A00.0") for id_ in ids]
    line("5,000 decisions as one step", timed(lambda: project.decide_many(many, reviewer="anna"), 1))
    line("undo of them", timed(lambda: project.undo(), 1))
    line("redo of them", timed(lambda: project.redo(), 1))
    project.undo()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    path = asked.folder / "review.rpdr"
    if not path.exists():
        make(path, asked.mentions)
    sys.stdout.write(f"{'':<48} {'best ms':>9} {'median ms':>9} {'worst ms':>9} {'cpu ms':>9}\n")
    line(
        "open for writing",
        timed(lambda: Project.open(path).close(), asked.rounds),
        f"{path.stat().st_size >> 20:,} MiB",
    )
    line("open a reader", timed(lambda: open_reader(path).close(), asked.rounds))
    with Project.open(path) as project, project.reader() as reader:
        measure_reads(reader, asked.rounds)
        measure_next(reader, asked.mentions)
        measure_steps(project, asked.mentions)
    with open_reader(path) as reader:
        line("check of the whole file", timed(reader.check_file, 1))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{'memory at most (MiB)':<48} {memory:>9,.0f}\n")


if __name__ == "__main__":
    main()
