from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from helpers.terminologies import SMALL, small_table
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotFoundError, UserInputError
from rpdr_core.knowledge_base.release import ReleaseOptions
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.records import Entity


def read(folder: Path, text: str, name: str = "t.csv") -> list[Entity]:
    return list(read_table(small_table(folder, text, name)))


def refusal(folder: Path, text: str, name: str = "t.csv") -> FileFormatError:
    with pytest.raises(FileFormatError) as caught:
        read(folder, text, name)
    assert caught.value.file == str(folder / name)
    assert caught.value.hint
    return caught.value


def test_every_column_reaches_its_field(tmp_path: Path) -> None:
    found = {entity.code: entity for entity in read(tmp_path, SMALL)}
    assert len(found) == 10
    assert found["E2"] == Entity(
        "E2", "Glaucoma", ("raised eye pressure", "青光眼"), ("EYE",), "category", True, True, ()
    )
    assert found["E1.11"].name == "Age-related nuclear cataract, right eye"


def test_an_inactive_entity_is_no_target(tmp_path: Path) -> None:
    old = read(tmp_path, "code,name,active\nA,a,no\nB,b,1\n")
    assert [(entity.active, entity.assignable) for entity in old] == [(False, False), (True, True)]


def test_two_columns_are_enough_in_any_order_and_case(tmp_path: Path) -> None:
    assert read(tmp_path, " Name ,CODE\nalpha,A\n") == [Entity("A", "alpha")]


def test_unknown_columns_are_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, "code,note,name\nA,whatever,alpha\n") == [Entity("A", "alpha")]


def test_tabs_make_a_tsv_where_quotes_are_letters(tmp_path: Path) -> None:
    assert read(tmp_path, 'code\tname\nA\tthe "so called", disease\n', "t.tsv") == [
        Entity("A", 'the "so called", disease')
    ]


def test_a_byte_order_mark_and_windows_lines_are_no_part_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("\ufeffcode,name\r\nA,白内障\r\n".encode())
    assert list(read_table(path)) == [Entity("A", "白内障")]


def test_values_in_a_cell_are_trimmed_once_each(tmp_path: Path) -> None:
    (entity,) = read(tmp_path, "code,name,synonyms\nA,a, x | y||x |\n")
    assert entity.synonyms == ("x", "y")


def test_empty_lines_and_short_rows_are_well(tmp_path: Path) -> None:
    assert [entity.code for entity in read(tmp_path, "code,name,type\nA,a\n\n,,\nB,b,t\n")] == ["A", "B"]


def test_a_header_alone_has_no_entities(tmp_path: Path) -> None:
    assert read(tmp_path, "code,name\n") == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, ("the file is empty",)),
        ("id,name\nA,a\n", 1, ("'code'",)),
        ("code:name\nA:a\n", 1, ("'code'", "'name'")),
        ("code,name\nA,a\nB,b\nA,c\n", 4, ("'A'", "twice", "line 2")),
        ("code,name,parents\nA,a,\nB,b,A|Z\n", 3, ("'B'", "'Z'", "parent")),
        ("code,name\nA,a\n,b\n", 3, ("without code or name",)),
        ("code,name\nA,  \n", 2, ("without code or name",)),
        ("code,name\nA,a\n\nB,b,c\n", 4, ("3 cells under 2",)),
        ("code,name,active\nA,a,perhaps\n", 2, ("'perhaps'",)),
        ('code,name\nA,"two\nlines"\nB,\n', 4, ("without code or name",)),
    ],
)
def test_a_bad_line_is_named_with_its_cure(tmp_path: Path, text: str, line: int, words: tuple[str, ...]) -> None:
    error = refusal(tmp_path, text)
    assert error.line == line
    assert all(word in error.message for word in words)


def test_other_encodings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("code,name\nA,白内障\n".encode("gb18030"))
    with pytest.raises(FileFormatError) as caught:
        list(read_table(path))
    assert (caught.value.file, caught.value.line) == (str(path), 2)
    assert "gb18030" in caught.value.hint
    assert list(read_table(path, ReleaseOptions(encoding="gb18030"))) == [Entity("A", "白内障")]


def test_a_cell_beyond_all_measure_is_an_error_of_the_file(tmp_path: Path) -> None:
    assert "field limit" in refusal(tmp_path, f"code,name\nA,{'x' * 1_000_001}\n").message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        list(read_table(tmp_path / "none.csv"))
    assert caught.value.file.endswith("none.csv")


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
WORD = CELL.map(str.strip).filter(bool)


@given(
    st.lists(
        st.tuples(WORD, WORD, st.lists(WORD.filter(lambda word: "|" not in word), max_size=3)),
        unique_by=lambda row: row[0],
    )
)
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, list[str]]]
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("code", "name", "synonyms"))
    writer.writerows((code, name, "|".join(synonyms)) for code, name, synonyms in rows)
    found = read(tmp_path_factory.getbasetemp(), stream.getvalue(), "property.csv")
    assert [(entity.code, entity.name, entity.synonyms) for entity in found] == [
        (code, name, tuple(dict.fromkeys(synonym.strip() for synonym in synonyms))) for code, name, synonyms in rows
    ]


@given(st.text(max_size=200), st.sampled_from([",", "\t"]))
def test_any_text_gives_entities_or_an_error_for_the_user(
    tmp_path_factory: pytest.TempPathFactory, text: str, delimiter: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    path.write_bytes(f"code{delimiter}name\n{text}".encode(errors="replace"))
    try:
        assert all(entity.code and entity.name for entity in read_table(path))
    except UserInputError as error:
        file = error.file
    else:
        file = str(path)
    assert file == str(path)
