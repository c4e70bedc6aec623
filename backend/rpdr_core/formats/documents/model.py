"""Annotated documents in one shape, whatever format they come in: the shape of BioC, which says the most.

All places are offsets in Unicode code points of a document's text, the end not included. What a format says in words of
its own is kept beside it: `infons` (names with JSON values) and `rest` (what its writer alone understands), so that a
file is written again as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rpdr_core.formats.mappings.record import Mapping

Infons = dict[str, Any]
Unit = Literal["code points", "utf-8", "utf-16"]
"""What a file's offsets count. Ours count code points; files of other programs count bytes or halves of characters."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A stretch of text with what the file says of it.

    `spans` are its parts in order, empty where the file gives no place. `text` is the file's word for it (parts joined
    by a space). `codes`: what it is normalised to in the file. `part` and `sentence`: in which of them the file puts it
    (-1: in none). `said`: what this program had written there about its mapping; then no trace of that is in `infons`.
    """

    id: str
    spans: tuple[tuple[int, int], ...] = ()
    text: str = ""
    type: str = ""
    codes: tuple[str, ...] = ()
    infons: Infons = field(default_factory=dict)
    rest: Any = None
    part: int = -1
    sentence: int = -1
    said: Mapping | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """How annotations stand to one another: `nodes` are (annotation's id, its role)."""

    id: str
    infons: Infons = field(default_factory=dict)
    nodes: tuple[tuple[str, str], ...] = ()
    part: int = -1
    sentence: int = -1
    rest: Any = None


@dataclass(frozen=True, slots=True)
class Part:
    """A passage or sentence: its place in the document's text, and the `offset` that the file gives it.

    `text` is set where the file's own text of it is not what stands at its place (both a passage and its sentences
    may carry it); `silent` where the file gives it none.
    """

    start: int
    end: int
    offset: int
    infons: Infons = field(default_factory=dict)
    sentences: tuple[Part, ...] = ()
    text: str | None = None
    silent: bool = False
    rest: Any = None


@dataclass(frozen=True, slots=True)
class CorpusDocument:
    """A document. `key`: its id, unlike all others in the file; `id` is how the file has it, where that differs."""

    key: str
    text: str = ""
    title: str = ""
    kind: str = ""
    id: str = ""
    infons: Infons = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    relations: tuple[Relation, ...] = ()
    unit: Unit = "code points"
    rest: Any = None


@dataclass(frozen=True, slots=True)
class Collection:
    """What a file says of its documents as a whole. `encoding` of its text.

    `target`: short name of the terminology that a writer's codes are of.
    """

    format: str
    encoding: str = "utf-8"
    infons: Infons = field(default_factory=dict)
    rest: Any = None
    target: str = ""


def no_warnings() -> tuple[str, ...]:
    """Of a file that nothing is odd about."""
    return ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """An opened file or folder. `documents` reads it from the start (streams); `collection` and `warnings` are known
    whole once it has been read.
    """

    path: Path
    format: str
    documents: Callable[[], Iterator[CorpusDocument]]
    collection: Callable[[], Collection]
    warnings: Callable[[], tuple[str, ...]] = no_warnings
    files: Callable[[], tuple[Path, ...]] = tuple
