from __future__ import annotations

from pathlib import Path

import pytest
from helpers.projects import new_project
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate
from rpdr_core.workflow.distilling import TrainingRows, checked
from rpdr_core.workflow.held_out import HeldOut, held_out_of, hold_out, refuse_leaks

TEXTS = st.text(max_size=12)


def row(text: str) -> TrainingRow:
    return TrainingRow(text, "", (Candidate("A", "a"), Candidate("B", "b")), (1, 0), "accepted")


def wide(text: str) -> str:
    """ASCII letters in full width, as Chinese keyboards type them."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


VARIANTS = (str, str.upper, str.lower, wide, lambda text: f"  {text}\t", lambda text: text.replace(" ", "  "))


@given(st.text("abc XYZ-09", min_size=1, max_size=12), st.sampled_from(VARIANTS), st.integers(0, 3))
def test_no_variant_of_a_held_out_text_slips_in(text: str, variant: object, seed: int) -> None:
    rule = HeldOut(seed, 0.5)
    written = variant(text)  # type: ignore[operator]
    assert (written in rule) == (text in rule)
    if text in rule:
        with pytest.raises(NotAllowedError, match="1 held-out mention text"):
            refuse_leaks(rule, [row(written)])
    else:
        refuse_leaks(rule, [row(written)])


@given(st.lists(TEXTS, max_size=30), st.integers(0, 3), st.floats(0.01, 0.5), st.floats(0.01, 0.5))
def test_a_greater_share_only_adds(texts: list[str], seed: int, one: float, other: float) -> None:
    few, many = HeldOut(seed, min(one, other)), HeldOut(seed, max(one, other))
    assert all(text in many for text in texts if text in few)


def test_about_the_share_asked_is_held_out_and_the_seed_chooses() -> None:
    texts = [f"mention {number}" for number in range(4000)]
    for share in (0.1, 0.3):
        assert abs(sum(text in HeldOut(0, share) for text in texts) / 4000 - share) < 0.03
    assert {text for text in texts if text in HeldOut(0)} != {text for text in texts if text in HeldOut(1)}


def test_the_rule_is_that_of_every_machine() -> None:
    """Pinned: another rule would train students on what judged their forerunners."""
    held = [number for number in range(60) if f"mention {number}" in HeldOut()]
    assert held == [7, 8, 15, 28, 29, 34, 38, 51]


def test_rows_from_elsewhere_are_checked_too_and_an_example_is_given() -> None:
    rule = HeldOut(0, 0.5)
    held = [text for text in (f"mention {number}" for number in range(40)) if text in rule]
    rows = TrainingRows((row(held[0]), row(held[0].upper())), (row(held[1]),))
    with pytest.raises(NotAllowedError) as caught:
        checked(rows, rule)
    assert caught.value.message.startswith("2 held-out mention texts")
    assert held[0] in caught.value.message.lower() or held[1] in caught.value.message.lower()
    assert "select the rows anew" in caught.value.hint


def test_the_share_is_a_setting_that_grows(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        assert held_out_of(project) == HeldOut(0, 0.1)
        assert hold_out(project, 0.2).kinds == {"settings"}
        assert held_out_of(project) == HeldOut(0, 0.2)
        with pytest.raises(NotAllowedError, match="stays held out"):
            hold_out(project, 0.1)
        for share in (0.0, -1.0, 0.6):
            with pytest.raises(UserInputError, match="cannot be held out"):
                hold_out(project, share)
        assert held_out_of(project) == HeldOut(0, 0.2)
