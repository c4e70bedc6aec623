"""The context of a mention: its sentence, as it stands in the document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.formats.documents.surroundings import WIDTH, surroundings


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("He fell. Left knee pain since. No fever.", "knee pain", "Left knee pain since."),
        ("Pt. c/o knee pain for 0.5 hours. No fever.", "knee pain", "Pt. c/o knee pain for 0.5 hours."),
        ("Seen by Dr. Lee for knee pain.", "knee pain", "Seen by Dr. Lee for knee pain."),
        ("HISTORY\nknee pain\nPLAN", "knee pain", "knee pain"),
        ("跌倒。白内障术后。无热。", "白内障", "白内障术后。"),
        ("Fall? Knee pain! Yes.", "Knee pain", "Knee pain!"),
        ("First. knee", "knee", "First. knee"),
    ],
)
def test_the_sentence(text: str, mention: str, expected: str) -> None:
    start = text.index(mention)
    around, at = surroundings(text, start, start + len(mention))
    assert around == expected
    assert around[at : at + len(mention)] == mention


def test_a_sentence_without_end_is_cut_between_words() -> None:
    text = "before " * 100 + "knee pain" + " after" * 100
    around, at = surroundings(text, 700, 709)
    assert around.startswith("before ")
    assert around.endswith(" after")
    assert around[at : at + 9] == "knee pain"
    assert len(around) <= 2 * WIDTH + 9


@given(st.text(st.sampled_from("ab. \n。Dr"), min_size=1, max_size=600), st.data())
def test_it_is_a_piece_of_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    around, at = surroundings(text, start, end)
    assert around[at : at + end - start] == text[start:end]
    assert text[start - at : start - at + len(around)] == around
    assert len(around) <= end - start + 2 * WIDTH
