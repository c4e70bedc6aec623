"""What is above some codes in a knowledge base: enough for paths and distances, without reading all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from rpdr_core.store.database import Connection

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Lineage:
    """Codes asked for and all above them, with their parents and names; unknown codes are left out.

    `one_root`: everything hangs on a single root, so that what is called a chapter elsewhere is the level below it.
    """

    parents: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    one_root: bool


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    parents: tuple[str, ...] = ()


def lineage_of(connection: Connection, codes: Iterable[str]) -> Lineage:
    """The lineage of codes; the cost grows with their number, not with the knowledge base."""
    found: dict[str, _Place] = {}
    asked: set[str] = set()
    wanted = dict.fromkeys(codes)
    while wanted:
        asked |= wanted.keys()
        new = _places(connection, list(wanted))
        found |= new
        wanted = dict.fromkeys(parent for place in new.values() for parent in place.parents if parent not in asked)
    roots = connection.value("SELECT count(*) FROM (SELECT 1 FROM root LIMIT 2)")
    parents = {code: place.parents for code, place in found.items()}
    return Lineage(parents, {code: place.name for code, place in found.items()}, roots == 1)


def _places(connection: Connection, codes: list[str]) -> dict[str, _Place]:
    found: dict[str, _Place] = {}
    for start in range(0, len(codes), _PAGE):
        page = codes[start : start + _PAGE]
        sql = f"SELECT code, content FROM entity WHERE code IN ({', '.join('?' * len(page))})"  # noqa: S608
        with connection.errors():
            found |= {code: msgspec.json.decode(text, type=_Place) for code, text in connection.rows(sql, *page)}
    return found
