"""The review queues, read: which mentions each holds, in which order, and how many."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.records import Changes, Progress
from rpdr_desk.operations.asked import (
    ASIDE,
    TO_DO,
    Asked,
    QueueName,
    Viewer,
    by_terminology,
    moment_of,
    query_of,
    statuses_of,
    without_codes,
)
from rpdr_desk.operations.facets import (
    OF_DECISIONS,
    FacetsShown,
    TargetsTold,
    shown_of,
    told_of,
)
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.terminology import Terminology

if TYPE_CHECKING:
    from rpdr_core.store import Facets, ProjectReader, QueueQuery
    from rpdr_core.store.entity_search import EntitySearch
    from rpdr_core.store.grouping import CodeGroup, Groups
    from rpdr_core.store.stretch import Stretch

MOVES_TARGETS = frozenset(("mentions", "decisions", "rankings", "adapters"))
Targets = Sequence[tuple[str, int]]
_PAINTED_MS = 10


@dataclass(frozen=True, slots=True)
class Counts:
    """The project's progress, and how many mentions each queue holds; queues not counted yet are left out.

    `saved`: the same for saved filters, by name. `double`: mentions are drawn for a second review.
    """

    progress: Progress
    by_queue: dict[QueueName, int]
    saved: dict[str, int] = field(default_factory=dict)
    double: bool = False


def _aside(reader: ProjectReader, unreviewed: int) -> int:
    """How many of the unreviewed mentions are put aside for a guideline discussion."""
    from rpdr_core.store import QueueQuery

    query = QueueQuery(TO_DO, flag_reasons=frozenset((ASIDE,)))
    return min(unreviewed, reader.count(query))


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
        self._facets.next()  # counts of another list would only keep this one waiting

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

        self._tell(asked, alive, read, needed=by_terminology(asked), wanted=False)

    def facets(self, asked: Asked, done: Callable[[FacetsShown, TargetsTold], None]) -> None:
        """What the mentions in sight can be narrowed by; without chapters and types until the terminology is open.

        Never answered where another list is asked for meanwhile: ask again when that is there.
        """
        alive = self._facets.next()

        def read(told: TargetsTold) -> None:
            query, statuses = self._query(asked, told.codes, counts=True), statuses_of(asked.queue)
            closed = OF_DECISIONS if asked.queue == "second_review" else frozenset()

            def answer(found: Facets | None) -> None:
                if found is not None and alive():
                    done(shown_of(found, told, asked.picks, statuses, closed), told)

            self._store.query(lambda project: _counted(project, query, alive), answer)

        self._tell(asked, alive, read, needed=by_terminology(asked), wanted=True)

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
        return self._terminology.is_ready or not by_terminology(asked)

    def count(self, asked: Asked, done: Callable[[int], None]) -> None:
        """How many mentions there are. One pass over an index: not after every change."""

        def read(told: TargetsTold) -> None:
            query = self._query(asked, told.codes)
            self._store.query(lambda project: project.count(query(project)), done)

        self._tell(asked, lambda: True, read, needed=by_terminology(asked), wanted=False)

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


def _counted(
    project: ProjectReader, query: Callable[[ProjectReader], QueueQuery], alive: Callable[[], bool]
) -> Facets | None:
    """The counts of the facets; given up as a whole list is."""
    if not alive():
        return None
    try:
        return project.facets(query(project), lambda: not alive())
    except Cancelled:
        return None


def _if_alive(
    failed: Callable[[RpdrError], None] | None, alive: Callable[[], bool]
) -> Callable[[RpdrError], None] | None:
    """The same while somebody still waits for the answer."""
    return failed and (lambda error: failed(error) if alive() else None)
