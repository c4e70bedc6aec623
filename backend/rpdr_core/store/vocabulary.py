"""The words of a terminology: which begin with some letters, hold them, or are nearly what was typed.

A search for the beginning of a word has to merge the terms of all words that begin so; where these are few, asking for
each of them by itself comes to the same and stops at the first hits.
"""

from __future__ import annotations

from rpdr_core.edits import edits
from rpdr_core.store import spelling
from rpdr_core.store.database import Connection

FEW = 24
_TRIGRAM = 3
_NEAREST = 12
_LAST = "\U0010ffff"


class Vocabulary:
    """Asks the tables `vocabulary`, `inside` and `thinned` of a search index."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def knows(self, word: str) -> bool:
        return self._connection.row("SELECT 1 FROM vocabulary WHERE word = ?", word) is not None

    def beginning(self, word: str) -> list[str] | None:
        """All words that begin so; None for more than a few, and for other scripts, whose words are not kept."""
        if not word.isascii():
            return None
        sql = "SELECT word FROM vocabulary WHERE word >= ? AND word < ? LIMIT ?"
        return self._few(sql, word, word + _LAST)

    def holding(self, word: str) -> list[str] | None:
        """All words that have it in them; None for more than a few."""
        if not word.isascii() or len(word) < _TRIGRAM:
            return None
        sql = "SELECT v.word FROM inside JOIN vocabulary v ON v.id = inside.rowid WHERE inside MATCH ? LIMIT ?"
        return self._few(sql, f'"{word}"')

    def nearest(self, word: str) -> list[str]:
        """The nearest words, the more frequent first; none beyond the edits that are allowed."""
        keys, most = sorted(spelling.keys_of_query(word)), spelling.allowed(word)
        marks = ", ".join("?" * len(keys))
        sql = (
            "SELECT DISTINCT v.word, v.terms FROM thinned k JOIN vocabulary v ON v.id = k.word_id"  # noqa: S608
            f" WHERE k.key IN ({marks}) AND abs(length(v.word) - ?) <= ?"
        )
        rows = self._connection.rows(sql, *keys, len(word), most)
        far = sorted((edits(word, other, most), -terms, other) for other, terms in rows if other != word)
        return [other for edits, _, other in far if edits == far[0][0] <= most][:_NEAREST]

    def _few(self, sql: str, *parameters: object) -> list[str] | None:
        found = [row[0] for row in self._connection.rows(sql, *parameters, FEW + 1)]
        return found if len(found) <= FEW else None


def any_of(words: list[str]) -> str:
    """A full-text expression for one of some words."""
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")" if len(words) > 1 else f'"{words[0]}"'
