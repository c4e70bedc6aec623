"""A release's entities written down in their canonical form, each looked at once: the memory is the codes'."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.hierarchy import DistinctTerms, Hierarchy
from rpdr_core.knowledge_base.release import Release, Watch, remark
from rpdr_core.records import Entity

HEARD = 2_000
"""Entities between two words to whoever watches."""

TERM_CAP = 100_000
"""Characters in one code, name or synonym."""

# Direction controls and signs that show nothing, as in a preview of mentions.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written: SHA-256 of the lines, number of entities and of distinct terms, remarks for the user."""

    fingerprint: str
    entities: int
    terms: int
    remarks: tuple[str, ...] = ()


def take_entities(path: Path, release: Release, watch: Watch, source: str) -> Taken:
    """Write all entities to `path`. `FileFormatError` (file: `source`) where they are no terminology."""
    digest = hashlib.sha256()
    hierarchy, terms, sight = Hierarchy(source), DistinctTerms(), _Sight(source)
    encoder = msgspec.json.Encoder()
    number = 0
    with path.open("wb") as out:
        for number, entity in enumerate(release.entities(), 1):
            sight.check(entity)
            hierarchy.add(entity.code, entity.parents)
            terms.add(_terms(entity))
            line = sight.encoded(encoder, entity)
            digest.update(line)
            out.write(line)
            if number % HEARD == 0:
                watch("entities", number, max(number, release.estimate) if release.estimate else 0)
        out.flush()
        os.fsync(out.fileno())
    if not number:
        raise FileFormatError("the terminology has no entities", hint="give one row per code", file=source)
    watch("hierarchy", number, number)
    hierarchy.check()
    return Taken(digest.hexdigest(), number, terms.count(), tuple(sight.remarks()))


def _terms(entity: Entity) -> Iterator[str]:
    yield entity.name
    yield from entity.synonyms


class _Sight:
    """What no terminology may hold, and what is kept and told."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._invisible = 0

    def check(self, entity: Entity) -> None:
        if not entity.code or not entity.name:
            raise FileFormatError(
                f"entity {entity.code!r} has no name" if entity.code else "an entity has no code",
                hint="give each entity a code and a name",
                file=self._source,
            )
        for term in (entity.code, *_terms(entity)):
            if len(term) > TERM_CAP:
                raise FileFormatError(
                    f"a term of {entity.code[:40]!r} has more than {TERM_CAP:,} characters",
                    hint="shorten it",
                    file=self._source,
                )
        if any(not term.isascii() and _INVISIBLE.search(term) for term in _terms(entity)):
            self._invisible += 1

    def encoded(self, encoder: msgspec.json.Encoder, entity: Entity) -> bytes:
        try:
            return encoder.encode(entity) + b"\n"
        except UnicodeEncodeError as error:
            raise FileFormatError(
                f"half a character (a lone surrogate) in entity {entity.code[:40]!r}",
                hint="retype the term",
                file=self._source,
            ) from error

    def remarks(self) -> Iterator[str]:
        if self._invisible:
            yield remark(
                f"{self._invisible:,} entities have invisible signs (zero-width or of direction), which are kept"
            )
