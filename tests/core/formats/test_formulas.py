from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.formats.formulas import guard, is_guarded_export, unguard
from rpdr_core.workflow.decision_table import headers_of

STARTS = "=+-@\t\r\n"
cells = st.text(st.one_of(st.sampled_from(STARTS + "'"), st.characters(exclude_categories=("Cs",))))


@pytest.mark.parametrize("start", STARTS)
def test_each_dangerous_start_is_guarded(start: str) -> None:
    assert guard(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "a=1", "'", "'tis", "''", "OD -5 dpt", " =1", "H53.8", "’=1"])
def test_harmless_cells_stay_as_they_are(cell: str) -> None:
    assert guard(cell) == unguard(cell) == cell


def test_a_cell_that_looks_guarded_is_guarded_again() -> None:
    assert guard("'=1") == "''=1"
    assert unguard("''=1") == "'=1"


@settings(deadline=None)
@given(cells)
def test_guarding_is_reversible(cell: str) -> None:
    assert unguard(guard(cell)) == cell


@settings(deadline=None)
@given(cells)
def test_a_guarded_cell_never_starts_a_formula(cell: str) -> None:
    assert not guard(cell).startswith(tuple(STARTS))


@settings(deadline=None)
@given(cells, cells)
def test_two_cells_never_look_the_same(one: str, other: str) -> None:
    assert (guard(one) == guard(other)) == (one == other)


def test_only_our_own_exports_are_recognised() -> None:
    assert is_guarded_export(headers_of("rows"))
    assert is_guarded_export(headers_of("mentions"))
    assert is_guarded_export([*headers_of("rows"), "a column the user added"])
    assert not is_guarded_export(["mention", "context", "code", "teacher rank"])
