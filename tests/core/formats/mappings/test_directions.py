"""Whose "broader" is it? Every word of every format, in both directions, and what each format makes of it in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mapping_files import OF, RELATIONS, STANDARD, back

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.mappings.directions import FHIR_R4, FHIR_R5, SSSOM, USAGI, Directions, Heard
from rpdr_core.formats.mappings.record import Mapping, MappingFormat
from rpdr_core.records import Relation, Target

# "Eye pain" (source) and "pain" (target): the target is broader. One row for each of our relations.
SAID: list[tuple[Relation, str, str, str, str]] = [
    ("equivalent", "equivalent", "equivalent", "skos:exactMatch", "EQUIVALENT"),
    ("broader", "wider", "source-is-narrower-than-target", "skos:broadMatch", "WIDER"),
    ("narrower", "narrower", "source-is-broader-than-target", "skos:narrowMatch", "NARROWER"),
    ("inexact", "inexact", "related-to", "skos:relatedMatch", "INEXACT"),
]
HEARD: list[tuple[Directions, str, Heard]] = [
    (FHIR_R4, "equal", "equivalent"),
    (FHIR_R4, "subsumes", "broader"),  # the source is-a target
    (FHIR_R4, "specializes", "narrower"),  # the target is-a source
    (FHIR_R4, "relatedto", "inexact"),
    (FHIR_R4, "unmatched", "no_match"),
    (FHIR_R4, "disjoint", "unrelated"),
    (FHIR_R5, "not-related-to", "unrelated"),
    (SSSOM, "skos:closeMatch", "inexact"),
    (SSSOM, "rdfs:subClassOf", "broader"),  # the subject is a subclass of the object
    (SSSOM, "sssom:superClassOf", "narrower"),
    (SSSOM, "owl:equivalentClass", "equivalent"),
    (SSSOM, "RO:0002326", "inexact"),  # any predicate must be accepted
    (USAGI, "EQUAL", "equivalent"),
    (USAGI, "UNMATCHED", "no_match"),
    (USAGI, "UNREVIEWED", "open"),
    (USAGI, "broadMatch", "broader"),  # as Usagi shows WIDER
    (USAGI, "narrowMatch", "narrower"),
]


@pytest.mark.parametrize(("relation", "r4", "r5", "sssom", "usagi"), SAID)
def test_each_relation_has_one_word_a_format_and_is_heard_again(
    relation: Relation, r4: str, r5: str, sssom: str, usagi: str
) -> None:
    for directions, word in ((FHIR_R4, r4), (FHIR_R5, r5), (SSSOM, sssom), (USAGI, usagi)):
        assert directions.word(relation) == word
        assert directions.hear(word, file="a") == relation


@pytest.mark.parametrize(("directions", "word", "heard"), HEARD)
def test_words_that_we_only_hear(directions: Directions, word: str, heard: Heard) -> None:
    assert directions.hear(word, file="a") == heard


def test_the_table_covers_all_relations() -> None:
    assert [row[0] for row in SAID] == list(RELATIONS)
    assert all(set(directions.said) == set(RELATIONS) for directions in (FHIR_R4, FHIR_R5, SSSOM, USAGI))


def test_r4_and_r5_look_from_opposite_ends() -> None:
    assert FHIR_R4.word("broader") == "wider"
    assert "narrower" in FHIR_R5.word("broader")


@pytest.mark.parametrize("directions", [FHIR_R4, FHIR_R5, USAGI])
def test_an_unknown_word_is_refused_with_its_place(directions: Directions) -> None:
    with pytest.raises(FileFormatError) as caught:
        directions.hear("broader", file="a.json", line=7)
    assert (caught.value.file, caught.value.line) == ("a.json", 7)
    assert next(iter(directions.heard)) in caught.value.hint


# What must stand in the file for a target that is broader than the source, and what must not.
IN_FILES = {
    "usagi": (",WIDER,", "NARROWER"),
    "fhir-r4": ('"equivalence":"wider"', '"equivalence":"narrower"'),
    "fhir-r5": ('"relationship":"source-is-narrower-than-target"', "source-is-broader-than-target"),
    "sssom": ("\tskos:broadMatch\t", "skos:narrowMatch"),
}


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
@pytest.mark.parametrize("relation", RELATIONS)
def test_a_file_keeps_the_relation_or_the_report_says_that_it_does_not(
    format: MappingFormat, relation: Relation, tmp_path: Path
) -> None:
    path = tmp_path / f"a{format.suffix}"
    mapping = Mapping("eye pain", (Target("4329041", "Pain", relation),), "accepted", key="1")
    report = format.always + format.write(path, OF, [mapping]).report
    kept = back(format, path)[0].targets[0].relation == relation
    told = any("relation" in loss.what and loss.times == 1 for loss in report.losses)
    assert kept or told
    assert kept == (format.id != "stcm") or relation == "equivalent"


@pytest.mark.parametrize("format", [one for one in STANDARD if one.id in IN_FILES], ids=lambda one: one.id)
def test_the_word_stands_in_the_file(format: MappingFormat, tmp_path: Path) -> None:
    path = tmp_path / f"a{format.suffix}"
    format.write(path, OF, [Mapping("eye pain", (Target("4329041", "Pain", "broader"),), "accepted")])
    text = path.read_text(encoding="utf-8")
    there, not_there = IN_FILES[format.id]
    assert there in text
    assert not_there not in text
