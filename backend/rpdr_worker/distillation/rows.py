"""Training rows as a trainer wants them: checked, and under one hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from rpdr_core.errors import UserInputError
from rpdr_core.protocol.messages import TrainingRow


def check_rows(train: Sequence[TrainingRow], validation: Sequence[TrainingRow]) -> None:
    """Every order is a permutation of two candidates or more, and there is something to train on."""
    if not ranked(train):
        raise UserInputError("there is nothing to train on", hint="let the teacher rank, or decide some mentions")
    for row in (*train, *validation):
        if sorted(row.order) != list(range(len(row.candidates))) or len(row.order) < 2:
            raise UserInputError("a training row's order does not fit its candidates", hint="select the rows again")


def rows_sha256(train: Sequence[TrainingRow], validation: Sequence[TrainingRow]) -> str:
    return hashlib.sha256(msgspec.json.encode([train, validation])).hexdigest()


def ranked(rows: Sequence[TrainingRow]) -> tuple[TrainingRow, ...]:
    """The rows that have a right candidate: an order of wrong ones teaches nothing."""
    return tuple(row for row in rows if row.verdict != "none")


def unranked(rows: Sequence[TrainingRow]) -> tuple[TrainingRow, ...]:
    """The rows of which the teacher or a person said that no candidate is right."""
    return tuple(row for row in rows if row.verdict == "none")
