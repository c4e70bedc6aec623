"""What people called an entity before: further strings of a candidate, beside its name. No torch.

A remembered wording speaks for its entity as a synonym does, also for mentions that are merely like it. A mention's
own wording is left out wherever a student learns from that mention, or it would learn to look the answer up.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from rpdr_core.folding import fold
from rpdr_core.records import Candidate, MemoryTerm


@dataclass(frozen=True, slots=True)
class Remembered:
    """Wordings by code, each once, most often given first. Where one wording was given to several entities, only the
    entity with most votes keeps it, equal ones together. `own` False: a list is read without its own mention's."""

    by_code: dict[str, tuple[str, ...]] = field(default_factory=dict)
    own: bool = True

    @classmethod
    def of(cls, terms: Iterable[MemoryTerm]) -> Remembered:
        votes: dict[str, Counter[str]] = {}
        wordings: dict[str, str] = {}
        for term in terms:
            text = " ".join(term.term.split())
            key = fold(text)
            if key:
                wordings.setdefault(key, text)
                votes.setdefault(key, Counter())[term.code] += 1
        found: dict[str, list[tuple[int, str]]] = {}
        for key, counted in votes.items():
            most = max(counted.values())
            for code, count in counted.items():
                if count == most:
                    found.setdefault(code, []).append((-count, key))
        return cls({code: tuple(wordings[key] for _, key in sorted(keys)) for code, keys in found.items()})

    def __len__(self) -> int:
        return sum(map(len, self.by_code.values()))

    def strings(self, code: str, besides: str = "") -> tuple[str, ...]:
        """Wordings of an entity, but for the one that equals `besides` (case and white space folded)."""
        own = fold(besides)
        return tuple(text for text in self.by_code.get(code, ()) if fold(text) != own)

    def digest(self) -> str:
        """Identifies the wordings: 12 hex digits; empty where there is none."""
        if not self.by_code:
            return ""
        rows = "\n".join(f"{code}\0{text}" for code in sorted(self.by_code) for text in self.by_code[code])
        return hashlib.sha256(rows.encode()).hexdigest()[:12]


NOTHING = Remembered()


def without_own_wording(mention: str, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates as if the memory had not known this very mention.

    A list made after its own decision has the answer first, by the retriever's bonus for an exact wording. Such a
    candidate gets the mean score of the others, and no string that brought it.
    """
    own = fold(mention)
    told = [item.source == "memory" and fold(item.matched) == own for item in candidates]
    if not any(told):
        return tuple(candidates)
    others = [item.score for item, flag in zip(candidates, told, strict=True) if not flag]
    mean = sum(others) / len(others) if others else 0.0
    return tuple(
        replace(item, matched="", source="name", score=mean) if flag else item
        for item, flag in zip(candidates, told, strict=True)
    )
