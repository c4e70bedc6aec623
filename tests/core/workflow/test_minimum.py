"""The minimum: masked, cut, and nothing from elsewhere in the note."""

from __future__ import annotations

from pathlib import Path

from helpers.projects import SOURCE, new_project, ranking
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.records import NewMention, WorkedExample
from rpdr_core.workflow.minimum import minimal, minimal_example
from rpdr_core.workflow.preparing import prepare

CANARY = "zqxcanary"
WORDS = st.lists(
    st.sampled_from(
        ["pain", "in", "the", "left", "knee", "since", "weeks", ".", "no", "fever", "视力", "模糊", ",", "and"]
    ),
    max_size=80,
)


@given(before=WORDS, after=WORDS, width=st.integers(0, 120), known=st.booleans())
def test_what_stands_further_off_never_leaves(before: list[str], after: list[str], width: int, known: bool) -> None:
    gap = "x" * (width + 1)
    lead = " ".join([CANARY, gap, *before])
    context = " ".join([lead, "blurry vision", *after, gap, CANARY])
    shown = minimal("blurry vision", context, width, (), len(lead) + 1 if known else None)
    assert CANARY not in shown.context
    assert CANARY not in shown.text
    assert len(shown.context) <= len("blurry vision") + 2 * width + 4


def test_a_context_that_does_not_hold_the_mention_stays() -> None:
    assert minimal("MI", "short note on something else", 80).context == ""
    assert minimal("MI", "", 80).context == ""
    assert minimal("MI", "had MI in May", 0).context == ""


def test_masks_in_mention_context_and_examples() -> None:
    shown = minimal("fall on 12/03/2020", "Zbigniew had a fall on 12/03/2020, call 0171 2345678", 80, ("Zbigniew",))
    assert shown.text == "fall on [date]"
    assert "Zbigniew" not in shown.context
    assert "2345678" not in shown.context
    assert shown.masked >= 4
    example = WorkedExample(
        "fall on 12/03/2020", "seen: fall on 12/03/2020 " + "y" * 200 + CANARY, ("A", "B"), (1, 2), "exact"
    )
    masked, part = minimal_example(example, 40, ())
    assert masked.mention == "fall on [date]"
    assert CANARY not in masked.context
    assert (masked.candidates, masked.order) == (("A", "B"), (1, 2))
    assert part.masked >= 2


def test_a_project_is_prepared_with_its_counts(tmp_path: Path) -> None:
    note = f"{CANARY} {'far ' * 60} blurry vision seen 03.04.2021 {'off ' * 60} {CANARY}"
    with new_project(tmp_path) as project:
        project.add_mentions(SOURCE, [NewMention("blurry vision", note), NewMention("lonely", "lonely")])
        ids = [
            id_ for id_ in project.unranked("teacher", 100) if project.mentions([id_])[0].context in (note, "lonely")
        ]
        project.record_rankings([ranking(ids[0], "retriever", "A", "B"), ranking(ids[1], "retriever", "A")])
        prepared = prepare(project, ids, width=80)
    (item,) = prepared.items
    assert item.mention.id in ids, "a list of one candidate has no order to ask for"
    assert CANARY not in item.mention.context
    assert "[date]" in item.mention.context
    assert prepared.masked == 1
    assert prepared.masks[item.mention.id][0] == 1
