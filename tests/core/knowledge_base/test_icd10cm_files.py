"""Official ICD-10-CM files: golden ones of ours, the embedded release's own list, and what must be refused."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import simple_icd_10_cm
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, FileFormatError
from rpdr_core.knowledge_base.icd10cm_files import index
from rpdr_core.knowledge_base.icd10cm_files.codes import dotted, undotted, with_seventh
from rpdr_core.knowledge_base.icd10cm_files.index_terms import spoken
from rpdr_core.knowledge_base.icd10cm_files.opening import open_icd10cm_files
from rpdr_core.knowledge_base.icd10cm_files.tabular import Tabular
from rpdr_core.knowledge_base.importing import look
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, unwatched
from rpdr_core.knowledge_base.sources import Source
from rpdr_core.records import Entity, Note

GOLDEN = Path(__file__).parent / "golden" / "icd10cm"
TABULAR, ORDER, INDEX = "icd10cm_tabular_2026.xml", "icd10cm_order_2026.txt", "icd10cm_index_2026.xml"
DATA = Path(simple_icd_10_cm.__file__).parent / "data"


def opened(path: Path) -> Release:
    return open_icd10cm_files(path, ReleaseOptions(), unwatched)


def read(path: Path) -> dict[str, Entity]:
    entities = list(opened(path).entities())
    found = {entity.code: entity for entity in entities}
    assert len(found) == len(entities)
    return found


def test_the_tabular_list_alone() -> None:
    release = opened(GOLDEN / TABULAR)
    assert (release.id, release.version) == ("icd10cm", "2026")
    assert "seventh characters" in release.warnings[0]
    found = read(GOLDEN / TABULAR)
    assert list(found)[:4] == ["1", "B20", "7", "H25-H28"]
    assert found["7"] == Entity("7", "Diseases of the eye and adnexa", type="chapter", assignable=False)
    assert found["H25-H28"].parents == ("7",)
    assert found["B20"].parents == ("1",)
    assert found["B20"].synonyms == ("Acquired immune deficiency syndrome [AIDS]", "HIV infection, symptomatic")
    assert found["B20"].notes == (
        Note("excludes2", "a note of the section"),
        Note("excludes1", "asymptomatic HIV infection status (Z21)"),
        Note("code_first", "Human immunodeficiency virus [HIV] disease complicating pregnancy (O98.7-)"),
        Note("use_additional", "code(s) to identify all manifestations of HIV,\nsuch as:"),
    )


def test_seventh_characters_and_placeholders() -> None:
    found = read(GOLDEN / TABULAR)
    assert [code for code in found if code.startswith("S02.0")] == ["S02.0", "S02.0XXA", "S02.0XXB", "S02.0XXS"]
    assert found["S02.0XXB"] == Entity(
        "S02.0XXB",
        "Fracture of vault of skull, initial encounter for open fracture/type I or II",
        parents=("S02.0",),
        type="extension",
    )
    assert not found["S02.0"].assignable
    # The nearest announcement counts, and only codes with nothing below are extended.
    assert [code for code in found if code.startswith("S02.1")] == ["S02.1", "S02.11", "S02.110", "S02.110D"]


def test_the_order_file_says_what_exists_and_how_it_is_called() -> None:
    found = read(GOLDEN)
    assert [code for code in found if code.startswith("S02.0")] == ["S02.0", "S02.0XXA", "S02.0XXS"]
    assert found["S02.0XXA"].synonyms == ("Fracture of vault of skull, init for clos fx",)
    assert found["S02.110"].name == "Type I occipital condyle fracture, unspecified side"
    assert "Type I occipital condyle fracture" in found["S02.110"].synonyms
    assert {code for code, entity in found.items() if entity.assignable} == {
        "B20", "H26.9", "S02.0XXA", "S02.0XXS", "S02.110D",
    }  # fmt: skip


def test_the_index_adds_wordings() -> None:
    found = read(GOLDEN)
    assert found["H26.9"].synonyms == ("Cataract NOS", "Cataract")
    assert found["B20"].synonyms[2:] == ("AIDS", "AIDS related complex", "Acquired immune deficiency syndrome")
    assert {"vault skull fracture, traumatic", "frontal skull fracture, traumatic"} <= set(found["S02.0"].synonyms)


def test_what_does_not_fit_together_is_told() -> None:
    release = opened(GOLDEN)
    assert release.warnings == ("not read, for a table's cells are no wordings: icd10cm_neoplasm_2026.xml",)
    list(release.entities())
    assert list(release.remarks()) == [
        "1 codes of the order file are not in the tabular list and were left out",
        "1 codes of the index are not in the release",
        "2 references of the index lead to no code and were left out",
    ]


def test_files_of_two_years(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / TABULAR, tmp_path / "tabular.xml")
    shutil.copy(GOLDEN / ORDER, tmp_path / "icd10cm_order_2025.txt")
    assert opened(tmp_path).warnings == (
        "the files are of different years: tabular.xml of 2026, icd10cm_order_2025.txt of 2025",
    )


def test_the_order_file_alone() -> None:
    found = read(GOLDEN / ORDER)
    assert found["S02"] == Entity("S02", "Fracture of skull and facial bones", type="category", assignable=False)
    assert found["S02.110D"].parents == ("S02.110",)
    assert found["S02.0XXA"].parents == ("S02.0",)
    assert (found["S02.0XXA"].type, found["H26.9"].type) == ("extension", "subcategory")


def test_the_index_alone() -> None:
    release = opened(GOLDEN / INDEX)
    assert "official title" in release.warnings[0]
    assert {code: entity.name for code, entity in read(GOLDEN / INDEX).items()} == {
        "B20": "AIDS",
        "H26.9": "Cataract",
        "H99.9": "nowhere cataract",
        "S02.0": "vault skull fracture, traumatic",
    }


def test_a_look_does_not_wait_for_the_index() -> None:
    assert "Cataract" not in next(entity for entity in look(GOLDEN).entities if entity.code == "H26.9").synonyms
    assert [entity.code for entity in look(GOLDEN / INDEX).entities] == ["B20", "H26.9", "H99.9", "S02.0"]


def test_a_zip_is_the_same_as_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in GOLDEN.iterdir():
            archive.write(file, f"2026/{file.name}")
        archive.writestr("2026/readme.pdf", b"%PDF-")
        archive.writestr("2026/addenda.txt", b"Changes since 2025")
    assert read(path) == read(GOLDEN)


def test_imported_into_the_library(tmp_path: Path) -> None:
    catalogue = Library(tmp_path).import_release(GOLDEN)
    assert (catalogue.info.id, catalogue.info.version, catalogue.info.entities) == ("icd10cm", "2026", 16)


def test_the_embedded_release_read_from_its_own_xml(icd10cm: Catalogue) -> None:
    """The library that the embedded release comes from packs the official list; both readings are one."""
    (xml,) = DATA.glob("icd10c-tabular-*.xml")
    (listed,) = DATA.glob("code-list-*.txt")
    known = frozenset(listed.read_text(encoding="utf-8").split("\n"))
    theirs = list(icd10cm.entities())
    ours = list(Tabular(Source(xml), unwatched, lambda code: undotted(code) in known).entities())
    assert [entity.code for entity in ours] == [entity.code for entity in theirs]
    for their, our in zip(theirs, ours, strict=True):
        assert_same(their, our)


def assert_same(their: Entity, our: Entity) -> None:
    """Equal but for runs of blanks, repeated terms, and notes of a section that is a category's own."""
    mended = replace(their, name=" ".join(their.name.split()).replace("/ ", "/"), synonyms=_terms(their), notes=())
    assert replace(our, notes=()) == mended
    assert {_note(note) for note in their.notes} <= {_note(note) for note in our.notes}


def _terms(entity: Entity) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(term.split()) for term in entity.synonyms))


def _note(note: Note) -> tuple[str, str]:
    return note.kind, " ".join(note.text.replace("/", " ").split())[:60]


def test_without_an_order_file_few_codes_are_too_many(icd10cm: Catalogue) -> None:
    """Death leaves no later encounter: a rule in words of S06, that only the order file knows."""
    (xml,) = DATA.glob("icd10c-tabular-*.xml")
    extra = {entity.code for entity in opened(xml).entities()} - {entity.code for entity in icd10cm.entities()}
    assert len(extra) == 76
    assert all(code.startswith("S06.") and code[-1] in "DS" for code in extra)


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (GOLDEN / name).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "words", "line"),
    [
        (TABULAR, "<name>S02.1</name>", "<name>S02.0</name>", "occurs twice", 72),
        (TABULAR, "<name>S02.1</name>", "", "without a name", 72),
        (TABULAR, "<name>S02.1</name>", "<name>fracture</name>", "is no code", 72),
        (TABULAR, "<desc>Unspecified cataract</desc>", "<desc> </desc>", "without a desc", 42),
        (TABULAR, ' id="H25-H28"', "", "without an id", 37),
        (TABULAR, "<name>7</name>", "<name>1</name>", "occurs twice", 34),
        (TABULAR, "</diag>", "", "mismatched", 32),
        (TABULAR, "<ICD10CM.tabular>", "<!DOCTYPE x><ICD10CM.tabular>", "DOCTYPE", 3),
        (ORDER, "00003 H269 ", "00003 H26  ", "occurs twice", 3),
        (ORDER, "00003 H269    1", "00003 H269    2", "no row", 3),
        (ORDER, "00003 H269    1 Unspecified", "00003\tH269\t1\tUnspecified", "no row", 3),
        (INDEX, "<title>skull</title>", "", "without a title", 28),
        (INDEX, "<code>H26.9</code>", "<code>some code</code>", "is no code", 13),
    ],
)
def test_what_is_wrong_has_a_line(tmp_path: Path, name: str, old: str, new: str, words: str, line: int) -> None:
    path = changed(tmp_path, name, old, new)
    with pytest.raises(FileFormatError, match=words) as caught:
        list(opened(path).entities())
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"<html/>", b"code,name\nA,B\n", b"\x00" * 500, b"<ICD10CM.tabular", b"PK\x03\x04"]
)
def test_other_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(content)
    with pytest.raises(FileFormatError):
        list(opened(path).entities())


def test_no_chapters_and_two_lists(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<ICD10CM.tabular><version>1</version></ICD10CM.tabular>", encoding="utf-8")
    with pytest.raises(FileFormatError, match="no chapters"):
        list(opened(tmp_path).entities())
    shutil.copy(tmp_path / "a.xml", tmp_path / "b.xml")
    with pytest.raises(FileFormatError, match=r"more than one tabular list: a\.xml, b\.xml"):
        opened(tmp_path)


@pytest.mark.parametrize(("cap", "words"), [("TEXT_CAP", "characters"), ("ENTRIES_CAP", "entries")])
def test_the_index_has_caps(monkeypatch: pytest.MonkeyPatch, cap: str, words: str) -> None:
    monkeypatch.setattr(index, cap, 3)
    with pytest.raises(FileFormatError, match=f"more than 3 {words}"):
        list(opened(GOLDEN / INDEX).entities())


def test_deep_indentation_is_no_recursion(tmp_path: Path) -> None:
    path = tmp_path / "index.xml"
    deep = "<term><title>x</title>" * 300
    path.write_text(f"<ICD10CM.index><mainTerm><title>x</title>{deep}", encoding="utf-8")
    with pytest.raises(FileFormatError, match="inside one another"):
        list(opened(path).entities())


def test_cancel(icd10cm: Catalogue) -> None:
    def watch(stage: str, done: int, total: int) -> None:
        assert total > 0
        raise Cancelled(stage)

    (xml,) = DATA.glob("icd10c-tabular-*.xml")
    with pytest.raises(Cancelled):
        list(open_icd10cm_files(xml, ReleaseOptions(), watch).entities())


@pytest.mark.parametrize(
    ("path", "terms"),
    [
        (["Anemia (essential)", "due to (in) (with)", "blood loss", "chronic"], ["Anemia due to chronic blood loss"]),
        (["Diabetes, diabetic (mellitus)", "type 2", "with", "coma"], ["type 2 diabetes with coma"]),
        (["Abdomen, abdominal", "angina"], ["angina abdomen", "abdominal angina"]),
        (["Abscess", "abdomen, abdominal", "wall"], ["wall abdominal abscess", "abdominal wall abscess"]),
        (["Crohn's disease"], ["Crohn's disease"]),
        (["Diabetes (mellitus)"], ["Diabetes", "Diabetes mellitus"]),
        (["HIV", "positive"], ["positive HIV"]),
        (["Lack of", "housing"], ["Lack of housing"]),
        (["Newborn (infant)", "affected by", "maternal anemia"], ["Newborn affected by maternal anemia"]),
        (["Family", "history of", "asthma"], ["Family history of asthma"]),
        (["(x)"], []),
    ],
)
def test_clinical_word_order(path: list[str], terms: list[str]) -> None:
    assert list(spoken(path)) == terms


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_title_gives_plain_terms(path: list[str]) -> None:
    for term in spoken(path):
        assert term
        assert term == " ".join(term.split())


@given(st.from_regex(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}", fullmatch=True), st.sampled_from("ADS19"))
def test_dots_and_placeholders(code: str, character: str) -> None:
    assert undotted(dotted(code)) == code
    long = with_seventh(dotted(code[:6]), character)
    assert (len(undotted(long)), undotted(long)[:6].rstrip("X"), long[3]) == (7, code[:6].rstrip("X"), ".")


codes = st.lists(st.from_regex(r"[A-T][0-9]{2}", fullmatch=True), min_size=1, max_size=8, unique=True)


@given(codes, st.data())
def test_order_files_come_back(tmp_path_factory: pytest.TempPathFactory, found: list[str], data: st.DataObject) -> None:
    def names() -> str:
        return data.draw(st.from_regex(r"[A-Z][a-z]{2,20}( [a-z,]{1,9}){0,3}", fullmatch=True))

    rows = [(code, data.draw(st.booleans()), names(), names()) for code in sorted(found)]
    path = tmp_path_factory.mktemp("order") / "order.txt"
    lines = (f"{n:05} {code:<7} {flag:d} {short:<60} {long}\n" for n, (code, flag, short, long) in enumerate(rows, 1))
    path.write_text("".join(lines), encoding="utf-8")
    entities = list(opened(path).entities())
    assert [(e.code, e.assignable, e.name) for e in entities] == [(code, flag, long) for code, flag, _, long in rows]
