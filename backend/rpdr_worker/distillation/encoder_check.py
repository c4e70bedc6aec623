"""How an encoder does on texts that it was not trained on: each is looked up among the strings that stay known.

An entity's place is that of its best string. One look before training and one after, of the same texts, make a paired
comparison; what counts as better must be so beyond its bootstrap interval. A text is looked up as it will be in use:
with its context, if the encoder reads contexts and it has one; and then once more alone, for mentions that have none.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rpdr_core.encoder_manifest import EncoderCheck
from rpdr_core.evaluation import difference
from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.contrastive_recipe import Check
from rpdr_worker.distillation.name_groups import NameGroups, right_code
from rpdr_worker.retrieval.reading import ALONE, ContextReading, InContext, Readable

if TYPE_CHECKING:
    from torch import Tensor

K = 10
_ROWS = 256
# More strings than K from the top, as several of them may be one entity's.
_DEEP = 100


@dataclass(frozen=True, slots=True)
class Look:
    """For each text: whether its entity came first, and among the first ten.

    `alone`: whether it came first with the text looked up alone; `contexts`: how many were looked up in a context.
    """

    first: tuple[bool, ...]
    ten: tuple[bool, ...]
    alone: tuple[bool, ...] = ()
    contexts: int = 0

    @property
    def score(self) -> tuple[float, float]:
        """Shares of texts: first place, first ten."""
        n = max(1, len(self.first))
        return sum(self.first) / n, sum(self.ten) / n


class HeldOutTexts:
    """Texts to look up and strings to find, both cut to what the recipe allows; the same for the same seed."""

    def __init__(self, groups: NameGroups, held: Sequence[TrainingRow], check: Check, seed: int) -> None:
        draw = random.Random(f"check {seed}")  # noqa: S311 - a sample, guards nothing
        known = [row for row in held if row.verdict != "none" and groups.strings.get(right_code(row))]
        self._rows = draw.sample(known, min(check.texts, len(known)))
        right = {right_code(row) for row in self._rows}
        pairs = [(text, code) for code, strings in groups.strings.items() for text in strings]
        wanted = [pair for pair in pairs if pair[1] in right]
        others = [pair for pair in pairs if pair[1] not in right]
        room = max(0, check.strings - len(wanted))
        self._pairs = wanted + draw.sample(others, min(room, len(others)))

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def strings(self) -> int:
        """Strings that the texts are looked up among."""
        return len(self._pairs)

    def look(self, encode: Callable[[Sequence[Readable]], Tensor], reading: ContextReading = ALONE) -> Look:
        """`encode` gives unit vectors. Ties go to the string that comes first."""
        if not self._rows:
            return Look((), ())
        strings = encode([text for text, _ in self._pairs])
        texts = [reading.read(row.mention, row.context) for row in self._rows]
        contexts = sum(isinstance(text, InContext) for text in texts)
        first, ten = self._found(encode(texts), strings)
        alone = self._found(encode([row.mention for row in self._rows]), strings)[0] if contexts else first
        return Look(first, ten, alone, contexts)

    def _found(self, queries: Tensor, strings: Tensor) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
        first, ten = [], []
        for start in range(0, len(queries), _ROWS):
            near = (queries[start : start + _ROWS] @ strings.T).topk(min(_DEEP, len(self._pairs))).indices.tolist()
            for row, places in zip(self._rows[start : start + _ROWS], near, strict=True):
                codes = list(dict.fromkeys(self._pairs[place][1] for place in places))[:K]
                first.append(codes[0] == right_code(row))
                ten.append(right_code(row) in codes)
        return tuple(first), tuple(ten)


def compared(before: Look, after: Look, strings: int) -> EncoderCheck:
    """The paired comparison. It wins if first places are more beyond chance and the first ten are not fewer so; nor
    first places of texts alone, where contexts are read.
    """
    one = difference(before.first, after.first)
    ten = difference(before.ten, after.ten)
    alone = difference(before.alone, after.alone)
    wins = one.low > 0 and ten.high >= 0 and alone.high >= 0
    (one_before, ten_before), (one_after, ten_after) = before.score, after.score
    return EncoderCheck(
        texts=len(before.first),
        strings=strings,
        at_1_before=round(one_before, 4),
        at_1=round(one_after, 4),
        at_1_gain=(one.low, one.high),
        at_10_before=round(ten_before, 4),
        at_10=round(ten_after, 4),
        at_10_gain=(ten.low, ten.high),
        wins=wins,
        contexts=after.contexts,
        alone_at_1_before=_share(before.alone) if after.contexts else 0.0,
        alone_at_1=_share(after.alone) if after.contexts else 0.0,
        alone_at_1_gain=(alone.low, alone.high) if after.contexts else (0.0, 0.0),
    )


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / max(1, len(flags)), 4)
