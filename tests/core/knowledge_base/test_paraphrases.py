from __future__ import annotations

from pathlib import Path

import pytest
from helpers.terminologies import lexicon_file

from rpdr_core.folding import fold
from rpdr_core.knowledge_base.lexicon import LexiconTerm, bundled_wordings, read_wordings
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.paraphrases import (
    Paraphrase,
    abbreviation_tokens,
    paraphrase_file,
    paraphrases,
    read_paraphrases,
)

NAMES = {
    "I21": "Acute myocardial infarction",
    "H26.9": "Unspecified cataract",
    "H53.8": "Other visual disturbances",
    "E10.10": "Type 1 diabetes mellitus with ketoacidosis without coma",
    "I73.9": "Peripheral vascular disease, unspecified",
    "X": "Unspecified",
}


def term(text: str, *codes: str, kind: str = "lay") -> LexiconTerm:
    return LexiconTerm(text, codes, kind)


def test_the_wording_is_the_first_codes_name() -> None:
    assert paraphrases([term("heart attack", "I21", "H26.9")], NAMES) == {"heart attack": "Acute myocardial infarction"}


@pytest.mark.parametrize(
    ("code", "wording"),
    [("H26.9", "cataract"), ("H53.8", "visual disturbances"), ("I73.9", "Peripheral vascular disease")],
)
def test_words_that_say_nothing_are_left_out(code: str, wording: str) -> None:
    assert paraphrases([term("t", code)], NAMES) == {"t": wording}


def test_no_wording_where_it_says_nothing_new_or_nothing_at_all() -> None:
    same, empty, unknown = term("Cataract", "H26.9"), term("x", "X"), term("y", "Z99")
    assert paraphrases([same, empty, unknown], NAMES) == {}


def test_the_first_of_two_equal_terms_wins() -> None:
    assert paraphrases([term("a", "I21"), term("a", "H26.9")], NAMES) == {"a": "Acute myocardial infarction"}


def test_abbreviations_become_tokens_up_to_the_first_comma() -> None:
    found = abbreviation_tokens(
        [
            term("PVD", "I73.9", kind="abbreviation"),
            term("DKA", "E10.10", kind="abbreviation"),
            term("MI", "I21", kind="abbreviation"),
            term("blurry", "H53.8"),
            term("n/v/d", "H53.8", kind="abbreviation"),
            term("XYZ", "X", kind="abbreviation"),
        ],
        NAMES,
    )
    assert [(token.token, token.expansion) for token in found] == [
        ("PVD", "Peripheral vascular disease"),
        ("DKA", "Type 1 diabetes mellitus with ketoacidosis"),
    ]


def test_the_file_is_made_once_per_lexicon(tmp_path: Path) -> None:
    own = lexicon_file(tmp_path, "heart attack\tI21\tlay", "白内障\tH26.9\tclinical")
    path = paraphrase_file(tmp_path, NAMES.items(), [own])
    rows = list(read_paraphrases(path))
    assert rows[:2] == [Paraphrase("heart attack", "Acute myocardial infarction"), Paraphrase("白内障", "cataract")]
    assert [(said, wording) for said, wording, _ in rows[2:]] == list(read_wordings(bundled_wordings()))
    assert all(row.anywhere for row in rows[2:])

    def unread() -> object:
        pytest.fail("the names were read again")
        yield "", ""

    assert paraphrase_file(tmp_path, unread(), [own]) == path  # type: ignore[arg-type]
    changed = lexicon_file(tmp_path, "heart attack\tI21\tlay")
    assert paraphrase_file(tmp_path, NAMES.items(), [changed]) != path
    assert not list(tmp_path.glob("*.tmp"))


def test_our_lexicon_gives_thousands_of_wordings(icd10cm: Catalogue, tmp_path: Path) -> None:
    names = [(entity.code, entity.name) for entity in icd10cm.entities()]
    rows = read_paraphrases(paraphrase_file(tmp_path, names, icd10cm.lexicons))
    found = {row.said: row.wording for row in rows if not row.anywhere}
    assert len(found) > 2_000
    assert found["heart attack"] == "Acute myocardial infarction"
    assert all(found.values())


def test_each_lay_wording_means_one_clinical_term() -> None:
    rows = list(read_wordings(bundled_wordings()))
    said, terms = [fold(wording) for wording, _ in rows], {fold(term) for _, term in rows}
    assert len(rows) > 1_000
    assert len(set(said)) == len(said)
    assert not terms.intersection(said)
    assert all(text == text.strip() and "\t" not in text for row in rows for text in row)
    assert all(said)
