"""Decisions: append-only; the newest one that is not undone is in force, and brings a memory term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from rpdr_core.errors import NotFoundError, UserInputError
from rpdr_core.folding import fold
from rpdr_core.records import Changed, Changes, DecisionKind, MemoryTerm, NewDecision, Ranking, Status
from rpdr_core.store import audit, undo
from rpdr_core.store.database import Connection
from rpdr_core.store.undo import Cells, RowChange

STATUS_AFTER: dict[DecisionKind, Status] = {
    "accept": "accepted",
    "correct": "corrected",
    "no_match": "no_match",
    "defer": "deferred",
    "reopen": "unreviewed",
}
_MAPS: frozenset[DecisionKind] = frozenset(["accept", "correct"])
_WORDS: dict[DecisionKind, str] = {"accept": "accept", "correct": "choose", "no_match": "no match", "defer": "defer"}

_IN_FORCE = "d.undone = 0 AND d.id = (SELECT max(id) FROM decision WHERE mention_id = d.mention_id AND undone = 0)"
COLUMNS = "id, mention_id, kind, code, name, reason, comment, reviewer, made_at, undone"
IN_FORCE_SQL = f"SELECT {COLUMNS} FROM decision d WHERE {_IN_FORCE} AND d.kind <> 'reopen'"  # noqa: S608
MEMORY_SQL = f"SELECT d.term, d.code, d.id FROM decision d WHERE d.term <> '' AND {_IN_FORCE}"  # noqa: S608
_NEWEST_TERM_SQL = "SELECT term, code, id FROM decision WHERE mention_id = ? AND undone = 0 ORDER BY id DESC LIMIT 1"


def check(decision: NewDecision) -> None:
    """Raise `UserInputError` where a decision lacks what its kind needs, or has what it may not have."""
    maps = decision.kind in _MAPS
    if maps and not (decision.code and decision.name):
        raise UserInputError("a mapping needs an entity", hint="choose a candidate or search for one")
    if not maps and (decision.code or decision.name):
        raise UserInputError(f"a decision of kind {decision.kind} names no entity", hint="leave the entity out")
    if (decision.kind == "no_match") != bool(decision.reason):
        raise UserInputError("a reason belongs to no match, and no match needs one", hint="choose a reason")


def decide(connection: Connection, new: Sequence[NewDecision], reviewer: str, summary: str) -> Changes:
    """Store decisions as one step: one transaction, one audit row, one undo. An empty `summary` is worded here."""
    for decision in new:
        check(decision)
    if not new:
        return Changes(frozenset())
    mention_ids = tuple(dict.fromkeys(decision.mention_id for decision in new))
    with connection.transaction():
        terms = memory_of(connection, mention_ids)
        at = audit.now()
        stored = [_store(connection, decision, reviewer, at) for decision in new]
        ids = [decision_id for decision_id, _ in stored]
        summary = summary or _summary(connection, new)
        undo.record(connection, summary, reviewer, [change for _, changes in stored for change in changes])
        vouched = audit.stored_decisions(connection, ids[0], ids[-1])
        audit.append(connection, "decide", actor=reviewer, detail={"decisions": vouched})
        return changes_since(connection, terms, mention_ids, summary, decided=True)


def _store(connection: Connection, new: NewDecision, reviewer: str, at: str) -> tuple[int, list[RowChange]]:
    found = connection.row("SELECT text, status, code, name FROM mention WHERE id = ?", new.mention_id)
    if found is None:
        raise NotFoundError(f"mention {new.mention_id} is not in this project")
    text, *cells = found
    before: Cells = dict(zip(("status", "code", "name"), cells, strict=True))
    after: Cells = {"status": STATUS_AFTER[new.kind], "code": new.code, "name": new.name}
    with connection.errors():
        shown_then = msgspec.json.encode(new.shown).decode()
    decision_id = connection.insert(
        "INSERT INTO decision (mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        new.mention_id, new.kind, new.code, new.name, _term(new, text), new.reason, new.comment, reviewer, at,
        new.seconds, shown_then,
    )  # fmt: skip
    change = RowChange("mention", new.mention_id, before, after)
    undo.apply(connection, change, after)
    return decision_id, [RowChange("decision", decision_id, {"undone": 1}, {"undone": 0}), change]


def _term(new: NewDecision, text: str) -> str:
    """The synonym that a mapping teaches; empty where the mention is the entity's own name."""
    return text.strip() if new.kind in _MAPS and fold(text) != fold(new.name) else ""


def _summary(connection: Connection, new: Sequence[NewDecision]) -> str:
    first = new[0]
    if len(new) > 1:
        return f"{len(new):,} decisions"
    text = connection.value("SELECT text FROM mention WHERE id = ?", first.mention_id)
    if first.kind == "reopen":
        return f"reopen '{text}'"
    what = f"{_WORDS[first.kind]} {first.code}" if first.code else _WORDS[first.kind]
    return f"{what} for '{text}'"


def memory_of(connection: Connection, mention_ids: Iterable[int]) -> dict[int, MemoryTerm]:
    """The memory terms that these mentions' decisions bring, by decision id."""
    terms: dict[int, MemoryTerm] = {}
    for mention_id in mention_ids:
        found = connection.row(_NEWEST_TERM_SQL, mention_id)
        if found is not None and found[0]:
            terms[found[2]] = MemoryTerm(*found)
    return terms


def changes_since(
    connection: Connection, before: dict[int, MemoryTerm], mention_ids: tuple[int, ...], summary: str, *, decided: bool
) -> Changes:
    """What a step changed, given the memory terms from before it."""
    after = memory_of(connection, mention_ids) if decided else before
    remembered = tuple(term for id_, term in after.items() if id_ not in before)
    forgotten = tuple(term for id_, term in before.items() if id_ not in after)
    kinds: set[Changed] = {"mentions"}
    if decided:
        kinds.add("decisions")
    if remembered or forgotten:
        kinds.add("memory")
    return Changes(frozenset(kinds), mention_ids, remembered, forgotten, summary)


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
