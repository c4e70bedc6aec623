"""What a decision and an opinion have in common: an answer. How it is checked, compared and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from rpdr_core import relations
from rpdr_core.errors import DamagedFileError, UserInputError
from rpdr_core.records import Decision, DecisionKind, NewDecision, NewOpinion, NoMatchReason, Opinion, Relation, Target
from rpdr_core.store.database import DAMAGED_HINT, Connection

MAPS: frozenset[DecisionKind] = frozenset(["accept", "correct"])
ANSWERS: frozenset[DecisionKind] = MAPS | {"no_match"}
"""Kinds that say something of a mention; the others put it off."""

_New = NewDecision | NewOpinion
_Any = _New | Decision | Opinion


@dataclass(frozen=True, slots=True)
class _Further:
    """A further code as it is stored: its relation is the plain sentence."""

    code: str
    name: str
    relation: str


_decoder = msgspec.json.Decoder(list[_Further])


def check(new: _New) -> None:
    """Raise `UserInputError` where an answer lacks what its kind needs, or has what it may not have."""
    maps = new.kind in MAPS
    if maps and not (new.code and new.name):
        raise UserInputError("a mapping needs an entity", hint="choose a candidate or search for one")
    if not maps and (new.code or new.name or new.also or new.relation != "equivalent"):
        raise UserInputError(f"a decision of kind {new.kind} names no entity", hint="leave the entity out")
    if (new.kind == "no_match") != bool(new.reason):
        raise UserInputError("a reason belongs to no match, and no match needs one", hint="choose a reason")
    if new.reason and new.reason not in get_args(NoMatchReason):
        hint = f"one of {', '.join(get_args(NoMatchReason))}"
        raise UserInputError(f"no match for an unknown reason {new.reason!r}", hint=hint)
    if not {new.relation, *(further.relation for further in new.also)} <= set(get_args(Relation)):
        raise UserInputError("an unknown relation", hint=f"one of {', '.join(get_args(Relation))}")
    codes = [new.code, *(further.code for further in new.also)]
    if len(set(codes)) < len(codes) or not all(further.code and further.name for further in new.also):
        raise UserInputError("a further code is empty or there already", hint="give each code once, with its name")


def same(one: _Any, other: _Any) -> bool:
    """Whether two answers say the same: the codes as a set, each with its relation, or the same reason for none."""
    return _said(one) == _said(other)


def _said(answer: _Any) -> tuple[bool, str, frozenset[tuple[str, Relation]]]:
    maps = answer.kind in MAPS
    codes = [(answer.code, answer.relation), *((further.code, further.relation) for further in answer.also)]
    return maps, answer.reason, frozenset(codes if maps else ())


def sentence(answer: _Any) -> str:
    """The relation's sentence; empty where no entity is named."""
    return relations.sentence_of(answer.relation) if answer.code else ""


def encode_also(also: Sequence[Target]) -> str:
    """Further codes as a JSON list of {code, name, relation}."""
    found = [_Further(one.code, one.name, relations.sentence_of(one.relation)) for one in also]
    return msgspec.json.encode(found).decode()


def decode_also(connection: Connection, text: str) -> tuple[Target, ...]:
    if text == "[]":
        return ()
    with connection.errors():
        return tuple(
            Target(one.code, one.name, relation_of(connection, one.relation) or "equivalent")
            for one in _decoder.decode(text)
        )


def relation_of(connection: Connection, stored: str) -> Relation | Literal[""]:
    """The relation that a stored sentence states; empty where no entity is named."""
    if not stored:
        return ""
    try:
        return relations.relation_of(stored)
    except UserInputError as error:
        message = "the file holds a value that cannot be read"
        raise DamagedFileError(message, hint=DAMAGED_HINT, file=connection.path.name) from error
