"""Projects with everything that a mapping may say, over the small terminology; and what their exports say."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from pathlib import Path

from helpers.terminologies import small_table

from rpdr_core.formats.mentions import find
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.records import (
    Candidate,
    NewDecision,
    NewMention,
    Provenance,
    Ranking,
    Reviewer,
    SourceRow,
    Target,
)
from rpdr_core.store import Project, QueueQuery, SourceFile

CODES = ("E1.9", "E1.11", "E2.9", "E3", "E4")
RELATIONS = ("equivalent", "broader", "narrower", "inexact")
REASONS = ("not_in_terminology", "not_retrieved", "not_a_mention", "unreadable")
FLAGS = ("", "guideline", "source_unclear", "needs_expert", "terminology_error")
REVIEWERS = ("Ann", "@Bob", "王医生", "")

NOT_BACK = (
    "source file", "row", "mention id", "decision id", "propagated from", "double review", "retriever code",
    "retriever rank", "teacher code", "teacher rank", "student code", "student rank",
)  # fmt: skip
"""Columns of our table that an import of it does not bring back (see `own_table.NOT_TAKEN`)."""


def small_catalogue(folder: Path) -> Catalogue:
    table = small_table(folder / "kb")
    made = write_catalogue(folder / "kbs", read_table(table), id="eye", title="Eye", version="1", source="x")
    return Catalogue(read_manifest(made).info, made)


def candidates(catalogue: Catalogue, codes: Iterable[str] = CODES[:4]) -> tuple[Candidate, ...]:
    names = {entity.code: entity.name for entity in catalogue.entities()}
    return tuple(Candidate(code, names[code], names[code], "name", 1 / place) for place, code in enumerate(codes, 1))


def empty_project(path: Path, catalogue: Catalogue) -> Project:
    return Project.create(path, name="Clinic", knowledge_base=catalogue.info)


def full_project(
    path: Path, catalogue: Catalogue, texts: Iterable[tuple[str, str]], seed: int = 1, *, decided: float = 0.85
) -> Project:
    """A project of these (text, context) pairs in two files, some of them twice; decided in every way, at random."""
    source = random.Random(seed)
    names = {entity.code: entity.name for entity in catalogue.entities()}
    project = empty_project(path, catalogue)
    rows = [_row(source, number, *pair) for number, pair in enumerate(texts, 1)]
    again = [row for row in rows if source.random() < 0.3]
    for number, found in enumerate((rows, again), 1):
        if found:
            project.add_mentions(SourceFile(f"list {number}.csv", f"{number}" * 64, "csv", "utf-8", "{}"), found)
    by = Provenance("retriever", "m", catalogue.info.fingerprint)
    shown = candidates(catalogue)
    for mention in project.mentions(list(project.queue(QueueQuery()))):
        project.record_rankings([Ranking(mention.id, "retriever", shown, by, confidence=0.5)])
        if source.random() < 0.3:
            project.set_flag(mention.id, True, reason=source.choice(FLAGS))
        if source.random() < 0.3:
            project.set_comment(mention.id, source.choice(("ask", "=1+1", "第二行\nzwei")))
        if source.random() < decided:
            _decide(project, source, mention.id, names, (Ranking(mention.id, "retriever", shown, by),))
    return project


def _row(source: random.Random, number: int, text: str, context: str) -> NewMention:
    place = find(text, context)
    department = source.choice(("", "Eye", "眼科"))
    key = source.choice((f"r{number}", ""))
    given = source.choice(("", "X1"))
    count = source.randint(1, 9)
    return NewMention(text, context, *place, count, given, department, SourceRow(number, key))


def _decide(
    project: Project, source: random.Random, mention_id: int, names: dict[str, str], shown: tuple[Ranking, ...]
) -> None:
    kind = source.choice(("accept", "correct", "correct", "no_match", "defer"))
    comment = source.choice(("", "sure", "'=odd", "a | b"))
    seconds = source.choice((None, 1.5, 12.25))
    reviewer = source.choice(REVIEWERS)
    common = {"comment": comment, "seconds": seconds, "shown": shown}
    if kind in ("accept", "correct"):
        codes = source.sample(CODES, source.randint(1, 3))
        also = tuple(Target(code, names[code], source.choice(RELATIONS)) for code in codes[1:])  # type: ignore[arg-type]
        new = NewDecision(
            mention_id, kind, codes[0], names[codes[0]], relation=source.choice(RELATIONS), also=also,  # type: ignore[arg-type]
            knowledge_base=source.choice(("", "ab" * 32)), **common,  # type: ignore[arg-type]
        )  # fmt: skip
    elif kind == "no_match":
        new = NewDecision(mention_id, "no_match", reason=source.choice(REASONS), **common)  # type: ignore[arg-type]
    else:
        new = NewDecision(mention_id, "defer", **common)  # type: ignore[arg-type]
    project.decide(new, reviewer=reviewer)


def with_roster(project: Project, *names: str) -> None:
    for name in names:
        project.set_reviewer(Reviewer(name))


def said(path: Path, without: Iterable[str] = NOT_BACK) -> list[dict[str, str]]:
    """The rows of an exported CSV, without some columns."""
    left_out = frozenset(without)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [
            {header: cell for header, cell in row.items() if header not in left_out} for row in csv.DictReader(stream)
        ]
