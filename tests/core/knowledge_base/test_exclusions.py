"""What a line of Excludes 1 forbids: prefixes, ranges, conditions."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rpdr_core.knowledge_base.exclusions import exclusions


def covers(text: str, code: str) -> bool:
    return any(one.covers(code) for one in exclusions(text))


@pytest.mark.parametrize(
    ("text", "within", "outside"),
    [
        ("absolute glaucoma (H44.51-)", ["H44.51", "H44.511"], ["H44.5", "H44.52", "H44"]),
        ("burns (T20-T32)", ["T20", "T25.011A", "T32.0"], ["T19", "T33.011"]),
        ("pregnancy (O00-O9A)", ["O99.1", "O9A.211"], ["P00.1", "N99"]),
        ("glaucoma (H40.-, Q15.0)", ["H40.1131", "Q15.0"], ["Q15.9"]),
        ("diabetes (E08.3-E13.3-)", ["E09.311", "E13.3"], ["E13.4", "E08.2"]),
        ("leukemia C91.0-C95.9 with 5th character 1", ["C91.01", "C92.11"], ["C91.00", "C96.01"]),
        ("speech (I69. with final characters -23)", ["I69.023", "I69.923"], ["I69.021"]),
        ("use (F10-F19 with 5th character .6)", ["F10.26"], ["F10.25", "F20.06"]),
        ("retinopathy (E08-E13 with .51-.52)", ["E11.51", "E08.52"], ["E11.53", "E11.5"]),
        ("ulcer (E08-E13 with .62-)", ["E11.621"], ["E11.63"]),
        ("concussion (S06.0X- with seventh character A)", ["S06.0X1A"], ["S06.0X1D"]),
        ("open (S92.-with 7th character B)", ["S92.001B"], ["S92.001A"]),
        ("open fracture (S52.- with open fracture 7th character)", [], ["S52.001B"]),
        ("nephritis with C3 glomerulopathy (N03.A)", ["N03.A"], ["N03.8"]),
        ("vitamin B12 deficiency, COVID19", [], ["B12.1"]),
        ("remission C91.0 and E11", ["C91.02"], ["E11.9"]),
        ("nothing to say", [], ["A00"]),
    ],
)
def test_what_is_forbidden(text: str, within: list[str], outside: list[str]) -> None:
    assert [code for code in within if not covers(text, code)] == []
    assert [code for code in outside if covers(text, code)] == []


CODES = st.builds("{}{:02}".format, st.sampled_from("ABCHSZ"), st.integers(0, 99))


@given(CODES, CODES, CODES, st.from_regex(r"\A(\.[0-9]{1,4})?\Z"))
def test_a_range_holds_what_lies_between_with_all_below(first: str, last: str, code: str, rest: str) -> None:
    assume(first <= last)
    assert covers(f"something ({first}-{last})", code + rest) == (first <= code <= last)


@given(CODES, st.from_regex(r"\A[0-9]{1,3}\Z"), st.from_regex(r"\A[0-9]{0,3}\Z"))
def test_a_prefix_holds_itself_and_what_is_below(code: str, digits: str, more: str) -> None:
    for dash in ("", "-", ".-"):
        named = f"{code}.{digits}" if dash != ".-" else code
        assert covers(f"x ({named}{dash})", f"{code}.{digits}{more}")
        assert not covers(f"x ({named}{dash})", code[:2] + ("1" if code[2] != "1" else "2"))


@given(st.text(max_size=60))
def test_any_note_can_be_read(text: str) -> None:
    for one in exclusions(text):
        assert one.first in text.replace(" ", "")
        assert not one.covers("")
