"""How often reviewers who had answered by themselves changed their answer to the machine's, and what became of it.

On a seeded share of mentions a reviewer answers before any ranking is there, then sees the rankings and decides. Both
answers are kept. Where the truth is known (two reviewers agreed, a dispute was settled, or the imported file gave a
code) a change is right to wrong, or wrong to right. Automation bias is the first of the two, towards the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rpdr_core.evaluation import Answer, Rate, rate
from rpdr_core.records import Decision, Mention, Opinion
from rpdr_core.store import ProjectReader
from rpdr_core.workflow.double_review import ANSWERS, answer_of
from rpdr_core.workflow.leading import leading

Outcome = Literal["kept", "machine", "other"]
"""The own answer stood, gave way to what the machine put first, or to something else."""

_PAGE = 500


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """An answer given before rankings were there, and what the same reviewer decided with them. `was_right` and
    `is_right`: of the own answer and of the decision, None where nobody knows.
    """

    mention_id: int
    reviewer: str
    outcome: Outcome
    was_right: bool | None = None
    is_right: bool | None = None


@dataclass(frozen=True, slots=True)
class Bias:
    """One reviewer's own answers, or everybody's (`reviewer` empty). `n` have a decision, `known` a truth as well.

    Of `n`: `kept`, `to_machine`, `to_other`. Of the own answers that were right: `spoilt` is wrong now, of these
    `spoilt_by_machine` is what the machine put first. Of those that were wrong: `mended`, `mended_by_machine`.
    """

    reviewer: str
    n: int
    known: int
    kept: Rate
    to_machine: Rate
    to_other: Rate
    spoilt: Rate
    spoilt_by_machine: Rate
    mended: Rate
    mended_by_machine: Rate


def own_answers(reader: ProjectReader) -> list[OwnAnswer]:
    """Every own answer that was followed by a decision of the same reviewer, in order of the answers."""
    opinions = [opinion for opinion in reader.all_opinions("independent") if opinion.kind in ANSWERS]
    found: list[OwnAnswer] = []
    for start in range(0, len(opinions), _PAGE):
        page = opinions[start : start + _PAGE]
        ids = list(dict.fromkeys(opinion.mention_id for opinion in page))
        mentions = {mention.id: mention for mention in reader.mentions(ids)}
        truths = _truths(reader, mentions, reader.given_codes(ids))
        found += filter(None, (_followed(reader, opinion, truths.get(opinion.mention_id)) for opinion in page))
    return found


def bias_of(answers: Sequence[OwnAnswer]) -> tuple[Bias, ...]:
    """Everybody's first, then each reviewer's in order of their names; empty without any answer."""
    if not answers:
        return ()
    names = sorted({one.reviewer for one in answers})
    each = (_bias(name, [one for one in answers if one.reviewer == name]) for name in names)
    return (_bias("", answers), *each)


def _bias(reviewer: str, answers: Iterable[OwnAnswer]) -> Bias:
    every = list(answers)
    right = [one for one in every if one.was_right]
    wrong = [one for one in every if one.was_right is False]
    spoilt = [one for one in right if one.is_right is False]
    mended = [one for one in wrong if one.is_right]
    n = len(every)
    return Bias(
        reviewer,
        n,
        len(right) + len(wrong),
        rate(_count(every, "kept"), n),
        rate(_count(every, "machine"), n),
        rate(_count(every, "other"), n),
        rate(len(spoilt), len(right)),
        rate(_count(spoilt, "machine"), len(right)),
        rate(len(mended), len(wrong)),
        rate(_count(mended, "machine"), len(wrong)),
    )


def _count(answers: Iterable[OwnAnswer], outcome: Outcome) -> int:
    return sum(one.outcome == outcome for one in answers)


@dataclass(frozen=True, slots=True)
class _Truth:
    """Either the codes that are right together, or codes of which any is right."""

    label: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()

    def is_met_by(self, answer: Answer) -> bool:
        return bool(self.any_of & answer.label) if self.any_of else answer.label == self.label


def _truths(
    reader: ProjectReader, mentions: Mapping[int, Mention], given: Mapping[int, frozenset[str]]
) -> dict[int, _Truth]:
    found = {id_: _Truth(any_of=codes) for id_, codes in given.items()}
    for mention in mentions.values():
        if mention.review in ("agreed", "adjudicated") and (decision := reader.decision(mention.id)) is not None:
            found[mention.id] = _Truth(answer_of(decision).label)
    return found


def _followed(reader: ProjectReader, opinion: Opinion, truth: _Truth | None) -> OwnAnswer | None:
    """None while the reviewer has not decided, or has put the mention off."""
    decision = _decided(reader, opinion)
    if decision is None:
        return None
    own, now = answer_of(opinion), answer_of(decision)
    outcome: Outcome = "kept" if own.label == now.label else "machine" if _is_first(reader, decision) else "other"
    if truth is None:
        return OwnAnswer(opinion.mention_id, opinion.reviewer, outcome)
    right = truth.is_met_by(own), truth.is_met_by(now)
    return OwnAnswer(opinion.mention_id, opinion.reviewer, outcome, *right)


def _decided(reader: ProjectReader, opinion: Opinion) -> Decision | None:
    """The last that the reviewer decided since; what was settled after others had spoken, or was carried over from
    another mention, is not asked for here.
    """
    made = [
        decision
        for decision in reader.decision_history(opinion.mention_id)
        if not decision.undone
        and decision.reviewer == opinion.reviewer
        and decision.mode not in ("adjudicated", "agreed", "propagated")
        and decision.made_at >= opinion.made_at
    ]
    return made[-1] if made and made[-1].kind in ANSWERS else None


def _is_first(reader: ProjectReader, decision: Decision) -> bool:
    """Whether the decision took what led the list on screen, or said no match as the ranker did."""
    first = leading(reader.shown(decision.id))
    if first is None or decision.kind == "no_match":
        return first is not None and first.verdict == "none"
    return bool(first.candidates) and first.candidates[0].code == decision.code
