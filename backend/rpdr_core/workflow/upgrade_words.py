"""What an upgrade writes beside a reopened decision, for those who read it later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rpdr_core.knowledge_base.differences import Loss
from rpdr_core.knowledge_base.replacements import Proposal, Word
from rpdr_core.records import KnowledgeBaseInfo

_NAMED = 3
_LOSSES: dict[Loss, str] = {
    "vanished": "is no longer in",
    "inactive": "was retired by",
    "not_assignable": "may no longer be assigned in",
}
_WORDS: dict[Word, str] = {
    "replaced_by": "replaced by",
    "same_as": "the same as",
    "possibly_replaced_by": "possibly replaced by",
    "moved_to": "moved to",
    "possibly_equivalent_to": "possibly equivalent to",
    "partially_equivalent_to": "partially equivalent to",
    "alternative": "alternatively",
    "was_a": "was a kind of",
    "narrower": "now divided into",
    "near": "near it are",
}


class Changed(Protocol):
    """What is told of a change; a `TargetChange` has it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def loss(self) -> Loss: ...
    @property
    def new_name(self) -> str: ...
    @property
    def proposals(self) -> tuple[Proposal, ...]: ...


def comment_of(changes: Iterable[Changed], new: KnowledgeBaseInfo, relation: str) -> str:
    """One sentence for each code, and how the mention stood to the old one where that was not "the same"."""
    sentences = [_sentence(change, f"{new.title} {new.version}".strip()) for change in changes]
    return "; ".join([*sentences, *([f"as decided before, {relation}"] if relation else [])])


def parameters_of(changes: Iterable[Changed], old: KnowledgeBaseInfo) -> str:
    """The parameters of the list that follows from the release: from where, and by which associations."""
    followed = [f"{change.code}>{one.code}:{one.word}" for change in changes for one in change.proposals[:1]]
    return " ".join([f"upgrade from={old.fingerprint[:12]}", *followed])


def _sentence(change: Changed, release: str) -> str:
    was = f"{change.code} {change.name}"
    if not change.loss:
        return f'{was} is called "{change.new_name}" in {release}'
    said = f"{was} {_LOSSES[change.loss]} {release}"
    if not change.proposals:
        return f"{said}, which names nothing in its place"
    word = change.proposals[0].word
    alike = [one for one in change.proposals if one.word == word]
    named = ", ".join(f"{one.code} {one.name}" for one in alike[:_NAMED])
    more = f" and {len(alike) - _NAMED} more" if len(alike) > _NAMED else ""
    through = f" (by way of {', '.join(alike[0].through)})" if alike[0].through else ""
    return f"{said}: {_WORDS[word]} {named}{more}{through}"
