"""A download from Athena opened as a release: what it offers, and what a user may choose.

An entity's code is the OMOP concept id, which is what SOURCE_TO_CONCEPT_MAP and Usagi ask for; the vocabulary's own
code is a note of the entity (`other_code`), which the search finds. With the column `code` set to `concept_code` it is
the other way round, for one vocabulary at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.knowledge_base.omop.files import Download, download
from rpdr_core.knowledge_base.omop.reading import COLUMNS, Reading, Wish
from rpdr_core.knowledge_base.omop.vocabularies import Vocabulary, offered, version_of, vocabularies
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, Watch, remark
from rpdr_core.records import Entity

SHOWN = 20
_MANY = 12


def open_omop(path: Path, options: ReleaseOptions, watch: Watch) -> Release:
    """Open a download. Without `options.vocabularies` only one that holds a single vocabulary can be read."""
    found = download(path)
    listed = vocabularies(found, watch)
    chosen = options.vocabularies or _only(listed)
    _check(chosen, listed, found)
    wish = _wish(options, chosen, found)
    reading = Reading(found, wish, watch)
    name = " ".join(chosen) if len(chosen) < _MANY else ""
    return Release(
        format="omop",
        # An id that begins with "omop" says that the codes are concept ids: files of mappings go by it.
        id=name if wish.by_code and name else f"omop {name}".strip(),
        title=f"OMOP {name}".strip(),
        version=version_of(listed, chosen),
        entities=reading.entities if chosen else lambda: _refuse(listed, found),
        associations=reading.associations,
        maps=reading.maps,
        remarks=lambda: tuple(reading.remarks()),
        vocabularies=offered(listed),
        warnings=tuple(_warnings(found, chosen)),
        sample=lambda: islice(_sample(found, wish, watch), SHOWN),
        needs=() if chosen else ("vocabularies",),
    )


def _only(listed: tuple[Vocabulary, ...]) -> tuple[str, ...]:
    ids = [value for value, _ in offered(listed)]
    return (ids[0],) if len(ids) == 1 else ()


def _check(chosen: tuple[str, ...], listed: tuple[Vocabulary, ...], found: Download) -> None:
    known = {one.id for one in listed}
    unknown = next((value for value in chosen if value not in known), None)
    if unknown is not None and "VOCABULARY.csv" in found:
        raise _refusal(f"the download has no vocabulary {unknown[:40]!r}", _known(listed), found)


def _refuse(listed: tuple[Vocabulary, ...], found: Download) -> Iterator[Entity]:
    raise _refusal("several vocabularies, and none is chosen", _known(listed), found)


def _known(listed: tuple[Vocabulary, ...]) -> str:
    ids = [value for value, _ in offered(listed)]
    return ", ".join(ids[:_MANY]) + (" .." if len(ids) > _MANY else "")


def _refusal(message: str, known: str, found: Download) -> FileFormatError:
    return FileFormatError(message, hint=f"choose from {known}", file=str(found.root))


def _wish(options: ReleaseOptions, chosen: tuple[str, ...], found: Download) -> Wish:
    column = dict(options.columns).get("code", "concept_id").lower()
    if column not in ("concept_id", "concept_code"):
        raise FileFormatError(
            f"no code is in a column {column[:40]!r}", hint="concept_id or concept_code", file=str(found.root)
        )
    if column == "concept_code" and len(chosen) > 1:
        raise FileFormatError(
            "codes of several vocabularies may be the same",
            hint="choose one vocabulary, or take the concept ids",
            file=str(found.root),
        )
    if options.dialect and not options.dialect.isdecimal():
        raise UserInputError(
            f"{options.dialect[:40]!r} is no language of OMOP", hint="a concept id, such as 4180186 for English"
        )
    language = int(options.dialect) if options.dialect else 0
    return Wish(frozenset(chosen), options.inactive, column == "concept_code", language)


def _warnings(found: Download, chosen: tuple[str, ...]) -> Iterator[str]:
    if "CONCEPT_SYNONYM.csv" not in found:
        yield remark("no CONCEPT_SYNONYM.csv: concepts have their names only")
    if "CONCEPT_RELATIONSHIP.csv" not in found:
        yield remark(
            "no CONCEPT_RELATIONSHIP.csv: the hierarchy is CONCEPT_ANCESTOR.csv's, and retired concepts have no heirs"
            if "CONCEPT_ANCESTOR.csv" in found
            else "no CONCEPT_RELATIONSHIP.csv: there is no hierarchy, and retired concepts have no heirs"
        )
    if "VOCABULARY.csv" not in found:
        yield remark("no VOCABULARY.csv: vocabularies are those of the first concepts, and versions are not known")
    if not chosen:
        yield remark("choose the vocabularies to import")


def _sample(found: Download, wish: Wish, watch: Watch) -> Iterator[Entity]:
    """The first concepts of the chosen vocabularies, without synonyms and parents."""
    for _, cells in found.rows("CONCEPT.csv", COLUMNS, watch):
        concept, name, domain, vocabulary, kind, standard, code, invalid = cells
        if name and (vocabulary in wish.vocabularies or not wish.vocabularies) and (wish.inactive or not invalid):
            shown = code if wish.by_code else concept
            yield Entity(shown, name, type=f"{domain}: {kind}", active=not invalid, assignable=standard == "S")
