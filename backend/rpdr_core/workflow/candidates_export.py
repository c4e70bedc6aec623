"""All candidates with their ranks, for checking: one line for each mention, ranker and rank."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.writing import Cell, writer_for
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.records import Decision, Mention, Provenance, Ranking
from rpdr_core.store import ProjectReader
from rpdr_core.store.staging import staged
from rpdr_core.workflow.decision_table import Only, steps_of
from rpdr_core.workflow.exporting import Exported, check_folder, sha256_of

HEADERS = (
    "mention id", "mention", "context", "count", "status", "decided code", "further codes", "reviewer",
    "ranker", "model", "rank", "code", "name", "matched", "matched by", "score", "verdict", "confidence", "chosen",
    "seen", "knowledge base fingerprint", "prompt", "parameters", "worker", "recorded", "provenance",
)  # fmt: skip
CHOSEN = "yes"

_LOSSES = LossReport(
    (
        Loss("comments, flags, reasons and times of decisions"),
        Loss("rankings that newer ones of the same ranker replaced"),
        Loss("answers beside the decisions"),
    )
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A ranking, and whether it is one that was frozen with the decision in force."""

    ranking: Ranking
    frozen: bool


def export_candidates(
    reader: ProjectReader, path: Path, *, only: Only = "all", mark: bool = False, watch: Watch = unwatched
) -> Exported:
    """Write every ranker's candidates as CSV, XLSX, JSONL or Parquet by the file's name. Streams.

    Of a decided mention the rankings are those that were on screen, where any were frozen with the decision; else, and
    of all others, the newest of each ranker. A ranking without candidates has one line without a rank. Scores of two
    rankers are not comparable; `provenance` tells which rankings came about alike (SHA-256, hex).
    """
    write = writer_for(path, mark=mark)
    check_folder(path)
    with staged(path, "the export") as staging:
        written = write(staging, HEADERS, candidate_rows(reader, only=only, watch=watch))
        digest = sha256_of(staging)
    return Exported(path, written.rows, digest, _LOSSES + written.report)


def candidate_rows(
    reader: ProjectReader, *, only: Only = "all", watch: Watch = unwatched
) -> Iterator[tuple[Cell, ...]]:
    """The lines under `HEADERS`, by mention in order of import, then retriever, teacher, students, then rank."""
    digests: dict[Provenance, str] = {}
    for step in steps_of(reader, "mentions", only=only, watch=watch):
        decision = reader.decision(step.mention.id)
        for seen in _rankings(reader, step.mention, decision):
            provenance = seen.ranking.provenance
            if provenance not in digests:
                digests[provenance] = hashlib.sha256(msgspec.json.encode(provenance)).hexdigest()
            yield from _lines(step.mention, decision, seen, digests[provenance])


def _rankings(reader: ProjectReader, mention: Mention, decision: Decision | None) -> list[_Seen]:
    shown = reader.shown(decision.id) if decision else ()
    if shown:
        return [_Seen(ranking, True) for ranking in shown]
    return [_Seen(ranking, False) for ranking in reader.rankings(mention.id)]


def _lines(mention: Mention, decision: Decision | None, seen: _Seen, digest: str) -> Iterator[tuple[Cell, ...]]:
    ranking, by = seen.ranking, seen.ranking.provenance
    also = tuple(further.code for further in decision.also) if decision else ()
    chosen = {mention.code, *also} - {""}
    about = (
        mention.id, mention.text, mention.context, mention.count, mention.status, mention.code, " | ".join(also),
        mention.reviewer, ranking.ranker, by.model,
    )  # fmt: skip
    made = (
        CHOSEN if seen.frozen else "", by.knowledge_base, by.prompt, by.parameters, by.worker,
        CHOSEN if by.recorded else "", digest,
    )  # fmt: skip
    said = (ranking.verdict, ranking.confidence)
    if not ranking.candidates:
        yield (*about, None, "", "", "", "", None, *said, "", *made)
    for rank, one in enumerate(ranking.candidates, 1):
        picked = CHOSEN if one.code in chosen else ""
        yield (*about, rank, one.code, one.name, one.matched, one.source, one.score, *said, picked, *made)
