from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from helpers.terminologies import SMALL, lexicon_file, small_table

from rpdr_core.errors import DamagedFileError, FileFormatError, NotFoundError
from rpdr_core.knowledge_base import icd10cm as reader
from rpdr_core.knowledge_base.catalogue import ENTITIES, MANIFEST, verify
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.records import Entity


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library whose ICD-10-CM has three entities: what is tested here is the library."""
    few = [
        Entity("I21", "Acute myocardial infarction", type="category", assignable=False),
        Entity("I21.9", "Acute myocardial infarction, unspecified", parents=("I21",), type="subcategory"),
        Entity("H26.9", "Unspecified cataract", type="subcategory"),
    ]
    monkeypatch.setattr(reader, "entities", lambda: iter(few))
    return Library(tmp_path / "kb")


def test_the_default_place_is_the_users_data_folder(rpdr_home: Path) -> None:
    assert Library().root == rpdr_home / "data" / "knowledge_bases"


def test_icd10cm_is_listed_before_it_is_made_and_once_after(library: Library) -> None:
    assert [(info.id, info.fingerprint) for info in library.list()] == [("icd10", ""), ("icd10cm", "")]
    opened = library.open("icd10cm")
    assert library.list()[1:] == [opened.info]


def test_icd10cm_is_made_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first = library.open("icd10cm")
    monkeypatch.setattr(reader, "entities", lambda: pytest.fail("made twice"))
    assert Library(library.root).open("icd10cm") == first


def test_a_new_release_of_the_reader_makes_it_once_more_only(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new reader gives the same entities: the folder stays, and is found by the new source from then on."""
    first = library.open("icd10cm")
    monkeypatch.setattr(reader, "source_key", lambda: "newer")
    assert library.open("icd10cm").folder == first.folder
    monkeypatch.setattr(reader, "entities", lambda: pytest.fail("made at every opening"))
    assert library.open("icd10cm") == first


@pytest.mark.parametrize("name", [ENTITIES, MANIFEST])
def test_a_damaged_icd10cm_is_made_again(library: Library, name: str) -> None:
    first = library.open("icd10cm")
    (first.folder / name).write_bytes(b"x")
    again = library.open("icd10cm")
    assert again == first
    verify(again.folder, again.info.fingerprint)


def test_icd10cm_speaks_our_lexicon_and_the_users(library: Library, tmp_path: Path) -> None:
    own = lexicon_file(tmp_path, "ticker trouble\tI21.9\tlay")
    catalogue = library.open("icd10cm", lexicons=[own])
    assert catalogue.lexicons[-1] == own
    assert len(catalogue.lexicons) > 1
    assert catalogue.tokens
    assert catalogue.paraphrases is None
    assert catalogue.lexicon_terms()[-1].term == "ticker trouble"


def test_a_table_opens_by_path_id_and_fingerprint(library: Library, tmp_path: Path) -> None:
    path = small_table(tmp_path)
    by_path = library.open(str(path))
    assert by_path.info.id == "clinic-list"
    assert (by_path.info.title, by_path.info.entities) == ("clinic list", 10)
    assert library.open("clinic-list") == library.open(by_path.info.fingerprint) == by_path
    assert [entity.code for entity in by_path.entities()][:2] == ["EYE", "E1"]


def test_a_table_is_imported_once_while_it_stays_the_same(library: Library, tmp_path: Path) -> None:
    path = small_table(tmp_path)
    first = library.open(str(path))
    stamp = (first.folder / ENTITIES).stat().st_mtime_ns
    assert library.open(str(path)).folder == first.folder
    assert (first.folder / ENTITIES).stat().st_mtime_ns == stamp
    small_table(tmp_path, SMALL + "E5,New,,,category,\n")
    assert library.open(str(path)).info.entities == 11


def test_of_two_imports_with_one_id_the_later_is_opened(library: Library, tmp_path: Path) -> None:
    path = small_table(tmp_path)
    versions = [SMALL + f"N{n},New {n},,,category,\n" for n in range(4)]
    for number, text in enumerate((*versions, versions[0])):
        path.write_text(text, encoding="utf-8")
        imported = library.import_table(path, id="list")
        stamp = time.time() - 1000 + number
        os.utime(imported.folder / MANIFEST, (stamp, stamp))
        assert library.open("list").info == imported.info


@pytest.mark.parametrize(
    ("id", "name", "expected"),
    [
        ("", "My List (2026).csv", "my-list-2026"),
        ("", "国家 临床版.csv", "国家-临床版"),
        ("", "___.csv", "table"),
        ("National 3.0", "x.csv", "national-3-0"),
        ("../../evil", "x.csv", "evil"),
    ],
)
def test_ids_are_plain_names_inside_the_library(
    library: Library, tmp_path: Path, id: str, name: str, expected: str
) -> None:
    imported = library.import_table(small_table(tmp_path, name=name), id=id)
    assert imported.info.id == expected
    assert imported.folder.parent == library.root


def test_other_terminologies_gain_our_wordings_as_paraphrases(library: Library, tmp_path: Path) -> None:
    own = lexicon_file(tmp_path, "MI\tE3\tabbreviation")
    catalogue = library.open(str(small_table(tmp_path)), lexicons=[own])
    assert catalogue.lexicons == (own,)
    assert catalogue.tokens == library.open("icd10cm").tokens
    assert catalogue.paraphrases is not None
    assert "heart attack\tAcute myocardial infarction\n" in catalogue.paraphrases.read_text(encoding="utf-8")


def test_what_does_not_exist_is_answered_with_what_does(library: Library, tmp_path: Path) -> None:
    library.open(str(small_table(tmp_path)))
    with pytest.raises(NotFoundError) as caught:
        library.open("snomed")
    assert "'snomed'" in caught.value.message
    assert "clinic-list" in caught.value.hint
    assert "icd10cm" in caught.value.hint


def test_a_folder_is_no_table(library: Library, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        library.open(str(tmp_path))


def test_a_faulty_table_leaves_the_library_as_it_was(library: Library, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError):
        library.open(str(small_table(tmp_path, "code,name\nA,a\nA,b\n")))
    assert [info.id for info in library.list() if info.fingerprint] == []


def test_a_damaged_table_says_so_and_importing_again_cures_it(library: Library, tmp_path: Path) -> None:
    path = small_table(tmp_path)
    catalogue = library.open(str(path))
    (catalogue.folder / ENTITIES).write_bytes(b"{}\n")
    with pytest.raises(DamagedFileError, match="import the terminology again"):
        list(library.open("clinic-list").entities())
    assert len(list(library.import_table(path).entities())) == 10


def test_a_damaged_manifest_does_not_hide_the_others(library: Library, tmp_path: Path) -> None:
    first = library.open(str(small_table(tmp_path)))
    second = library.open(str(small_table(tmp_path, name="other.csv")))
    (first.folder / MANIFEST).write_bytes(b"")
    assert "other" in [info.id for info in library.list()]
    assert library.open("other") == second


def test_the_real_icd10cm_is_found_again_by_its_fingerprint(icd10cm: Catalogue) -> None:
    assert Library(icd10cm.folder.parent).open(icd10cm.info.fingerprint) == icd10cm
