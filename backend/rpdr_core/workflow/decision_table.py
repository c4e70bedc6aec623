"""The decisions of a project as table rows: one for each row of the source files, or one for each mention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from rpdr_core.formats.writing import Cell
from rpdr_core.records import Decision, KnowledgeBaseInfo, Mention, Ranking
from rpdr_core.relations import sentence_of
from rpdr_core.store import MentionRow, ProjectReader, QueueQuery
from rpdr_core.workflow.leading import by_role, counting, rank_of

Level = Literal["rows", "mentions"]

_PAGE = 500
_ROW_HEADERS = ("source file", "row", "row id")
_MENTION_HEADERS = ("mention id", "mention", "context", "start", "end", "count", "department")
_DECISION_HEADERS = (
    "status", "code", "name", "relation", "further codes", "further names", "further relations", "reason", "comment",
    "decision comment", "flagged", "flag reason", "reviewer", "decided at", "decision id", "how decided",
    "propagated from", "seconds", "double review", "retriever code", "retriever rank", "teacher code", "teacher rank",
    "student code", "student rank", "knowledge base", "knowledge base version", "knowledge base fingerprint",
    "decided with fingerprint",
)  # fmt: skip
BETWEEN = " | "
"""Stands between further codes in a cell, and between their names and relations."""


_MADE = 6


@dataclass(frozen=True, slots=True)
class _Base:
    """What all rows of a table share. `student`: id of the one in use, as `ProjectReader.promoted`."""

    info: KnowledgeBaseInfo
    student: str | None


@dataclass(frozen=True, slots=True)
class _Judged:
    """A mention with the cells that its decision and rankings give."""

    mention: Mention
    cells: tuple[Cell, ...]


def headers_of(level: Level) -> tuple[str, ...]:
    """The table's headers. On the level of rows, `count` is the row's own and `given code` what its file said."""
    if level == "rows":
        return (*_ROW_HEADERS, *_MENTION_HEADERS, "given code", *_DECISION_HEADERS)
    return (*_MENTION_HEADERS, *_DECISION_HEADERS)


def rows_of(project: ProjectReader, level: Level) -> Iterator[tuple[Cell, ...]]:
    """The table's rows, in order of import. Ranks are those of the code in force; 1 is best."""
    return _by_row(project) if level == "rows" else _by_mention(project)


def _by_mention(project: ProjectReader) -> Iterator[tuple[Cell, ...]]:
    ids = project.queue(QueueQuery())
    base = _Base(project.knowledge_base(), project.promoted())
    for start in range(0, len(ids), _PAGE):
        for judged in _judged(project, base, ids[start : start + _PAGE]).values():
            yield (*_mention_cells(judged.mention, judged.mention.count), *judged.cells)


def _by_row(project: ProjectReader) -> Iterator[tuple[Cell, ...]]:
    base = _Base(project.knowledge_base(), project.promoted())
    for source in project.sources():
        for page in _pages(project.source_rows(source.id)):
            judged = _judged(project, base, {row.mention_id: None for row in page})
            for row in page:
                found = judged[row.mention_id]
                yield (
                    *(source.file.name, row.row, row.key),
                    *_mention_cells(found.mention, row.count),
                    row.code,
                    *found.cells,
                )


def _pages(rows: Iterator[MentionRow]) -> Iterator[list[MentionRow]]:
    while page := list(islice(rows, _PAGE)):
        yield page


def _mention_cells(mention: Mention, count: int) -> tuple[Cell, ...]:
    place = (mention.start, mention.end)
    return (mention.id, mention.text, mention.context, *place, count, mention.department)


def _judged(project: ProjectReader, base: _Base, ids: Iterable[int]) -> dict[int, _Judged]:
    mentions = project.mentions(list(ids))
    return {mention.id: _Judged(mention, _decision_cells(project, base, mention)) for mention in mentions}


def _decision_cells(project: ProjectReader, base: _Base, mention: Mention) -> tuple[Cell, ...]:
    decision = project.decision(mention.id)
    # What was on screen counts; rankings made since are for the next decision.
    rankings = project.shown(decision.id) if decision else ()
    rankings = rankings or counting(project.rankings(mention.id), base.student)
    made = _made_cells(decision) if decision else ("",) * _MADE
    info = base.info
    return (
        *(mention.status, mention.code, mention.name, *_relation_cells(decision), decision.reason if decision else ""),
        *(mention.comment, decision.comment if decision else "", "yes" if mention.flagged else "", mention.flag_reason),
        *(*made, mention.review),
        *_ranker_cells(rankings, mention.code),
        *(info.id, info.version, info.fingerprint, decision.knowledge_base if decision else ""),
    )


def _relation_cells(decision: Decision | None) -> tuple[Cell, ...]:
    if decision is None or not decision.code:
        return ("", "", "", "")
    also = decision.also
    return (
        sentence_of(decision.relation),
        BETWEEN.join(further.code for further in also),
        BETWEEN.join(further.name for further in also),
        BETWEEN.join(sentence_of(further.relation) for further in also),
    )


def _made_cells(decision: Decision) -> tuple[Cell, ...]:
    """Who, when, and how it came about."""
    return (
        *(decision.reviewer, decision.made_at, decision.id, decision.mode),
        *(decision.origin_id, "" if decision.seconds is None else f"{decision.seconds:g}"),
    )


def _ranker_cells(rankings: tuple[Ranking, ...], code: str) -> Iterator[Cell]:
    for role in ("retriever", "teacher", "student"):
        ranking = by_role(rankings, role)
        candidates = ranking.candidates if ranking else ()
        yield candidates[0].code if candidates else ""
        yield rank_of(candidates, code) if code else None
