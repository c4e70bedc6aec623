"""What every mapping format writes and reads: one source term with what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from rpdr_core.formats.losses import LossReport
from rpdr_core.records import Candidate, FlagReason, NoMatchReason, Status, Target


@dataclass(frozen=True, slots=True)
class Mapping:
    """A source term and its targets.

    `targets`: the main one first, with relations as seen from the source (`broader`: the target is broader than the
    source); empty where there is none. `key` is the source's own code or row id. `reviewer` and `made_at` (UTC, ISO
    8601) belong to the decision, `comment` too; `remark` is the comment on the mention. `confidence`: calibrated chance
    (0..1) of the first candidate. `candidates` with their ranks, for formats that keep them. `mode` as a decision's.
    `start` and `end` are offsets of `text` in `context` in code points; `given` is the code that the source's own file
    gave; `seconds` and `knowledge_base` (fingerprint) as a decision's.
    """

    text: str
    targets: tuple[Target, ...] = ()
    status: Status = "unreviewed"
    context: str = ""
    count: int = 1
    key: str = ""
    department: str = ""
    reason: NoMatchReason | Literal[""] = ""
    comment: str = ""
    remark: str = ""
    flagged: bool = False
    flag_reason: FlagReason | Literal[""] = ""
    reviewer: str = ""
    made_at: str = ""
    mode: str = ""
    confidence: float | None = None
    candidates: tuple[Candidate, ...] = ()
    line: int = 0
    start: int | None = None
    end: int | None = None
    given: str = ""
    seconds: float | None = None
    knowledge_base: str = ""


def flag_reason(text: str) -> FlagReason | Literal[""]:
    """The reason of a flag that a cell names; empty where it names none of ours."""
    return cast(FlagReason, text) if text in get_args(FlagReason) else ""


def _unknown(_code: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class MappingSet:
    """What a file of mappings says of itself.

    `source` names the source vocabulary (the hospital's list), `target` the terminology with `target_version` and its
    fingerprint. `made_at`: UTC, ISO 8601. `made_by`: this program and its version. `concept_ids`: the targets' codes
    are OMOP concept ids, which Usagi and SOURCE_TO_CONCEPT_MAP ask for; `vocabulary` then tells a code's OMOP
    vocabulary id, empty where it is not known.
    """

    title: str = ""
    source: str = ""
    target: str = ""
    target_version: str = ""
    target_fingerprint: str = ""
    made_at: str = ""
    made_by: str = ""
    concept_ids: bool = False
    vocabulary: Callable[[str], str] = field(default=_unknown, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WrittenMappings:
    rows: int
    report: LossReport


Write = Callable[[Path, MappingSet, Iterable[Mapping]], WrittenMappings]
Read = Callable[[Path], tuple[MappingSet, Iterator[Mapping]]]


@dataclass(frozen=True, slots=True)
class MappingFormat:
    """A format of mappings. `suffix` with its dot. `always`: what lies in the format, told before anything is written.

    `read` is None where a file of that format cannot be read back.
    """

    id: str
    title: str
    suffix: str
    write: Write
    always: LossReport
    read: Read | None = None
