from __future__ import annotations

from rpdr_core.knowledge_base.lexicon import LexiconTerm
from rpdr_core.records import Entity, MemoryTerm
from rpdr_worker.retrieval.terms import Owner, Terminology, TermTable

TERMINOLOGY = Terminology.of(
    [
        Entity("7", "Eye", type="chapter", assignable=False),
        Entity("H25", "Cataract", ("lens opacity",), ("7",), "category"),
        Entity("H25.1", "Nuclear cataract", ("Cataract",), ("H25",), "subcategory"),
        Entity("S02", "Fracture", (), (), "category"),
        Entity("S02.XA", "Fracture, initial", (), ("S02",), "extension"),
        Entity("OLD", "Retired", (), (), "category", active=False),
    ]
)


def test_children_and_extensions_are_told_apart() -> None:
    assert TERMINOLOGY.position["S02.XA"] == 4
    assert TERMINOLOGY.children == {0: (1,), 1: (2,)}
    assert TERMINOLOGY.extensions == {3: (4,)}


def test_only_possible_targets_have_official_rows() -> None:
    assert list(TERMINOLOGY.official_rows()) == [
        ("Cataract", Owner(1, "name")),
        ("lens opacity", Owner(1, "synonym")),
        ("Nuclear cataract", Owner(2, "name")),
        ("Cataract", Owner(2, "synonym")),
        ("Fracture", Owner(3, "name")),
    ]


def test_equal_strings_are_one_row_with_all_owners() -> None:
    table = TermTable.of(TERMINOLOGY.official_rows())
    assert table.strings == ("Cataract", "lens opacity", "Nuclear cataract", "Fracture")
    assert table.keys == ("cataract", "lens opacity", "nuclear cataract", "fracture")
    assert table.owners[0] == (Owner(1, "name"), Owner(2, "synonym"))


def test_strings_with_one_key_are_all_exact() -> None:
    table = TermTable.of([("Nuclear, cataract", Owner(2, "name")), ("nuclear cataract", Owner(1, "name"))])
    assert table.exact == {"nuclear cataract": (0, 1)}


def test_lexicon_rows_keep_the_order_of_their_codes_and_skip_unknown_ones() -> None:
    rows = list(TERMINOLOGY.lexicon_rows([LexiconTerm("cat", ("Z99", "H25.1", "H25"), "lay")]))
    assert rows == [("cat", Owner(2, "lexicon", 1)), ("cat", Owner(1, "lexicon", 2))]


def test_the_same_correction_twice_is_two_votes_under_the_first_spelling() -> None:
    rows = list(
        TERMINOLOGY.memory_rows(
            [
                MemoryTerm("Blurry, vision", "H25", 1),
                MemoryTerm("blurry vision", "H25", 2),
                MemoryTerm("BLURRY VISION", "S02", 3),
                MemoryTerm("other", "GONE", 4),
            ]
        )
    )
    assert rows == [("Blurry, vision", Owner(1, "memory", 0, 2)), ("Blurry, vision", Owner(3, "memory", 0, 1))]
