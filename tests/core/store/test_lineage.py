"""What is above some codes, read from the search index."""

from __future__ import annotations

from pathlib import Path

from helpers.old_catalogues import catalogue_with_circles

from rpdr_core.records import Entity
from rpdr_core.store.entity_search import EntitySearch

ENTITIES = (
    Entity("ROOT", "All"),
    Entity("A", "Eyes", parents=("ROOT",)),
    Entity("A1", "Lens", parents=("A",)),
    Entity("A11", "Cataract", parents=("A1", "B")),
    Entity("B", "Injuries", parents=("ROOT",)),
    Entity("ring", "One of two", parents=("gnir",)),
    Entity("gnir", "The other", parents=("ring",)),
)


def opened(folder: Path, *entities: Entity) -> EntitySearch:
    return EntitySearch(catalogue_with_circles(folder, entities))


def test_all_that_is_above_and_nothing_else(tmp_path: Path) -> None:
    search = opened(tmp_path, *ENTITIES)
    found = search.lineage(["A11", "gone"])
    assert found.parents == {"A11": ("A1", "B"), "A1": ("A",), "A": ("ROOT",), "B": ("ROOT",), "ROOT": ()}
    assert found.names["A11"] == "Cataract"
    assert found.one_root
    search.close()


def test_a_circle_ends_and_many_roots_are_seen(tmp_path: Path) -> None:
    search = opened(tmp_path, *ENTITIES, Entity("C", "Another root"))
    found = search.lineage(["ring"])
    assert found.parents == {"ring": ("gnir",), "gnir": ("ring",)}
    assert not found.one_root
    assert search.lineage([]).parents == {}
    search.close()


def test_more_codes_than_a_statement_takes(tmp_path: Path) -> None:
    codes = [f"N{number}" for number in range(1_200)]
    search = opened(tmp_path, Entity("ROOT", "All"), *(Entity(code, code, parents=("ROOT",)) for code in codes))
    assert len(search.lineage(codes).parents) == 1_201
    search.close()
