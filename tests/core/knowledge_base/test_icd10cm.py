from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from rpdr_core.knowledge_base import icd10cm as reader
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import Entity


@pytest.fixture(scope="module")
def entities(icd10cm: Catalogue) -> dict[str, Entity]:
    return {entity.code: entity for entity in icd10cm.entities()}


def test_every_code_of_the_release_is_there_once(entities: dict[str, Entity], icd10cm: Catalogue) -> None:
    assert len(entities) == icd10cm.info.entities == 98_466
    assert (icd10cm.info.id, icd10cm.info.title, icd10cm.info.version) == ("icd10cm", "ICD-10-CM", "April 2026")


def test_levels(entities: dict[str, Entity]) -> None:
    types = Counter(entity.type for entity in entities.values())
    assert set(types) == {"chapter", "block", "category", "subcategory", "extension"}
    assert types["chapter"] == 22
    assert all(len(entity.code) == 3 for entity in entities.values() if entity.type == "category")


def test_chapters_and_blocks_are_no_targets_and_lose_their_range(entities: dict[str, Entity]) -> None:
    upper = [entity for entity in entities.values() if entity.type in ("chapter", "block")]
    assert not any(entity.assignable for entity in upper)
    assert not [entity.name for entity in upper if reader._RANGE.search(entity.name)]
    assert entities["7"].name == "Diseases of the eye and adnexa"


def test_only_leaves_are_assignable(entities: dict[str, Entity]) -> None:
    parents = {parent for entity in entities.values() for parent in entity.parents}
    lower = [entity for entity in entities.values() if entity.type not in ("chapter", "block")]
    assert {entity.code for entity in lower if entity.assignable} == {e.code for e in lower} - parents
    assert sum(entity.assignable for entity in lower) > 70_000


def test_every_parent_exists_and_only_chapters_have_none(entities: dict[str, Entity]) -> None:
    assert {entity.type for entity in entities.values() if not entity.parents} == {"chapter"}
    assert all(parent in entities for entity in entities.values() for parent in entity.parents)


def test_a_block_of_one_category_is_kept_as_the_category(entities: dict[str, Entity]) -> None:
    """B20 is a block and a category under one code."""
    assert (entities["B20"].type, entities["B20"].assignable) == ("category", True)
    assert entities["B20"].parents == ("1",)


def test_an_eye_code_in_full(entities: dict[str, Entity]) -> None:
    found = entities["H25.1"]
    assert (found.name, found.parents, found.assignable) == ("Age-related nuclear cataract", ("H25",), False)
    assert "Nuclear sclerosis cataract" in found.synonyms
    assert entities["H25.13"].name == "Age-related nuclear cataract, bilateral"


def test_notes_keep_their_kind(entities: dict[str, Entity]) -> None:
    kinds = Counter(note.kind for entity in entities.values() for note in entity.notes)
    assert set(kinds) == {
        "includes",
        "excludes1",
        "excludes2",
        "code_first",
        "use_additional",
        "code_also",
        "seventh_character",
        "note",
    }
    assert "capsular glaucoma" in " ".join(n.text for n in entities["H26"].notes).lower() or entities["H26"].notes
    stages = [note.text for note in entities["H40.11"].notes if note.kind == "seventh_character"]
    assert any("mild stage" in text for text in stages)


def test_seventh_characters_are_extensions_of_their_code(entities: dict[str, Entity]) -> None:
    assert entities["H40.1130"].type == "extension"
    assert entities["H40.1130"].parents == ("H40.113",)
    assert entities["S02.30XA"].name.endswith("initial encounter for closed fracture")


def test_the_source_is_named_without_loading_the_library() -> None:
    script = (
        "import sys; from rpdr_core.knowledge_base.icd10cm import source_key; print(source_key());"
        "assert 'simple_icd_10_cm' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == reader.source_key()
    assert reader.RELEASE in reader.source_key()
