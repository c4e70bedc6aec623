"""What a context says of side and stage, and when it is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.knowledge_base.lexicon import Token
from rpdr_worker.retrieval.surroundings import surroundings
from rpdr_worker.retrieval.text import Expander

EXPANDER = Expander.of(
    [
        Token("OD", "right eye", ""),
        Token("OU", "both eyes bilateral", ""),
        Token("双眼", "both eyes", ""),
        Token("左眼", "left eye", ""),
        Token("白内障", "cataract", ""),
    ]
)


@pytest.mark.parametrize(
    ("text", "context", "sure"),
    [
        ("cataract", "Slit lamp: cataract OD, dense.", {"right"}),
        ("cataract", "Right side quiet. Cataract of the left eye! Right ear deaf.", {"left"}),
        ("cataract", "Blurred on the left. Impression: cataract, mature.", {"left"}),
        ("cataract", "Left eye fine. Right eye fine. There is a cataract.", set()),
        ("cataract", "Cataract of the left eye, none of the right.", set()),
        ("cataract", "Cataract in both eyes, moderate.", {"bilateral", "moderate"}),
        ("cataract", "Mild on one side, severe on the other: cataract.", set()),
        ("cataract OD", "Left eye removed. Cataract OD.", set()),
        ("cataract OD", "Cataract OD, advanced; left eye fine", {"advanced"}),
        ("mild cataract", "Severe dry eye. Mild cataract of the left eye", {"left"}),
        ("cataract", "Seen for something else on the left side.", set()),
        ("cataract", "Cataracts run in the family. Left knee hurts.", set()),
        ("cataract", "", set()),
        ("", "Left eye. Right eye.", set()),
        ("白内障", "视力下降。双眼白内障，右侧较重。", {"bilateral"}),
        ("白内障", "右眼正常。左眼白内障。", {"left"}),
    ],
)
def test_only_what_is_said_of_the_mention_is_believed(text: str, context: str, sure: set[str]) -> None:
    assert surroundings(text, context, EXPANDER).sure == sure


def test_what_is_said_of_anything_is_kept_apart() -> None:
    found = surroundings("cataract", "Left knee hurts. Cataract, right eye. Moderate cough.", EXPANDER)
    assert found.said == {"left", "right", "moderate"}
    assert found.sure == {"right", "moderate"}
    assert surroundings("left cataract", "Left cataract, right fine", EXPANDER).said == {"right"}


@given(st.text(max_size=20), st.text(max_size=80))
def test_no_text_makes_it_fail(text: str, context: str) -> None:
    found = surroundings(text, context, EXPANDER)
    assert found.sure <= {"left", "right", "bilateral", "mild", "moderate", "severe", "intermediate", "advanced"}
