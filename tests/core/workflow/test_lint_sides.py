"""Sides of the body in English and Chinese: what is a side, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.workflow.lint.sides import meant, sides_of


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("pain in right knee", "right"), ("Rt. hip", "right"), ("R eye", "right"), ("R. eye", "right"),
        ("R) knee", "right"), ("(R) shoulder", "right"), ("LEFT EAR", "left"), ("lt foot", "left"), ("L lung", "left"),
        ("left-sided weakness", "left"), ("右眼疼痛", "right"), ("左膝", "left"), ("左下肢", "left"),
        ("bilateral cataract", "both"), ("bilat knees", "both"), ("b/l edema", "both"), ("both eyes", "both"),
        ("both the knees", "both"), ("right and left knee", "both"), ("L & R hips", "both"),
        ("left worse than right", "both"), ("双眼", "both"), ("双侧输尿管", "both"), ("两肺", "both"),
        ("左右眼", "both"), ("右利手，左眼", "left"), ("right-handed, left wrist", "left"),
        ("left hand dominant", None), ("right ventricular failure", None), ("left atrial enlargement", None),
        ("right heart failure", None), ("left bundle branch block", None), ("left main stenosis", None),
        ("left axis deviation", None), ("left shift", None), ("patient left early", None), ("all right now", None),
        ("he left against advice", None), ("右心衰", None), ("左室肥大", None), ("左束支阻滞", None),
        ("左旋多巴", None), ("左氧氟沙星过敏", None), ("3天左右", None), ("双相障碍", None), ("双胎妊娠", None),
        ("两次", None), ("L5 fracture", None), ("L. monocytogenes", None), ("R wave", None), ("bright", None),
        ("cleft lip", None), ("both drugs", None), ("", None),
    ],
)  # fmt: skip
def test_what_is_meant(text: str, side: str | None) -> None:
    assert meant(sides_of(text)) == side


@pytest.mark.parametrize(("text", "side"), [("IOP high OD", "right"), ("cat O.S.", "left"), ("NS OU", "both")])
def test_the_oculists_letters_count_only_where_eyes_are_meant(text: str, side: str) -> None:
    assert meant(sides_of(text, eye=True)) == side
    assert meant(sides_of(text)) is None


PARTS = st.sampled_from(["eye", "knee", "hand", "ear", "hip", "breast", "wrist", "eyelid"])
BEFORE = st.sampled_from(["pain in", "old", "fracture,", "s/p surgery of the", ""])


@given(BEFORE, PARTS, st.sampled_from([("right", "left"), ("R", "L"), ("rt", "lt"), ("RIGHT", "LEFT")]))
def test_the_other_word_is_the_other_side(before: str, part: str, words: tuple[str, str]) -> None:
    right, left = (f"{before} {word} {part}" for word in words)
    assert (meant(sides_of(right)), meant(sides_of(left))) == ("right", "left")
    assert meant(sides_of(f"{right} and {left}")) == "both"
    assert meant(sides_of(f"{before} {part}")) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_text_without_side_words_names_none(text: str) -> None:
    bare = text
    for word in "rRlLｒＲｌＬ右左双两ℝℛℜ㊧㊨":
        bare = bare.replace(word, "")
    if "b" not in bare.lower():
        assert sides_of(bare) == frozenset()
