"""A segment: one term table with its lexical index and as many vectors as there are yet.

A knowledge base has three: official terms, our lexicon, and the project's memory. They share one idf, so their
lexical scores compare.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from rpdr_core.paths import cache_dir
from rpdr_worker.retrieval.encoder import Encoder, Vectors
from rpdr_worker.retrieval.index import ExactIndex, VectorIndex, open_index
from rpdr_worker.retrieval.letters import Letters
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.terms import TermTable
from rpdr_worker.retrieval.text import has_cjk
from rpdr_worker.retrieval.vectors import Shard, read_shard, shards, write_shard


@dataclass(frozen=True, slots=True)
class DenseView:
    """A consistent snapshot: `vectors[i]` belongs to string i where `present[i]`."""

    vectors: Vectors
    present: np.ndarray[tuple[int], np.dtype[np.bool_]]
    index: VectorIndex


class Segment:
    """Thread-safe: a build publishes shards while retrieval reads."""

    def __init__(self, table: TermTable, lexical: LexicalIndex) -> None:
        self.table = table
        self.lexical = lexical
        self._lock = threading.Lock()
        self._vectors: Vectors = np.zeros((0, 0), np.float32)
        self._present = np.zeros(len(table.strings), np.bool_)
        self._published = np.zeros(len(table.strings), np.bool_)
        self._view: DenseView | None = None
        self._letters: Letters | None = None

    def __len__(self) -> int:
        return len(self.table.strings)

    def letters(self) -> Letters:
        """What searches a large table by its letters; made on first need."""
        with self._lock:
            if self._letters is None:
                self._letters = Letters(self.lexical)
            return self._letters

    def done(self) -> int:
        """How many strings have a vector."""
        with self._lock:
            return int(self._present.sum())

    def complete(self) -> bool:
        """Whether every string was offered to the encoder; one that it cannot read stays without a vector."""
        with self._lock:
            return bool(self._published.all())

    def load(self, encoder_fingerprint: str) -> list[Shard]:
        """Take up the shards that are on disk; returns those that are missing."""
        missing = []
        for shard in shards(self.table.strings, encoder_fingerprint):
            vectors = read_shard(shard)
            if vectors is None:
                missing.append(shard)
            else:
                self.publish(shard.start, vectors)
        return missing

    def make(self, shard: Shard, encoder: Encoder, check: Callable[[], None]) -> None:
        """Embed one shard, keep it on disk, publish it."""
        vectors = self._embed(self.table.strings[shard.start : shard.stop], encoder, check)
        self.publish(shard.start, write_shard(shard, vectors))

    def make_unkept(self, encoder: Encoder, known: dict[str, Vectors], check: Callable[[], None]) -> None:
        """Embed everything without keeping it on disk; `known` are vectors by string, and grows."""
        new = [text for text in self.table.strings if text not in known]
        if new:
            known.update(zip(new, self._embed(new, encoder, check), strict=True))
        self.publish(0, np.stack([known[text] for text in self.table.strings]))

    def _embed(self, texts: Sequence[str], encoder: Encoder, check: Callable[[], None]) -> Vectors:
        """A string that the encoder cannot read gets a zero vector, which counts as none."""
        readable = [at for at, text in enumerate(texts) if encoder.reads_chinese or not has_cjk(text)]
        found = encoder.encode([texts[at] for at in readable] or ["-"], check)
        vectors = np.zeros((len(texts), found.shape[1]), np.float32)
        vectors[readable] = found[: len(readable)]
        return vectors

    def publish(self, start: int, vectors: Vectors) -> None:
        """Make the vectors of the strings from `start` on visible to retrieval."""
        with self._lock:
            if not len(self._vectors):
                self._vectors = np.zeros((len(self), vectors.shape[1]), np.float32)
            stop = start + len(vectors)
            self._vectors[start:stop] = vectors
            self._present[start:stop] = np.any(vectors, axis=1)
            self._published[start:stop] = True
            self._view = None

    def known(self, keys: Collection[str], *, lower_case: bool) -> dict[str, Vectors]:
        """Vectors of the search keys that an encoder (which reads lower case, or not) cannot tell from a string."""
        found: dict[str, Vectors] = {}
        with self._lock:
            for key in keys:
                for position in self.table.exact.get(key, ()):
                    string = self.table.strings[position]
                    if self._present[position] and (string.lower() if lower_case else string) == key:
                        found[key] = self._vectors[position]
        return found

    def dense(self) -> DenseView | None:
        """The vectors that are there now; None if there are none."""
        with self._lock:
            if self._view is None and self._present.any():
                rows = np.flatnonzero(self._present)
                chosen = self._vectors if len(rows) == len(self) else self._vectors[rows]
                # A graph takes minutes to build: not for a state that the next shard replaces.
                whole = bool(self._published.all())
                folder = cache_dir() / "indexes"
                index = open_index(chosen, rows, folder, self._vectors) if whole else ExactIndex(chosen, rows)
                self._view = DenseView(self._vectors, self._present.copy(), index)
            return self._view
