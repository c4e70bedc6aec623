"""What linking a whole file is asked for, and what comes of it. Plain values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rpdr_core.errors import NotAllowedError
from rpdr_core.formats.columns import Columns

RATES = (0.01, 0.02, 0.05, 0.1)
"""Error rates that may be promised with a click."""

SUFFIXES = ("csv", "tsv", "xlsx", "jsonl", "parquet")
"""Formats that a linked file may have."""

Ranker = Literal["retriever", "student"]


class OtherRunError(NotAllowedError):
    """An unfinished run to the same file was begun with something else; it can only be begun anew."""


@dataclass(frozen=True, slots=True)
class LinkWish:
    """`columns` and `encoding` as the preview found or the user chose them. `memory`: the project's decisions are
    known. `rate`: mark what may stand unreviewed with at most this share of errors, None for no such mark; by
    `reviewed`, a file of reviewed mentions, or by the project's random check. `restart`: what an earlier run to this
    file has done is done again.
    """

    source: Path
    output: Path
    columns: Columns = field(default_factory=Columns)
    encoding: str = ""
    ranker: Ranker = "retriever"
    memory: bool = True
    rate: float | None = None
    reviewed: Path | None = None
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Unlike:
    """In what the file differs from the reviewed mentions beyond chance: see `rpdr_core.workflow.linking_drift`."""

    kind: str
    reviewed: float
    file: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """The promise for `rows` at or above `threshold`, where `wrong` of `judged` reviewed mentions were wrong.
    `drifts`: the file is not like the `reviewed` mentions, in what `unlike` says. `silent`: trained rankers ("student",
    "encoder") that do not say on which texts.
    """

    rate: float
    rows: int
    threshold: float
    judged: int
    wrong: int
    reviewed: int
    drifts: bool
    unlike: tuple[Unlike, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkResult:
    """A file that is linked. `distinct` of its rows' mentions differ, `unlinked` rows got no code."""

    source: Path
    output: Path
    rows: int
    distinct: int
    unlinked: int
    resumed: int
    seconds: float
    accepted: Accepted | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run that was stopped, or killed: so many of its distinct mentions are done. `key` names its record."""

    key: str
    wish: LinkWish
    done: int
    begun_at: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The project's random check: how many mentions were drawn, and how many of them are answered."""

    size: int = 0
    answered: int = 0

    @property
    def ready(self) -> bool:
        return 0 < self.size == self.answered


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a linking would be made with now. `student`: id of the student in use, empty for none; `decided`: how many
    decisions would be remembered; `vectors` of `strings` are in the dense index.
    """

    reviewed: Reviewed
    student: str
    decided: int
    vectors: int = 0
    strings: int = 0
