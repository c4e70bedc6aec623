"""Decisions: append-only; the newest one that is not undone is in force, and brings a memory term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from rpdr_core.errors import NotAllowedError, NotFoundError, UserInputError
from rpdr_core.folding import fold
from rpdr_core.records import (
    Changed,
    Changes,
    Decision,
    DecisionKind,
    MemoryTerm,
    NewDecision,
    Ranking,
    ReviewPlan,
    ReviewState,
    Status,
)
from rpdr_core.store import answers, audit, in_force, reviewers, times, undo
from rpdr_core.store.answers import MAPS
from rpdr_core.store.database import Connection
from rpdr_core.store.reviewers import Place, Roster
from rpdr_core.store.undo import Cells, RowChange

STATUS_AFTER: dict[DecisionKind, Status] = {
    "accept": "accepted",
    "correct": "corrected",
    "no_match": "no_match",
    "defer": "deferred",
    "reopen": "unreviewed",
}
_WORDS: dict[DecisionKind, str] = {"accept": "accept", "correct": "choose", "no_match": "no match", "defer": "defer"}

MEMORY_SQL = f"SELECT d.term, d.code, d.id FROM decision d WHERE d.term <> '' AND {in_force.IN_FORCE}"  # noqa: S608
_NEWEST_TERM_SQL = "SELECT term, code, id FROM decision WHERE mention_id = ? AND undone = 0 ORDER BY id DESC LIMIT 1"

Course = Literal["decide", "adjudicate", "revoke", "accept_unseen", "take", "upgrade"]
"""What a step of decisions is: its word in the audit. All but the first may do what callers of `decide` may not."""


@dataclass(frozen=True, slots=True)
class Making:
    """What all decisions of one step share. `stored_at`: when they came into the file, where that is not `at`."""

    course: Course
    reviewer: str
    at: str
    roster: Roster
    plan: ReviewPlan
    stored_at: str = ""


def decide(
    connection: Connection, new: Sequence[NewDecision], reviewer: str, summary: str, course: Course = "decide"
) -> Changes:
    """Store decisions as one step: one transaction, one audit row, one undo. An empty `summary` is worded here.

    Raises `NotAllowedError` where double review or the roster forbids one of them; then none is stored.
    """
    for decision in new:
        answers.check(decision)
    if not new:
        return Changes(frozenset())
    mention_ids = tuple(dict.fromkeys(decision.mention_id for decision in new))
    with connection.transaction():
        making = Making(course, reviewer, audit.now(), reviewers.roster(connection), reviewers.plan(connection))
        making.roster.refuse_inactive(reviewer)
        terms = memory_of(connection, mention_ids)
        _check_modes(connection, new, making)
        stored = [store_one(connection, decision, making) for decision in new]
        ids = [decision_id for decision_id, _ in stored]
        summary = summary or _summary(connection, new)
        undo.record(connection, summary, reviewer, [change for _, changes in stored for change in changes])
        vouched = audit.stored(connection, "decision", ids[0], ids[-1])
        audit.append(connection, course, actor=reviewer, detail={"decisions": vouched})
        return changes_since(connection, terms, mention_ids, summary, frozenset(["mentions", "decisions"]))


def _check_modes(connection: Connection, new: Sequence[NewDecision], making: Making) -> None:
    """Raise unless each decision came about as it says."""
    origins: dict[int, Decision] = {}
    for decision in new:
        if making.course != "decide":
            continue
        if (decision.mode == "propagated") != (decision.origin_id is not None):
            raise UserInputError("a propagated decision names its origin, and no other does", hint="name the origin")
        if decision.mode == "adjudicated":
            raise NotAllowedError("only a dispute is settled by adjudication", hint="decide the mention openly")
        if decision.mode == "agreed":
            raise NotAllowedError("a decision made by hand is not made unseen", hint="decide the mention openly")
        if decision.taken_from is not None:
            raise NotAllowedError("a decision made by hand is taken from no file", hint="import the file")
        if decision.mode == "independent":
            _check_independent(connection, decision.mention_id, making.reviewer)
        if decision.origin_id is not None:
            if decision.origin_id not in origins:
                origins[decision.origin_id] = _origin(connection, decision.origin_id)
            origin = origins[decision.origin_id]
            if origin.mention_id == decision.mention_id or not answers.same(origin, decision):
                raise NotAllowedError(
                    "what is propagated is the same answer about another mention", hint="decide this mention by itself"
                )


def _check_independent(connection: Connection, mention_id: int, reviewer: str) -> None:
    sql = "SELECT 1 FROM opinion WHERE mention_id = ? AND stage = 'independent' AND reviewer = ? AND undone = 0"
    if connection.row(sql, mention_id, reviewer) is None:
        raise NotAllowedError(
            "no answer from before the rankings is on record", hint="answer first, then look at the rankings"
        )


def _origin(connection: Connection, origin_id: int) -> Decision:
    row = connection.row(f"{in_force.SQL} AND d.id = ?", origin_id)
    if row is None:
        raise NotAllowedError(f"decision {origin_id} is not in force", hint="propagate one that is")
    return in_force.read(connection, row)


def store_one(connection: Connection, new: NewDecision, making: Making) -> tuple[int, list[RowChange]]:
    """Store a decision and what its mention repeats of it: its id, and what the step has changed so far."""
    found = connection.row(
        "SELECT text, key, reviewer, review, status, code, name, changed_at FROM mention WHERE id = ?", new.mention_id
    )
    if found is None:
        raise NotFoundError(f"mention {new.mention_id} is not in this project")
    text, key, first, review, status, code, name, changed_at = found
    before: Cells = {"status": status, "code": code, "name": name, "review": review, "changed_at": changed_at}
    after: Cells = {
        "status": STATUS_AFTER[new.kind],
        "code": new.code,
        "name": new.name,
        "review": _review_after(making, Place(review, first), new, key),
        "changed_at": times.millis(making.stored_at or making.at),
    }
    decision_id = _insert(connection, new, making, _term(new, text))
    change = RowChange("mention", new.mention_id, before, after)
    undo.apply(connection, change, "after", in_force.repeated(new, making.reviewer))
    return decision_id, [RowChange("decision", decision_id, {"undone": 1}, {"undone": 0}), change]


def _review_after(making: Making, place: Place, new: NewDecision, key: bytes) -> ReviewState:
    if making.course == "upgrade":
        # What was agreed upon is no longer there: whoever reviews begins anew.
        return ""
    # A dispute that was settled where the file comes from needs no second answer here, and settles none that is here.
    settled = making.course == "take" and new.mode == "adjudicated" and not place.state
    if making.course == "adjudicate" or settled:
        return "adjudicated"
    double = making.plan.double_share > 0 and reviewers.drawn(making.plan, key).double
    return reviewers.after_decision(place, new.kind, making.reviewer, making.roster, double=double)


def _insert(connection: Connection, new: NewDecision, making: Making, term: str) -> int:
    with connection.errors():
        shown_then = msgspec.json.encode(new.shown).decode()
    return connection.insert(
        "INSERT INTO decision (mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown,"
        " relation, also, mode, origin_id, knowledge_base, taken_from)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        new.mention_id, new.kind, new.code, new.name, term, new.reason, new.comment, making.reviewer, making.at,
        new.seconds, shown_then, answers.sentence(new), answers.encode_also(new.also), new.mode, new.origin_id,
        new.knowledge_base, new.taken_from,
    )  # fmt: skip


def _term(new: NewDecision, text: str) -> str:
    """The synonym that a mapping teaches; empty where it teaches none.

    Somebody must have looked at it, and the mention must mean what the entity means, and not be its own name already.
    Further codes are taught nothing: the text is a synonym of none of them alone.
    """
    seen = new.mode != "agreed"
    teaches = seen and new.kind in MAPS and new.relation == "equivalent" and fold(text) != fold(new.name)
    return text.strip() if teaches else ""


def _summary(connection: Connection, new: Sequence[NewDecision]) -> str:
    first = new[0]
    if len(new) > 1:
        return f"{len(new):,} decisions"
    text = connection.value("SELECT text FROM mention WHERE id = ?", first.mention_id)
    if first.kind == "reopen":
        return f"reopen '{text}'"
    codes = ", ".join(filter(None, (first.code, *(further.code for further in first.also))))
    what = f"{_WORDS[first.kind]} {codes}" if codes else _WORDS[first.kind]
    return f"{what} for '{text}'"


def accept_unseen(connection: Connection, new: Sequence[NewDecision], reviewer: str, summary: str) -> Changes:
    """Store acceptances that nobody made by hand. They teach the memory nothing: nobody vouches for a single one."""
    if any(decision.kind != "accept" or decision.mode != "agreed" for decision in new):
        raise NotAllowedError("only acceptances of mode agreed are made unseen", hint="decide the others one by one")
    return decide(connection, new, reviewer, summary, "accept_unseen")


def propagated_from(connection: Connection, decision_id: int) -> list[Decision]:
    """The decisions in force that were carried over from this one, by mention."""
    rows = connection.rows(f"{in_force.SQL} AND d.origin_id = ? ORDER BY d.mention_id", decision_id)
    return [in_force.read(connection, row) for row in rows]


def revoke(connection: Connection, origin_id: int, reviewer: str) -> Changes:
    """Reopen every mention whose decision in force was carried over from this one, as one step; empty if none was."""
    found = propagated_from(connection, origin_id)
    reopened = [NewDecision(one.mention_id, "reopen", origin_id=origin_id) for one in found]
    return decide(connection, reopened, reviewer, f"revoke {len(reopened):,} decisions", "revoke")


def memory_of(connection: Connection, mention_ids: Iterable[int]) -> dict[int, MemoryTerm]:
    """The memory terms that these mentions' decisions bring, by decision id."""
    terms: dict[int, MemoryTerm] = {}
    for mention_id in mention_ids:
        found = connection.row(_NEWEST_TERM_SQL, mention_id)
        if found is not None and found[0]:
            terms[found[2]] = MemoryTerm(*found)
    return terms


def changes_since(
    connection: Connection,
    before: dict[int, MemoryTerm],
    mention_ids: tuple[int, ...],
    summary: str,
    kinds: frozenset[Changed],
) -> Changes:
    """What a step changed, given the memory terms from before it."""
    after = memory_of(connection, mention_ids) if "decisions" in kinds else before
    remembered = tuple(term for id_, term in after.items() if id_ not in before)
    forgotten = tuple(term for id_, term in before.items() if id_ not in after)
    memory: frozenset[Changed] = frozenset(["memory"] if remembered or forgotten else [])
    return Changes(kinds | memory, mention_ids, remembered, forgotten, summary)


def shown(connection: Connection, decision_id: int) -> tuple[Ranking, ...]:
    """The rankings that were on screen when a decision was made."""
    found = connection.row("SELECT shown FROM decision WHERE id = ?", decision_id)
    if found is None:
        raise NotFoundError(f"decision {decision_id} is not in this project")
    return msgspec.json.decode(found[0], type=tuple[Ranking, ...])


def made_together(connection: Connection) -> frozenset[int]:
    """Ids of the decisions that were stored in one step with decisions about other mentions.

    The audit tells, which forgets nothing: a decide row names the run of ids that it vouches for.
    """
    rows = connection.stream(
        "SELECT d.id FROM (SELECT json_extract(detail, '$.decisions.first') AS first,"
        " json_extract(detail, '$.decisions.last') AS last FROM audit WHERE action = 'decide') step"
        " JOIN decision d ON d.id BETWEEN step.first AND step.last WHERE step.last > step.first"
        " AND EXISTS (SELECT 1 FROM decision o WHERE o.id BETWEEN step.first AND step.last"
        " AND o.mention_id <> d.mention_id)"
    )
    return frozenset(row[0] for row in rows)
