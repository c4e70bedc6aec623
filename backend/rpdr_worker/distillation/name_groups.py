"""What training rows say of entities: which strings are whose, and which entities lie beside each other."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rpdr_core.folding import fold
from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.contrastive_recipe import Batches, Negatives
from rpdr_worker.retrieval.reading import ALONE, ContextReading, InContext, Readable

_TRIES = 4
# A mention must be found alone, too: half of the time its context is left out.
_IN_CONTEXT = 0.5


@dataclass(frozen=True, slots=True)
class NameGroups:
    """`strings[code]`: distinct strings of an entity, its name first. `beside[code]`: codes that share its lists.

    `contexts[code, string]`: that string as a mention within its contexts, as far as they are read.
    """

    strings: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, tuple[str, ...]]
    contexts: Mapping[tuple[str, str], tuple[InContext, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[TrainingRow], reading: ContextReading = ALONE) -> NameGroups:
        """From rows whose first is right. A row's other candidates are entities beside it, with their names."""
        strings: dict[str, dict[str, str]] = {}
        beside: dict[str, dict[str, None]] = {}
        contexts: dict[tuple[str, str], dict[InContext, None]] = {}
        for row in rows:
            for candidate in row.candidates:
                strings.setdefault(candidate.code, {}).setdefault(fold(candidate.name), candidate.name)
        for row in rows:
            if row.verdict == "none":
                continue
            code = right_code(row)
            text = strings[code].setdefault(fold(row.mention), row.mention)
            read = reading.read(row.mention, row.context)
            if isinstance(read, InContext):
                contexts.setdefault((code, text), {})[read] = None
            others = (candidate.code for candidate in row.candidates if candidate.code != code)
            beside.setdefault(code, {}).update(dict.fromkeys(others))
        return cls(
            {code: tuple(found.values()) for code, found in strings.items()},
            {code: tuple(found) for code, found in beside.items()},
            {key: tuple(found) for key, found in contexts.items()},
        )

    def paired(self) -> tuple[str, ...]:
        """Codes with two strings or more."""
        return tuple(code for code, found in self.strings.items() if len(found) > 1)

    def read(self, code: str, text: str, draw: random.Random) -> Readable:
        """A string alone, or every other time within one of its contexts. One without contexts draws nothing."""
        found = self.contexts.get((code, text), ())
        return draw.choice(found) if found and draw.random() < _IN_CONTEXT else text


@dataclass(frozen=True, slots=True)
class PairBatch:
    """`left[i]` and `right[i]` are two strings of entity `owners[i]`."""

    left: tuple[Readable, ...]
    right: tuple[Readable, ...]
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChoiceBatch:
    """`choices[i]`: positions in `names` for mention i, the right one first."""

    mentions: tuple[Readable, ...]
    names: tuple[str, ...]
    choices: tuple[tuple[int, ...], ...]


def pair_batch(groups: NameGroups, codes: Sequence[str], size: int, batches: Batches, draw: random.Random) -> PairBatch:
    """Up to `size` entities, `codes` being those with pairs; some with entities from beside them."""
    known = {code: place for place, code in enumerate(codes)}
    chosen: dict[str, None] = {}
    for _ in range(size * _TRIES):
        if len(chosen) >= min(size, len(codes)):
            break
        code = draw.choice(codes)
        chosen[code] = None
        if draw.random() < batches.families:
            near = [one for one in groups.beside.get(code, ()) if one in known]
            chosen.update(dict.fromkeys(draw.sample(near, min(len(near), batches.family - 1))))
    taken = list(chosen)[:size]
    drawn = [(code, draw.sample(groups.strings[code], 2)) for code in taken]
    pairs = [[groups.read(code, text, draw) for text in pair] for code, pair in drawn]
    return PairBatch(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), tuple(known[code] for code in taken))


def choice_batch(
    groups: NameGroups,
    rows: Sequence[TrainingRow],
    codes: Sequence[str],
    negatives: Negatives,
    draw: random.Random,
    reading: ContextReading = ALONE,
) -> ChoiceBatch:
    """Each row's mention, every other time within its context, against its entity's name and others, `codes` being all
    entities.
    """
    places: dict[str, int] = {}
    choices = []
    for row in rows:
        right = right_code(row)
        others = _others(row, right, codes, negatives, draw)
        choices.append(tuple(places.setdefault(code, len(places)) for code in (right, *others)))
    width = min(len(choice) for choice in choices)
    read = [reading.read(row.mention, row.context) for row in rows]
    return ChoiceBatch(
        tuple(_either(row.mention, one, draw) for row, one in zip(rows, read, strict=True)),
        tuple(groups.strings[code][0] for code in places),
        tuple(choice[:width] for choice in choices),
    )


def _either(mention: str, read: Readable, draw: random.Random) -> Readable:
    return read if isinstance(read, InContext) and draw.random() < _IN_CONTEXT else mention


def right_code(row: TrainingRow) -> str:
    return row.candidates[row.order[0]].code


def _others(row: TrainingRow, right: str, codes: Sequence[str], negatives: Negatives, draw: random.Random) -> list[str]:
    hard = [candidate.code for candidate in row.candidates if candidate.code != right]
    draw.shuffle(hard)
    found: dict[str, None] = {}
    wanted = min(negatives.count, len(codes) - 1)
    while len(found) < wanted:
        code = hard.pop() if hard and draw.random() < negatives.hard else draw.choice(codes)
        if code != right:
            found[code] = None
    return list(found)
