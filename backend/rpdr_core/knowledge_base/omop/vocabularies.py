"""What vocabularies a download offers, and which release of each it is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from rpdr_core.knowledge_base.omop.files import Download
from rpdr_core.knowledge_base.release import Watch

GLIMPSED = 200_000
"""Rows of CONCEPT.csv that are looked at where the list of vocabularies is missing."""

# The vocabulary of the whole download, whose version is that of the download.
_WHOLE = "None"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A row of VOCABULARY.csv."""

    id: str
    name: str
    version: str = ""


def vocabularies(found: Download, watch: Watch) -> tuple[Vocabulary, ...]:
    """The vocabularies of a download by id; those that its first concepts name, where it has no list of them."""
    if "VOCABULARY.csv" in found:
        rows = found.rows("VOCABULARY.csv", ("vocabulary_id", "vocabulary_name", "vocabulary_version"), watch)
        listed = (Vocabulary(*(cell.strip() for cell in cells)) for _, cells in rows)
    else:
        names = (cells[0] for _, cells in islice(found.rows("CONCEPT.csv", ("vocabulary_id",), watch), GLIMPSED))
        listed = (Vocabulary(name, name) for name in dict.fromkeys(names))
    return tuple(sorted(listed, key=lambda one: one.id.lower()))


def version_of(listed: tuple[Vocabulary, ...], chosen: tuple[str, ...]) -> str:
    """The version of the one chosen vocabulary, else that of the download."""
    wanted = chosen[0] if len(chosen) == 1 else _WHOLE
    by_id = {one.id: one.version for one in listed}
    return by_id.get(wanted, "") or by_id.get(_WHOLE, "")


def offered(listed: tuple[Vocabulary, ...]) -> tuple[tuple[str, str], ...]:
    """Vocabularies to choose from, as (id, title)."""
    return tuple((one.id, f"{one.name} {one.version}".strip()) for one in listed if one.id and one.id != _WHOLE)
