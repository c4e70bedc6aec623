"""Candidate lists as another retriever would give them: an order, no scores.

`dense` and `lexical` are our retriever's halves alone. `strong` stands for a better retriever than ours: the dense
order shaken by chance, with the right entity put in or moved until acc@1, acc@5 and recall@10 are those that are
published for SapBERT on this corpus. It is made with the labels and says nothing about retrieval.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from rpdr_core.protocol.client import WorkerClient
from rpdr_core.records import Candidate
from rpdr_core.workflow.retrieving import retrieve

_K = 10
_DEEP = 30
# Places below which the right entity must stand, and in what share of the lists.
_STRONG = ((10, 0.903), (5, 0.875), (1, 0.698))

Lists = list[tuple[Candidate, ...]]


def foreign_lists(
    worker: WorkerClient, fingerprint: str, texts: Sequence[str], codes: Sequence[str], names: dict[str, str]
) -> dict[str, Lists]:
    """Lists of ten for each text, by the retriever's name."""
    pairs = [(text, "") for text in texts]
    dense = [bare(r.candidates) for r in retrieve(worker, fingerprint, pairs, _DEEP, "dense")]
    lexical = [bare(r.candidates) for r in retrieve(worker, fingerprint, pairs, _DEEP, "lexical")]
    return {
        "dense": [row[:_K] for row in dense],
        "lexical": [row[:_K] for row in lexical],
        "strong": strong(dense, codes, names),
    }


def bare(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Codes and names alone."""
    return tuple(Candidate(candidate.code, candidate.name) for candidate in candidates)


def strong(lists: Sequence[Sequence[Candidate]], codes: Sequence[str], names: dict[str, str], seed: int = 1) -> Lists:
    draw = random.Random(seed)
    shaken = [_shaken(row, draw)[:_K] for row in lists]
    order = list(range(len(lists)))
    for below, share in _STRONG:
        draw.shuffle(order)
        within = [_place(shaken[at], codes[at]) < below for at in range(len(lists))]
        for at in order:
            if sum(within) >= round(share * len(lists)):
                break
            # One step at a time: what stood between 5 and 9 may rise to 1-4, what was missing comes in at 1-9.
            if not within[at] and _place(shaken[at], codes[at]) < (_K if below < _K else 99):
                shaken[at] = _moved(shaken[at], codes[at], names, draw.randrange(min(1, below - 1), below))
                within[at] = True
    return [tuple(row) for row in shaken]


def _shaken(row: Sequence[Candidate], draw: random.Random) -> list[Candidate]:
    """Neighbours change places, the further down the more."""
    keys = [place + draw.gauss(0, 0.25 + 0.25 * place) for place in range(len(row))]
    return [row[place] for place in sorted(range(len(row)), key=keys.__getitem__)]


def _place(row: Sequence[Candidate], code: str) -> int:
    return next((place for place, candidate in enumerate(row) if candidate.code == code), 98)


def _moved(row: Sequence[Candidate], code: str, names: dict[str, str], place: int) -> list[Candidate]:
    others = [candidate for candidate in row if candidate.code != code][: _K - 1]
    return [*others[:place], Candidate(code, names[code]), *others[place:]]
