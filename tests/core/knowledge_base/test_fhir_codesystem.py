"""FHIR CodeSystems in JSON: a golden one that the FHIR library finds valid, and what must be refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.codesystem import CodeSystem as R5CodeSystem
from fhir.resources.R4B.codesystem import CodeSystem as R4BCodeSystem
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, FileFormatError
from rpdr_core.knowledge_base import fhir_records
from rpdr_core.knowledge_base.fhir_codesystem import open_fhir_codesystem
from rpdr_core.knowledge_base.library import Library
from rpdr_core.knowledge_base.release import Association, Release, ReleaseOptions, unwatched
from rpdr_core.records import Entity, Note

GOLDEN = Path(__file__).parent / "golden" / "fhir" / "codesystem.json"
SYSTEM: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))


def opened(path: Path, **options: Any) -> Release:
    return open_fhir_codesystem(path, ReleaseOptions(**options), unwatched)


def read(path: Path, **options: Any) -> dict[str, Entity]:
    return {entity.code: entity for entity in opened(path, **options).entities()}


def written(folder: Path, value: object) -> Path:
    path = folder / "x.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_the_golden_file_is_valid_fhir() -> None:
    for library in (R4BCodeSystem, R5CodeSystem):
        found = library.model_validate(SYSTEM)
        assert found.concept[0].concept[0].designation[0].value == "白内障"


def test_the_head() -> None:
    release = opened(GOLDEN)
    assert (release.id, release.title, release.version) == ("eyediseases", "Diseases of the eye", "2.1.0")
    assert (
        release.dialects == (("zh-CN", "zh-CN (1)"), ("de", "de (1)"), ("en", "en (1)")) or len(release.dialects) == 3
    )
    assert release.warnings == ()
    assert release.estimate == 7


def test_concepts() -> None:
    found = read(GOLDEN)
    assert list(found) == ["E", "E1", "E1.1", "E2", "E2.1", "E8", "E9"]
    assert found["E"] == Entity(
        "E", "Diseases of the eye", assignable=False, notes=(Note("note", "All that ails an eye."),)
    )
    assert found["E1"] == Entity(
        "E1", "Cataract", ("白内障", "Katarakt (Krankheit)", "Katarakt", "lens opacity"), parents=("E",)
    )
    assert [found[code].parents for code in ("E1.1", "E2", "E2.1")] == [("E1",), ("E",), ("E2",)]
    assert [(code, entity.active, entity.assignable) for code, entity in found.items() if not entity.active] == [
        ("E8", False, False),
        ("E9", False, False),
    ]


def test_what_has_no_display_is_told() -> None:
    release = opened(GOLDEN)
    assert {entity.code: entity.name for entity in release.entities()}["E9"] == "E9"
    assert list(release.remarks()) == ["1 concepts without a display go by their code, and are not proposed"]


def test_another_language() -> None:
    found = read(GOLDEN, dialect="de")
    assert found["E1"].name == "Katarakt"
    assert found["E1"].synonyms == ("白内障", "Katarakt (Krankheit)", "lens opacity", "Cataract")
    assert found["E2"].name == "Glaucoma"
    assert read(GOLDEN, dialect="zh")["E1"].name == "白内障"


def test_replacements_and_retired_concepts() -> None:
    assert list(opened(GOLDEN).associations()) == [Association("E8", "replaced_by", "E2")]
    assert list(read(GOLDEN, inactive=False)) == ["E", "E1", "E1.1", "E2", "E2.1"]


def test_imported_into_the_library(tmp_path: Path) -> None:
    catalogue = Library(tmp_path).import_release(GOLDEN)
    assert (catalogue.info.id, catalogue.info.version, catalogue.info.entities) == ("eyediseases", "2.1.0", 7)
    assert [row.target for row in catalogue.associations()] == ["E2"]


def test_a_bundle_with_one(tmp_path: Path) -> None:
    other = {"resource": {"resourceType": "ValueSet"}}
    bundle = {"entry": [other, {"resource": SYSTEM}, {"request": {}}], "resourceType": "Bundle"}
    assert read(written(tmp_path, bundle)) == read(GOLDEN)


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    system = copy.deepcopy(SYSTEM)
    change(system)
    return system


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.update(content="fragment"), "a part of the CodeSystem only"),
        (lambda s: s.update(count=9), "counts 9 concepts, and the file holds 7"),
        (lambda s: s.update(hierarchyMeaning="part-of"), "no concept has a parent"),
    ],
)
def test_warnings(tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str) -> None:
    (warning,) = opened(written(tmp_path, changed(change))).warnings
    assert words in warning


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"resourceType": "ValueSet"}, "a ValueSet"),
        ({"resourceType": "ConceptMap"}, "a FHIR ConceptMap"),
        ({"concept": []}, "resourceType is wanting"),
        ({"resourceType": "Bundle"}, "no CodeSystem"),
        ({"resourceType": "Bundle", "entry": [{"resource": SYSTEM}, {"resource": SYSTEM}]}, "2 CodeSystems"),
        (changed(lambda s: s.update(content="supplement")), "supplement"),
        (changed(lambda s: s.update(content="not-present", concept=[])), "not-present"),
        (changed(lambda s: s.pop("concept")), "without concepts"),
        (changed(lambda s: s["concept"][1].update(code="E")), "'E' occurs twice"),
        (changed(lambda s: s["concept"][1].pop("code")), "missing required field `code`"),
        (changed(lambda s: s["concept"][1].update(code=" E2")), "' E2' is no code"),
        (changed(lambda s: s["concept"][1].update(display=["x"])), "concept"),
        (changed(lambda s: s.update(count=10**30)), "count"),
        (changed(lambda s: s["concept"][1]["property"][1].update(valueCode="E3")), "a child 'E3' is not in the file"),
        ("[]", "not as FHIR has it"),
        ("", "truncated"),
        ('{"resourceType": "CodeSystem", "concept": [', "truncated"),
        ('{"resourceType": "CodeSystem"} x', "not sound JSON"),
        ('{"concept":' + '[{"code":"a","concept":' * 200_000, "nested"),
        ('{"resourceType":"CodeSystem","x":' + "[" * 1_000_000, "nested"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, value: object, words: str) -> None:
    path = written(tmp_path, value)
    with pytest.raises(FileFormatError) as caught:
        list(opened(path).entities())
    assert words in caught.value.message
    assert caught.value.file == str(path)
    assert caught.value.hint


def test_bad_json_and_bytes_have_a_line(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(GOLDEN.read_bytes().replace(b'"status": "active",', b'"status": active,'))
    with pytest.raises(FileFormatError, match="not sound JSON") as caught:
        opened(path)
    assert caught.value.line == 9
    path.write_bytes(GOLDEN.read_bytes().replace("白".encode(), b"\xe7\x99"))
    with pytest.raises(FileFormatError, match="not UTF-8") as caught:
        opened(path)
    assert caught.value.line == 35


def test_circles_and_orphans_are_refused_by_the_import(tmp_path: Path) -> None:
    circle = changed(lambda s: s["concept"][0]["property"].append({"code": "parent", "valueCode": "E1.1"}))
    with pytest.raises(FileFormatError, match="circle"):
        Library(tmp_path / "kb").import_release(written(tmp_path, circle))
    orphan = changed(lambda s: s["concept"][1]["property"][0].update(valueCode="E7"))
    with pytest.raises(FileFormatError, match="'E7'"):
        Library(tmp_path / "kb").import_release(written(tmp_path, orphan))
    assert list((tmp_path / "kb").glob("*")) == []


def test_the_size_has_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_records, "SIZE_CAP", 1_000)
    with pytest.raises(FileFormatError, match="more than 1,000 bytes"):
        opened(GOLDEN)


def test_cancel(tmp_path: Path) -> None:
    def watch(stage: str, done: int, total: int) -> None:
        raise Cancelled(stage)

    system = changed(lambda s: s.update(concept=[{"code": f"c{n}", "display": "x"} for n in range(2_000)]))
    release = open_fhir_codesystem(written(tmp_path, system), ReleaseOptions(), watch)
    with pytest.raises(Cancelled):
        list(release.entities())


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=10)
concepts = st.recursive(
    st.fixed_dictionaries(
        {"display": texts, "designation": st.lists(st.fixed_dictionaries({"value": texts}), max_size=2)}
    ),
    lambda inner: st.fixed_dictionaries({"display": texts, "concept": st.lists(inner, min_size=1, max_size=3)}),
    max_leaves=8,
)


@given(concepts)
def test_nested_concepts_come_back(tmp_path_factory: pytest.TempPathFactory, concept: dict[str, Any]) -> None:
    expected: list[tuple[str, str, tuple[str, ...]]] = []

    def number(each: dict[str, Any], parents: tuple[str, ...]) -> None:
        each["code"] = f"c{len(expected)}"
        expected.append((each["code"], each["display"], parents))
        for inner in each.get("concept", []):
            number(inner, (each["code"],))

    number(concept, ())
    path = written(tmp_path_factory.mktemp("fhir"), {"resourceType": "CodeSystem", "concept": [concept]})
    assert [(entity.code, entity.name, entity.parents) for entity in opened(path).entities()] == expected


@given(st.binary(max_size=40), st.integers(0, 2_900))
def test_damage_is_told_or_harmless(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    data = GOLDEN.read_bytes()
    path = tmp_path_factory.mktemp("fhir") / "x.json"
    path.write_bytes(data[:at] + junk + data[at + len(junk) :])
    with suppress(FileFormatError):
        assert all(entity.code for entity in opened(path).entities())


def test_a_part_is_no_kind_of_its_whole(tmp_path: Path) -> None:
    inner = {"code": "B", "display": "Finger", "property": [{"code": "parent", "valueCode": "C"}]}
    concepts = [{"code": "A", "display": "Hand", "concept": [inner]}, {"code": "C", "display": "Arm"}]
    system = {"resourceType": "CodeSystem", "content": "complete", "concept": concepts}
    assert read(written(tmp_path, system))["B"].parents == ("A", "C")
    part = written(tmp_path, {**system, "hierarchyMeaning": "part-of"})
    found = read(part)["B"]
    assert found.parents == ()
    assert found.notes == (Note("note", "part of: A Hand"), Note("note", "part of: C Arm"))


@pytest.mark.parametrize("value", ["DEPRECATED", "deprecated", "retired"])
def test_what_must_not_be_used_any_more_is_retired(tmp_path: Path, value: str) -> None:
    """LOINC's property is `STATUS`, in capitals."""
    concept = {"code": "1-8", "display": "Glucose", "property": [{"code": "STATUS", "valueString": value}]}
    found = read(written(tmp_path, {"resourceType": "CodeSystem", "content": "complete", "concept": [concept]}))
    assert (found["1-8"].active, found["1-8"].assignable) == (False, False)
