"""The decision in force: the newest one about a mention that is not undone. What a mention repeats of it."""

from __future__ import annotations

from rpdr_core.records import Decision, NewDecision
from rpdr_core.store import answers
from rpdr_core.store.database import Connection, Row

IN_FORCE = "d.undone = 0 AND d.id = (SELECT max(id) FROM decision WHERE mention_id = d.mention_id AND undone = 0)"
COLUMNS = (
    "d.id, d.mention_id, d.kind, d.code, d.name, d.reason, d.comment, d.reviewer, d.made_at, d.undone, d.relation,"
    " d.also, d.mode, d.origin_id, d.seconds, d.knowledge_base, d.taken_from"
)
SQL = f"SELECT {COLUMNS} FROM decision d WHERE {IN_FORCE} AND d.kind <> 'reopen'"  # noqa: S608
_NEWEST = f"SELECT {COLUMNS} FROM decision d WHERE d.mention_id = ? AND d.undone = 0 ORDER BY d.id DESC LIMIT 1"  # noqa: S608

Repeated = dict[str, str | int]
_NOTHING: Repeated = {"reviewer": "", "reason": "", "relation": "", "more": 0}


def decision(connection: Connection, mention_id: int) -> Decision | None:
    """The decision in force; None where there is none, or it reopened the mention."""
    row = connection.row(_NEWEST, mention_id)
    return None if row is None or row[2] == "reopen" else read(connection, row)


def read(connection: Connection, row: Row) -> Decision:
    """A decision from `COLUMNS`."""
    undone, relation, also, *rest = row[9:]
    answer = (answers.relation_of(connection, relation) or "equivalent", answers.decode_also(connection, also))
    return Decision(*(*row[:9], bool(undone), *answer, *rest))


def cells(connection: Connection, mention_id: int) -> Repeated:
    """What a mention repeats of its decision in force, by column."""
    found = decision(connection, mention_id)
    return _NOTHING if found is None else repeated(found, found.reviewer)


def repeated(made: NewDecision | Decision, reviewer: str) -> Repeated:
    """The same cells, of a decision that is just being made."""
    return {
        "reviewer": "" if made.kind == "reopen" else reviewer,
        "reason": made.reason,
        "relation": answers.sentence(made),
        "more": len(made.also),
    }
