"""Flags and comments: what a reviewer puts beside a mention without deciding it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from rpdr_core.errors import NotFoundError, UserInputError
from rpdr_core.records import Changes, FlagReason
from rpdr_core.store import audit, times, undo
from rpdr_core.store.database import Connection
from rpdr_core.store.undo import Cells, RowChange


def set_flag(
    connection: Connection, mention_id: int, flagged: bool, reason: FlagReason | Literal[""], reviewer: str
) -> Changes:
    """Flag a mention for a reason or none, or take the flag away with its reason."""
    if reason and not flagged:
        raise UserInputError("a reason belongs to a flag", hint="flag the mention, or leave the reason out")
    _check(reason)
    verb = "flag" if flagged else "unflag"
    return _set(connection, [mention_id], {"flagged": int(flagged), "flag_reason": reason}, verb, reviewer)


def set_flags(
    connection: Connection, mention_ids: Sequence[int], reason: FlagReason | Literal[""], reviewer: str
) -> Changes:
    """Flag several mentions for one reason, as one step; those that are flagged for it already are no part of it."""
    _check(reason)
    return _set(connection, mention_ids, {"flagged": 1, "flag_reason": reason}, "flag", reviewer)


def clear_flags(connection: Connection, mention_ids: Sequence[int], reviewer: str) -> Changes:
    """Take the flags of several mentions away with their reasons, as one step."""
    return _set(connection, mention_ids, {"flagged": 0, "flag_reason": ""}, "unflag", reviewer)


def set_comment(connection: Connection, mention_id: int, comment: str, reviewer: str) -> Changes:
    """Set a mention's comment; an empty one removes it."""
    verb = "comment on" if comment else "remove the comment of"
    return _set(connection, [mention_id], {"comment": comment}, verb, reviewer)


def _check(reason: str) -> None:
    if reason and reason not in get_args(FlagReason):
        raise UserInputError(f"unknown reason {reason!r}", hint=f"one of {', '.join(get_args(FlagReason))}")


def _set(connection: Connection, mention_ids: Sequence[int], cells: Cells, verb: str, reviewer: str) -> Changes:
    """Set cells as one undoable step; setting what is set already is none."""
    with connection.transaction():
        at = times.millis(times.now())
        changes = [
            change for id_ in dict.fromkeys(mention_ids) if (change := _change(connection, id_, cells, at)) is not None
        ]
        if not changes:
            return Changes(frozenset())
        touched = tuple(change.row_id for change in changes)
        for change in changes:
            undo.apply(connection, change, "after")
        text = connection.value("SELECT text FROM mention WHERE id = ?", touched[0])
        summary = f"{verb} '{text}'" if len(touched) == 1 else f"{verb} {len(touched):,} mentions"
        undo.record(connection, summary, reviewer, changes)
        detail = {"mentions": touched, "sha256": audit.digest_of(cells)}
        audit.append(connection, f"set_{next(iter(cells))}", actor=reviewer, detail=detail)
    return Changes(frozenset(["mentions"]), touched, summary=summary)


def _change(connection: Connection, mention_id: int, cells: Cells, at: int) -> RowChange | None:
    """What setting these cells changes; None where they are set already."""
    found = connection.row(f"SELECT changed_at, {', '.join(cells)} FROM mention WHERE id = ?", mention_id)  # noqa: S608
    if found is None:
        raise NotFoundError(f"mention {mention_id} is not in this project")
    changed_at, *values = found
    before: Cells = dict(zip(cells, values, strict=True))
    if before == cells:
        return None
    return RowChange("mention", mention_id, before | {"changed_at": changed_at}, cells | {"changed_at": at})
