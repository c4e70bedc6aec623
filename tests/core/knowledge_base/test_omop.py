"""OMOP vocabularies: written after the OMOP CDM 5.4 vocabulary tables, https://ohdsi.github.io/CommonDataModel/cdm54.html"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.omop_download import (
    ENGLISH,
    HEADERS,
    TABLES,
    as_text,
    concept,
    relation,
    write_download,
    write_large,
    zip_download,
)

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.knowledge_base.catalogue import write_release
from rpdr_core.knowledge_base.omop.chosen import Chains, Chosen, Texts
from rpdr_core.knowledge_base.recognising import open_release, recognise
from rpdr_core.knowledge_base.release import Association, MapTarget, Release, ReleaseOptions
from rpdr_core.records import Entity, Note

SNOMED = ReleaseOptions(vocabularies=("SNOMED",))
BOTH = ReleaseOptions(vocabularies=("SNOMED", "ICD10CM"))


def read(release: Release) -> tuple[dict[str, Entity], list[Association], list[MapTarget]]:
    entities = {entity.code: entity for entity in release.entities()}
    return entities, list(release.associations()), list(release.maps())


def changed(**tables: list[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    return {**TABLES, **{f"{name}.csv": rows for name, rows in tables.items()}}


def without(*names: str) -> dict[str, list[tuple[str, ...]]]:
    return {name: rows for name, rows in TABLES.items() if name not in names}


def test_a_download_becomes_entities_with_their_history(tmp_path: Path) -> None:
    release = open_release(zip_download(tmp_path / "a.zip"), SNOMED)
    assert (release.format, release.title, release.version) == ("omop", "OMOP SNOMED", "2026-02-01 US Edition")
    entities, history, maps = read(release)
    assert list(entities) == ["441840", "375545", "4317977", "4100001", "4100002"]
    assert entities["375545"] == Entity(
        "375545", "Cataract", ("Lens opacity", "Catarata"), ("441840",), "Condition: Disorder", True, True,
        (Note("other_code", "SNOMED 193570009"),),
    )  # fmt: skip
    assert entities["4317977"].name == 'Nuclear cataract, "hard"'
    assert (entities["4100001"].active, entities["4100001"].assignable) == (False, False)
    # Where a successor is named, the mapping adds nothing; where none is, the mapping is the release's own word.
    assert history == [
        Association("4100001", "replaced_by", "375545"),
        Association("4100002", "possibly_equivalent_to", "4317977"),
        Association("4100002", "replaced_by", "375545"),
    ]
    assert [(row.code, row.target, row.advice) for row in maps] == [
        ("4100001", "375545", "Maps to"),
        ("4100002", "375545", "Maps to"),
    ]
    assert list(release.remarks()) == []


def test_a_folder_or_its_concept_file_reads_like_the_zip(tmp_path: Path) -> None:
    folder = write_download(tmp_path / "athena")
    found = read(open_release(zip_download(tmp_path / "a.zip"), BOTH))
    assert read(open_release(folder, BOTH)) == found
    assert read(open_release(folder / "CONCEPT.csv", BOTH)) == found
    for path in (folder, folder / "CONCEPT.csv", tmp_path / "a.zip"):
        assert recognise(path).format == "omop"


def test_a_vocabulary_without_standard_concepts_may_be_mapped_to(tmp_path: Path) -> None:
    release = open_release(write_download(tmp_path / "a"), ReleaseOptions(vocabularies=("ICD10CM",)))
    entities, history, maps = read(release)
    assert entities["45605356"].assignable
    assert entities["45605356"].parents == ("35207530",)
    assert history == []
    assert maps == [MapTarget("45605356", "OMOP SNOMED", "375545", advice="Maps to")]
    assert list(release.remarks()) == ["ICD10CM has no standard concepts: any valid concept of it may be chosen"]


def test_codes_of_the_vocabulary_itself_when_asked_for(tmp_path: Path) -> None:
    path = write_download(tmp_path / "a")
    by_code = ReleaseOptions(vocabularies=("ICD10CM",), columns=(("code", "concept_code"),))
    release = open_release(path, by_code)
    assert release.id == "ICD10CM"  # not "omop ..": these are not concept ids
    entities, _, maps = read(release)
    assert entities["H26.9"].parents == ("H26",)
    assert entities["H26.9"].notes == (Note("other_code", "OMOP 45605356"),)
    assert maps[0].code == "H26.9"
    with pytest.raises(FileFormatError, match="may be the same"):
        open_release(path, ReleaseOptions(vocabularies=BOTH.vocabularies, columns=by_code.columns))
    with pytest.raises(FileFormatError, match="'name'"):
        open_release(path, ReleaseOptions(vocabularies=("ICD10CM",), columns=(("code", "name"),)))


def test_retired_concepts_stay_away_when_asked_for(tmp_path: Path) -> None:
    options = ReleaseOptions(vocabularies=("SNOMED",), inactive=False)
    entities, history, _ = read(open_release(write_download(tmp_path / "a"), options))
    assert list(entities) == ["441840", "375545", "4317977"]
    assert history == []


def test_synonyms_of_one_language(tmp_path: Path) -> None:
    path = write_download(tmp_path / "a")
    options = ReleaseOptions(vocabularies=("SNOMED",), dialect=ENGLISH)
    assert read(open_release(path, options))[0]["375545"].synonyms == ("Lens opacity",)
    with pytest.raises(UserInputError, match="'en'"):
        open_release(path, ReleaseOptions(vocabularies=("SNOMED",), dialect="en"))


def test_the_hierarchy_comes_from_the_ancestors_where_there_are_no_relationships(tmp_path: Path) -> None:
    release = open_release(write_download(tmp_path / "a", without("CONCEPT_RELATIONSHIP.csv")), SNOMED)
    assert any("CONCEPT_ANCESTOR" in warning for warning in release.warnings)
    entities, history, maps = read(release)
    assert entities["375545"].parents == ("441840",)
    assert entities["4317977"].parents == ("375545",)
    assert (history, maps) == ([], [])


def test_concepts_alone_are_a_terminology_and_what_is_missing_is_told(tmp_path: Path) -> None:
    names = [name for name in TABLES if name != "CONCEPT.csv"]
    release = open_release(write_download(tmp_path / "a", without(*names)), SNOMED)
    assert len(release.warnings) == 3
    assert {value for value, _ in release.vocabularies} == {"SNOMED", "ICD10CM", "Domain"}
    assert read(release)[0]["375545"].synonyms == ()


def test_without_a_choice_nothing_is_imported(tmp_path: Path) -> None:
    release = open_release(write_download(tmp_path / "a"), ReleaseOptions())
    assert release.needs == ("vocabularies",)
    assert dict(release.vocabularies)["SNOMED"] == "Systematic Nomenclature of Medicine 2026-02-01 US Edition"
    assert "None" not in dict(release.vocabularies)
    assert release.sample is not None
    assert len(list(release.sample())) == 8
    with pytest.raises(FileFormatError, match="none is chosen") as caught:
        list(release.entities())
    assert "ICD10CM" in caught.value.hint


def test_a_single_vocabulary_needs_no_choice(tmp_path: Path) -> None:
    rows = [row for row in TABLES["CONCEPT.csv"] if row[3] == "SNOMED"]
    kept = [row for row in TABLES["VOCABULARY.csv"] if row[0] in ("None", "SNOMED")]
    release = open_release(write_download(tmp_path / "a", changed(CONCEPT=rows, VOCABULARY=kept)), ReleaseOptions())
    assert release.needs == ()
    assert len(read(release)[0]) == 5


def test_columns_may_come_in_another_order_with_windows_lines(tmp_path: Path) -> None:
    folder = write_download(tmp_path / "a")
    expected = read(open_release(folder, SNOMED))
    turned = [HEADERS["CONCEPT.csv"], *TABLES["CONCEPT.csv"]]
    text = "\ufeff" + "".join("\t".join(reversed(row)) + "\r\n" for row in turned)
    (folder / "CONCEPT.csv").write_text(text, encoding="utf-8", newline="")
    assert read(open_release(folder, SNOMED)) == expected


Spoil = Callable[[Path], object]


def rewrite(name: str, old: str, new: str) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    return spoil


@pytest.mark.parametrize(
    ("spoil", "file", "line", "words"),
    [
        (rewrite("CONCEPT.csv", "concept_code", "code"), "CONCEPT.csv", 1, "'concept_code'"),
        (rewrite("CONCEPT.csv", "Cataract\t", "Cata\tract\t"), "CONCEPT.csv", 3, "11 cells under 10"),
        (rewrite("CONCEPT.csv", "375545\t", "x75545\t"), "CONCEPT.csv", 3, "'x75545'"),
        (rewrite("CONCEPT.csv", "35207530\t", "9" * 40 + "\t"), "CONCEPT.csv", 8, "no concept id"),
        (rewrite("CONCEPT.csv", "375545\tCataract\t", "375545\t \t"), "CONCEPT.csv", 3, "no code or no name"),
        (rewrite("CONCEPT.csv", "193570009", ""), "CONCEPT.csv", 3, "no code or no name"),
        (rewrite("CONCEPT.csv", "4317977\t", "375545\t"), "CONCEPT.csv", 0, "375545 occurs twice"),
        (rewrite("CONCEPT_SYNONYM.csv", "375545", "-1"), "CONCEPT_SYNONYM.csv", 2, "'-1'"),
        (rewrite("CONCEPT_RELATIONSHIP.csv", "375545\tIs a", "Is a"), "CONCEPT_RELATIONSHIP.csv", 4, "5 cells under 6"),
        (rewrite("CONCEPT_RELATIONSHIP.csv", "4317977\t375545", "4317977\t٣"), "CONCEPT_RELATIONSHIP.csv", 4, "'٣'"),
        (rewrite("CONCEPT.csv", "Lens", "Le\0ns"), "CONCEPT.csv", 6, "NUL"),
        (lambda folder: (folder / "CONCEPT.csv").write_bytes(b""), "CONCEPT.csv", 1, "no column"),
        (lambda folder: (folder / "CONCEPT.csv").write_text("concept_id,concept_name\n"), "CONCEPT.csv", 1, "no tabs"),
        (
            lambda folder: (folder / "CONCEPT.csv").write_bytes(
                as_text("CONCEPT.csv", TABLES["CONCEPT.csv"]).encode().replace(b"Lens", b"L\xffns")
            ),
            "CONCEPT.csv", 6, "0xFF",
        ),
        (
            lambda folder: (folder / "CONCEPT.csv").write_text(
                as_text("CONCEPT.csv", [*TABLES["CONCEPT.csv"], concept(7, "x" * 9_000_000, "7")])
            ),
            "CONCEPT.csv", 10, "1,048,576",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_and_line(
    tmp_path: Path, spoil: Spoil, file: str, line: int, words: str
) -> None:
    folder = write_download(tmp_path / "a")
    spoil(folder)
    with pytest.raises(FileFormatError) as caught:
        read(open_release(folder, SNOMED))
    assert (Path(caught.value.file).name, caught.value.line) == (file, line)
    assert words in caught.value.message
    assert caught.value.hint
    with pytest.raises(FileFormatError):
        write_release(tmp_path / "kb", open_release(folder, SNOMED), source="s")
    assert not (tmp_path / "kb").exists() or list((tmp_path / "kb").iterdir()) == []


def test_circles_and_unknown_vocabularies_are_refused(tmp_path: Path) -> None:
    round_trip = [*TABLES["CONCEPT_RELATIONSHIP.csv"], relation(441840, "Is a", 4317977)]
    path = write_download(tmp_path / "a", changed(CONCEPT_RELATIONSHIP=round_trip))
    with pytest.raises(FileFormatError, match="circle"):
        write_release(tmp_path / "kb", open_release(path, SNOMED), source="s")
    with pytest.raises(FileFormatError, match="'LOINC'") as caught:
        open_release(path, ReleaseOptions(vocabularies=("LOINC",)))
    assert "SNOMED" in caught.value.hint


def test_two_downloads_in_one_folder_and_none_are_refused(tmp_path: Path) -> None:
    write_download(tmp_path / "both" / "one")
    write_download(tmp_path / "both" / "two")
    with pytest.raises(FileFormatError, match=r"two files are called CONCEPT\.csv"):
        open_release(tmp_path / "both", ReleaseOptions(format="omop"))
    (tmp_path / "none").mkdir()
    with pytest.raises(FileFormatError, match=r"no file CONCEPT\.csv"):
        open_release(tmp_path / "none", ReleaseOptions(format="omop"))


def test_a_zip_in_the_zip_is_not_opened(tmp_path: Path) -> None:
    inner = zip_download(tmp_path / "inner.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("CONCEPT.csv", inner)
    with pytest.raises(FileFormatError):
        read(open_release(tmp_path / "a.zip", SNOMED))


@pytest.mark.parametrize("packed", [False, True])
def test_spoilt_downloads_are_read_or_refused(tmp_path: Path, packed: bool) -> None:
    chance = random.Random(20260801)
    whole = zip_download(tmp_path / "a.zip").read_bytes()
    texts = {name: as_text(name, rows).encode() for name, rows in TABLES.items()}
    refused = 0
    for number in range(150):
        path = tmp_path / f"{number}.zip"
        if packed:
            path.write_bytes(_spoilt(whole, chance))
        else:
            with zipfile.ZipFile(path, "w") as archive:
                for name, text in texts.items():
                    archive.writestr(name, _spoilt(text, chance) if chance.random() < 0.5 else text)
        try:
            write_release(tmp_path / "kb", open_release(path, BOTH), source="s")
        except UserInputError:
            refused += 1
    assert refused > 50
    assert not [folder for folder in (tmp_path / "kb").iterdir() if folder.name.startswith(".")]


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content))
        match chance.randrange(4):
            case 0:
                content[at] = chance.randrange(256)
            case 1:
                del content[at : at + chance.randint(1, 40)]
            case 2:
                content[at:at] = chance.choice([b"\t", b"\n", b"\r", b"\0", b'"', b"\xff\xfe", b"9" * 30])
            case _:
                content = content[: max(1, at)]
    return bytes(content)


def test_a_large_download_read_in_blocks_loses_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_large(tmp_path / "a", 500, 1_500)
    expected = read(open_release(folder, ReleaseOptions(vocabularies=("SNOMED",))))
    assert len(expected[0]) == 500
    assert expected[0]["1000030"].synonyms == ("Finding 30 in a patient", "Disease number 930 seen before")
    assert expected[0]["1000030"].parents == ("1000010",)
    monkeypatch.setattr("rpdr_core.knowledge_base.omop.files.BLOCK", 37)
    assert read(open_release(folder, ReleaseOptions(vocabularies=("SNOMED",)))) == expected


def test_chains_and_texts_give_back_what_was_put_in() -> None:
    chosen = Chosen([30, 10, 20])
    assert [chosen.position(concept) for concept in (10, 20, 30, 25, 99)] == [0, 1, 2, -1, -1]
    texts, chains = Texts(), Chains(len(chosen))
    for position, text in ((2, "a"), (0, "白"), (2, ""), (2, "c")):
        chains.hang(position, texts.add(text))
    assert [[texts[number] for number in chains.of(position)] for position in range(3)] == [["白"], [], ["a", "", "c"]]
