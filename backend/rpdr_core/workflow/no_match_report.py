"""The report on mentions without a match, addressed to who can cure each: one line per text and reason.

Four reasons, four addressees: what is not in the terminology is a request to its owner; what is in it but was not
retrieved is a bug of the retriever; what is no diagnosis is an error of the mention detector; what nobody can read is
a matter of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from rpdr_core.folding import fold
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.writing import Cell, writer_for
from rpdr_core.records import Mention, NoMatchReason
from rpdr_core.store import ProjectReader, QueueQuery
from rpdr_core.store.staging import staged
from rpdr_core.workflow.exporting import Exported, check_folder, sha256_of
from rpdr_core.workflow.leading import by_role

Route = Literal["terminology owner", "retriever", "mention detector", "source"]

ROUTES: Mapping[NoMatchReason, Route] = {
    "not_in_terminology": "terminology owner",
    "not_retrieved": "retriever",
    "not_a_mention": "mention detector",
    "unreadable": "source",
}
HEADERS = (
    "route", "reason", "mention", "mentions", "occurrences", "departments", "comments", "reviewers",
    "candidates that were offered", "knowledge base", "knowledge base version",
)  # fmt: skip
_CONTEXT = "an example sentence"
_PAGE = 500
_OFFERED = 5
_WITHOUT_SENTENCES = LossReport((Loss("the sentences around the mentions"),))


@dataclass(frozen=True, slots=True)
class RouteCount:
    """What goes to one addressee: distinct mentions and their occurrences."""

    reason: NoMatchReason
    route: Route
    mentions: int
    occurrences: int


@dataclass(slots=True)
class _Line:
    """One text that has no match for one reason, while it is being summed up."""

    text: str
    context: str
    mentions: int = 0
    occurrences: int = 0
    departments: dict[str, None] = field(default_factory=dict)
    comments: dict[str, None] = field(default_factory=dict)
    reviewers: dict[str, None] = field(default_factory=dict)
    offered: dict[str, None] = field(default_factory=dict)


def count_no_match(project: ProjectReader) -> tuple[RouteCount, ...]:
    """How much goes to each addressee, all four of them, in the order of the reasons."""
    sums: dict[str, tuple[int, int]] = {}
    for mention, reason, _ in _without_match(project):
        mentions, occurrences = sums.get(reason, (0, 0))
        sums[reason] = (mentions + 1, occurrences + mention.count)
    return tuple(RouteCount(reason, ROUTES[reason], *sums.get(reason, (0, 0))) for reason in get_args(NoMatchReason))


def export_no_match(
    project: ProjectReader,
    path: Path,
    *,
    reasons: frozenset[NoMatchReason] = frozenset(get_args(NoMatchReason)),
    sentences: bool = False,
    mark: bool = False,
) -> Exported:
    """Write the report as CSV, XLSX or JSONL by the file's name, the most frequent first for each addressee.

    `sentences` adds one context for each line; without it the file holds mentions and comments, but no sentence.
    """
    write = writer_for(path, mark=mark)
    check_folder(path)
    headers = (*HEADERS, _CONTEXT) if sentences else HEADERS
    with staged(path, "the report") as staging:
        written = write(staging, headers, _rows(project, reasons, sentences))
        digest = sha256_of(staging)
    losses = LossReport() if sentences else _WITHOUT_SENTENCES
    return Exported(path, written.rows, digest, losses + written.report)


def _rows(project: ProjectReader, reasons: frozenset[NoMatchReason], sentences: bool) -> Iterator[tuple[Cell, ...]]:
    base = project.knowledge_base()
    lines = _lines(project, reasons)
    for reason in get_args(NoMatchReason):
        mine = [line for (why, _), line in lines.items() if why == reason]
        for line in sorted(mine, key=lambda one: (-one.occurrences, fold(one.text))):
            yield (
                *(ROUTES[reason], reason, line.text, line.mentions, line.occurrences),
                *map(_joined, (line.departments, line.comments, line.reviewers, line.offered)),
                *(base.id, base.version),
                *((line.context,) if sentences else ()),
            )


def _lines(project: ProjectReader, reasons: frozenset[NoMatchReason]) -> dict[tuple[str, str], _Line]:
    lines: dict[tuple[str, str], _Line] = {}
    for mention, reason, reviewer in _without_match(project):
        if reason in reasons:
            line = lines.setdefault((reason, fold(mention.text)), _Line(mention.text, mention.context))
            _add(line, project, mention, reviewer)
    return lines


def _add(line: _Line, project: ProjectReader, mention: Mention, reviewer: str) -> None:
    line.mentions += 1
    line.occurrences += mention.count
    for text, of in (
        (mention.department, line.departments),
        (mention.comment, line.comments),
        (reviewer, line.reviewers),
    ):
        if text:
            of[text] = None
    if len(line.offered) < _OFFERED:
        found = by_role(project.rankings(mention.id), "retriever")
        for candidate in found.candidates[:_OFFERED] if found else ():
            line.offered[candidate.code] = None


def _without_match(project: ProjectReader) -> Iterator[tuple[Mention, NoMatchReason, str]]:
    """Every mention without a match, why, and who says so."""
    ids = project.queue(QueueQuery(statuses=frozenset(("no_match",))))
    for start in range(0, len(ids), _PAGE):
        for mention in project.mentions(ids[start : start + _PAGE]):
            for reason in get_args(NoMatchReason):
                if mention.reason == reason:
                    yield mention, reason, mention.reviewer


def _joined(values: dict[str, None]) -> str:
    return " | ".join(values)
