"""The review queues: which mentions each holds, in which order, and how many; narrowed by text and facets."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from PySide6.QtCore import QTimer

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.records import Changes, FlagReason, Progress, Status
from rpdr_desk.operations.facets import (
    BY_TERMINOLOGY,
    OF_DECISIONS,
    FacetsShown,
    Pick,
    TargetsTold,
    shown_of,
    told_of,
    values_of,
)
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.terminology import Terminology

if TYPE_CHECKING:
    from rpdr_core.store import Facets, ProjectReader, QueueQuery
    from rpdr_core.store.entity_search import EntitySearch
    from rpdr_core.store.grouping import CodeGroup, Groups
    from rpdr_core.store.stretch import Stretch

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

_ASIDE: FlagReason = "guideline"
_AT_HAND: frozenset[str] = frozenset(("", *get_args(FlagReason))) - {_ASIDE}
_TO_DO: frozenset[Status] = frozenset(("unreviewed",))
_DECIDED: frozenset[Status] = frozenset(("accepted", "corrected", "no_match"))
_STATUSES: dict[QueueName, frozenset[Status]] = {
    **dict.fromkeys(("unreviewed", "disagreement", "least_sure", "most_frequent"), _TO_DO),
    "deferred": frozenset(("deferred",)),
    "decided": _DECIDED,
}
MOVES_TARGETS = frozenset(("mentions", "decisions", "rankings", "adapters"))
Targets = Sequence[tuple[str, int]]
_EVER = "1970-01-01T00:00:00.001Z"
_ANY_QUARREL = 7
_PAINTED_MS = 10


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
class Counts:
    """The project's progress, and how many mentions each queue holds; queues not counted yet are left out.

    `saved`: the same for saved filters, by name. `double`: mentions are drawn for a second review.
    """

    progress: Progress
    by_queue: dict[QueueName, int]
    saved: dict[str, int] = field(default_factory=dict)
    double: bool = False


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
    if wanted or statuses_of(queue) != _TO_DO or values_of(picks, "status") - _TO_DO:
        return wanted
    return _AT_HAND


def _aside(reader: ProjectReader, unreviewed: int) -> int:
    """How many of the unreviewed mentions are put aside for a guideline discussion."""
    from rpdr_core.store import QueueQuery

    query = QueueQuery(_TO_DO, flag_reasons=frozenset((_ASIDE,)))
    return min(unreviewed, reader.count(query))


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


class Queues:
    """Reads in the store's thread. An answer that a later question of the same kind has overtaken never arrives."""

    def __init__(self, store: StoreThread, terminology: Terminology, viewer: Callable[[], str]) -> None:
        self._store, self._terminology, self._viewer = store, terminology, viewer
        self._ids, self._facets = Turns(), Turns()
        self._groups = CodeGroups()
        self._waiting: list[Callable[[], None]] = []
        self._targets: tuple[tuple[Asked, str], Targets] | None = None
        """What the codes in sight were, until something changes: the list and its counts ask for the same."""
        self.closed_at = ""
        terminology.ready.connect(self._opened)
        terminology.failed.connect(self._opened)
        store.changed.connect(self._changed)

    def snapshot(
        self,
        asked: Asked,
        done: Callable[[array[int]], None],
        named: Callable[[Mapping[str, str]], None] | None = None,
        *,
        first: Callable[[array[int]], None] | None = None,
        around: int = 0,
        failed: Callable[[RpdrError], None] | None = None,
    ) -> None:
        """The ids of a queue, in its order. `named` gets the names of chapters where some are ticked.

        `first` gets what will be in sight some time earlier, if there is more: ids without a gap around a mention, from
        the top where the queue does not hold it. `failed`: the whole list could not be read.
        """
        alive = self._ids.next()

        def read(told: TargetsTold) -> None:
            if named is not None and told.names:
                named(told.names)
            query = self._query(asked, told.codes)

            def whole() -> None:
                self._store.query(lambda project: _listed(project, query, alive), answer, _if_alive(failed, alive))

            def begun(found: Stretch | None) -> None:
                if not alive():
                    return
                if found is None or first is None:
                    whole()
                elif found.whole:
                    done(found.ids)
                else:
                    first(found.ids)
                    # First it is painted: the whole list keeps all cores busy.
                    QTimer.singleShot(_PAINTED_MS, self._store, whole)

            if first is None:
                whole()
            else:
                self._store.query(lambda project: project.stretch(query(project), around) if alive() else None, begun)

        def answer(ids: array[int] | None) -> None:
            if ids is not None and alive():
                done(ids)

        self._tell(asked, alive, read, needed=_by_terminology(asked), wanted=False)

    def facets(self, asked: Asked, done: Callable[[FacetsShown, TargetsTold], None]) -> None:
        """What the mentions in sight can be narrowed by; without chapters and types until the terminology is open."""
        alive = self._facets.next()

        def read(told: TargetsTold) -> None:
            query, statuses = self._query(asked, told.codes, counts=True), statuses_of(asked.queue)
            closed = OF_DECISIONS if asked.queue == "second_review" else frozenset()

            def answer(found: Facets | None) -> None:
                if found is not None and alive():
                    done(shown_of(found, told, asked.picks, statuses, closed), told)

            self._store.query(lambda project: project.facets(query(project)) if alive() else None, answer)

        self._tell(asked, alive, read, needed=_by_terminology(asked), wanted=True)

    def progress(self, done: Callable[[Progress, bool], None]) -> None:
        """From running tallies, so after every change; and whether mentions are drawn for a second review. What is put
        aside is not counted as `unreviewed`.
        """

        def read(project: ProjectReader) -> tuple[Progress, bool]:
            found = project.progress()
            aside = _aside(project, found.unreviewed) if found.flagged else 0
            return replace(found, unreviewed=found.unreviewed - aside), project.review_plan().double_share > 0

        self._store.query(read, lambda both: done(*both))

    def can_count(self, asked: Asked) -> bool:
        """Not before the terminology is open where it says what is meant; whoever counts in turn passes over it."""
        return self._terminology.is_ready or not _by_terminology(asked)

    def count(self, asked: Asked, done: Callable[[int], None]) -> None:
        """How many mentions there are. One pass over an index: not after every change."""

        def read(told: TargetsTold) -> None:
            query = self._query(asked, told.codes)
            self._store.query(lambda project: project.count(query(project)), done)

        self._tell(asked, lambda: True, read, needed=_by_terminology(asked), wanted=False)

    def _query(
        self, asked: Asked, codes: frozenset[str] | None, *, counts: bool = False
    ) -> Callable[[ProjectReader], QueueQuery]:
        """`counts`: it is asked for counts by facet, which would tell a single mention's decision too."""
        viewer = Viewer(self._viewer(), self.closed_at)

        def made(reader: ProjectReader) -> QueueQuery:
            since = moment_of(asked.since, reader, viewer.closed_at, datetime.now(UTC), asked.day)
            query = query_of(asked, viewer, since, codes)
            return replace(query, blind_to=viewer.name) if counts and asked.queue != "second_review" else query

        return made

    def _tell(
        self,
        asked: Asked,
        alive: Callable[[], bool],
        then: Callable[[TargetsTold], None],
        *,
        needed: bool,
        wanted: bool,
    ) -> None:
        """What the terminology says of the codes in sight. `needed`: wait for it; `wanted`: only if it is open."""
        if not (needed or (wanted and self._terminology.is_ready)):
            then(TargetsTold())
            return
        if not self._terminology.is_ready:
            self._waiting.append(lambda: self._tell(asked, alive, then, needed=needed, wanted=wanted))
            return
        query, picks, groups = self._query(asked, None, counts=True), asked.picks, self._groups
        key = (without_codes(asked), self._viewer())

        def found(targets: Targets | None) -> None:
            if targets is not None and alive():
                self._targets = (key, targets)
                self._terminology.ask(lambda search: told_of(targets, groups.of(search, targets), picks), then)

        if self._targets is not None and self._targets[0] == key:
            found(self._targets[1])
        else:
            self._store.query(lambda project: project.targets(query(project)) if alive() else None, found)

    def _changed(self, changes: Changes) -> None:
        if changes.kinds & MOVES_TARGETS:
            self._targets = None

    def _opened(self, _reference: object) -> None:
        """What waited for the terminology goes on; where it cannot be opened, it goes on waiting."""
        if self._terminology.is_ready:
            waiting, self._waiting = self._waiting, []
            for one in waiting:
                one()


class Turns:
    """Numbers questions, so that an answer can be told from one to a later question."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> Callable[[], bool]:
        """A new turn; the function says whether it is still the last one."""
        self._last += 1
        mine = self._last
        return lambda: self._last == mine


class CodeGroups:
    """Chapters and types of codes, each looked up once. Used in the terminology's thread alone."""

    def __init__(self) -> None:
        self._of: dict[str, CodeGroup] = {}
        self._chapters: dict[str, str] = {}

    def of(self, search: EntitySearch, targets: Sequence[tuple[str, int]]) -> Groups:
        from rpdr_core.store.grouping import CodeGroup, Groups

        new = [code for code, _ in targets if code not in self._of]
        if new:
            found = search.groups(new)
            self._of |= dict.fromkeys(new, CodeGroup()) | dict(found.of)
            self._chapters |= found.chapters
        return Groups(self._of, self._chapters)


def _listed(
    project: ProjectReader, query: Callable[[ProjectReader], QueueQuery], alive: Callable[[], bool]
) -> array[int] | None:
    """A whole list; None as soon as nobody waits for it any more, so that what is asked now waits for no other."""
    if not alive():
        return None
    try:
        return project.queue(query(project), lambda: not alive())
    except Cancelled:
        return None


def _if_alive(
    failed: Callable[[RpdrError], None] | None, alive: Callable[[], bool]
) -> Callable[[RpdrError], None] | None:
    """The same while somebody still waits for the answer."""
    return failed and (lambda error: failed(error) if alive() else None)


def without_codes(asked: Asked) -> Asked:
    """The same without what is asked of codes."""
    return replace(asked, picks=frozenset(pick for pick in asked.picks if pick.facet not in BY_TERMINOLOGY))


def _by_terminology(asked: Asked) -> bool:
    return any(pick.facet in BY_TERMINOLOGY for pick in asked.picks)
