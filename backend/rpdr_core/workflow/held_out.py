"""Mention texts that no student of a project is ever trained on, so that decisions about them can judge every student.

Which texts these are follows from the text alone (`fold`: case, width and white space aside), the project's seed and
its share. A greater share holds out the same texts and more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.folding import fold
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Changes
from rpdr_core.store import Project, ProjectReader

SETTING = "held_out"
SHARE = 0.1
GREATEST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The rule by which texts are held out. `text in rule` asks it."""

    seed: int = 0
    share: float = SHARE

    def __contains__(self, text: str) -> bool:
        return place("held out", self.seed, fold(text)) < self.share


def place(purpose: str, seed: int, folded: str) -> float:
    """A text's place in 0..1: the same on every machine, and another for another purpose or seed."""
    digest = hashlib.sha256(f"{purpose}:{seed}:{folded}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def held_out_of(reader: ProjectReader) -> HeldOut:
    """The project's rule; one text in ten where none was set."""
    text = reader.setting(SETTING)
    return msgspec.json.decode(text, type=HeldOut) if text else HeldOut()


def hold_out(project: Project, share: float) -> Changes:
    """Hold out a greater share. Refuses a smaller one: texts that judged a student may not train the next."""
    rule = held_out_of(project)
    if not 0 < share <= GREATEST_SHARE:
        raise UserInputError(f"a share of {share:g} cannot be held out", hint=f"above 0, at most {GREATEST_SHARE:g}")
    if share < rule.share:
        hint = f"keep {rule.share:.0%}, or hold out more"
        raise NotAllowedError("what is held out stays held out", hint=hint)
    return project.set_setting(SETTING, msgspec.json.encode(HeldOut(rule.seed, share)).decode())


def refuse_leaks(rule: HeldOut, rows: Iterable[TrainingRow]) -> None:
    """Raise `NotAllowedError` if a held-out text is among training or validation rows, wherever they come from."""
    found = {fold(row.mention): row.mention for row in rows if row.mention in rule}
    if found:
        example = min(found.values())
        raise NotAllowedError(
            f"{len(found):,} held-out mention texts are among the training rows, e.g. {example!r}",
            hint="select the rows anew, which leaves them out; a student that has seen them cannot be compared",
        )
