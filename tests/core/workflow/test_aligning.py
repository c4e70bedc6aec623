"""Rows that a terminology teaches of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpdr_core.folding import fold
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.workflow.aligning import rows_from_names


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    lines = ["code\tname\tsynonyms\tparents\ttype\tactive", "C\tEverything\t\t\tchapter\t1"]
    for at in range(60):
        synonyms = f"Wording {at} one|Wording {at} two|Shared by all"
        lines.append(f"E{at}\tEntity {at}\t{synonyms}\tC\t\t{0 if at == 59 else 1}")
    table = tmp_path / "kb.tsv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    mine = tmp_path / "mine.tsv"
    rows = ["term\tcodes\tkind"] + [f"WORDING {at}  one\tE{at}\tlay" for at in range(60)]
    rows += ["thingummy\tE1|E2\tlay", "甲状腺\tE3\tlay", "nothing here\tE99\tlay"]
    mine.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Library(tmp_path / "library").open(str(table), lexicons=[mine])


def test_what_is_held_out_is_named_by_no_row_to_train_on(catalogue: Catalogue) -> None:
    rows = rows_from_names(catalogue, seed=1, held_out=0.4)
    known, held = {fold(row.mention) for row in rows.train}, {fold(row.mention) for row in rows.validation}
    assert 20 < len(held) < 75
    assert not known & held
    assert "shared by all" in known, "a string of several entities judges nothing"
    assert {row.candidates[0].code for row in rows.train} == {f"E{at}" for at in range(59)}


def test_the_same_seed_holds_out_the_same_and_another_does_not(catalogue: Catalogue) -> None:
    assert rows_from_names(catalogue, seed=4) == rows_from_names(catalogue, seed=4)
    assert rows_from_names(catalogue, seed=4).validation != rows_from_names(catalogue, seed=5).validation
    assert rows_from_names(catalogue, held_out=0.0).validation == ()


def test_a_names_row_shows_entities_of_the_same_parent(catalogue: Catalogue) -> None:
    row = next(row for row in rows_from_names(catalogue).train if row.mention == "Entity 7")
    assert row.candidates[0].code == "E7"
    assert 4 <= len(row.candidates) - 1 <= 5
    assert len({candidate.code for candidate in row.candidates}) == len(row.candidates)
    assert row.order == tuple(range(len(row.candidates)))


def test_our_lexicon_teaches_in_latin_letters_what_this_release_has(catalogue: Catalogue) -> None:
    ours = {row.mention: row for row in rows_from_names(catalogue, held_out=0.0).train if row.origin == "lexicon"}
    assert ours["thingummy"].candidates[0].code == "E1"
    assert not {"甲状腺", "nothing here", "WORDING 59  one"} & set(ours)
    assert not [row for row in rows_from_names(catalogue, lexicon=False).train if row.origin == "lexicon"]
