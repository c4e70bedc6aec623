"""A release written by hand from the specification, with the entities that it must come to.

SNOMED CT Release File Specification (SNOMED International, 2018-01-31): naming 2.1, file layout 2.2, history 2.7,
release types 2.8, component files 3.2, reference sets 4.2 (language, association, simple and extended map),
identifiers 5. The identifiers that are not the specification's own lie in the namespace 1000999; the words are ours.
"""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from rpdr_core.knowledge_base.release import Association, MapTarget, ReleaseOptions, unwatched
from rpdr_core.knowledge_base.rf2 import rows
from rpdr_core.knowledge_base.rf2.opening import open_rf2
from rpdr_core.knowledge_base.rf2.sctid import make
from rpdr_core.records import Entity, Note

ROOT, FINDING, MODULE = "138875005", "404684003", "900000000000207008"
FSN, SYN, DEF = "900000000000003001", "900000000000013009", "900000000000550004"
US, GB = "900000000000509007", "900000000000508004"
PREFERRED, ACCEPTABLE = "900000000000548007", "900000000000549004"
ANEMIA, IRON, OLD = (make(item, "concept", 1000999) for item in (1, 2, 3))
PRIMITIVE, CASE, INFERRED, SOME = "900000000000074008", "900000000000448009", "900000000000011006", "900000000000451002"
STATED, IS_A, SITE = "900000000000010007", "116680003", "363698007"
REPLACED_BY, SAME_AS, ICD10, CTV3 = "900000000000526001", "900000000000527005", "447562003", "900000000000497000"
D20, D25 = "20200131", "20250701"


def _concept(code: str, active: str = "1") -> tuple[str, ...]:
    return code, D25, active, MODULE, PRIMITIVE


def _term(item: int, concept: str, kind: str, text: str, active: str = "1", time: str = D25) -> tuple[str, ...]:
    return make(item, "description", 1000999), time, active, MODULE, concept, "en", kind, text, CASE


def _edge(item: int, child: str, parent: str, *rest: str) -> tuple[str, ...]:
    kind, characteristic, active = (*rest, *("116680003", INFERRED, "1")[len(rest) :])
    number = make(item, "relationship", 1000999)
    return number, D25, active, MODULE, child, parent, "0", kind, characteristic, SOME


def _word(refset: str, item: int, value: str, active: str = "1") -> tuple[str, ...]:
    component = make(item, "description", 1000999)
    return _member(refset, component, value, active=active)


def _member(refset: str, component: str, *more: str, active: str = "1", time: str = D25) -> tuple[str, ...]:
    number = str(uuid.uuid5(uuid.NAMESPACE_OID, "|".join((refset, component, *more))))
    return number, time, active, MODULE, refset, component, *more


FILES: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
    "Terminology/sct2_Concept_{}_INT_20250701.txt": (
        rows.CONCEPT,
        [_concept(ROOT), _concept(FINDING), _concept(ANEMIA), _concept(IRON), _concept(OLD, "0")],
    ),
    "Terminology/sct2_Description_{}-en_INT_20250701.txt": (
        rows.DESCRIPTION,
        [
            _term(1, ROOT, FSN, "SNOMED CT Concept (SNOMED RT+CTV3)"),
            _term(2, FINDING, FSN, "Clinical finding (finding)"),
            _term(3, FINDING, SYN, "Clinical finding"),
            _term(4, ANEMIA, FSN, "Anemia (disorder)"),
            _term(5, ANEMIA, SYN, 'Low "red" count'),
            _term(6, ANEMIA, SYN, "Anaemia"),
            _term(7, ANEMIA, SYN, "Anemia"),
            _term(8, ANEMIA, SYN, "Bloodlessness", "0"),
            _term(9, IRON, FSN, "Anemia (iron) deficiency (disorder)"),
            _term(10, IRON, SYN, "Iron deficiency anemia"),
            _term(11, OLD, FSN, "Poor blood (finding)"),
            _term(12, OLD, SYN, "Poor blood"),
        ],
    ),
    "Terminology/sct2_TextDefinition_{}-en_INT_20250701.txt": (
        rows.DESCRIPTION,
        [_term(20, ANEMIA, DEF, "Too little haemoglobin."), _term(21, ANEMIA, DEF, "Never mind.", "0")],
    ),
    "Terminology/sct2_Relationship_{}_INT_20250701.txt": (
        rows.RELATIONSHIP,
        [
            _edge(1, FINDING, ROOT),
            _edge(2, ANEMIA, FINDING),
            _edge(3, IRON, ANEMIA),
            _edge(4, IRON, FINDING, IS_A, INFERRED, "0"),
            _edge(5, IRON, ROOT, IS_A, STATED),
            _edge(6, IRON, FINDING, SITE),
            _edge(7, OLD, FINDING, IS_A, INFERRED, "0"),
        ],
    ),
    "Refset/Language/der2_cRefset_Language{}-en_INT_20250701.txt": (
        rows.LANGUAGE,
        [
            *(_word(US, item, PREFERRED) for item in (1, 2, 3, 4, 7, 9, 10, 11, 12, 20)),
            *(_word(GB, item, PREFERRED) for item in (1, 2, 3, 4, 6, 9, 10, 11, 12, 20)),
            _word(GB, 5, ACCEPTABLE),
            _word(US, 5, ACCEPTABLE),
            _word(US, 6, PREFERRED, active="0"),
        ],
    ),
    "Refset/Content/der2_cRefset_Association{}_INT_20250701.txt": (
        rows.ASSOCIATION,
        [
            _member(REPLACED_BY, OLD, ANEMIA),
            _member(SAME_AS, OLD, IRON, active="0"),
            _member("900000000000531004", make(8, "description", 1000999), ANEMIA),
        ],
    ),
    "Refset/Map/der2_iisssccRefset_ExtendedMap{}_INT_20250701.txt": (
        (*rows.COMPLEX_MAP, "mapCategoryId"),
        [
            _member(ICD10, IRON, "1", "1", "IFA 1 | x |", "ALWAYS D50.0", "D50.0", "447561005", "447637006"),
            _member(ICD10, IRON, "1", "2", "OTHERWISE TRUE", "ALWAYS D50.9", "D50.9", "447561005", "447637006"),
            _member(ICD10, ANEMIA, "1", "1", "TRUE", "CANNOT BE CLASSIFIED", "", "447561005", "447638001"),
        ],
    ),
    "Refset/Map/der2_sRefset_SimpleMap{}_INT_20250701.txt": (rows.SIMPLE_MAP, [_member(CTV3, IRON, "XE12a")]),
}


def write(root: Path, files: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]], release: str) -> Path:
    for name, (columns, found) in files.items():
        path = root / release / name.format(release)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = ["\t".join(cells) for cells in (columns, *found)]
        path.write_text("".join(f"{line}\r\n" for line in lines), encoding="utf-8", newline="")
    return root


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    return write(tmp_path / "SnomedCT_Golden", FILES, "Snapshot")


ENTITIES = [
    Entity(ROOT, "SNOMED CT Concept", type="SNOMED RT+CTV3", assignable=False),
    Entity(FINDING, "Clinical finding", parents=(ROOT,), type="finding"),
    Entity(
        ANEMIA,
        "Anemia",
        synonyms=("Anaemia", 'Low "red" count'),
        parents=(FINDING,),
        type="disorder",
        notes=(Note("note", "Too little haemoglobin."),),
    ),
    Entity(
        IRON,
        "Iron deficiency anemia",
        synonyms=("Anemia (iron) deficiency",),
        parents=(ANEMIA,),
        type="disorder",
    ),
    Entity(OLD, "Poor blood", type="finding", active=False, assignable=False),
]
MAPS = [
    MapTarget(IRON, "ICD-10", "D50.0", 1, 1, "IFA 1 | x |", "ALWAYS D50.0"),
    MapTarget(IRON, "ICD-10", "D50.9", 1, 2, "OTHERWISE TRUE", "ALWAYS D50.9"),
    MapTarget(ANEMIA, "ICD-10", "", 1, 1, "TRUE", "CANNOT BE CLASSIFIED"),
]


def test_what_the_release_comes_to(golden: Path) -> None:
    release = open_rf2(golden, ReleaseOptions(), unwatched)
    assert list(release.entities()) == ENTITIES
    assert list(release.associations()) == [Association(OLD, "replaced_by", ANEMIA)]
    assert list(release.maps()) == MAPS
    assert list(release.remarks()) == ["1 active concepts have no preferred term in en-US; they are named as elsewhere"]
    assert (release.id, release.title) == ("snomed-ct", "SNOMED CT International")
    assert (release.version, release.estimate) == ("2025-07-01", 5)
    assert [value for value, _ in release.dialects] == ["en-US", "en-GB"]
    assert release.vocabularies == ((MODULE, f"{MODULE} (4)"),)


@pytest.mark.parametrize("dialect", ["en-GB", "EN-gb", GB])
def test_the_chosen_dialect_names(golden: Path, dialect: str) -> None:
    entities = {one.code: one for one in open_rf2(golden, ReleaseOptions(dialect=dialect), unwatched).entities()}
    assert entities[ANEMIA].name == "Anaemia"
    assert entities[ANEMIA].synonyms == ("Anemia", 'Low "red" count')


def test_without_retired_concepts(golden: Path) -> None:
    release = open_rf2(golden, ReleaseOptions(inactive=False), unwatched)
    assert list(release.entities()) == ENTITIES[:-1]


def test_a_full_comes_to_the_same_as_its_snapshot(tmp_path: Path) -> None:
    """Older states say otherwise in every file; a component that was retired in the end stays retired."""
    files = {name: (columns, list(found)) for name, (columns, found) in FILES.items()}
    concepts = "Terminology/sct2_Concept_{}_INT_20250701.txt"
    files[concepts][1][:0] = [(OLD, D20, "1", MODULE, PRIMITIVE), (ANEMIA, D20, "0", MODULE, PRIMITIVE)]
    terms = "Terminology/sct2_Description_{}-en_INT_20250701.txt"
    files[terms][1].append(_term(10, IRON, SYN, "Iron anemia", time=D20))
    files[terms][1].append(_term(8, ANEMIA, SYN, "Bloodlessness", time=D20))
    edges = "Terminology/sct2_Relationship_{}_INT_20250701.txt"
    number, _, _, *rest = _edge(4, IRON, FINDING, IS_A, INFERRED, "0")
    files[edges][1].insert(0, (number, D20, "1", *rest))
    words = "Refset/Language/der2_cRefset_Language{}-en_INT_20250701.txt"
    member, _, _, *rest = _word(US, 6, PREFERRED, active="0")
    files[words][1].insert(0, (member, D20, "1", *rest))
    history = "Refset/Content/der2_cRefset_Association{}_INT_20250701.txt"
    files[history][1].append(_member(SAME_AS, OLD, IRON, time=D20))
    release = open_rf2(write(tmp_path / "full", files, "Full"), ReleaseOptions(), unwatched)
    found = sorted(release.entities(), key=lambda entity: entity.code)
    assert found == sorted(ENTITIES, key=lambda entity: entity.code)
    assert list(release.associations()) == [Association(OLD, "replaced_by", ANEMIA)]
    assert list(release.maps()) == MAPS
    assert "newest" in release.warnings[0]
