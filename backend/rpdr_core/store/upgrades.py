"""A project moved to another release of its knowledge base: one step that undo takes back whole.

Decisions whose target changed are reopened, each with what the release says as its comment and, where it proposes
something, as a list in place of the retriever's, so that the proposal is what one key accepts. Lists of undecided
mentions that name a code which is no longer there are put away. All other decisions stay as they are, byte for byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from rpdr_core.errors import NotAllowedError
from rpdr_core.knowledge_base.scope import SCOPE
from rpdr_core.records import (
    Candidate,
    Changed,
    Changes,
    Decision,
    KnowledgeBaseInfo,
    NewDecision,
    Opinion,
    Provenance,
    Ranking,
)
from rpdr_core.store import audit, decisions, files, in_force, opinions, packing, rankings, reviewers, undo
from rpdr_core.store.database import Connection
from rpdr_core.store.decisions import Making
from rpdr_core.store.undo import Cells, RowChange

KNOWLEDGE_BASE = "knowledge_base"
_PIECE = 2_000
_CODES = msgspec.json.Decoder(list[tuple[str, str, str, str, float]])
_UNDECIDED = f"""SELECT r.id, r.mention_id, r.candidates FROM ranking r JOIN mention m ON m.id = r.mention_id
    WHERE r.newest = 1 AND {packing.within("status", ("unreviewed", "deferred"))} ORDER BY r.id"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Requeued:
    """A decision to be reopened. `decision_id` is the one in force. `candidates` is the list that follows from the
    release, the best first; empty: the retriever finds one. `parameters` says what it follows from.
    """

    mention_id: int
    decision_id: int
    comment: str
    candidates: tuple[Candidate, ...] = ()
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """From which knowledge base (fingerprint) to which, under which scope then. `lost`: codes that no list may offer.

    `counts` goes into the audit.
    """

    before: str
    after: KnowledgeBaseInfo
    scope: str
    requeued: Sequence[Requeued]
    lost: Collection[str]
    counts: dict[str, int]


def upgrade(connection: Connection, new: Upgrade, reviewer: str) -> Changes:
    """Move the project, as one step. Raises `NotAllowedError` where it has changed since the upgrade was planned."""
    with connection.transaction():
        old = files.setting(connection, KNOWLEDGE_BASE)
        _check(connection, new, old)
        summary = f"upgrade to {' '.join((new.after.title, new.after.version)).strip()}"
        making = Making("upgrade", reviewer, audit.now(), reviewers.roster(connection), reviewers.plan(connection))
        making.roster.refuse_inactive(reviewer)
        reopened = tuple(one.mention_id for one in new.requeued)
        terms = decisions.memory_of(connection, reopened)
        event = undo.begin(connection, summary, reviewer)
        again = frozenset(reopened)
        stale = [(id_, mention) for id_, mention in stale_lists(connection, new.lost) if mention not in again]
        ids: list[int] = []
        at = undo.add(connection, event, 0, [_settings(connection, new, old)])
        for start in range(0, len(new.requeued), _PIECE):
            changes: list[RowChange] = []
            for one in new.requeued[start : start + _PIECE]:
                decision_id, made = _reopen(connection, one, new, making)
                ids.append(decision_id)
                changes += made
            at = undo.add(connection, event, at, changes)
        away = [RowChange("ranking", id_, {"newest": 1}, {"newest": 0}) for id_, _ in stale]
        for change in away:
            undo.apply(connection, change, "after")
        undo.add(connection, event, at, away)
        touched = tuple(dict.fromkeys((*reopened, *(mention for _, mention in stale))))
        rankings.reckon(connection, touched)
        _note(connection, new, reviewer, ids)
        kinds: frozenset[Changed] = frozenset(("mentions", "decisions", "rankings", "settings"))
        return decisions.changes_since(connection, terms, touched, summary, kinds)


def stale_lists(connection: Connection, lost: Collection[str]) -> Iterator[tuple[int, int]]:
    """Newest lists of undecided mentions that name one of these codes: (ranking, mention) ids."""
    if not lost:
        return
    for id_, mention_id, candidates in connection.stream(_UNDECIDED):
        with connection.errors():
            found = any(row[0] in lost for row in _CODES.decode(candidates))
        if found:
            yield id_, mention_id


def second_answers(connection: Connection, lost: Collection[str]) -> Iterator[Opinion]:
    """Second answers about decisions in force that name one of these codes: whoever settles a dispute may take one."""
    for one in opinions.all_of(connection, "second"):
        if one.code in lost or any(further.code in lost for further in one.also):
            standing = in_force.decision(connection, one.mention_id)
            if standing is not None and standing.id == one.decision_id:
                yield one


def requeued(connection: Connection) -> list[int]:
    """Undecided mentions that upgrades in force have reopened and nobody has decided since, by frequency.

    Of all upgrades: a second one, or its undo, finishes no work that the first has left.
    """
    sql = (
        "SELECT m.id FROM (SELECT json_extract(detail, '$.decisions.first') AS first,"
        " json_extract(detail, '$.decisions.last') AS last FROM audit WHERE action = 'upgrade') step"
        " JOIN decision d ON d.id BETWEEN step.first AND step.last JOIN mention m ON m.id = d.mention_id"
        " WHERE d.undone = 0 AND d.id = (SELECT max(id) FROM decision WHERE mention_id = d.mention_id AND undone = 0)"
        " ORDER BY m.count DESC, m.id"
    )
    return [row[0] for row in connection.rows(sql)]


def _check(connection: Connection, new: Upgrade, old: str) -> None:
    hint = "look at the upgrade again"
    with connection.errors():
        info = msgspec.json.decode(old, type=KnowledgeBaseInfo)
    if info.fingerprint != new.before:
        raise NotAllowedError("the project is on another knowledge base by now", hint=hint)
    planned = {one.mention_id: one.decision_id for one in new.requeued}
    found = {one.mention_id: one.id for one in _naming(connection, new.lost)}
    found |= {one.mention_id: one.decision_id or 0 for one in second_answers(connection, new.lost)}
    if any(planned.get(mention_id) != decision_id for mention_id, decision_id in found.items()):
        raise NotAllowedError("decisions were made since the upgrade was looked at", hint=hint)
    for mention_id in planned.keys() - found.keys():
        standing = in_force.decision(connection, mention_id)
        if standing is None or standing.id != planned[mention_id]:
            raise NotAllowedError("decisions were made since the upgrade was looked at", hint=hint)


def _naming(connection: Connection, lost: Collection[str]) -> Iterator[Decision]:
    """The decisions in force that name one of these codes."""
    for row in connection.stream(f"{in_force.SQL} AND d.code <> ''"):
        decision = in_force.read(connection, row)
        if decision.code in lost or any(further.code in lost for further in decision.also):
            yield decision


def _settings(connection: Connection, new: Upgrade, old: str) -> RowChange:
    """The scope goes along even where it stays: one that is set later may name what the old release does not have."""
    before: Cells = {KNOWLEDGE_BASE: old, SCOPE: files.setting(connection, SCOPE)}
    after: Cells = {KNOWLEDGE_BASE: msgspec.json.encode(new.after).decode(), SCOPE: new.scope}
    change = RowChange("setting", 0, before, after)
    undo.apply(connection, change, "after")
    return change


def _reopen(connection: Connection, one: Requeued, new: Upgrade, making: Making) -> tuple[int, list[RowChange]]:
    fingerprint = new.after.fingerprint
    decision = NewDecision(one.mention_id, "reopen", comment=one.comment, knowledge_base=fingerprint)
    decision_id, changes = decisions.store_one(connection, decision, making)
    rows = connection.rows("SELECT id FROM ranking WHERE mention_id = ? AND newest = 1 ORDER BY id", one.mention_id)
    away = [RowChange("ranking", row[0], {"newest": 1}, {"newest": 0}) for row in rows]
    for change in away:
        undo.apply(connection, change, "after")
    return decision_id, [*changes, *away, *_listed(connection, one, new)]


def _listed(connection: Connection, one: Requeued, new: Upgrade) -> Iterable[RowChange]:
    if not one.candidates:
        return
    made_by = Provenance("retriever", rankings.RELEASE, new.after.fingerprint, one.parameters)
    ranking_id = rankings.insert(connection, Ranking(one.mention_id, "retriever", one.candidates, made_by))
    yield RowChange("ranking", ranking_id, {"newest": 0}, {"newest": 1})


def _note(connection: Connection, new: Upgrade, reviewer: str, ids: Sequence[int]) -> None:
    vouched = {"decisions": audit.stored(connection, "decision", ids[0], ids[-1])} if ids else {}
    told = {"from": new.before, "to": new.after.fingerprint, "title": new.after.title, "version": new.after.version}
    audit.append(
        connection, "upgrade", actor=reviewer, detail=vouched | told | {"scope": new.scope, "counts": new.counts}
    )
