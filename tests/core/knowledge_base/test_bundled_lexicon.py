"""The lexicon files that come with the program, checked against ICD-10-CM itself."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from rpdr_core.knowledge_base.lexicon import KINDS, LexiconTerm, bundled_lexicons, read_lexicon, read_tokens

LEXICONS, TOKENS = bundled_lexicons("icd10cm")
each_lexicon = pytest.mark.parametrize("path", LEXICONS, ids=lambda path: path.stem)
each_token_file = pytest.mark.parametrize("path", TOKENS, ids=lambda path: path.stem)
CONTEXTS = {"", "eye"}
# Abbreviations that clinics use for two things; retrieval offers both.
AMBIGUOUS = {"asd", "bih", "bpd", "hav", "pco"}


@pytest.fixture(scope="module")
def cm() -> ModuleType:
    """The library itself, not our reader of it; loading takes a second or two."""
    import simple_icd_10_cm

    return simple_icd_10_cm


def all_terms() -> list[tuple[Path, LexiconTerm]]:
    return [(path, term) for path in LEXICONS for term in read_lexicon(path)]


def test_there_are_thousands_of_entries_of_every_kind() -> None:
    kinds = Counter(term.kind for _, term in all_terms())
    assert kinds.total() >= 2_000
    assert set(kinds) == KINDS


@each_lexicon
def test_every_code_is_a_code_of_icd_10_cm(path: Path, cm: ModuleType) -> None:
    codes = set(cm.get_all_codes(with_dots=True))
    unknown = [(term.term, code) for term in read_lexicon(path) for code in term.codes if code not in codes]
    assert unknown == []


@each_lexicon
def test_every_code_can_be_reached_as_a_candidate(path: Path, cm: ModuleType) -> None:
    """Chapters and blocks are not searched, and extensions are reached through their parent."""
    wrong = [
        (term.term, code)
        for term in read_lexicon(path)
        for code in term.codes
        if cm.is_chapter(code) or (cm.is_block(code) and not cm.is_category(code))
    ]
    assert wrong == []


@each_lexicon
def test_no_term_occurs_twice_in_a_file(path: Path) -> None:
    counts = Counter(term.term.casefold() for term in read_lexicon(path))
    assert [term for term, count in counts.items() if count > 1] == []


@each_lexicon
def test_no_code_occurs_twice_in_a_row(path: Path) -> None:
    assert [term.term for term in read_lexicon(path) if len(set(term.codes)) < len(term.codes)] == []


@pytest.mark.parametrize("path", LEXICONS + TOKENS, ids=lambda path: path.stem)
def test_files_are_composed_and_clean(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text
    assert "\ufeff" not in text
    assert text.endswith("\n")
    untidy = [line for line in text.splitlines()[1:] if any(cell != cell.strip() for cell in line.split("\t"))]
    assert untidy == []


def test_files_do_not_contradict_each_other() -> None:
    """A term in two files must lead into one category, unless it is known to have two meanings."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for _, term in all_terms():
        found.setdefault(term.term.casefold(), []).append(term.codes)
    contradictions = {
        term: rows
        for term, rows in found.items()
        if term not in AMBIGUOUS and not any(all(_leads_to(row, head[0]) for row in rows) for head in rows)
    }
    assert contradictions == {}


def test_every_ambiguous_term_is_still_in_two_files() -> None:
    counts = Counter(term.term.casefold() for _, term in all_terms())
    assert {term for term in AMBIGUOUS if counts[term] < 2} == set()


def _leads_to(codes: tuple[str, ...], code: str) -> bool:
    return any(own.split(".")[0] == code.split(".")[0] for own in codes)


@each_token_file
def test_tokens_are_sound(path: Path) -> None:
    tokens = list(read_tokens(path))
    assert tokens
    assert {token.context for token in tokens} <= CONTEXTS
    assert [token for token in tokens if token.token.casefold() == token.expansion.casefold()] == []
    counts = Counter((token.token, token.context) for token in tokens)
    assert [token for token, count in counts.items() if count > 1] == []


def test_token_files_agree() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for path in TOKENS:
        for token in read_tokens(path):
            found.setdefault((token.token.casefold(), token.context), set()).add(token.expansion)
    assert {token: expansions for token, expansions in found.items() if len(expansions) > 1} == {}
