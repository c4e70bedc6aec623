from __future__ import annotations

import random

from helpers.quick_contrastive import synonym_rows
from helpers.tiny_models import LAY
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate
from rpdr_worker.distillation.contrastive_recipe import Batches, Negatives
from rpdr_worker.distillation.name_groups import NameGroups, choice_batch, pair_batch, right_code

ROWS = synonym_rows()
GROUPS = NameGroups.of(ROWS)


def test_an_entitys_strings_begin_with_its_name_and_are_distinct() -> None:
    rows = (*ROWS, ROWS[0], TrainingRow("Left  SUGAR", "", ROWS[0].candidates, ROWS[0].order, "blind"))
    strings = NameGroups.of(rows).strings
    assert strings == GROUPS.strings
    assert strings["C-diabetes"][:2] == ("diabetes", "left sugar")


def test_a_row_without_a_right_candidate_names_nothing() -> None:
    row = TrainingRow("nonsense", "", (Candidate("A", "a"), Candidate("B", "b")), (0, 1), "no_match", verdict="none")
    assert NameGroups.of((row,)).strings == {"A": ("a",), "B": ("b",)}
    assert NameGroups.of((row,)).paired() == ()


@given(st.integers(0, 999), st.integers(2, 9), st.floats(0, 1))
def test_a_batch_has_two_different_strings_of_different_entities(seed: int, size: int, families: float) -> None:
    codes = GROUPS.paired()
    batch = pair_batch(GROUPS, codes, size, Batches(families, 3), random.Random(seed))
    assert 2 <= len(batch.owners) <= size
    assert len(set(batch.owners)) == len(batch.owners)
    for left, right, owner in zip(batch.left, batch.right, batch.owners, strict=True):
        assert left != right
        assert {left, right} <= set(GROUPS.strings[codes[owner]])


@given(st.integers(0, 999), st.integers(1, 9), st.floats(0, 1))
def test_a_mention_meets_its_own_name_first_and_others_after(seed: int, count: int, hard: float) -> None:
    rows = random.Random(seed).sample(ROWS, 3)
    batch = choice_batch(GROUPS, rows, tuple(GROUPS.strings), Negatives(count, hard), random.Random(seed))
    for row, choice in zip(rows, batch.choices, strict=True):
        assert batch.names[choice[0]] == GROUPS.strings[right_code(row)][0]
        assert len(set(choice)) == len(choice) == 1 + min(count, len(LAY) - 1)


def test_entities_from_beside_come_along() -> None:
    rows = tuple(
        TrainingRow(
            f"{n} again", "", (Candidate(f"{n}", f"name {n}"), Candidate(f"{n ^ 1}", f"name {n ^ 1}")), (0, 1), "x"
        )
        for n in range(200)
    )
    groups = NameGroups.of(rows)
    batch = pair_batch(groups, groups.paired(), 20, Batches(1.0, 2), random.Random(1))
    together = sum(owner ^ 1 in batch.owners for owner in batch.owners)
    assert together == 20
