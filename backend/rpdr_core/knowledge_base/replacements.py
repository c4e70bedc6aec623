"""What to use in place of a code that a new release has retired: the release's own word first, then what lies near."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from rpdr_core.knowledge_base.differences import Differences, Glance
from rpdr_core.knowledge_base.release import Association, AssociationKind

Word = AssociationKind | Literal["narrower", "near"]
"""How a proposal was come by: an association of the release; a child of what is no longer assignable; what is left next
to a code that vanished, most alike in name first."""

SURE: frozenset[Word] = frozenset(("replaced_by", "same_as"))
_CHOICES = 8
_ORDER: dict[Word, int] = {
    "replaced_by": 0,
    "same_as": 0,
    "possibly_replaced_by": 1,
    "possibly_equivalent_to": 2,
    "partially_equivalent_to": 3,
    "alternative": 4,
    "was_a": 5,
    "narrower": 6,
    "near": 7,
}
_NO_REPLACEMENT: frozenset[AssociationKind] = frozenset(("moved_to",))
"""SNOMED CT's MOVED TO names the namespace that an entity went to (a concept too), and not what it is there."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entity of the new release in place of a retired one. `through`: retired codes in between, in order.

    `sure`: the release names this one and no other as the replacement. Otherwise it is for a person to look at.
    """

    code: str
    name: str
    word: Word
    through: tuple[str, ...] = ()
    sure: bool = False


class Replacements:
    """Answers for one pair of releases. Associations that lead in circles, or to what is retired too, lead nowhere."""

    def __init__(self, found: Differences, associations: Iterable[Association]) -> None:
        self._found = found
        self._said: dict[str, list[Association]] = {}
        for one in associations:
            if one.kind not in _NO_REPLACEMENT:
                self._said.setdefault(one.code, []).append(one)
        self._children: dict[str, list[str]] | None = None

    def of(self, code: str) -> tuple[Proposal, ...]:
        """Proposals for a code, the best first; at most one is `sure`, and then it is the first."""
        said = self._followed(code)
        certain = [one for one in said if one.word in SURE]
        if len(certain) == 1:
            only = certain[0]
            sure = Proposal(only.code, only.name, only.word, only.through, sure=True)
            return (sure, *(one for one in said if one is not only))
        return tuple(said) or self._narrower(code) or self._near(code)

    def has_sure(self, code: str) -> bool:
        """Whether the release names one replacement for a code, and one only."""
        return sum(one.word in SURE for one in self._followed(code)) == 1

    def _followed(self, code: str) -> list[Proposal]:
        """What the associations lead to, each entity once, by its best word."""
        best: dict[str, Proposal] = {}
        waiting: list[tuple[str, tuple[str, ...], Word | None]] = [(code, (), None)]
        seen = {(code, True)}
        while waiting:
            at, through, word = waiting.pop(0)
            for said in self._said.get(at, ()):
                # Whatever came before a doubtful step, what follows is no surer than that.
                now: Word = said.kind if word is None or word in SURE else word
                target = self._found.after.get(said.target)
                if target is not None and target.usable and said.target != code:
                    known = best.get(target.code)
                    if known is None or _ORDER[now] < _ORDER[known.word]:
                        best[target.code] = Proposal(target.code, target.name, now, through)
                elif (said.target, now in SURE) not in seen:
                    seen.add((said.target, now in SURE))
                    waiting.append((said.target, (*through, said.target), now))
        return sorted(best.values(), key=lambda one: (_ORDER[one.word], len(one.through)))

    def _narrower(self, code: str) -> tuple[Proposal, ...]:
        """A code that has become a header (ICD-10-CM): what may be assigned below it, in the release's order."""
        return tuple(Proposal(one.code, one.name, "narrower") for one in self._below(code))

    def _near(self, code: str) -> tuple[Proposal, ...]:
        """What is left below or at the nearest ancestor that the new release still has."""
        was = self._found.before.get(code)
        if was is None:
            return ()
        line, seen = list(was.parents), {code}
        while line:
            parent = line.pop(0)
            if parent in seen:
                continue
            seen.add(parent)
            now = self._found.after.get(parent)
            if now is not None and now.active:
                left = [now] if now.assignable else self._below(parent)
                if left:
                    alike = sorted(left, key=lambda one: -_alike(was, one))[:_CHOICES]
                    return tuple(Proposal(one.code, one.name, "near") for one in alike)
            before = self._found.before.get(parent)
            line += before.parents if before is not None else ()
        return ()

    def _below(self, code: str) -> list[Glance]:
        """The nearest usable descendants in the new release."""
        if self._children is None:
            self._children = {}
            for one in self._found.after.values():
                for parent in one.parents:
                    self._children.setdefault(parent, []).append(one.code)
        found, waiting, seen = list[Glance](), list(self._children.get(code, ())), {code}
        while waiting:
            at = waiting.pop(0)
            if at in seen:
                continue
            seen.add(at)
            child = self._found.after[at]
            if child.usable:
                found.append(child)
            else:
                waiting += self._children.get(at, ())
        return found


def _alike(one: Glance, other: Glance) -> float:
    return SequenceMatcher(None, one.name.casefold(), other.name.casefold(), autojunk=False).ratio()
