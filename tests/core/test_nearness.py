"""Distances in a hierarchy, and the kinds of disagreement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.evaluation import Answer, Disagreement, Hierarchy, disagreement, distance_of

# As in ICD-10-CM: chapter, block, category, codes.
PARENTS = {
    "VII": (),
    "H25-H28": ("VII",),
    "H25": ("H25-H28",),
    "H25.1": ("H25",),
    "H25.11": ("H25.1",),
    "H25.12": ("H25.1",),
    "H26": ("H25-H28",),
    "H26.9": ("H26",),
    "H53-H54": ("VII",),
    "H53": ("H53-H54",),
    "H53.8": ("H53",),
    "IX": (),
    "I10-I1A": ("IX",),
    "I10": ("I10-I1A",),
}
ICD = Hierarchy(PARENTS)
CODES = st.sampled_from([*PARENTS, "gone", "lost"])


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("H25.1", "H25.1", 0.0),
        ("gone", "gone", 0.0),
        ("H26", "H26.9", 1 - 6 / 7),
        ("H25.11", "H25.12", 1 - 8 / 10),
        ("H25.1", "H26.9", 1 - 4 / 8),
        ("H25.1", "H53.8", 1 - 2 / 8),
        ("H25.1", "I10", 1.0),
        ("H25.1", "gone", 1.0),
    ],
)
def test_distances_by_hand(one: str, other: str, wanted: float) -> None:
    assert ICD.distance(one, other) == pytest.approx(wanted)


@given(CODES, CODES)
def test_a_distance_is_symmetric_and_nought_for_the_same_alone(one: str, other: str) -> None:
    found = ICD.distance(one, other)
    assert found == ICD.distance(other, one)
    assert 0 <= found <= 1
    assert (found == 0) == (one == other)


@settings(max_examples=60)
@given(
    st.dictionaries(st.integers(0, 12), st.frozensets(st.integers(0, 12), max_size=3)), st.integers(0, 12), st.data()
)
def test_any_graph_of_parents_gives_distances(graph: dict[int, frozenset[int]], one: int, data: st.DataObject) -> None:
    """Several parents, circles, parents that are not there: always an answer between 0 and 1."""
    found = Hierarchy({str(code): sorted(map(str, parents)) for code, parents in graph.items()})
    other = str(data.draw(st.integers(0, 12)))
    assert 0 <= found.distance(str(one), other) <= 1
    assert len(found.path(str(one))) <= len(graph)
    assert found.distance(str(one), str(one)) == 0


@given(st.frozensets(st.integers(0, 9)), st.frozensets(st.integers(0, 9)))
def test_in_a_graph_without_circles_different_codes_are_apart(one: frozenset[int], other: frozenset[int]) -> None:
    """Ways of different length to the root: the longest counts, so a short cut brings no two codes together."""
    parents = {
        str(code): tuple(str(below) for below in range(code) if below in one or below == code - 1) for code in range(10)
    }
    found = Hierarchy(parents)
    for code in map(str, one):
        for there in map(str, other):
            assert (found.distance(code, there) == 0) == (code == there)


def test_paths_and_categories() -> None:
    assert ICD.path("H25.11") == ("VII", "H25-H28", "H25", "H25.1", "H25.11")
    assert ICD.path("gone") == ()
    assert [ICD.category(code) for code in ("H25.11", "H25", "H25-H28", "gone")] == ["H25", "H25", "", ""]
    assert "H25" in ICD
    assert "gone" not in ICD


def test_sets_of_codes() -> None:
    none: frozenset[str] = frozenset()
    one, two = frozenset(["H25.11"]), frozenset(["H25.11", "H25.12"])
    assert distance_of(ICD, none, none) == 0
    assert distance_of(ICD, none, one) == 1
    assert distance_of(ICD, two, two) == 0
    assert distance_of(ICD, one, two) == pytest.approx((0 + 0.1) / 2)
    assert distance_of(ICD, one, two) == distance_of(ICD, two, one)


def said(*codes: str, relation: str = "equivalent", reason: str = "") -> Answer:
    return Answer(codes, (relation,) * len(codes), reason)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (said("H25.11"), said("H25.11"), "exact"),
        (said("H25.11", "I10"), said("I10", "H25.11"), "exact"),
        (said("H25.11"), said("H25.11", relation="broader"), "relation"),
        (said(reason="unreadable"), said(reason="unreadable"), "exact"),
        (said(reason="unreadable"), said(reason="not_a_mention"), "reason"),
        (said("H25.11"), said("H25.12"), "category"),
        (said("H25.11"), said("H25"), "category"),
        (said("H25"), said("H25-H28"), "ancestor"),
        (said("H25"), said("VII"), "ancestor"),
        (said("H25.1"), said("VII"), "material"),
        (said("H25"), said("H26"), "material"),
        (said("H25"), said(reason="unreadable"), "material"),
        (said("H25", "I10"), said("H25-H28", "I10"), "ancestor"),
        (said("H25", "I10"), said("H25"), "material"),
        (said("gone"), said("lost"), "material"),
    ],
)
def test_kinds_of_disagreement(one: Answer, other: Answer, kind: Disagreement) -> None:
    assert disagreement(ICD, one, other) == kind
    assert disagreement(ICD, other, one) == kind
