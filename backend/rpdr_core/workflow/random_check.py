"""A random check: mentions drawn by lot among those that nobody has decided. Only their answers can promise anything
about the rest: what reviewers decide in an order of their own choice is not like what they left.

A check is judged once, when it is answered. One that does not do may be followed by a larger one, drawn anew: each is
right with the certainty that it states, so who draws many is wrong once in a while.

Once the surest were accepted on its word, what is left is less sure than what was checked: only the cases that are as
unsure as the rest go on speaking for it.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.evaluation.risk import enough
from rpdr_core.knowledge_base.scope import SCOPE
from rpdr_core.records import Changes, Mention
from rpdr_core.store import Project, ProjectReader, QueueQuery
from rpdr_core.workflow.dashboard_figures import CheckState
from rpdr_core.workflow.dashboard_past import Fact
from rpdr_core.workflow.encoders import encoder_in_use
from rpdr_core.workflow.sure_acceptance import acceptable

SETTING = "random_check"
LEAST, MOST = 30, 5_000
_ROOM = 2.5
"""A check is so many times as big as one that forgives a single error, as only the surest part will be accepted."""


@dataclass(frozen=True, slots=True)
class Search:
    """How candidates are found. `knowledge_base`: a fingerprint; `encoder`: an id, empty for the bundled one."""

    knowledge_base: str
    encoder: str
    scope: str


@dataclass(frozen=True, slots=True)
class RandomCheck:
    """Mentions drawn by lot. `after`: the newest decision when they were drawn; `mentions`: how many the project had;
    `student`: the one in use then (None: none ever was); `search`: None where an earlier version drew it.
    """

    ids: tuple[int, ...]
    seed: int
    after: int
    mentions: int
    student: str | None
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """How a check stands: (confidence, right) of what was answered with a confidence on screen."""

    state: CheckState
    answered: int = 0
    size: int = 0
    judged: tuple[tuple[float, bool], ...] = ()


def size_for(alpha: float) -> int:
    """How many mentions a check needs to have a fair chance at an error rate."""
    return int(-(-enough(alpha) * _ROOM // 10) * 10)


def draw(project: Project, size: int, *, seed: int | None = None, actor: str = "") -> Changes:
    """Draw a check among the unreviewed, unflagged mentions; it takes the place of an earlier one. Audited."""
    if not LEAST <= size <= MOST:
        raise UserInputError(f"a check of {size:,} mentions", hint=f"between {LEAST} and {MOST:,}")
    pool = project.queue(QueueQuery(frozenset(("unreviewed",)), flagged=False))
    if len(pool) < 2 * size:
        hint = "review them all: a check pays only where much more is left than it asks for"
        raise NotAllowedError(f"only {len(pool):,} mentions are unreviewed", hint=hint)
    chosen = secrets.randbits(32) if seed is None else seed
    ids = random.Random(chosen).sample(pool, size)  # noqa: S311 - a draw must be repeatable from its seed
    size_now, student = project.progress().mentions, project.promoted()
    check = RandomCheck(tuple(ids), chosen, project.last_decision(), size_now, student, _search(project))
    detail = {"size": size, "seed": chosen}
    text = msgspec.json.encode(check).decode()
    return project.set_setting(SETTING, text, actor=actor, action=SETTING, detail=detail)


def check_of(reader: ProjectReader) -> RandomCheck | None:
    """The check that was drawn last."""
    text = reader.setting(SETTING)
    return msgspec.json.decode(text, type=RandomCheck) if text else None


def answers_of(reader: ProjectReader, facts: Mapping[int, Fact], unseen: Sequence[tuple[int, float]] = ()) -> Answers:
    """How the check stands, by the facts of its mentions. One that was put off counts as wrong, to be safe.

    `unseen`: decision and confidence of what stands accepted unseen.
    """
    check = check_of(reader)
    if check is None:
        return Answers("none")
    if not _fits(reader, check):
        return Answers("stale", size=len(check.ids))
    mentions = reader.mentions(check.ids)
    found = (_judged(reader, check, mention, facts.get(mention.id)) for mention in mentions)
    since = [confidence for decision_id, confidence in unseen if decision_id > check.after]
    judged = _like_the_rest(reader, [one for one in found if one is not None], since)
    answered = sum(mention.status != "unreviewed" for mention in mentions)
    state: CheckState = "done" if answered == len(check.ids) else "open"
    return Answers(state, answered, len(check.ids), judged)


def _fits(reader: ProjectReader, check: RandomCheck) -> bool:
    """Whether what is left is ranked as what was checked: an encoder that took over since may have learned from it."""
    if check.student != reader.promoted() or check.mentions != reader.progress().mentions:
        return False
    return check.search is None or check.search == _search(reader)


def _search(reader: ProjectReader) -> Search:
    fingerprint = reader.knowledge_base().fingerprint
    return Search(fingerprint, encoder_in_use(fingerprint), reader.setting(SCOPE))


def _judged(
    reader: ProjectReader, check: RandomCheck, mention: Mention, fact: Fact | None
) -> tuple[float, bool] | None:
    """(confidence, right) of a mention of the check; None where it says nothing, which chance alone must decide."""
    if fact is not None:
        return (fact.lead or fact.drawn) if fact.id > check.after else None
    if mention.confidence is None:
        return None
    if mention.status == "deferred":
        return mention.confidence, False
    decision = reader.decision(mention.id)
    if decision is None or decision.mode != "propagated" or decision.id <= check.after or not mention.guess:
        return None
    return mention.confidence, decision.code == mention.guess


def _like_the_rest(
    reader: ProjectReader, judged: Sequence[tuple[float, bool]], accepted: Sequence[float]
) -> tuple[tuple[float, bool], ...]:
    """The cases that are less sure than all that was accepted unseen since the check.

    Where a step ended among mentions that are equally sure, those cases still stand for the others.
    """
    if not accepted:
        return tuple(judged)
    least = min(accepted)
    equal = sum(one == least for one in accepted)
    split = len(acceptable(reader, least, equal)) == equal
    return tuple(one for one in judged if one[0] < least or (split and one[0] == least))


def unanswered(reader: ProjectReader) -> tuple[int, ...]:
    """Mentions of the check that nobody has answered yet, in the order they were drawn."""
    check = check_of(reader)
    if check is None:
        return ()
    return tuple(mention.id for mention in reader.mentions(check.ids) if mention.status == "unreviewed")
