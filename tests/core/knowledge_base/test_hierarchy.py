from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.hierarchy import DistinctTerms, Hierarchy

EDGES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=14)


def fed(parents: dict[str, tuple[str, ...]]) -> Hierarchy:
    found = Hierarchy("list.csv")
    for code, above in parents.items():
        found.add(code, above)
    return found


def reaches(parents: dict[str, tuple[str, ...]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(parents[start])
    while waiting:
        code = waiting.pop()
        if code not in seen:
            seen.add(code)
            waiting += parents[code]
    return seen


@given(EDGES)
def test_a_circle_is_refused_exactly_where_there_is_one(edges: list[tuple[int, int]]) -> None:
    parents = {str(n): tuple(dict.fromkeys(str(up) for down, up in edges if down == n)) for n in range(9)}
    circles = any(code in reaches(parents, code) for code in parents)
    if not circles:
        fed(parents).check()
        return
    with pytest.raises(FileFormatError) as caught:
        fed(parents).check()
    steps = caught.value.message.partition(": ")[2].split(" -> ")
    assert steps[0] == steps[-1]
    assert len(steps) == len(set(steps)) + 1
    assert all(above in parents[below] for below, above in pairwise(steps))


@pytest.mark.parametrize(
    ("parents", "words"),
    [
        ({"A": ("A",)}, "A -> A"),
        ({"A": ("B",), "B": ("C",), "C": ("A",)}, "A -> B -> C -> A"),
        ({"TOP": (), "A": ("TOP", "B"), "B": ("A",), "LEAF": ("A",)}, "A -> B -> A"),
    ],
)
def test_the_circle_is_shown(parents: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        fed(parents).check()
    assert caught.value.message.endswith(words)
    assert caught.value.file == "list.csv"
    assert caught.value.hint


def test_a_long_circle_is_shown_in_part() -> None:
    parents = {str(n): (str((n + 1) % 5_000),) for n in range(5_000)}
    with pytest.raises(FileFormatError) as caught:
        fed(parents).check()
    assert " -> .. -> " in caught.value.message
    assert len(caught.value.message) < 200


def test_a_long_chain_needs_no_recursion() -> None:
    found = fed({str(n): (str(n - 1),) if n else () for n in range(200_000)})
    found.check()
    assert len(found) == 200_000


def test_parents_may_follow_their_children_and_must_come() -> None:
    fed({"A": ("B",), "B": ()}).check()
    with pytest.raises(FileFormatError, match="'A' names the parent 'B'"):
        fed({"A": ("B",)}).check()


def test_a_code_comes_once() -> None:
    found = fed({"A": ("B",), "B": ()})
    with pytest.raises(FileFormatError, match="'B' occurs twice"):
        found.add("B", ())


@given(st.lists(st.text(max_size=3)))
def test_distinct_terms_are_counted(terms: list[str]) -> None:
    counted = DistinctTerms()
    counted.add(iter(terms))
    assert counted.count() == len(set(terms))
