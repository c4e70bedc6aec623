"""Who reviews (the roster), what is reviewed twice (the plan), and which way a mention may go from there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.records import Changes, DecisionKind, Draw, Reviewer, ReviewerRole, ReviewPlan, ReviewState
from rpdr_core.store import audit, files
from rpdr_core.store.answers import ANSWERS
from rpdr_core.store.database import Connection

PLAN = "review_plan"
_SETTLE: frozenset[ReviewerRole] = frozenset(["adjudicator", "lead"])
_SETTINGS = Changes(frozenset(["settings"]))


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody by name. An empty roster asks nobody for a role."""

    everybody: dict[str, Reviewer]

    def refuse_inactive(self, reviewer: str) -> None:
        """Raise `NotAllowedError` for a reviewer who makes no new decisions."""
        found = self.everybody.get(reviewer)
        if found is not None and not found.active:
            raise NotAllowedError(f"{reviewer} reviews no more", hint="make them active in the list of reviewers")

    def may_settle(self, reviewer: str) -> bool:
        """Whether somebody may settle a dispute, or reopen what two reviewers have answered."""
        found = self.everybody.get(reviewer)
        return not self.everybody or (found is not None and found.active and found.role in _SETTLE)

    def has_role(self, reviewer: str) -> bool:
        found = self.everybody.get(reviewer)
        return found is not None and found.active and found.role in _SETTLE


def roster(connection: Connection) -> Roster:
    return Roster({one.name: one for one in reviewers(connection)})


def reviewers(connection: Connection) -> list[Reviewer]:
    """By name."""
    rows = connection.rows("SELECT name, role, active FROM reviewer ORDER BY name")
    return [Reviewer(name, role, bool(active)) for name, role, active in rows]


def set_reviewer(connection: Connection, reviewer: Reviewer, actor: str) -> Changes:
    """Add somebody to the roster, or change role or activity; nobody is ever removed. Not undoable, audited."""
    if not reviewer.name.strip():
        raise UserInputError("a reviewer needs a name", hint="type one")
    if reviewer.role not in get_args(ReviewerRole):
        raise UserInputError(f"unknown role {reviewer.role!r}", hint=f"one of {', '.join(get_args(ReviewerRole))}")
    if reviewer in reviewers(connection):
        return Changes(frozenset())
    with connection.transaction():
        connection.execute(
            "INSERT INTO reviewer VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET role = excluded.role, active = excluded.active",
            reviewer.name, reviewer.role, int(reviewer.active),
        )  # fmt: skip
        detail = {"reviewer": reviewer.name, "role": reviewer.role, "active": reviewer.active}
        audit.append(connection, "reviewer", actor=actor, detail=detail)
    return _SETTINGS


def plan(connection: Connection) -> ReviewPlan:
    """What is drawn for double review and for answering before rankings; nothing where no plan was made."""
    found = connection.row("SELECT value FROM setting WHERE key = ?", PLAN)
    with connection.errors():
        return msgspec.json.decode(found[0], type=ReviewPlan) if found else ReviewPlan()


def set_plan(connection: Connection, new: ReviewPlan, actor: str) -> Changes:
    """Another plan. Mentions that wait for their second reviewer go on waiting. Not undoable, audited."""
    if not (0 <= new.double_share <= 1 and 0 <= new.independent_share <= 1):
        raise UserInputError("a share lies between 0 and 1", hint="0.1 draws one mention in ten")
    if new == plan(connection):
        return Changes(frozenset())
    with connection.transaction():
        files.store_setting(connection, PLAN, msgspec.json.encode(new).decode())
        audit.append(connection, "review_plan", actor=actor, detail=new)
    return _SETTINGS


def drawn(plan: ReviewPlan, key: bytes) -> Draw:
    """What the mention of a key is drawn for. A greater share draws the same mentions and more."""
    return Draw(
        double=_place(plan.seed, "double", key) < plan.double_share,
        independent=_place(plan.seed, "independent", key) < plan.independent_share,
    )


def _place(seed: int, purpose: Literal["double", "independent"], key: bytes) -> float:
    """A number from 0 to 1, the same on every machine."""
    digest = hashlib.sha256(f"{seed} {purpose} ".encode() + key).digest()
    return int.from_bytes(digest[:7]) / (1 << 56)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mention stands in double review, and whose decision is in force (empty: nobody's)."""

    state: ReviewState
    first: str


def after_decision(place: Place, kind: DecisionKind, reviewer: str, roster: Roster, *, double: bool) -> ReviewState:
    """The state that a decision leads to. `double`: the mention is drawn for two reviewers.

    Raises `NotAllowedError` where double review forbids it: somebody waits for a second answer, or two have answered.
    """
    if place.state == "":
        return "waiting" if double and reviewer and kind in ANSWERS else ""
    if place.state == "waiting":
        if reviewer == place.first:
            return "waiting" if kind in ANSWERS else ""
        if kind == "reopen" and roster.has_role(reviewer):
            return ""
        raise NotAllowedError(
            "another reviewer has decided this mention, and it waits for a second answer",
            hint="answer it as second reviewer, or let an adjudicator reopen it",
        )
    if kind == "reopen" and roster.may_settle(reviewer):
        return ""
    if kind == "reopen":
        raise NotAllowedError(
            "two reviewers have answered, so an adjudicator or a lead reopens it",
            hint="ask one of them, or change your role in the list of reviewers",
        )
    if place.state == "disputed":
        raise NotAllowedError("two reviewers differ about this mention", hint="settle it on the page Adjudicate")
    raise NotAllowedError(f"this mention is settled ({place.state})", hint="reopen it first")


def check_second(place: Place, reviewer: str) -> None:
    """Raise `NotAllowedError` unless this reviewer may give the second answer now."""
    if place.state != "waiting":
        raise NotAllowedError("this mention waits for no second answer", hint="decide it instead, or choose another")
    if not reviewer:
        raise NotAllowedError("a second answer needs a name", hint="say who you are in the settings")
    if reviewer == place.first:
        raise NotAllowedError("the second answer is another reviewer's", hint="change your decision instead")


def check_adjudication(place: Place, reviewer: str, two: frozenset[str], roster: Roster, *, own: bool) -> None:
    """Raise `NotAllowedError` unless this reviewer may settle the dispute between the `two`."""
    if place.state != "disputed":
        raise NotAllowedError("this mention is in no dispute", hint="decide it instead, or reopen it first")
    if not reviewer:
        raise NotAllowedError("settling a dispute needs a name", hint="say who you are in the settings")
    if not roster.may_settle(reviewer):
        raise NotAllowedError(
            f"{reviewer} may not settle disputes",
            hint="ask an adjudicator or a lead, or change the role in the list of reviewers",
        )
    if reviewer in two and not own:
        raise NotAllowedError(
            "who answered does not settle the dispute",
            hint="ask somebody else, or allow it in the plan of double review",
        )
