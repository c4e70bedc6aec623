"""What a writer of documents gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rpdr_core.formats.documents.model import Collection, CorpusDocument
from rpdr_core.formats.losses import LossReport
from rpdr_core.formats.mappings.record import Mapping


@dataclass(frozen=True, slots=True)
class Output:
    """A document, and what is said of its annotations, by their number in it."""

    document: CorpusDocument
    said: dict[int, Mapping] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    documents: int
    annotations: int
    report: LossReport


Write = Callable[[Path, Collection, Iterable[Output]], Written]
