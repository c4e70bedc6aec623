"""Every string that speaks for an entity in a training: names, what brought a candidate, what people called it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rpdr_core.folding import fold
from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.ranking.student_memory import Remembered
from rpdr_worker.ranking.student_texts import candidate_texts


@dataclass(frozen=True, slots=True)
class Universe:
    """Pairs of a string and an entity, equal strings side by side. `codes`: the entities by number.

    `own`: numbers of the pairs whose string reads like a given text (see `fold`).
    """

    strings: tuple[str, ...]
    owners: tuple[int, ...]
    codes: dict[str, int]
    own: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, rows: Iterable[TrainingRow], remembered: Remembered) -> Universe:
        """The entities are those that are a candidate of some row."""
        codes: dict[str, int] = {}
        pairs: set[tuple[str, int]] = set()
        for row in rows:
            for candidate in row.candidates:
                entity = codes.setdefault(candidate.code, len(codes))
                pairs |= {(text, entity) for text in candidate_texts(candidate, remembered)}
        ordered = sorted(pairs)
        own: dict[str, tuple[int, ...]] = {}
        for number, (text, _) in enumerate(ordered):
            own[fold(text)] = (*own.get(fold(text), ()), number)
        return cls(tuple(text for text, _ in ordered), tuple(entity for _, entity in ordered), codes, own)

    def own_pairs(self, mentions: Sequence[str]) -> list[tuple[int, ...]]:
        """For each mention the pairs that it must not be compared with while it is learned: its very own wording."""
        return [self.own.get(fold(mention), ()) for mention in mentions]
