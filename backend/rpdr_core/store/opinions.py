"""Opinions: answers beside the decisions. Append-only; one before any ranking was there, one as second reviewer.

An opinion changes no mapping and teaches no memory. A second one says whether the two agree, and so where the mention
stands; a dispute is settled by a decision that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from rpdr_core.errors import NotAllowedError, NotFoundError, UserInputError
from rpdr_core.records import Changed, Changes, NewDecision, NewOpinion, Opinion, OpinionStage, Ranking, ReviewState
from rpdr_core.store import answers, audit, decisions, in_force, reviewers, times, undo
from rpdr_core.store.database import Connection, Row
from rpdr_core.store.reviewers import Place
from rpdr_core.store.undo import Cells, RowChange

_COLUMNS = (
    "id, mention_id, stage, kind, code, name, relation, also, reason, comment, reviewer, made_at, undone, seconds,"
    " knowledge_base, decision_id"
)
_KINDS: frozenset[Changed] = frozenset(["mentions", "opinions"])


def give(connection: Connection, new: NewOpinion, reviewer: str) -> Changes:
    """Store an opinion as one undoable step; a second one leaves the mention agreed or disputed.

    Raises `NotAllowedError` where it comes too late, too early, or from the wrong person.
    """
    answers.check(new)
    if new.kind not in answers.ANSWERS:
        raise UserInputError(f"an opinion of kind {new.kind} says nothing", hint="answer, or leave the mention alone")
    with connection.transaction():
        found = connection.row("SELECT text, reviewer, review, changed_at FROM mention WHERE id = ?", new.mention_id)
        if found is None:
            raise NotFoundError(f"mention {new.mention_id} is not in this project")
        text, first, review, changed_at = found
        reviewers.roster(connection).refuse_inactive(reviewer)
        at = audit.now()
        before: Cells = {"review": review, "changed_at": changed_at}
        after, about = dict(before), None
        if new.stage == "second":
            reviewers.check_second(Place(review, first), reviewer)
            about, state = _compared(connection, new)
            after = {"review": state, "changed_at": times.millis(at)}
        else:
            _check_first(connection, new.mention_id, reviewer)
        opinion_id = _insert(connection, new, reviewer, at, about)
        change = RowChange("mention", new.mention_id, before, after)
        undo.apply(connection, change, "after")
        summary = f"{'second answer' if new.stage == 'second' else 'own answer'} about '{text}'"
        undo.record(
            connection, summary, reviewer, [RowChange("opinion", opinion_id, {"undone": 1}, {"undone": 0}), change]
        )
        vouched = audit.stored(connection, "opinion", opinion_id, opinion_id)
        audit.append(connection, "opinion", actor=reviewer, detail={"opinions": vouched})
    return Changes(_KINDS, (new.mention_id,), summary=summary)


def _compared(connection: Connection, new: NewOpinion) -> tuple[int, ReviewState]:
    decision = in_force.decision(connection, new.mention_id)
    if decision is None:
        raise NotAllowedError("there is no decision to compare with", hint="decide the mention instead")
    return decision.id, "agreed" if answers.same(decision, new) else "disputed"


def _check_first(connection: Connection, mention_id: int, reviewer: str) -> None:
    """Raise if this reviewer has answered already; putting a mention off is no answer."""
    answered = "kind IN ('accept', 'correct', 'no_match')"
    for table, condition in (("decision", answered), ("opinion", "stage = 'independent'")):
        sql = f"SELECT 1 FROM {table} WHERE mention_id = ? AND reviewer = ? AND undone = 0 AND {condition}"  # noqa: S608
        if connection.row(sql, mention_id, reviewer) is not None:
            raise NotAllowedError(
                "an answer of your own comes before everything else, and you have answered", hint="decide the mention"
            )


def _insert(connection: Connection, new: NewOpinion, reviewer: str, at: str, decision_id: int | None) -> int:
    with connection.errors():
        shown = msgspec.json.encode(new.shown).decode()
    return connection.insert(
        "INSERT INTO opinion (mention_id, decision_id, stage, kind, code, name, relation, also, reason, comment,"
        " reviewer, made_at, seconds, knowledge_base, shown) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        new.mention_id, decision_id, new.stage, new.kind, new.code, new.name, answers.sentence(new),
        answers.encode_also(new.also), new.reason, new.comment, reviewer, at, new.seconds, new.knowledge_base, shown,
    )  # fmt: skip


def adjudicate(connection: Connection, new: NewDecision, reviewer: str) -> Changes:
    """Settle a dispute by a decision, as one undoable step."""
    answers.check(new)
    if new.kind not in answers.ANSWERS:
        raise UserInputError(f"a decision of kind {new.kind} settles nothing", hint="map the mention, or say no match")
    found = connection.row("SELECT reviewer, review FROM mention WHERE id = ?", new.mention_id)
    if found is None:
        raise NotFoundError(f"mention {new.mention_id} is not in this project")
    first, review = found
    own = reviewers.plan(connection).own_adjudication
    two = frozenset([first, *_second_of(connection, new.mention_id)])
    reviewers.check_adjudication(Place(review, first), reviewer, two, reviewers.roster(connection), own=own)
    text = connection.value("SELECT text FROM mention WHERE id = ?", new.mention_id)
    settled = replace(new, mode="adjudicated", origin_id=None)
    return decisions.decide(connection, [settled], reviewer, f"settle '{text}'", "adjudicate")


def _second_of(connection: Connection, mention_id: int) -> list[str]:
    """Who gave a second answer about the decision in force."""
    decision = in_force.decision(connection, mention_id)
    return [
        one.reviewer
        for one in of_mention(connection, mention_id)
        if not one.undone and decision is not None and one.decision_id == decision.id
    ]


def of_mention(connection: Connection, mention_id: int) -> list[Opinion]:
    """Every opinion about a mention, oldest first, undone ones too."""
    rows = connection.rows(f"SELECT {_COLUMNS} FROM opinion WHERE mention_id = ? ORDER BY id", mention_id)  # noqa: S608
    return [_opinion(connection, row) for row in rows]


def all_of(connection: Connection, stage: OpinionStage | str = "") -> Iterator[Opinion]:
    """Every opinion that is not undone, of one stage where given, oldest first (streams)."""
    sql = f"SELECT {_COLUMNS} FROM opinion WHERE undone = 0 AND (?1 = '' OR stage = ?1) ORDER BY id"  # noqa: S608
    for row in connection.stream(sql, stage):
        yield _opinion(connection, row)


def shown(connection: Connection, opinion_id: int) -> tuple[Ranking, ...]:
    """The rankings that were on screen when an opinion was given."""
    found = connection.row("SELECT shown FROM opinion WHERE id = ?", opinion_id)
    if found is None:
        raise NotFoundError(f"opinion {opinion_id} is not in this project")
    return msgspec.json.decode(found[0], type=tuple[Ranking, ...])


def _opinion(connection: Connection, row: Row) -> Opinion:
    relation, also, *said, undone, seconds, base, about = row[6:]
    answer = (answers.relation_of(connection, relation) or "equivalent", answers.decode_also(connection, also))
    return Opinion(*(*row[:6], *answer, *said, bool(undone), seconds, base, about))
