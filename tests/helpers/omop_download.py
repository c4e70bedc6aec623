"""Downloads from Athena for tests: the tables of OMOP CDM 5.4 as tab-separated files, made up here.

Run as a program it writes a large one: python omop_download.py FOLDER CHOSEN OTHERS
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

HEADERS = {
    "CONCEPT.csv": (
        "concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "standard_concept",
        "concept_code", "valid_start_date", "valid_end_date", "invalid_reason",
    ),
    "CONCEPT_SYNONYM.csv": ("concept_id", "concept_synonym_name", "language_concept_id"),
    "CONCEPT_RELATIONSHIP.csv": (
        "concept_id_1", "concept_id_2", "relationship_id", "valid_start_date", "valid_end_date", "invalid_reason",
    ),
    "CONCEPT_ANCESTOR.csv": (
        "ancestor_concept_id", "descendant_concept_id", "min_levels_of_separation", "max_levels_of_separation",
    ),
    "VOCABULARY.csv": (
        "vocabulary_id", "vocabulary_name", "vocabulary_reference", "vocabulary_version", "vocabulary_concept_id",
    ),
}  # fmt: skip
DATES = ("19700101", "20991231")
ENGLISH, SPANISH = "4180186", "4182511"


def concept(
    id: int, name: str, code: str, vocabulary: str = "SNOMED", standard: str = "S", invalid: str = "",
    kind: str = "Disorder",
) -> tuple[str, ...]:  # fmt: skip
    return (str(id), name, "Condition", vocabulary, kind, standard, code, *DATES, invalid)


def relation(first: int, name: str, second: int, invalid: str = "") -> tuple[str, ...]:
    return (str(first), str(second), name, *DATES, invalid)


TABLES: dict[str, list[tuple[str, ...]]] = {
    "CONCEPT.csv": [
        concept(441840, "Clinical finding", "404684003", kind="Clinical Finding"),
        concept(375545, "Cataract", "193570009"),
        concept(4317977, 'Nuclear cataract, "hard"', "53889007"),
        concept(4100001, "Cataract NOS", "155100000", standard="", invalid="U"),
        concept(4100002, "Lens opacity, old", "155100001", standard="", invalid="D"),
        concept(45605356, "Unspecified cataract", "H26.9", "ICD10CM", "", kind="5-char billing code"),
        concept(35207530, "Other cataract", "H26", "ICD10CM", "", kind="3-char nonbill code"),
        concept(19, "Condition", "OMOP generated", "Domain", "", kind="Domain"),
    ],
    "CONCEPT_SYNONYM.csv": [
        ("375545", "Lens opacity", ENGLISH),
        ("375545", "Catarata", SPANISH),
        ("375545", "Cataract", ENGLISH),
        ("45605356", "Cataract, unspecified", ENGLISH),
    ],
    "CONCEPT_RELATIONSHIP.csv": [
        relation(375545, "Is a", 441840),
        relation(441840, "Subsumes", 375545),
        relation(4317977, "Is a", 375545),
        relation(4317977, "Is a", 4100002, "D"),
        relation(4100001, "Concept replaced by", 375545),
        relation(4100001, "Maps to", 375545),
        relation(4100002, "Concept poss_eq to", 4317977),
        relation(4100002, "Maps to", 375545),
        relation(375545, "Maps to", 375545),
        relation(45605356, "Is a", 35207530),
        relation(45605356, "Maps to", 375545),
    ],
    "CONCEPT_ANCESTOR.csv": [
        ("441840", "375545", "1", "1"),
        ("441840", "4317977", "2", "2"),
        ("375545", "4317977", "1", "1"),
        ("375545", "375545", "0", "0"),
    ],
    "VOCABULARY.csv": [
        ("None", "OMOP Standardized Vocabularies", "OMOP generated", "v5.0 31-AUG-26", "44819096"),
        ("SNOMED", "Systematic Nomenclature of Medicine", "http://www.snomed.org", "2026-02-01 US Edition", "44819097"),
        ("ICD10CM", "ICD, Tenth Revision, Clinical Modification", "http://www.cdc.gov", "ICD10CM FY2026", "44819098"),
        ("Domain", "OMOP Domain", "OMOP generated", "", "44819147"),
    ],
}  # fmt: skip


def as_text(name: str, rows: Iterable[Sequence[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in (HEADERS[name], *rows))


def write_download(folder: Path, tables: dict[str, list[tuple[str, ...]]] = TABLES) -> Path:
    """A folder with the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / name).write_text(as_text(name, rows), encoding="utf-8", newline="")
    return folder


def zip_download(path: Path, tables: dict[str, list[tuple[str, ...]]] = TABLES) -> Path:
    """A zip of the files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            archive.writestr(name, as_text(name, rows))
    return path


def write_large(folder: Path, chosen: int, others: int) -> Path:
    """`chosen` SNOMED concepts with synonyms and parents among `others` of another vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    write_download(folder, {"VOCABULARY.csv": TABLES["VOCABULARY.csv"]})
    step = max(1, (chosen + others) // max(1, chosen))

    def concepts() -> Iterable[Sequence[str]]:
        for number in range(chosen):
            organ = ("eye", "ear", "knee", "heart")[number % 4]
            name = f"Disorder {number} of the {organ} with finding {number * 7919}"
            yield concept(1_000_000 + number, name, str(900_000_000 + number), invalid="U" if number % 10 == 9 else "")
            for other in range(step - 1):
                at = number * (step - 1) + other
                yield concept(40_000_000 + at, f"Drug product {at} tablet", f"R{at}", "RxNorm", kind="Clinical Drug")

    def synonyms() -> Iterable[Sequence[str]]:
        for number in range(chosen):
            yield (str(1_000_000 + number), f"Finding {number} in a patient", ENGLISH)
            yield (str(1_000_000 + number), f"Disease number {number * 31} seen before", ENGLISH)

    def relations() -> Iterable[Sequence[str]]:
        for number in range(1, chosen):
            yield relation(1_000_000 + number, "Is a", 1_000_000 + number // 3)
            yield relation(1_000_000 + number // 3, "Subsumes", 1_000_000 + number)
            if number % 10 == 9:
                yield relation(1_000_000 + number, "Concept replaced by", 1_000_000 + number - 1)
            yield relation(1_000_000 + number, "Maps to", 1_000_000 + number - (number % 10 == 9))
            yield relation(40_000_000 + number, "Maps to", 1_000_000 + number)

    for name, rows in (
        ("CONCEPT.csv", concepts()),
        ("CONCEPT_SYNONYM.csv", synonyms()),
        ("CONCEPT_RELATIONSHIP.csv", relations()),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            out.write("\t".join(HEADERS[name]) + "\n")
            out.writelines("\t".join(row) + "\n" for row in rows)
    return folder


if __name__ == "__main__":
    write_large(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
