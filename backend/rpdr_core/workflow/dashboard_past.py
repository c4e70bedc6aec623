"""One pass over all decisions: what each says of the rankers, who finished what when, what keeps being reversed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

import msgspec

from rpdr_core.records import FlagReason, Opinion
from rpdr_core.store.history import NOTHING, NOTHING_SHOWN, PastDecision, Said, further, said
from rpdr_core.workflow.dashboard_figures import ROLES, Role
from rpdr_core.workflow.dashboard_reversals import BY_HAND, DECIDED, Reversal, reversal_of

GUIDELINE: FlagReason = "guideline"
"""The reason of a flag that puts a mention aside for a guideline discussion."""

_CHECK_EVERY = 512
# What a ranker can be right about: an unreadable mention, or none at all, judges nobody.
_JUDGING_REASONS = frozenset(("not_in_terminology", "not_retrieved"))
_STUDENT = "student:"
UNSEEN = "agreed"
_BIT = {"retriever": 1 << 2 * ROLES.index("retriever"), "teacher": 1 << 2 * ROLES.index("teacher")}
_STUDENT_BIT = 1 << 2 * ROLES.index("student")


Answers = int
"""Which rankers were right: for each role of `ROLES` two bits, whether it answered and whether it was right."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A decision in force that was made by hand with rankings frozen, as it judges them.

    `answers`: whether each role's first was right. `sure`: role, confidence and rightness of the ranking that the
    confidence on screen came from. `lead`: confidence on screen, and whether the answer that counted is the chosen
    code; None where no answer or no confidence was there. `blind`: as `answers`, against what the reviewer had answered
    before any ranking was there. `drawn`: as `lead`, also where the ranker in use said nothing and the confidence came
    from another one, as the mention's own does then.
    """

    id: int
    mention_id: int
    day: str
    answers: Answers
    sure: tuple[Role, float, bool] | None = None
    lead: tuple[float, bool] | None = None
    blind: Answers = 0
    drawn: tuple[float, bool] | None = None


@dataclass(slots=True)
class Past:
    """What the pass gathers. `worked`: (mentions, occurrences) by (day, reviewer); `seconds` by kind; `unseen`: of what
    stands accepted unseen, the decision's id and the confidence that it was accepted with.
    """

    facts: list[Fact] = field(default_factory=list)
    decisions: int = 0
    left_out: int = 0
    worked: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    reversals: list[Reversal] = field(default_factory=list)
    put_aside: list[Reversal] = field(default_factory=list)
    unseen: list[tuple[int, float]] = field(default_factory=list)


def gather(
    histories: Iterable[Sequence[PastDecision]],
    opinions: Iterable[Opinion],
    in_use: str | None,
    zone: tzinfo | None = None,
    check: Callable[[], None] = lambda: None,
) -> Past:
    """Fold the histories. `in_use`: as `ProjectReader.promoted`; `zone`: of the days, the system's where None."""
    past, days = Past(), _Days(zone)
    said_by = _by_mention(opinions)
    for number, made in enumerate(histories):
        if number % _CHECK_EVERY == 0:
            check()
        _add(past, made, said_by.get(made[0].mention_id, ()), in_use, days)
    past.facts.sort(key=lambda fact: fact.id)
    return past


def _add(
    past: Past, made: Sequence[PastDecision], opinions: Sequence[Opinion], in_use: str | None, days: _Days
) -> None:
    standing = [one for one in made if not one.undone]
    for one in standing:
        if one.seconds is not None:
            past.seconds[one.kind].append(one.seconds)
    if len(made) > 1 or opinions:
        _note_reversal(past, made, standing, opinions)
    if not standing or standing[-1].kind not in DECIDED:
        return
    past.decisions += 1
    last = standing[-1]
    day = days.of(last.made_at)
    # Nobody works at what is accepted unseen: thousands in a minute would be taken for the pace of a day.
    first = next((one for one in standing if one.kind in DECIDED and one.mode != UNSEEN), None)
    if first is not None:
        tally = past.worked[day if first is last else days.of(first.made_at), first.reviewer]
        tally[0] += 1
        tally[1] += first.count
    if last.mode == UNSEEN:
        past.unseen.append((last.id, _confidence(last, in_use)))
    fact = fact_of(last, opinions, in_use, day)
    if fact is None:
        past.left_out += 1
    else:
        past.facts.append(fact)


def _confidence(decision: PastDecision, in_use: str | None) -> float:
    """What was on record when a mention was accepted unseen."""
    counts = _standing(said(decision.shown), in_use)
    return next((one.confidence for one in counts if one.confidence is not None), 1.0)


def fact_of(decision: PastDecision, opinions: Sequence[Opinion], in_use: str | None, day: str) -> Fact | None:
    """What a decision says of the rankers; None where it judges nobody."""
    if decision.mode not in BY_HAND or decision.shown == NOTHING_SHOWN:
        return None
    shown = said(decision.shown)
    codes = _codes(decision.kind, decision.code, decision.also, decision.reason)
    answers = _judged(shown, codes)
    by_confidence = lead = drawn = None
    counts = _standing(shown, in_use)
    for one in counts:
        if one.confidence is None:
            continue
        if counts[0].code:
            # A mention that is none at all would have been given a code: that is an error, too.
            drawn = (one.confidence, decision.kind != "no_match" and counts[0].code == decision.code)
        # The confidence of another ranker than the student in use says nothing about that one.
        if not in_use or one.ranker == _STUDENT + in_use:
            lead = drawn
            if codes is not None:
                by_confidence = (role_of(one.ranker), one.confidence, one.code in codes)
        break
    first = next((one for one in opinions if one.stage == "independent"), None) if opinions else None
    blind = _judged(shown, _codes_of(first)) if first is not None else 0
    if not answers and drawn is None:
        return None
    return Fact(decision.id, decision.mention_id, day, answers, by_confidence, lead, blind, drawn)


def _judged(shown: Sequence[Said], codes: tuple[str, ...] | None) -> Answers:
    """Of several students the last one counts."""
    answers = 0
    if codes is not None:
        for one in shown:
            bit = _BIT.get(one.ranker, _STUDENT_BIT)
            answers = answers & ~(3 * bit) | (3 * bit if one.code in codes else bit)
    return answers


def told(answers: Answers) -> list[tuple[Role, bool]]:
    """The roles that answered, and whether they were right."""
    return [(role, bool(answers & 2 << 2 * at)) for at, role in enumerate(ROLES) if answers & 1 << 2 * at]


def _codes(kind: str, code: str, also: str, reason: str) -> tuple[str, ...] | None:
    """The answers that are right; None where none can be."""
    if kind == "no_match":
        return ("",) if reason in _JUDGING_REASONS else None
    return (code, *further(also)) if kind in DECIDED else None


def _codes_of(opinion: Opinion) -> tuple[str, ...] | None:
    found = _codes(opinion.kind, opinion.code, NOTHING, opinion.reason)
    return found and (*found, *(one.code for one in opinion.also))


def _standing(shown: Sequence[Said], in_use: str | None) -> list[Said]:
    """The rankings that count: the student in use (any where none was ever promoted), the teacher, the retriever."""
    student = teacher = retriever = None
    for one in shown:
        if one.ranker == "retriever":
            retriever = one
        elif one.ranker == "teacher":
            teacher = one
        elif in_use is None or one.ranker == _STUDENT + in_use:
            student = one
    return [one for one in (student, teacher, retriever) if one is not None]


def role_of(ranker: str) -> Role:
    return "retriever" if ranker == "retriever" else "teacher" if ranker == "teacher" else "student"


def _note_reversal(
    past: Past, made: Sequence[PastDecision], standing: Sequence[PastDecision], opinions: Sequence[Opinion]
) -> None:
    found = reversal_of(made, standing, opinions)
    if found is not None and made[0].flag_reason == GUIDELINE:
        past.put_aside.append(found)
    elif found is not None:
        past.reversals.append(found)


def _by_mention(opinions: Iterable[Opinion]) -> Mapping[int, list[Opinion]]:
    found: dict[int, list[Opinion]] = defaultdict(list)
    for one in opinions:
        found[one.mention_id].append(one)
    return found


class _Days:
    """Local dates of UTC times. Within a minute the date is the same in every zone."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._known: dict[str, str] = {}

    def of(self, made_at: str) -> str:
        minute = made_at[:16]
        day = self._known.get(minute)
        if day is None:
            at = datetime.fromisoformat(minute + ":00+00:00").astimezone(self._zone)
            day = self._known[minute] = at.date().isoformat()
        return day
