"""Chapter and type of codes: with one root, with many, without any hierarchy, in a circle."""

from __future__ import annotations

from pathlib import Path

from helpers.old_catalogues import catalogue_with_circles

from rpdr_core.records import Entity
from rpdr_core.store.entity_search import EntitySearch
from rpdr_core.store.grouping import CodeGroup, Groups


def groups(folder: Path, entities: list[Entity], *codes: str) -> Groups:
    search = EntitySearch(catalogue_with_circles(folder, entities))
    try:
        return search.groups(codes)
    finally:
        search.close()


def test_chapters_are_the_roots_where_there_are_many(tmp_path: Path) -> None:
    entities = [
        Entity("1", "Infections", type="chapter"),
        Entity("2", "Neoplasms", type="chapter"),
        Entity("A00-A09", "Gut", parents=("1",), type="block"),
        Entity("A00", "Cholera", parents=("A00-A09",), type="category"),
        Entity("A00.1", "Cholera eltor", parents=("A00",), type="subcategory"),
        Entity("C01", "Tongue", parents=("2",), type="category"),
    ]
    found = groups(tmp_path, entities, "A00.1", "A00", "C01", "2", "nowhere")
    assert found.of == {
        "A00.1": CodeGroup("1", "subcategory"),
        "A00": CodeGroup("1", "category"),
        "C01": CodeGroup("2", "category"),
        "2": CodeGroup("", "chapter"),
    }
    assert found.chapters == {"1": "Infections", "2": "Neoplasms"}


def test_under_one_root_chapters_are_the_level_below_it(tmp_path: Path) -> None:
    entities = [
        Entity("R", "Everything"),
        Entity("F", "Finding", parents=("R",)),
        Entity("P", "Procedure", parents=("R",)),
        Entity("F1", "Pain", parents=("F",), type="sign"),
        Entity("F11", "Headache", parents=("F1", "P")),
        Entity("P1", "Biopsy", parents=("P",)),
    ]
    found = groups(tmp_path, entities, "F11", "P1", "F1", "F", "R")
    assert {code: group.chapter for code, group in found.of.items()} == {
        "F11": "F", "P1": "P", "F1": "F", "F": "F", "R": ""
    }  # fmt: skip
    assert found.of["F1"].type == "sign"
    assert found.chapters == {"F": "Finding", "P": "Procedure"}


def test_without_a_hierarchy_there_are_no_chapters(tmp_path: Path) -> None:
    found = groups(tmp_path, [Entity(str(n), f"name {n}", type="drug") for n in range(5)], "1", "3")
    assert found.of == {"1": CodeGroup("", "drug"), "3": CodeGroup("", "drug")}
    assert found.chapters == {}


def test_a_circle_of_parents_ends(tmp_path: Path) -> None:
    entities = [Entity("A", "a", parents=("B",)), Entity("B", "b", parents=("A",)), Entity("C", "c", parents=("A",))]
    assert set(groups(tmp_path, entities, "A", "B", "C").of) == {"A", "B", "C"}


def test_many_codes_at_once(tmp_path: Path) -> None:
    entities = [Entity("R", "root"), *(Entity(f"K{n}", f"chapter {n}", parents=("R",)) for n in range(7))]
    entities += [Entity(f"X{n}", f"code {n}", parents=(f"K{n % 7}",)) for n in range(2000)]
    found = groups(tmp_path, entities, *(f"X{n}" for n in range(2000)))
    assert all(found.of[f"X{n}"].chapter == f"K{n % 7}" for n in range(2000))
