"""Candidate lists as tensors for the encoder student, and its scores of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from rpdr_core.records import Candidate
from rpdr_worker.ranking.spelling import respelt, words_of
from rpdr_worker.ranking.student_memory import NOTHING, Remembered
from rpdr_worker.ranking.student_model import Head, ListBatch, TextEncoder, cosines_of, masked
from rpdr_worker.ranking.student_texts import GREATEST, Reading, candidate_texts, mention_text, prior_scores

LISTS_PER_BATCH = 64


@dataclass(frozen=True, slots=True)
class CandidateList:
    """A mention as the student reads it, its candidates' strings, and the prior of each candidate.

    `official`: how many of a candidate's strings are its own (they come first); the others are remembered wordings.
    """

    mention: str
    strings: tuple[tuple[str, ...], ...]
    official: tuple[int, ...]
    priors: tuple[float, ...]

    @classmethod
    def of(
        cls,
        mention: str,
        context: str,
        candidates: Sequence[Candidate],
        *,
        width: int,
        gaps: Sequence[float],
        remembered: Remembered = NOTHING,
        besides: str = "",
    ) -> CandidateList:
        """`remembered`: what people called the candidates before; the wording `besides` is not read."""
        return cls(
            mention_text(mention, context, width),
            tuple(candidate_texts(candidate, remembered, besides) for candidate in candidates),
            tuple(len(candidate_texts(candidate)) for candidate in candidates),
            tuple(prior_scores(candidates, gaps)),
        )


class StringVectors:
    """Vectors of candidates' strings, each computed once. `matrix` has one row per string met so far."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._rows: dict[str, int] = {}
        self.matrix = torch.zeros((0, 0))

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, lists: Sequence[CandidateList], check: Callable[[], None], *, besides: Sequence[str] = ()) -> None:
        """Vectors for the strings of the lists, and for those `besides`."""
        texts = {text for item in lists for strings in item.strings for text in strings} | set(besides)
        new = sorted(texts - self._rows.keys())
        if not new:
            return
        found = self._encoder.all_vectors(new, check)
        self.matrix = torch.cat([self.matrix, found]) if len(self._rows) else found
        self._rows |= {text: len(self._rows) + place for place, text in enumerate(new)}

    def refresh(self, encoder: TextEncoder, check: Callable[[], None]) -> None:
        """All vectors anew, by an encoder that has changed."""
        if self._rows:
            self.matrix = encoder.all_vectors(list(self._rows), check)

    def row(self, text: str) -> int:
        return self._rows[text]


def batch_of(lists: Sequence[CandidateList], vectors: StringVectors) -> ListBatch:
    """Lists padded to the longest one; every string must be in `vectors`."""
    device = vectors.matrix.device
    places = max(len(item.strings) for item in lists)
    depth = max((len(strings) for item in lists for strings in item.strings), default=1)
    strings = torch.zeros((len(lists), places, depth), dtype=torch.long)
    present = torch.zeros((len(lists), places, depth), dtype=torch.bool)
    official = torch.zeros((len(lists), places, depth), dtype=torch.bool)
    priors = torch.zeros((len(lists), places))
    for row, item in enumerate(lists):
        priors[row, : len(item.priors)] = torch.tensor(item.priors)
        for place, texts in enumerate(item.strings):
            strings[row, place, : len(texts)] = torch.tensor([vectors.row(text) for text in texts])
            present[row, place, : len(texts)] = True
            official[row, place, : item.official[place]] = True
    mentions = tuple(item.mention for item in lists)
    return ListBatch(mentions, strings.to(device), present.to(device), official.to(device), priors.to(device))


def logits_of(encoder: TextEncoder, head: Head, batch: ListBatch, matrix: Tensor) -> Tensor:
    """Logits, shape (lists, places); places beyond a list's end are far below all others."""
    mentions = encoder.vectors(batch.mentions)
    return masked(head(cosines_of(mentions, matrix, batch), batch.priors), batch)


class Parts(NamedTuple):
    """Cosine and prior of each candidate of one list: all that the head needs."""

    cosines: tuple[float, ...]
    priors: tuple[float, ...]


def parts_of(
    lists: Sequence[CandidateList],
    encoder: TextEncoder,
    vectors: StringVectors,
    check: Callable[[], None],
    *,
    reading: Reading = GREATEST,
    spelling: bool = False,
) -> list[Parts]:
    """Cosines and priors of non-empty lists, in the order given; batches sorted by the mention's length.

    `reading`: see `cosines_of`. With `spelling` a mention is also read with its slips mended, and a candidate's
    greater cosine counts.
    """
    found = _parts_of(lists, encoder, vectors, check, reading)
    mended = [(at, _mended(item, encoder)) for at, item in enumerate(lists)] if spelling else []
    changed = [(at, item) for at, item in mended if item.mention != lists[at].mention]
    again = _parts_of([item for _, item in changed], encoder, vectors, check, reading)
    for (at, _), other in zip(changed, again, strict=True):
        greater = tuple(map(max, found[at].cosines, other.cosines))
        found[at] = Parts(greater, found[at].priors)
    return found


def _mended(item: CandidateList, encoder: TextEncoder) -> CandidateList:
    words = words_of([text for strings in item.strings for text in strings])
    return replace(item, mention=respelt(item.mention, words, encoder.knows))


def _parts_of(
    lists: Sequence[CandidateList],
    encoder: TextEncoder,
    vectors: StringVectors,
    check: Callable[[], None],
    reading: Reading,
) -> list[Parts]:
    lengths = encoder.token_counts([item.mention for item in lists])
    order = sorted(range(len(lists)), key=lengths.__getitem__)
    found: list[Parts | None] = [None] * len(lists)
    for start in range(0, len(order), LISTS_PER_BATCH):
        check()
        places = order[start : start + LISTS_PER_BATCH]
        batch = batch_of([lists[place] for place in places], vectors)
        with torch.no_grad():
            cosines = cosines_of(encoder.vectors(batch.mentions), vectors.matrix, batch, reading).tolist()
        for row, place in enumerate(places):
            item = lists[place]
            found[place] = Parts(tuple(cosines[row][: len(item.strings)]), item.priors)
    return [parts for parts in found if parts is not None]
