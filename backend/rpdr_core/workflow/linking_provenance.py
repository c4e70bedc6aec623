"""What made a linked file, beside it as JSON. No mention, context or name of a patient is in it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from rpdr_core import __version__
from rpdr_core.workflow.linking import Linked
from rpdr_core.workflow.linking_acceptance import DRIFT_LEVEL, Acceptance
from rpdr_core.workflow.linking_drift import Difference
from rpdr_core.workflow.linking_taught import Taught


class Made(msgspec.Struct, frozen=True):
    """How a file was linked. Hashes are SHA-256; `inputs` names lexicon, memory and vectors as the worker does."""

    input: str
    input_sha256: str
    output: str
    output_sha256: str
    knowledge_base: str
    knowledge_base_title: str
    knowledge_base_version: str
    ranker: str
    encoder: str
    vectors: str
    inputs: str
    scope: str
    memory_sha256: str
    worker: str
    chunk: int
    rpdr: str = __version__


class Promised(msgspec.Struct, frozen=True):
    """The error rate that was asked for, what was found, and whether the file looks like what was reviewed. `learned`:
    reviewed mentions that are remembered, and so part of `inputs`. `trained_on_unknown_texts`: trained rankers that do
    not say on what.
    """

    max_error: float
    certainty: float
    threshold: float
    reviewed: int
    reviewed_at_or_above: int
    wrong_at_or_above: int
    drift_test: str
    drift_level: float
    drift_distance: float
    drift_p: float
    drift_differences: tuple[Difference, ...] = ()
    learned: int = 0
    trained_on_unknown_texts: tuple[Taught, ...] = ()


class Provenance(msgspec.Struct, frozen=True):
    """`counts.resumed` is 0 here: a run that was stopped in between made the same file."""

    made: Made
    counts: Linked
    promised: Promised | None = None


def promised(rate: float, reviewed: int, found: Acceptance, silent: tuple[Taught, ...] = ()) -> Promised:
    from rpdr_core.evaluation.risk import CERTAINTY

    return Promised(
        rate,
        CERTAINTY,
        found.promise.threshold or 0.0,
        reviewed,
        found.promise.n,
        found.promise.wrong,
        "two-sample Kolmogorov-Smirnov of confidences and lengths, Fisher's of shares; each at a fifth of the level",
        DRIFT_LEVEL,
        round(found.drift.distance, 4),
        round(found.drift.p, 6),
        found.drift.differences,
        found.learned,
        silent,
    )


def path_of(output: Path) -> Path:
    return output.with_name(output.name + ".provenance.json")


def write_provenance(output: Path, provenance: Provenance) -> None:
    """In one swap; the same run gives the same bytes."""
    path = path_of(output)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(provenance), indent=2) + b"\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
