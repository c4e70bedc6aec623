"""What is asked of the review queues, and the store's query for it: queue, text, facets, since when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from rpdr_core.records import FlagReason, Status
from rpdr_desk.operations.facets import BY_TERMINOLOGY, OF_DECISIONS, Pick, values_of

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader, QueueQuery

QueueName = Literal[
    "unreviewed", "disagreement", "least_sure", "most_frequent", "deferred", "flagged", "changed", "decided", "all",
    "second_review", "disputed",
]  # fmt: skip
QUEUES: tuple[QueueName, ...] = get_args(QueueName)
"""As they are shown. The last two come at the end because they are not always there: no other changes its key."""
RARE: frozenset[QueueName] = frozenset(("second_review", "disputed"))
Since = Literal["closed", "today", "yesterday", "week", "student", "day"]
"""What `changed` counts from: this person's last closing of the project, midnight here, the midnight before, seven days
ago, the moment a student was put in use last, the midnight that a chosen day began with."""
SINCE: tuple[Since, ...] = get_args(Since)

ASIDE: FlagReason = "guideline"
_AT_HAND: frozenset[str] = frozenset(("", *get_args(FlagReason))) - {ASIDE}
TO_DO: frozenset[Status] = frozenset(("unreviewed",))
_DECIDED: frozenset[Status] = frozenset(("accepted", "corrected", "no_match"))
_STATUSES: dict[QueueName, frozenset[Status]] = {
    **dict.fromkeys(("unreviewed", "disagreement", "least_sure", "most_frequent"), TO_DO),
    "deferred": frozenset(("deferred",)),
    "decided": _DECIDED,
}
_EVER = "1970-01-01T00:00:00.001Z"
_ANY_QUARREL = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be in sight. `text` is a part of the mention's text."""

    queue: QueueName = "unreviewed"
    text: str = ""
    picks: frozenset[Pick] = frozenset()
    since: Since = "closed"
    day: str = ""
    """ISO 8601, local; of the since `day`."""

    @property
    def narrowed(self) -> bool:
        return bool(self.text or self.picks)


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom a queue is read: the reviewer's name, and when that person closed the project last (UTC, ISO 8601)."""

    name: str = ""
    closed_at: str = ""


def query_of(asked: Asked, viewer: Viewer, since: str = "", codes: frozenset[str] | None = None) -> QueueQuery:
    """The store's query. `since`: the moment behind `asked.since`; `codes`: those of the chapters and types picked."""
    # Here and not above: the store's libraries load beside the window that is being built.
    from rpdr_core.store import QueueQuery

    queue, picks = asked.queue, obeyed(asked).picks
    if queue == "second_review":
        codes = None
    tells = queue in ("decided", "changed") or any(pick.facet in OF_DECISIONS for pick in picks)
    fixed, wanted = statuses_of(queue), values_of(picks, "status")
    statuses = (fixed & wanted or fixed) if fixed and wanted else fixed or wanted
    margins = values_of(picks, "margin")
    query = QueueQuery(
        statuses,  # type: ignore[arg-type]  # what was ticked came from the store
        text=asked.text,
        reviewers=values_of(picks, "reviewer"),
        codes=frozenset() if fixed and wanted and not fixed & wanted else codes,
        reasons=values_of(picks, "reason"),  # type: ignore[arg-type]
        relations=values_of(picks, "relation"),  # type: ignore[arg-type]
        verdicts=values_of(picks, "verdict"),  # type: ignore[arg-type]
        departments=values_of(picks, "department"),
        quarrel=sum(map(int, values_of(picks, "quarrel"))),
        margin_below=max(map(float, margins)) if margins else None,
        flag_reasons=_flag_reasons(queue, picks),  # type: ignore[arg-type]
        blind_to=viewer.name if tells else None,
    )
    match queue:
        case "disagreement":
            return replace(query, order="worth", quarrel=query.quarrel or _ANY_QUARREL)
        case "least_sure":
            return replace(query, order="least_sure")
        case "most_frequent":
            return replace(query, order="frequent")
        case "flagged":
            return replace(query, flagged=True)
        case "changed":
            return replace(query, order="recent", changed_since=since or _EVER)
        case "second_review":
            return replace(query, review=frozenset(("waiting",)), not_by=viewer.name)
        case "disputed":
            return replace(query, review=frozenset(("disputed",)))
        case _:
            return query


def obeyed(asked: Asked) -> Asked:
    """The same without what its queue does not listen to: narrowed by what another reviewer decided, the queue of
    second reviews would tell it.
    """
    if asked.queue != "second_review":
        return asked
    return replace(asked, picks=frozenset(pick for pick in asked.picks if pick.facet not in OF_DECISIONS))


def _flag_reasons(queue: QueueName, picks: frozenset[Pick]) -> frozenset[str]:
    """What waits for a guideline discussion is out of the queues of what is to be done, unless it is asked for."""
    wanted = values_of(picks, "flag_reason")
    if wanted or statuses_of(queue) != TO_DO or values_of(picks, "status") - TO_DO:
        return wanted
    return _AT_HAND


def statuses_of(queue: QueueName) -> frozenset[Status]:
    """What a queue is made of; empty for all."""
    return _STATUSES.get(queue, frozenset())


def moment_of(since: Since, reader: ProjectReader, closed_at: str, now: datetime, day: str = "") -> str:
    """The moment that `changed` counts from, UTC, ISO 8601; empty for the beginning. `now` with a zone; `day`: the one
    chosen, today where it cannot be read.
    """
    match since:
        case "closed":
            return closed_at
        case "today":
            return _begin_of(now.astimezone().date())
        case "yesterday":
            return _begin_of(now.astimezone().date() - timedelta(days=1))
        case "day":
            return _begin_of(_day_of(day) or now.astimezone().date())
        case "week":
            return (now - timedelta(days=7)).astimezone(UTC).isoformat()
        case "student":
            return next((one.made_at for one in reversed(reader.promotions()) if one.adapter_id), "")


def _begin_of(day: date) -> str:
    """Midnight here, told in UTC."""
    return datetime.combine(day, time()).astimezone(UTC).isoformat()


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def without_codes(asked: Asked) -> Asked:
    """The same without what is asked of codes."""
    return replace(asked, picks=frozenset(pick for pick in asked.picks if pick.facet not in BY_TERMINOLOGY))


def by_terminology(asked: Asked) -> bool:
    """Whether the terminology has to say which codes are meant."""
    return any(pick.facet in BY_TERMINOLOGY for pick in asked.picks)
