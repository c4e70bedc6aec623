"""The decisions of a project as table rows: one for each row of the source files, or one for each mention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from rpdr_core.formats.mappings.own_table import (
    BETWEEN,
    DECISION_HEADERS,
    FLAGGED,
    GIVEN_CODE,
    MENTION_HEADERS,
    ROW_HEADERS,
)
from rpdr_core.formats.writing import Cell
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.records import Decision, KnowledgeBaseInfo, Mention, Ranking
from rpdr_core.relations import sentence_of
from rpdr_core.store import MentionRow, ProjectReader, QueueQuery
from rpdr_core.workflow.leading import by_role, counting, rank_of

__all__ = ["BETWEEN", "Level", "Only", "headers_of", "rows_of", "steps_of"]

Level = Literal["rows", "mentions"]
Only = Literal["decided", "all"]
DECIDED = frozenset(("accepted", "corrected", "no_match"))

_PAGE = 500
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
        return (*ROW_HEADERS, *MENTION_HEADERS, GIVEN_CODE, *DECISION_HEADERS)
    return (*MENTION_HEADERS, *DECISION_HEADERS)


def rows_of(
    project: ProjectReader, level: Level, *, only: Only = "all", watch: Watch = unwatched
) -> Iterator[tuple[Cell, ...]]:
    """The table's rows, in order of import. Ranks are those of the code in force; 1 is best."""
    base = _Base(project.knowledge_base(), project.promoted())
    for step in steps_of(project, level, only=only, watch=watch):
        judged = _Judged(step.mention, _decision_cells(project, base, step.mention))
        count = step.mention.count if step.row is None else step.row.count
        cells = (*_mention_cells(judged.mention, count), *judged.cells)
        if step.row is None:
            yield cells
        else:
            place = (step.source, step.row.row, step.row.key)
            yield (*place, *cells[: len(MENTION_HEADERS)], step.row.code, *cells[len(MENTION_HEADERS) :])


@dataclass(frozen=True, slots=True)
class Step:
    """A line to write: a mention, on the level of rows with its row of the file called `source`."""

    mention: Mention
    row: MentionRow | None = None
    source: str = ""


def steps_of(project: ProjectReader, level: Level, *, only: Only = "all", watch: Watch = unwatched) -> Iterator[Step]:
    """What to write line by line, in order of import, in bounded memory. `watch` hears of it by the page."""
    steps = _by_row(project, watch) if level == "rows" else _by_mention(project, watch)
    for step in steps:
        if only == "all" or step.mention.status in DECIDED:
            yield step


def _by_mention(project: ProjectReader, watch: Watch) -> Iterator[Step]:
    ids = project.queue(QueueQuery())
    for start in range(0, len(ids), _PAGE):
        watch("mentions", start, len(ids))
        yield from map(Step, project.mentions(ids[start : start + _PAGE]))
    watch("mentions", len(ids), len(ids))


def _by_row(project: ProjectReader, watch: Watch) -> Iterator[Step]:
    sources = project.sources()
    done, total = 0, sum(source.rows for source in sources)
    for source in sources:
        for page in _pages(project.source_rows(source.id)):
            watch("rows", done, total)
            mentions = project.mentions(list({row.mention_id: None for row in page}))
            by_id = {mention.id: mention for mention in mentions}
            for row in page:
                yield Step(by_id[row.mention_id], row, source.file.name)
            done += len(page)
    watch("rows", done, total)


def _pages(rows: Iterator[MentionRow]) -> Iterator[list[MentionRow]]:
    while page := list(islice(rows, _PAGE)):
        yield page


def _mention_cells(mention: Mention, count: int) -> tuple[Cell, ...]:
    place = (mention.start, mention.end)
    return (mention.id, mention.text, mention.context, *place, count, mention.department)


def _decision_cells(project: ProjectReader, base: _Base, mention: Mention) -> tuple[Cell, ...]:
    decision = project.decision(mention.id)
    # What was on screen counts; rankings made since are for the next decision.
    rankings = project.shown(decision.id) if decision else ()
    rankings = rankings or counting(project.rankings(mention.id), base.student)
    made = _made_cells(decision) if decision else ("",) * _MADE
    info = base.info
    return (
        *(mention.status, mention.code, mention.name, *_relation_cells(decision), decision.reason if decision else ""),
        *(
            mention.comment,
            decision.comment if decision else "",
            FLAGGED if mention.flagged else "",
            mention.flag_reason,
        ),
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
