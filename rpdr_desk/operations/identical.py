"""Carrying a decision over to identical mentions: an offer, a preview, one step for all that were ticked, and back."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Changes, Decision, Mention
from rpdr_desk.operations.eyes import ANSWERS, Eyes
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import Project, ProjectReader
    from rpdr_core.workflow.identical import Group as Group
    from rpdr_core.workflow.identical import Preview as Preview

UNDECIDED = frozenset(("unreviewed", "deferred"))


@dataclass(frozen=True, slots=True)
class Offer:
    """A decision that could be carried over to `undecided` more mentions of the queue."""

    mention: Mention
    decision: Decision
    undecided: int


class Identical:
    """`queue` is always the snapshot on screen: what is not in it is counted, and never touched."""

    def __init__(self, store: StoreThread, reviewer: Callable[[], str]) -> None:
        self._store, self._reviewer = store, reviewer

    def offer(self, mention_id: int, queue: array[int], done: Callable[[Offer | None], None]) -> None:
        """Whether the decision in force has undecided identical mentions in the queue; None if not."""
        reviewer = self._reviewer()
        self._store.query(lambda project: _offer(project, reviewer, mention_id, queue), done)

    def preview(self, mention_id: int, queue: array[int], done: Callable[[Preview], None], failed: Failed) -> None:
        """All identical mentions of the queue in groups. `NotAllowedError` where there is nothing to carry over."""
        reviewer = self._reviewer()
        self._store.query(lambda project: _preview(project, reviewer, mention_id, queue), done, failed)

    def apply(
        self, preview: Preview, mention_ids: Collection[int], done: Callable[[Changes], None], failed: Failed
    ) -> None:
        """Carry the decision over to these members of a preview, as one step."""
        reviewer, chosen = self._reviewer(), tuple(mention_ids)
        self._store.change(lambda project: _apply(project, reviewer, preview, chosen), done, failed)

    def revoke(self, origin_id: int, done: Callable[[Changes], None], failed: Failed) -> None:
        """Reopen every mention whose decision in force was carried over from this one, as one step."""
        reviewer = self._reviewer()
        self._store.change(lambda project: project.revoke(origin_id, reviewer=reviewer), done, failed)


def _offer(project: ProjectReader, reviewer: str, mention_id: int, queue: array[int]) -> Offer | None:
    inside, _ = _split(project, mention_id, queue)
    if not inside:
        return None
    eyes = Eyes(project, reviewer)
    sight = eyes.sight(mention_id)
    if sight is None or sight.decision is None or sight.decision.kind not in ANSWERS:
        return None
    free = [one for one in project.mentions(inside) if one.status in UNDECIDED and not eyes.standing(one).owes]
    return Offer(sight.mention, sight.decision, len(free)) if free else None


def _preview(project: ProjectReader, reviewer: str, mention_id: int, queue: array[int]) -> Preview:
    from rpdr_core.workflow.identical import Preview, groups_of

    eyes = Eyes(project, reviewer)
    sight = eyes.sight(mention_id)
    if sight is None or sight.decision is None or sight.decision.kind not in ANSWERS:
        raise NotAllowedError(
            "there is no decision on this mention to carry over",
            hint="decide it first, then go back to it with the key for the previous mention",
        )
    inside, outside = _split(project, mention_id, queue)
    found = [(one, eyes.standing(one)) for one in project.mentions(inside)]
    free = [one for one, standing in found if not (standing.blind or standing.owes)]
    return Preview(sight.mention, sight.decision, groups_of(sight.mention, free), outside, len(found) - len(free))


def _apply(project: Project, reviewer: str, preview: Preview, chosen: tuple[int, ...]) -> Changes:
    from rpdr_core.workflow.identical import decisions_for

    decision = project.decision(preview.origin.id)
    if decision is None or decision.id != preview.decision.id:
        raise NotAllowedError(
            "the decision has changed since the preview was made", hint="close the preview and open it again"
        )
    members = project.mentions(chosen)
    _check_unchanged(project, reviewer, preview, members)
    what = decision.code or "no match"
    summary = f"apply {what} to {len(members):,} identical mentions of '{preview.origin.text}'"
    return project.decide_many(decisions_for(decision, members), reviewer=reviewer, summary=summary)


def _check_unchanged(project: Project, reviewer: str, preview: Preview, members: list[Mention]) -> None:
    """What was decided since the preview was read is not overwritten by somebody who has not seen it."""
    eyes = Eyes(project, reviewer)
    seen = {one.id: _answer_on(one) for group in preview.groups for one in group.members}
    for one in members:
        standing = eyes.standing(one)
        if standing.blind or standing.owes or seen.get(one.id) != _answer_on(one):
            raise NotAllowedError(
                f"'{one.text}' was decided on since the preview was made", hint="close the preview and open it again"
            )


def _answer_on(mention: Mention) -> tuple[object, ...]:
    return mention.status, mention.code, mention.relation, mention.reason, mention.more, mention.reviewer


def _split(project: ProjectReader, mention_id: int, queue: array[int]) -> tuple[list[int], int]:
    """The identical mentions in the queue, in its order, and how many more there are."""
    same = frozenset(project.same_text(mention_id))
    inside = [one for one in queue if one in same] if same else []
    return inside, len(same) - len(inside)
