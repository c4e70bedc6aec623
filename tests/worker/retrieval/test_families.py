from __future__ import annotations

import pytest

from rpdr_core.records import Entity
from rpdr_worker.retrieval.families import assignable_extension, default_leaf, specific_child
from rpdr_worker.retrieval.space import Space
from rpdr_worker.retrieval.terms import Terminology


@pytest.fixture(scope="module")
def real(icd10cm_space: Space) -> Terminology:
    return icd10cm_space.terminology


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        ("H25.1", "cataract right eye", "H25.11"),
        ("H25.1", "cataract left", "H25.12"),
        ("H25.1", "cataract both eyes bilateral", "H25.13"),
        ("H25.1", "cataract", None),
        ("H25.1", "", None),
        ("H25.13", "bilateral", None),
        ("H40.11", "glaucoma right eye mild stage", "H40.1111"),
        ("S52.5", "fracture left", None),
    ],
)
def test_the_child_that_the_words_ask_for(real: Terminology, code: str, said: str, expected: str | None) -> None:
    found = specific_child(real, real.position[code], words(said))
    assert (None if found is None else real.entities[found].code) == expected


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        ("H40.113", "moderate stage", "H40.1132"),
        ("H40.113", "severe", "H40.1133"),
        ("H40.113", "", "H40.1130"),
        ("S02.30", "", "S02.30XA"),
        ("S02.30", "sequela", "S02.30XS"),
        ("H25.13", "anything", "H25.13"),
    ],
)
def test_extensions_by_stage_and_encounter(real: Terminology, code: str, said: str, expected: str) -> None:
    found = assignable_extension(real, real.position[code], words(said))
    assert real.entities[found].code == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("I21", "I21.9"),
        ("H25", "H25.9"),
        ("H26.9", None),
        ("E11", "E11.9"),
        ("K21", None),
        ("H25.1", "H25.10"),
        ("H40.113", "H40.1130"),
    ],
)
def test_the_default_leaf_below_a_category(real: Terminology, code: str, expected: str | None) -> None:
    found = default_leaf(real, real.position[code])
    assert (None if found is None else real.entities[found].code) == expected
    assert found is None or real.entities[found].assignable


def test_a_circle_in_a_faulty_terminology_ends() -> None:
    circle = Terminology.of(
        [
            Entity("A", "thing unspecified", (), ("B",), "category", assignable=False),
            Entity("B", "thing unspecified right", (), ("A",), "category", assignable=False),
        ]
    )
    assert default_leaf(circle, 0) is None
    assert specific_child(circle, 0, words("right")) in (None, 0, 1)
