"""What the mentions in sight are narrowed by, and the values there are to narrow them by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from rpdr_core.records import Status

if TYPE_CHECKING:
    from rpdr_core.store import FacetCount, Facets
    from rpdr_core.store.grouping import Groups

Facet = Literal[
    "status", "chapter", "type", "quarrel", "margin", "verdict", "flag_reason", "reason", "relation", "reviewer",
    "department",
]  # fmt: skip
FACETS: tuple[Facet, ...] = get_args(Facet)
"""In the order in which they are shown."""
BY_TERMINOLOGY: frozenset[Facet] = frozenset(("chapter", "type"))
OF_DECISIONS: frozenset[Facet] = frozenset(("status", "chapter", "type", "reason", "relation", "reviewer"))
"""What these are told by is the decision: somebody who answers blind may not narrow by them."""
ONE_OF: frozenset[Facet] = frozenset(("margin",))
"""Of these only one value may be ticked: a margin below 0.1 is below 0.2 as well."""


@dataclass(frozen=True, slots=True, order=True)
class Pick:
    """A value that was ticked. Several of one facet: any of them; of several facets: each of them."""

    facet: Facet
    value: str


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and how many mentions have it. `name`: its own name, where it has one beside the value (a chapter)."""

    value: str
    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class FacetGroup:
    facet: Facet
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class FacetsShown:
    """The groups worth showing, and how many mentions are in sight."""

    total: int = 0
    groups: tuple[FacetGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetsTold:
    """What the terminology says of the codes that mentions lead to. `codes`: those in the chapters and of the types
    that are ticked, None where none is. `names`: of the chapters.
    """

    codes: frozenset[str] | None = None
    groups: tuple[FacetGroup, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def values_of(picks: frozenset[Pick], facet: Facet) -> frozenset[str]:
    """What is ticked of one facet."""
    return frozenset(pick.value for pick in picks if pick.facet == facet)


def toggled(picks: frozenset[Pick], pick: Pick) -> frozenset[Pick]:
    """With `pick` ticked, or unticked if it was."""
    if pick in picks:
        return picks - {pick}
    return frozenset(one for one in picks if one.facet != pick.facet or pick.facet not in ONE_OF) | {pick}


def told_of(targets: Sequence[tuple[str, int]], groups: Groups, picks: frozenset[Pick]) -> TargetsTold:
    """Count mentions by chapter and by type, each under what is ticked of the other."""
    chapters, types = values_of(picks, "chapter"), values_of(picks, "type")
    by_chapter: Counter[str] = Counter()
    by_type: Counter[str] = Counter()
    codes: set[str] = set()
    for code, mentions in targets:
        group = groups.of.get(code)
        if group is None:
            continue
        in_chapter, of_type = not chapters or group.chapter in chapters, not types or group.type in types
        if of_type:
            by_chapter[group.chapter] += mentions
        if in_chapter:
            by_type[group.type] += mentions
        if in_chapter and of_type:
            codes.add(code)
    return TargetsTold(
        frozenset(codes) if chapters or types else None,
        (
            _group("chapter", _most(by_chapter, groups.chapters)),
            _group("type", _most(by_type, {})),
        ),
        groups.chapters,
    )


def shown_of(
    found: Facets,
    told: TargetsTold,
    picks: frozenset[Pick],
    statuses: frozenset[Status],
    closed: frozenset[Facet] = frozenset(),
) -> FacetsShown:
    """All groups that tell mentions apart, in order, but for the `closed` ones; `statuses` are those of the queue,
    empty for all.
    """
    counted: dict[Facet, Iterable[FacetCount]] = {
        "status": (one for one in found.statuses if not statuses or one.value in statuses),
        "quarrel": found.quarrels,
        "margin": found.margins,
        "verdict": found.verdicts,
        "flag_reason": found.flag_reasons,
        "reason": found.reasons,
        "relation": found.relations,
        "reviewer": found.reviewers,
        "department": found.departments,
    }
    groups = {
        facet: _group(facet, [FacetValue(one.value, one.mentions) for one in counts])
        for facet, counts in counted.items()
    }
    groups |= {group.facet: group for group in told.groups}
    complete = (_with_picks(groups[facet], picks) for facet in FACETS if facet in groups and facet not in closed)
    return FacetsShown(found.total, tuple(group for group in complete if _is_telling(group, picks)))


def _group(facet: Facet, values: Iterable[FacetValue]) -> FacetGroup:
    return FacetGroup(facet, tuple(one for one in values if one.value and one.count))


def _with_picks(group: FacetGroup, picks: frozenset[Pick]) -> FacetGroup:
    """A value that is ticked stays in sight, also where no mention has it any more."""
    missing = sorted(values_of(picks, group.facet) - {one.value for one in group.values})
    return FacetGroup(group.facet, (*group.values, *(FacetValue(value, 0) for value in missing)))


def _is_telling(group: FacetGroup, picks: frozenset[Pick]) -> bool:
    """A single value that all mentions have narrows nothing; one that some lack does."""
    return bool(group.values) and (
        group.facet not in ("status", "type") or len(group.values) > 1 or bool(values_of(picks, group.facet))
    )


def _most(counts: Counter[str], names: Mapping[str, str]) -> list[FacetValue]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [FacetValue(value, count, names.get(value, "")) for value, count in ordered]
