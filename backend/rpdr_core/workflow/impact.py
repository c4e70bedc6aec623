"""What a new student would change: mentions whose first candidate becomes another, accepted links among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rpdr_core.errors import Bug
from rpdr_core.formats.writing import Cell, Written, writer_for
from rpdr_core.protocol.messages import MentionText, RankItem
from rpdr_core.records import Mention, Ranking, Status
from rpdr_core.store import ProjectReader, QueueQuery
from rpdr_core.store.staging import staged
from rpdr_core.workflow.adapters import Student
from rpdr_core.workflow.exporting import check_folder
from rpdr_core.workflow.leading import by_role, leading
from rpdr_core.workflow.student_ranking import Rank

PAGE = 500

Effect = Literal["gained", "lost", "moved", "open"]
"""For a mapped mention: the new first candidate is the chosen entity (`gained`), the old one was (`lost`), or neither
(`moved`). `open`: nobody has decided."""


@dataclass(frozen=True, slots=True)
class ImpactCase:
    """A mention with the list to rank anew, and the ranking that leads it today."""

    mention: Mention
    item: RankItem
    before: Ranking


@dataclass(frozen=True, slots=True)
class Flip:
    """A mention whose first candidate changes. `decided_code` is what a person chose, empty where nobody did;
    `ranker` gave the old first candidate, `confidence` is the new student's.
    """

    mention_id: int
    text: str
    count: int
    status: Status
    old_code: str
    old_name: str
    new_code: str
    new_name: str
    decided_code: str
    confidence: float | None
    ranker: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class ImpactGroup:
    """The flips whose old code begins with `key`: a chapter's letter in ICD-10."""

    key: str
    mentions: int
    occurrences: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class ImpactCounts:
    """`mentions` ranked anew and how many of them flip, in mentions and in occurrences.

    `decided`: mapped mentions among them; `gained`, `lost`, `moved` are its flips, `accepted_lost` those of links that
    were accepted as shown. `undecidable`: mentions without candidates, which nothing can rank.
    """

    mentions: int = 0
    occurrences: int = 0
    flips: int = 0
    flipped_occurrences: int = 0
    decided: int = 0
    gained: int = 0
    lost: int = 0
    moved: int = 0
    accepted_lost: int = 0
    undecidable: int = 0


@dataclass(frozen=True, slots=True)
class Impact:
    """`flips` are sorted: lost decisions first, then by frequency."""

    counts: ImpactCounts
    groups: tuple[ImpactGroup, ...]
    flips: tuple[Flip, ...]


@dataclass(slots=True)
class ImpactTally:
    """Adds up pages of rankings; only flips are kept, however many mentions there are."""

    _flips: list[Flip] = field(default_factory=list)
    _mentions: int = 0
    _occurrences: int = 0
    _decided: int = 0
    _undecidable: int = 0

    def add(self, cases: Sequence[ImpactCase], rankings: Sequence[Ranking], *, undecidable: int = 0) -> None:
        """A page of cases with the new student's rankings of their items, in order."""
        for case, ranking in zip(cases, rankings, strict=True):
            if ranking.mention_id != case.mention.id:
                raise Bug("a student's rankings are not those of the cases")
            self._mentions += 1
            self._occurrences += case.mention.count
            self._decided += bool(case.mention.code)
            flip = _flip(case, ranking)
            if flip is not None:
                self._flips.append(flip)
        self._undecidable += undecidable

    def result(self) -> Impact:
        order = {"lost": 0, "moved": 1, "gained": 2, "open": 3}
        flips = sorted(self._flips, key=lambda flip: (order[flip.effect], -flip.count, flip.mention_id))
        effects = Counter(flip.effect for flip in flips)
        counts = ImpactCounts(
            mentions=self._mentions,
            occurrences=self._occurrences,
            flips=len(flips),
            flipped_occurrences=sum(flip.count for flip in flips),
            decided=self._decided,
            gained=effects["gained"],
            lost=effects["lost"],
            moved=effects["moved"],
            accepted_lost=sum(flip.effect == "lost" and flip.status == "accepted" for flip in flips),
            undecidable=self._undecidable,
        )
        return Impact(counts, _groups(flips), tuple(flips))


def impact_of(
    reader: ProjectReader,
    folder: str,
    current: Student,
    rank: Rank,
    *,
    limit: int = 0,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    check: Callable[[], None] = lambda: None,
) -> Impact:
    """The impact of the student in `folder` on a project, the most frequent mentions first, `limit` of them (0: all).

    In steps, for a caller that must not block: `impact_ids`, and for each page of them `impact_cases`, a ranking of
    their items, `ImpactTally.add`.
    """
    tally = ImpactTally()
    ids = impact_ids(reader, limit)
    for start in range(0, len(ids), PAGE):
        check()
        page = ids[start : start + PAGE]
        cases = impact_cases(reader, page, current)
        tally.add(cases, rank(folder, [case.item for case in cases]).rankings, undecidable=len(page) - len(cases))
        on_progress(start + len(page), len(ids))
    return tally.result()


def impact_ids(reader: ProjectReader, limit: int = 0) -> Sequence[int]:
    """All mentions of a project, the most frequent first."""
    ids = reader.queue(QueueQuery(order="frequent"))
    return ids[:limit] if limit else ids


def impact_cases(reader: ProjectReader, ids: Sequence[int], current: Student) -> list[ImpactCase]:
    """Those of the mentions that have candidates, each with the ranking that leads it today.

    That is the ranking of the student in use where there is one, else what leads the screen.
    """
    cases: list[ImpactCase] = []
    for mention in reader.mentions(ids):
        rankings = reader.rankings(mention.id)
        retrieved = by_role(rankings, "retriever")
        used = [one for one in rankings if current and one.ranker == f"student:{current.id}"]
        before = used[-1] if used else leading(rankings)
        if retrieved is not None and retrieved.candidates and before is not None and before.candidates:
            item = RankItem(MentionText(mention.id, mention.text, mention.context), retrieved.candidates)
            cases.append(ImpactCase(mention, item, before))
    return cases


def _flip(case: ImpactCase, ranking: Ranking) -> Flip | None:
    old, mention = case.before.candidates[0], case.mention
    new = ranking.candidates[0]
    if old.code == new.code:
        return None
    return Flip(
        mention.id, mention.text, mention.count, mention.status, old.code, old.name, new.code, new.name,
        mention.code, ranking.confidence, case.before.ranker, _effect(mention.code, old.code, new.code),
    )  # fmt: skip


def _effect(decided: str, old: str, new: str) -> Effect:
    if not decided:
        return "open"
    return "gained" if new == decided else "lost" if old == decided else "moved"


def _groups(flips: Sequence[Flip]) -> tuple[ImpactGroup, ...]:
    by_key: dict[str, list[Flip]] = {}
    for flip in flips:
        by_key.setdefault(flip.old_code[:1], []).append(flip)
    return tuple(
        ImpactGroup(
            key,
            len(found),
            sum(flip.count for flip in found),
            sum(flip.effect == "gained" for flip in found),
            sum(flip.effect == "lost" for flip in found),
        )
        for key, found in sorted(by_key.items())
    )


_HEADERS = (
    "mention id", "mention", "count", "status", "effect", "old code", "old name", "new code", "new name",
    "decided code", "confidence", "old ranker",
)  # fmt: skip


def write_flips(path: Path, impact: Impact) -> Written:
    """The flips as a table: .csv, .xlsx or .jsonl by the file's name."""
    check_folder(path)
    write = writer_for(path, mark=True)
    with staged(path, "the list of flips") as staging:
        return write(staging, _HEADERS, _cells(impact.flips))


def _cells(flips: Sequence[Flip]) -> Iterator[tuple[Cell, ...]]:
    for flip in flips:
        sure = "" if flip.confidence is None else f"{flip.confidence:.2f}"
        yield (
            *(flip.mention_id, flip.text, flip.count, flip.status, flip.effect),
            *(flip.old_code, flip.old_name, flip.new_code, flip.new_name, flip.decided_code, sure, flip.ranker),
        )
