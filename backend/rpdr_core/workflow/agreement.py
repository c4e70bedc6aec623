"""How far a project's reviewers agree: overall, per pair of reviewers, per chapter, near misses apart.

Counted is what two reviewers answered blind to each other; an adjudication comes later and changes none of it. The
coefficients look at the codes alone. That the codes are the same and the relations differ is told apart, by `kinds`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar, get_args

from rpdr_core.evaluation import (
    Agreement,
    Disagreement,
    Hierarchy,
    cohen,
    disagreement,
    distance_of,
    fleiss,
    krippendorff,
    raw_agreement,
)
from rpdr_core.store.lineage import Lineage
from rpdr_core.workflow.double_review import DoubleReview, answer_of, chapter_of

K = TypeVar("K", str, tuple[str, str])
KINDS: tuple[Disagreement, ...] = get_args(Disagreement)
NOT_TWO = Agreement(0, missing="raters")


@dataclass(frozen=True, slots=True)
class Figures:
    """`n` doubly answered mentions. `near`: Krippendorff's alpha where codes that are near count as nearly the same.

    Cohen's kappa is of two reviewers, Fleiss' of any number of them with two answers a mention.
    """

    n: int
    raw: Agreement
    cohen: Agreement
    fleiss: Agreement
    alpha: Agreement
    near: Agreement
    kinds: Mapping[Disagreement, int]


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Two reviewers, in order of their names, on what both answered."""

    first: str
    second: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class ChapterFigures:
    """A chapter of the terminology; no code for mentions that neither mapped to a known one.

    A mention belongs to the chapter of the first answer's code, or of the second's where the first is no match.
    """

    code: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """`reviewers` in order of their names; chapters in order of their codes, without one last."""

    overall: Figures
    reviewers: tuple[str, ...] = ()
    pairs: tuple[PairFigures, ...] = ()
    chapters: tuple[ChapterFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """A review in the order of its reviewers' names, with what is needed of it."""

    reviewers: tuple[str, str]
    labels: tuple[frozenset[str], frozenset[str]]
    kind: Disagreement
    chapter: str = ""


def agreement_of(
    reviews: Iterable[DoubleReview], lineage: Lineage, check: Callable[[], None] = lambda: None
) -> AgreementReport:
    """The report. `check` is called between its parts and may raise to stop it."""
    hierarchy = Hierarchy(lineage.parents)
    cases = [_case(review, hierarchy, lineage) for review in reviews]

    def measured(some: Sequence[_Case]) -> Figures:
        check()
        return _figures(some, hierarchy)

    overall = measured(cases)
    pairs = [PairFigures(*key, measured(some)) for key, some in _grouped(cases, lambda case: case.reviewers)]
    chapters = [
        ChapterFigures(code, lineage.names.get(code, ""), measured(some))
        for code, some in _grouped(cases, lambda case: case.chapter)
    ]
    names = sorted({name for case in cases for name in case.reviewers})
    return AgreementReport(overall, tuple(names), tuple(pairs), tuple(sorted(chapters, key=_in_order)))


def _in_order(chapter: ChapterFigures) -> tuple[bool, list[tuple[int, str]]]:
    """Numbers by their value, so that chapter 4 comes before chapter 10; no code last."""
    parts = re.findall(r"\d+|\D+", chapter.code)
    return not chapter.code, [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _case(review: DoubleReview, hierarchy: Hierarchy, lineage: Lineage) -> _Case:
    one, other = answer_of(review.first), answer_of(review.second)
    names = (review.first.reviewer, review.second.reviewer)
    labels = (one.label, other.label)
    swapped = names[0] > names[1]
    return _Case(
        (names[1], names[0]) if swapped else names,
        (labels[1], labels[0]) if swapped else labels,
        disagreement(hierarchy, one, other),
        chapter_of(hierarchy, one.codes or other.codes, one_root=lineage.one_root),
    )


def _figures(cases: Sequence[_Case], hierarchy: Hierarchy) -> Figures:
    rows = [case.labels for case in cases]
    kinds = Counter(case.kind for case in cases)
    two = len({case.reviewers for case in cases}) == 1

    def near(one: object, other: object) -> float:
        assert isinstance(one, frozenset)
        assert isinstance(other, frozenset)
        return distance_of(hierarchy, one, other)

    return Figures(
        len(cases),
        raw_agreement(rows),
        cohen(rows) if two or not rows else NOT_TWO,
        fleiss(rows),
        krippendorff(rows),
        krippendorff(rows, near),
        {kind: kinds[kind] for kind in KINDS},
    )


def _grouped(cases: Sequence[_Case], key: Callable[[_Case], K]) -> list[tuple[K, list[_Case]]]:
    return [(one, list(some)) for one, some in groupby(sorted(cases, key=key), key=key)]
