"""What training rows say of entities: which strings are whose, and which entities lie beside each other."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rpdr_core.folding import fold
from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.contrastive_recipe import Batches, Negatives

_TRIES = 4


@dataclass(frozen=True, slots=True)
class NameGroups:
    """`strings[code]`: distinct strings of an entity, its name first. `beside[code]`: codes that share its lists."""

    strings: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rows: Sequence[TrainingRow]) -> NameGroups:
        """From rows whose first is right. A row's other candidates are entities beside it, with their names."""
        strings: dict[str, dict[str, str]] = {}
        beside: dict[str, dict[str, None]] = {}
        for row in rows:
            for candidate in row.candidates:
                strings.setdefault(candidate.code, {}).setdefault(fold(candidate.name), candidate.name)
        for row in rows:
            if row.verdict == "none":
                continue
            code = right_code(row)
            strings[code].setdefault(fold(row.mention), row.mention)
            others = (candidate.code for candidate in row.candidates if candidate.code != code)
            beside.setdefault(code, {}).update(dict.fromkeys(others))
        return cls(
            {code: tuple(found.values()) for code, found in strings.items()},
            {code: tuple(found) for code, found in beside.items()},
        )

    def paired(self) -> tuple[str, ...]:
        """Codes with two strings or more."""
        return tuple(code for code, found in self.strings.items() if len(found) > 1)


@dataclass(frozen=True, slots=True)
class PairBatch:
    """`left[i]` and `right[i]` are two strings of entity `owners[i]`."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChoiceBatch:
    """`choices[i]`: positions in `names` for mention i, the right one first."""

    mentions: tuple[str, ...]
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
    pairs = [draw.sample(groups.strings[code], 2) for code in taken]
    return PairBatch(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), tuple(known[code] for code in taken))


def choice_batch(
    groups: NameGroups, rows: Sequence[TrainingRow], codes: Sequence[str], negatives: Negatives, draw: random.Random
) -> ChoiceBatch:
    """Each row's mention against its entity's name and others, `codes` being all entities."""
    places: dict[str, int] = {}
    choices = []
    for row in rows:
        right = right_code(row)
        others = _others(row, right, codes, negatives, draw)
        choices.append(tuple(places.setdefault(code, len(places)) for code in (right, *others)))
    width = min(len(choice) for choice in choices)
    return ChoiceBatch(
        tuple(row.mention for row in rows),
        tuple(groups.strings[code][0] for code in places),
        tuple(choice[:width] for choice in choices),
    )


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
