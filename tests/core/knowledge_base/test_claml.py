"""Classifications in ClaML: a golden one of ours after EN 14463, and what must be refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, FileFormatError
from rpdr_core.knowledge_base.claml import modifiers, structure
from rpdr_core.knowledge_base.claml.modifiers import joined, position_of
from rpdr_core.knowledge_base.claml.opening import open_claml
from rpdr_core.knowledge_base.importing import look
from rpdr_core.knowledge_base.library import Library
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, unwatched
from rpdr_core.records import Entity, Note

GOLDEN = Path(__file__).parent / "golden" / "claml" / "classification.xml"


def opened(path: Path, dialect: str = "") -> Release:
    return open_claml(path, ReleaseOptions(dialect=dialect), unwatched)


def read(path: Path, dialect: str = "") -> dict[str, Entity]:
    entities = list(opened(path, dialect).entities())
    found = {entity.code: entity for entity in entities}
    assert len(found) == len(entities)
    return found


@pytest.fixture(scope="module")
def golden() -> dict[str, Entity]:
    return read(GOLDEN)


def test_the_head() -> None:
    release = opened(GOLDEN)
    assert (release.id, release.title, release.version) == ("icd10test", "Small classification", "2026")
    assert release.dialects == (("en", "en"), ("de", "de"))
    assert release.warnings == ()
    list(release.entities())
    assert list(release.remarks()) == [
        "11 codes were made of modifiers (fourth and fifth characters)",
        "1 classes are named as subclasses and are not in the file",
    ]


def test_classes_come_in_the_files_order_with_their_kinds(golden: dict[str, Entity]) -> None:
    assert [code for code in golden if len(code) < 5 or "-" in code] == [
        "I", "A15-A19", "A17", "IV", "E10", "XIII", "M00", "M45", "XX", "W00",
    ]  # fmt: skip
    assert golden["A15-A19"] == Entity("A15-A19", "Tuberculosis", parents=("I",), type="block", assignable=False)
    assert (golden["A17"].type, golden["A17"].assignable) == ("category", False)
    assert (golden["A17.0"].type, golden["A17.0"].assignable) == ("subcategory", True)
    # Only the class above says so.
    assert golden["W00"].parents == ("XX",)


def test_rubrics(golden: dict[str, Entity]) -> None:
    assert golden["A17.0"].name == "Tuberculous meningitis"
    assert golden["A17.0"].synonyms == (
        "Tuberkulöse Meningitis",
        "Tuberculosis of meninges (cerebral)(spinal)",
        "Infection with M. tuberculosis of the H2O cells",
    )
    assert golden["A17.0"].notes == (
        Note("note", "dagger code: the cause, with an asterisk code for its manifestation"),
        Note("includes", "Tuberculosis of meninges (cerebral)(spinal)"),
        Note("includes", "Infection with M. tuberculosis of the H2O cells"),
        Note("excludes2", "tuberculoma (A17.1)"),
        Note("note", "See notes first second"),
    )
    assert golden["I"].synonyms == ()
    assert golden["I"].notes == (Note("includes", "diseases that are catching"),)
    assert golden["M00.8"].name == "Other pyogenic arthritis"
    assert golden["M00.8"].synonyms == ("Other",)


def test_fourth_characters_then_fifth(golden: dict[str, Entity]) -> None:
    made = [code for code in golden if code.startswith("E10")]
    assert made == ["E10", "E10.0", "E10.00", "E10.2", "E10.20", "E10.21"]
    assert golden["E10.0"] == Entity(
        "E10.0",
        "Type 1 diabetes: With coma",
        ("Diabetes Typ 1: With coma", "brittle diabetes: With coma", "Type 1 diabetes: hyperosmolar coma"),
        parents=("E10",),
        type="subcategory",
        assignable=False,
        notes=(Note("includes", "hyperosmolar coma"),),
    )
    assert golden["E10.21"].name == "Type 1 diabetes: With renal complications: uncontrolled"
    assert golden["E10.21"].parents == ("E10.2",)
    assert golden["E10.2"].notes[0].text.startswith("dagger code")
    assert [code for code in made if golden[code].assignable] == ["E10.00", "E10.20", "E10.21"]


def test_what_a_category_says_holds_below_unless_excluded(golden: dict[str, Entity]) -> None:
    assert [code for code in golden if code.startswith("M00")] == ["M00", "M00.0", "M00.00", "M00.01", "M00.8"]
    assert golden["M00.01"].name == "Staphylococcal arthritis: Shoulder region"
    # The modifier says of itself that it is for optional use: the code without it stays a target.
    assert golden["M00.0"].assignable
    assert not golden["M00"].assignable


def test_places_between_are_filled(golden: dict[str, Entity]) -> None:
    assert [code for code in golden if code.startswith("M45")] == ["M45", "M45.X0", "M45.X1", "M45.X2"]
    assert golden["W00.0"].name == "Fall on ice: Home"
    assert not golden["W00"].assignable


def test_another_language() -> None:
    found = read(GOLDEN, "de")
    assert found["A17.0"].name == "Tuberkulöse Meningitis"
    assert found["E10.0"].name == "Diabetes Typ 1: Mit Koma"
    # What the language does not have stays as it is.
    assert found["M45"].name == "Ankylosing spondylitis"


def test_a_look_needs_no_pass_over_the_file(golden: dict[str, Entity]) -> None:
    sample = opened(GOLDEN).sample
    assert sample is not None
    for entity in sample():
        assert (entity.name, entity.synonyms) == (golden[entity.code].name, golden[entity.code].synonyms)
    assert [entity.code for entity in look(GOLDEN).entities][:3] == ["I", "A15-A19", "A17"]


def test_a_zip_with_its_dtd(tmp_path: Path) -> None:
    path = tmp_path / "claml.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(GOLDEN, "xml/icd.xml")
        archive.writestr("xml/ClaML.dtd", "<!ELEMENT ClaML ANY>")
        archive.writestr("other.xml", "<other/>")
    assert read(path) == read(GOLDEN)
    assert Library(tmp_path / "kb").import_release(path).info.id == "icd10test"


def test_imported_into_the_library(tmp_path: Path) -> None:
    catalogue = Library(tmp_path).import_release(GOLDEN)
    assert (catalogue.info.version, catalogue.info.entities) == ("2026", 25)
    assert len(catalogue.remarks()) == 2


def changed(tmp_path: Path, old: str, new: str, times: int = 1) -> Path:
    text = GOLDEN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "classification.xml"
    path.write_text(text.replace(old, new, times), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "words", "line"),
    [
        ('<Class code="E10" ', '<Class code="IV" ', "occurs twice", 90),
        ('<Class code="E10" ', "<Class ", "without a code", 90),
        ('<SuperClass code="IV"/>', '<SuperClass code="V"/>', "not in the file", 90),
        ('<ModifiedBy code="S20W00_4"/>', '<ModifiedBy code="S20W00"/>', "no classes", 125),
        ('code="0" modifier="S20W00_4"', 'code="0"', "without its modifier", 53),
        ("Ankylosing spondylitis", " ", "has no name", 116),
        ('"ClaML.dtd">', '"ClaML.dtd" [<!ENTITY x "y">]>', "DOCTYPE", 2),
        ("Ankylosing spondylitis", "&unknown;", "undefined entity", 119),
        ("</Class>", "", "mismatched", 133),
    ],
)
def test_what_is_wrong_has_a_line(tmp_path: Path, old: str, new: str, words: str, line: int) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(FileFormatError, match=words) as caught:
        list(opened(path).entities())
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert caught.value.hint


def test_a_circle_is_refused_by_the_import(tmp_path: Path) -> None:
    path = changed(tmp_path, '<SuperClass code="A15-A19"/>', '<SuperClass code="A17.0"/>')
    with pytest.raises(FileFormatError, match="circle"):
        Library(tmp_path / "kb").import_release(path)
    assert list((tmp_path / "kb").glob("*")) == []


@pytest.mark.parametrize(
    "content", ["", "<ClaML", "<ClaML version='2.0.0'/>", "<ICD/>", "text", "<ClaML><Class code='A'/>"]
)
def test_other_files(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileFormatError):
        list(opened(path).entities())


def test_an_unknown_version_is_told(tmp_path: Path) -> None:
    assert opened(changed(tmp_path, 'ClaML version="2.0.0"', 'ClaML version="3.0.0"')).warnings == ()
    assert "9" in opened(changed(tmp_path, 'ClaML version="2.0.0"', 'ClaML version="9"')).warnings[0]


def test_modifiers_are_no_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modifiers, "MADE_CAP", 10)
    with pytest.raises(FileFormatError, match="make more than 10 codes"):
        list(opened(GOLDEN).entities())


@pytest.mark.parametrize(("cap", "words"), [("CLASSES_CAP", "classes"), ("SUBDIVISIONS_CAP", "modifier classes")])
def test_the_structure_has_caps(monkeypatch: pytest.MonkeyPatch, cap: str, words: str) -> None:
    monkeypatch.setattr(structure, cap, 3)
    with pytest.raises(FileFormatError, match=f"more than 3 (sub)?{words}"):
        list(opened(GOLDEN).entities())


def test_a_class_of_the_file_is_never_made_again(tmp_path: Path) -> None:
    path = changed(tmp_path, 'code="A17.9"', 'code="E10.0"', 2)
    release = opened(path)
    found = {entity.code: entity for entity in release.entities()}
    assert found["E10.0"].name == "Tuberculosis of nervous system, unspecified"
    assert any("stay as they are" in remark for remark in release.remarks())


def test_cancel(tmp_path: Path) -> None:
    def watch(stage: str, done: int, total: int) -> None:
        raise Cancelled(stage)

    many = "".join(
        f'<Class code="C{n}" kind="category"><Rubric kind="preferred"><Label>x</Label></Rubric></Class>'
        for n in range(2_000)
    )
    path = tmp_path / "many.xml"
    path.write_text(f"<ClaML>{many}</ClaML>", encoding="utf-8")
    with pytest.raises(Cancelled):
        list(open_claml(path, ReleaseOptions(), watch).entities())


@pytest.mark.parametrize(
    ("code", "suffix", "position", "whole"),
    [
        ("E10", ".0", 4, "E10.0"),
        ("E10.0", "1", 5, "E10.01"),
        ("M45", "0", 5, "M45.X0"),
        ("I70.0", "0", 4, "I70.00"),
        ("W00", "0", 4, "W00.0"),
        ("W00", "0", 0, "W00.0"),
        ("5-870", ".0", 0, "5-870.0"),
        ("A00.0", ".5", 0, "A00.05"),
    ],
)
def test_codes_are_joined(code: str, suffix: str, position: int, whole: str) -> None:
    assert joined(code, suffix, position) == whole


def test_positions() -> None:
    names = [("S13M00_5", ""), ("S13M00_5", "4"), ("ST5870", ""), ("A_5", "x")]
    assert [position_of(name, written) for name, written in names] == [5, 4, 0, 5]


@given(
    st.from_regex(r"[A-Z][0-9]{2}(\.[0-9])?", fullmatch=True),
    st.from_regex(r"\.?[0-9]", fullmatch=True),
    st.integers(0, 9),
)
def test_a_made_code_begins_with_its_class_and_ends_with_its_subdivision(code: str, suffix: str, position: int) -> None:
    whole = joined(code, suffix, position)
    compact = whole.replace(".", "")
    assert compact.startswith(code.replace(".", ""))
    assert compact[-1] == suffix[-1]
    assert len(compact) == max(position, len(code.replace(".", "")) + 1)
    assert whole[3] == "."


def test_a_fourth_character_is_none_of_what_has_one(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(
        """<ClaML version="2.0.0"><Title name="x" version="1">x</Title>
        <Modifier code="S01V01_4"/>
        <ModifierClass modifier="S01V01_4" code=".0"><Rubric kind="preferred"><Label>traffic</Label></Rubric>
        </ModifierClass>
        <Class code="V01" kind="category"><ModifiedBy code="S01V01_4"/>
        <Rubric kind="preferred"><Label>Pedestrian</Label></Rubric></Class>
        <Class code="V01.9" kind="category"><SuperClass code="V01"/>
        <Rubric kind="preferred"><Label>Unspecified</Label></Rubric></Class></ClaML>""",
        encoding="utf-8",
    )
    found = read(path)
    assert list(found) == ["V01", "V01.9"]
    assert found["V01.9"].assignable
