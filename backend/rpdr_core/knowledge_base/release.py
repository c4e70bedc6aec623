"""A terminology's release, opened and not yet read: what every reader of terminologies gives to the library.

A reader is a function `open_...(path, options, watch) -> Release`. It looks at the file's head only, raises
`FileFormatError` where that is not what it reads, and reads the rest when `entities`, `associations` and `maps` are
asked for, in this order, each from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rpdr_core.errors import remark as remark
from rpdr_core.records import Entity

AssociationKind = Literal[
    "replaced_by",
    "same_as",
    "possibly_replaced_by",
    "possibly_equivalent_to",
    "partially_equivalent_to",
    "alternative",
    "was_a",
    "moved_to",
]
"""How a retired entity stands to the one that a release names in its place, after SNOMED CT's historical association
reference sets. Only `replaced_by` and `same_as` say what to use instead; the others leave a choice to a person."""

Watch = Callable[[str, int, int], object]
"""Hears of progress: the stage in a word, how many rows are done, how many there are (0: not known). Whatever it raises
(`Cancelled`) ends the import, and nothing is kept."""


def unwatched(stage: str, done: int, total: int) -> None:
    """A `Watch` that does nothing."""


@dataclass(frozen=True, slots=True)
class Association:
    """The release's word on what became of `code`."""

    code: str
    kind: AssociationKind
    target: str


@dataclass(frozen=True, slots=True)
class MapTarget:
    """A row of a map that comes with a release, e.g. from SNOMED CT to ICD-10.

    Groups are assigned together, one target from each: the first by `priority` whose `rule` holds. `target` is empty
    where the map says that there is none. `to` names the other terminology.
    """

    code: str
    to: str
    target: str
    group: int = 1
    priority: int = 1
    rule: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseOptions:
    """What a user may say about a file. Empty: as the reader finds it.

    `dialect`: language tag or reference set id whose preferred terms become the names. `columns`: header by field, for
    tables. `modules` and `vocabularies`: what to keep of a release that holds several (RF2 module ids, OMOP
    vocabulary ids). `inactive`: whether retired entities come along (they are never proposed). `format`: the reader's
    name (see `recognising.READERS`) where the file's own word is not to be trusted. `repeated`: rows of a table that
    repeat a code give further names of it, instead of being an error.
    """

    format: str = ""
    encoding: str = ""
    dialect: str = ""
    sheet: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    modules: tuple[str, ...] = ()
    vocabularies: tuple[str, ...] = ()
    inactive: bool = True
    repeated: bool = False


def _nothing() -> Iterator[Association]:
    return iter(())


def _no_maps() -> Iterator[MapTarget]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Release:
    """An opened terminology. `id`: proposed short name. `estimate`: about how many entities, 0 where unknown.

    `dialects` and `vocabularies` are what the file offers to choose from, as (value, title). `warnings` are for the
    user's eyes before the import; what turns up while reading comes with `remarks`, asked for last. `sample`: some
    entities for a preview, for a reader that must read much before its first one. `needs`: options without which
    nothing can be imported (`vocabularies`).
    """

    format: str
    id: str
    title: str
    version: str
    entities: Callable[[], Iterator[Entity]]
    associations: Callable[[], Iterator[Association]] = _nothing
    maps: Callable[[], Iterator[MapTarget]] = _no_maps
    remarks: Callable[[], Iterable[str]] = tuple
    dialects: tuple[tuple[str, str], ...] = ()
    vocabularies: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: int = 0
    sample: Callable[[], Iterator[Entity]] | None = None
    needs: tuple[str, ...] = ()
