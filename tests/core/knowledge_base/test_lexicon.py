from __future__ import annotations

from pathlib import Path

import pytest
from helpers.terminologies import lexicon_file, token_file
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotFoundError, UserInputError
from rpdr_core.knowledge_base.lexicon import (
    KINDS,
    LexiconTerm,
    Token,
    bundled_lexicons,
    read_lexicon,
    read_tokens,
)


def refusal(path: Path) -> FileFormatError:
    with pytest.raises(FileFormatError) as caught:
        list(read_lexicon(path))
    assert caught.value.file == str(path)
    assert caught.value.hint
    return caught.value


def test_terms_come_in_order_with_their_codes_best_first(tmp_path: Path) -> None:
    path = lexicon_file(tmp_path, "heart attack\tI21 | I21.9|\tlay", "", "MI\tI21\tabbreviation")
    assert list(read_lexicon(path)) == [
        LexiconTerm("heart attack", ("I21", "I21.9"), "lay"),
        LexiconTerm("MI", ("I21",), "abbreviation"),
    ]


def test_quotes_are_letters(tmp_path: Path) -> None:
    (term,) = read_lexicon(lexicon_file(tmp_path, '"pink" eye\tH10\tlay'))
    assert term.term == '"pink" eye'


def test_tokens_may_leave_their_context_out(tmp_path: Path) -> None:
    path = token_file(tmp_path, "OD\tright eye\teye", "fx\tfracture")
    assert list(read_tokens(path)) == [Token("OD", "right eye", "eye"), Token("fx", "fracture", "")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("\tI21\tlay", "without term or code"),
        ("MI\t|\tlay", "without term or code"),
        ("MI\tI21\tslang", "'slang'"),
        ("MI\tI21", "unknown kind"),
        ("MI I21 lay", "1 cells"),
        ("MI\tI21\tlay\tmore", "4 cells"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: str, words: str) -> None:
    error = refusal(lexicon_file(tmp_path, "good\tI21\tlay", row))
    assert error.line == 3
    assert words in error.message


def test_an_unknown_kind_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    error = refusal(lexicon_file(tmp_path, "MI\tI21\tslang"))
    assert all(kind in error.hint for kind in KINDS)


@pytest.mark.parametrize("header", ["", "term,codes,kind", "codes\tterm\tkind", "token\texpansion\tcontext"])
def test_another_header_is_refused_with_the_right_one(tmp_path: Path, header: str) -> None:
    path = tmp_path / "own.tsv"
    path.write_text(f"{header}\nMI\tI21\tlay\n", encoding="utf-8")
    error = refusal(path)
    assert error.line == 1
    assert "term TAB codes TAB kind" in error.hint


def test_a_token_without_expansion_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="expansion") as caught:
        list(read_tokens(token_file(tmp_path, "OD\t\teye")))
    assert caught.value.line == 2


def test_other_encodings_and_missing_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_bytes("term\tcodes\tkind\n白内障\tH26.9\tclinical\n".encode("gb18030"))
    assert "UTF-8" in refusal(path).message
    with pytest.raises(NotFoundError):
        list(read_lexicon(tmp_path / "none.tsv"))


def test_a_cell_beyond_all_measure_is_an_error_of_the_file(tmp_path: Path) -> None:
    assert "not readable" in refusal(lexicon_file(tmp_path, f"{'x' * 1_100_000}\tI21\tlay")).message


@given(st.text(max_size=200))
def test_any_text_gives_terms_or_an_error_for_the_user(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.tsv"
    path.write_bytes(f"term\tcodes\tkind\n{text}".encode(errors="replace"))
    try:
        assert all(term.term and term.codes and term.kind in KINDS for term in read_lexicon(path))
    except UserInputError as error:
        file = error.file
    else:
        file = str(path)
    assert file == str(path)


def test_bundled_files_are_told_apart_by_name() -> None:
    terms, tokens = bundled_lexicons("icd10cm")
    assert terms
    assert tokens
    assert all(path.stem.endswith("_tokens") for path in tokens)
    assert not any(path.stem.endswith("_tokens") for path in terms)


def test_unknown_knowledge_bases_have_no_lexicon() -> None:
    assert bundled_lexicons("snomed") == ((), ())
