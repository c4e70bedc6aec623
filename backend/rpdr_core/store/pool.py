"""The mentions that a teacher could be asked about, with what a choice among them goes by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rpdr_core.store.database import Connection

_SQL = """
SELECT m.id, m.folded, m.count, r.confidence, coalesce(json_extract(r.candidates, '$[0][0]'), '')
FROM mention m LEFT JOIN ranking r ON r.mention_id = m.id AND r.ranker = 'retriever' AND r.newest = 1
WHERE m.status IN ('unreviewed', 'deferred')
  AND (r.id IS NULL OR json_array_length(r.candidates) > 1)
  AND NOT EXISTS (SELECT 1 FROM ranking t WHERE t.mention_id = m.id AND t.ranker = 'teacher' AND t.newest = 1)
ORDER BY m.id
"""
_KNOWN = """
SELECT DISTINCT m.folded FROM mention m WHERE m.status IN ('accepted', 'corrected', 'no_match')
   OR EXISTS (SELECT 1 FROM ranking t WHERE t.mention_id = m.id AND t.ranker = 'teacher' AND t.newest = 1)
"""


@dataclass(frozen=True, slots=True)
class Askable:
    """An undecided mention without a teacher's ranking. `folded` is its text's search key.

    `confidence` (0..1) and `code` are the retriever's, of its first candidate; None and empty where it has not ranked.
    """

    id: int
    folded: str
    count: int
    confidence: float | None
    code: str


def askable(connection: Connection) -> Iterator[Askable]:
    """In order of import (streams). A list of a single candidate has no order to ask for, so it is left out."""
    for row in connection.stream(_SQL):
        yield Askable(*row)


def answered_texts(connection: Connection) -> frozenset[str]:
    """Search keys of the texts that somebody decided or a teacher ranked, in whatever context."""
    return frozenset(row[0] for row in connection.stream(_KNOWN))
