"""Identifiers of SNOMED CT: what a check digit notices."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rpdr_core.knowledge_base.rf2 import metadata
from rpdr_core.knowledge_base.rf2.sctid import Component, component, has_check_digit, make

PUBLISHED = (
    *metadata.ASSOCIATIONS,
    *metadata.MAPS,
    *metadata.LEGACY_MAPS,
    *metadata.DIALECTS,
    *(metadata.FULLY_SPECIFIED_NAME, metadata.SYNONYM, metadata.DEFINITION, metadata.PREFERRED, metadata.ACCEPTABLE),
    *(metadata.IS_A, metadata.INFERRED, "138875005", "404684003", "900062011000036108"),
)


@pytest.mark.parametrize("code", sorted(PUBLISHED))
def test_published_identifiers_are_sound(code: str) -> None:
    assert component(code) == "concept"


# Examples of the specification: section 5.8 of the 2018-01-31 edition.
@pytest.mark.parametrize(
    ("code", "kind"),
    [("100005", "concept"), ("100014", "description"), ("100022", "relationship")],
)
def test_examples_of_the_specification(code: str, kind: str) -> None:
    assert component(code) == kind


@pytest.mark.parametrize(
    "text", ["", "0", "10000", "0100005", "100005 ", "１００００５", "1_00005", "-100005", "1" * 19, "100035"]
)
def test_what_is_no_identifier(text: str) -> None:
    assert component(text) is None


items = st.integers(1, 10**8 - 1)
kinds = st.sampled_from(["concept", "description", "relationship"])


@given(items, kinds, st.sampled_from([0, 1000036, 1000124]))
def test_what_is_made_is_sound(item: int, kind: Component, namespace: int) -> None:
    text = make(item, kind, namespace)
    assume(6 <= len(text) <= 18)
    assert component(text) == kind


@given(items, kinds, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(item: int, kind: Component, place: int, more: int) -> None:
    text = make(item, kind)
    at = place % len(text)
    wrong = f"{text[:at]}{(int(text[at]) + more) % 10}{text[at + 1 :]}"
    assume(wrong[0] != "0")
    assert not has_check_digit(wrong)


@given(items, kinds, st.integers(0, 16))
def test_two_swapped_digits_are_noticed(item: int, kind: Component, place: int) -> None:
    text = make(item, kind)
    at = place % (len(text) - 1)
    wrong = f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"
    assume(wrong != text and wrong[0] != "0")
    assert not has_check_digit(wrong)
