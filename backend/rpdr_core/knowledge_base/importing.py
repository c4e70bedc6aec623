"""A look at a terminology before it is imported: what it would become, and what to watch. Never a whole pass."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.recognising import Reader, recognise, short_name
from rpdr_core.knowledge_base.release import Release, ReleaseOptions
from rpdr_core.knowledge_base.table_look import TABLE, TableLook, look_at_table
from rpdr_core.records import Entity

SHOWN = 20
SECONDS = 4.0
"""A reader that has much to read before its first entity is not waited for longer: then no entities are shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """A terminology as it would be imported.

    `entities`: the first 20, or none where too much must be read before the first. `needs`: what the user must choose
    before anything can be imported (`encoding`, `columns`, `vocabularies`), empty where nothing is wanting. `table` is
    set for tables. `estimate`: about how many entities, 0 where unknown. `options`: those that were looked at with.
    """

    format: str
    format_title: str
    id: str = ""
    title: str = ""
    version: str = ""
    dialects: tuple[tuple[str, str], ...] = ()
    vocabularies: tuple[tuple[str, str], ...] = ()
    table: TableLook | None = None
    entities: tuple[Entity, ...] = ()
    estimate: int = 0
    warnings: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    options: ReleaseOptions = field(default_factory=ReleaseOptions)


class _EnoughSeenError(Exception):
    """The look has taken its time."""


def look(path: Path, options: ReleaseOptions | None = None) -> Look:
    """Look at a terminology. Raises what the import would raise at the file's head, with file, line and cure."""
    chosen = options or ReleaseOptions()
    reader = recognise(path, chosen.format)
    said = replace(chosen, format=reader.format)
    if reader.format != TABLE:
        return _read(reader, path, said)
    table = look_at_table(path, said)
    if table.needs:
        warnings = (table.problem,) if table.problem else ()
        return Look(
            reader.format,
            reader.title,
            short_name(path.stem),
            path.stem,
            table=table,
            warnings=warnings,
            needs=table.needs,
            options=said,
        )
    return replace(_read(reader, path, said), table=table)


def _read(reader: Reader, path: Path, options: ReleaseOptions) -> Look:
    release = reader.open(path, options, _Patience())
    entities, trouble = _first(release)
    return Look(
        format=reader.format,
        format_title=reader.title,
        id=short_name(release.id),
        title=release.title,
        version=release.version,
        dialects=release.dialects,
        vocabularies=release.vocabularies,
        entities=entities,
        estimate=release.estimate,
        warnings=(*release.warnings, *trouble),
        needs=release.needs,
        options=options,
    )


class _Patience:
    """A watch that ends the reading when the look has taken long enough."""

    def __init__(self) -> None:
        self._until = time.monotonic() + SECONDS

    def __call__(self, *_: object) -> None:
        if time.monotonic() > self._until:
            raise _EnoughSeenError("enough seen")


def _first(release: Release) -> tuple[tuple[Entity, ...], tuple[str, ...]]:
    """The first entities, and what is wrong with them if the file's fault shows already."""
    found: list[Entity] = []
    try:
        found.extend(islice(release.sample() if release.sample is not None else release.entities(), SHOWN))
    except _EnoughSeenError:
        pass
    except UserInputError as error:
        return tuple(found), (str(error),)
    return tuple(found), ()
