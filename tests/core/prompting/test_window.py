from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.prompting.window import window

pieces = st.sampled_from(["a", "bc", "A ", ". ", "。", "\n", " ", "… ", " …", "pain", "Pt.", "x ", "病", "，", "! "])
contexts = st.lists(pieces, max_size=60).map("".join)


@pytest.mark.parametrize(
    ("context", "mention", "width", "expected"),
    [
        ("seen with blurry vision for 3 weeks", "blurry vision", 80, "seen with blurry vision for 3 weeks"),
        ("seen with BLURRY\n  vision again", "Blurry vision", 80, "seen with BLURRY\n  vision again"),
        ("Lives alone. Has pain now. Calls 5.", "pain", 80, "… Has pain now. …"),
        ("line one\npain here\nline three", "pain", 80, "… pain here …"),
        ("昨日来诊。右眼白内障术后一周，视力可。家住某路。", "白内障", 40, "… 右眼白内障术后一周，视力可。 …"),
        ("右眼白内障术后一周复查", "白内障", 2, "右眼白内障术后 …"),
        ("Pt. Has e.g. Pain of 0.5 h", "pain", 80, "Pt. Has e.g. Pain of 0.5 h"),
        ("Seen by Dr. Ng for pain", "pain", 80, "Seen by Dr. Ng for pain"),
        ("before the long pain and after that", "pain", 6, "… long pain and …"),
        ("pain", "PAIN ", 80, ""),
        ("", "pain", 80, ""),
        ("eye clinic", "pain", 80, "eye clinic"),
        ("x" * 161, "pain", 80, ""),
        ("pain later", "", 80, "pain later"),
        ("has pain here", "pain", 0, ""),
    ],
)
def test_the_window(context: str, mention: str, width: int, expected: str) -> None:
    assert window(context, mention, width) == expected


def test_a_known_place_is_used_and_a_wrong_one_is_not() -> None:
    context = "pain on the left side. Later more pain on the right."
    assert window(context, "pain", 80, start=34) == "… Later more pain on the right."
    assert window(context, "pain", 80) == "pain on the left side. …"
    assert window(context, "pain", 80, start=3) == "pain on the left side. …"
    assert window(context, "pain", 80, start=999) == "pain on the left side. …"


@given(contexts, st.integers(0, 20))
def test_a_window_of_a_window_is_the_same(context: str, width: int) -> None:
    once = window(context, "pain", width)
    assert window(once, "pain", width) == once


@given(contexts, st.integers(0, 20))
def test_no_more_than_the_width_is_kept_on_each_side(context: str, width: int) -> None:
    cut = window(context, "pain", width)
    if "pain" in context:
        assert len(cut) <= 2 * (width + 2) + 4
    else:
        assert len(cut.strip(" …")) <= 2 * width


@given(st.text(max_size=200), st.text(max_size=200))
def test_what_stands_outside_never_leaves(before: str, after: str) -> None:
    note = f"CANARY {before} " + "word " * 20 + "pain " + "word " * 20 + f"{after} CANARY"
    assert "CANARY" not in window(note, "word pain", 80)
