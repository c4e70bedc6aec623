"""What the reviewer has set for the choice to come: a relation, further codes, a comment. It dies with the mention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rpdr_core.records import Decision, DecisionKind, NoMatchReason, Opinion, Relation, Target


@dataclass(frozen=True, slots=True)
class Answer:
    """What a key says about the mention on screen."""

    kind: DecisionKind
    code: str = ""
    name: str = ""
    reason: NoMatchReason | Literal[""] = ""
    relation: Relation = "equivalent"
    also: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """`relation` is meant for the code `of`, or for whichever is chosen where that is empty. `comment` is kept here
    only where none may be stored yet, in a blind review.
    """

    relation: Relation = "equivalent"
    of: str = ""
    also: tuple[Target, ...] = ()
    comment: str = ""

    @property
    def codes(self) -> frozenset[str]:
        """The further codes that are ticked."""
        return frozenset(one.code for one in self.also)

    def relation_for(self, code: str) -> Relation:
        """The relation that a choice of `code` gets: one that was given to another code is not carried over."""
        return self.relation if self.of in ("", code) else "equivalent"

    def beside(self, code: str) -> tuple[Target, ...]:
        """The further codes beside a choice of `code`."""
        return tuple(one for one in self.also if one.code != code)

    def related(self, relation: Relation) -> Draft:
        """The same with a relation that the reviewer has just set."""
        return replace(self, relation=relation, of="")

    def toggled(self, code: str, name: str) -> Draft:
        """The same with a further code ticked, or unticked if it was."""
        kept = self.beside(code)
        return replace(self, also=kept if len(kept) < len(self.also) else (*kept, Target(code, name)))


def draft_of(said: Decision | Opinion | None) -> Draft:
    """What an earlier mapping or answer brings back to the screen; nothing else does."""
    if said is None or said.kind not in ("accept", "correct"):
        return Draft()
    return Draft(said.relation, said.code, said.also)


def same_as(draft: Draft, said: Sequence[Target]) -> bool:
    """Whether the ticks are those that were stored."""
    return draft.codes == {one.code for one in said}
