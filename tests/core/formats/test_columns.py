from __future__ import annotations

import pytest

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.columns import ALIASES, Columns, guess, named, places, resolve


@pytest.mark.parametrize(("field", "alias"), [(field, alias) for field in ALIASES for alias in ALIASES[field]])
def test_every_alias_is_recognised_in_any_dress(field: str, alias: str) -> None:
    for header in (alias, alias.upper(), f" {alias.replace(' ', '_')} ", alias.replace(" ", "-").title()):
        assert getattr(guess([header, "other"]), field) == header


def test_no_alias_serves_two_fields() -> None:
    every = [alias for aliases in ALIASES.values() for alias in aliases]
    assert len(every) == len(set(every))


def test_full_width_headers_are_recognised() -> None:
    assert guess(["ｍｅｎｔｉｏｎ", "诊断"]).mention == "ｍｅｎｔｉｏｎ"


def test_the_better_name_wins_wherever_it_stands() -> None:
    assert guess(["text", "term", "mention"]).mention == "mention"
    assert guess(["n", "count"]).count == "count"
    assert guess(["note", "context"]).context == "context"


def test_without_a_mention_column_the_headers_are_named() -> None:
    with pytest.raises(FileFormatError) as caught:
        resolve(["foo", "bar"], Columns(), "a.csv")
    assert caught.value.message == "no column of mentions among 'foo', 'bar'"
    assert "mention" in caught.value.hint
    assert (caught.value.file, caught.value.line) == ("a.csv", 1)


def test_many_headers_are_not_all_named() -> None:
    with pytest.raises(FileFormatError, match="and 88 more"):
        resolve([f"h{n}" for n in range(100)], Columns(), "a.csv")


def test_given_columns_are_taken_and_no_others() -> None:
    headers = ["Befund", "context", "count"]
    assert resolve(headers, Columns(mention="befund"), "a") == Columns(mention="Befund")
    assert resolve(headers, Columns(mention="Befund", count="Count"), "a") == Columns(mention="Befund", count="count")


def test_a_given_column_must_exist_once() -> None:
    with pytest.raises(FileFormatError, match="no column 'x' among 'a'"):
        resolve(["a"], Columns(mention="x"), "f")
    with pytest.raises(FileFormatError, match="2 columns are called 'a'"):
        resolve(["a", "a"], Columns(mention="a"), "f")


def test_an_exact_name_beats_one_in_another_case() -> None:
    assert resolve(["A", "a"], Columns(mention="a"), "f").mention == "a"


def test_a_guessed_column_must_be_unique() -> None:
    with pytest.raises(FileFormatError, match="2 columns are called 'mention'"):
        resolve(["mention", "mention"], Columns(), "f")


def test_places_follow_the_headers() -> None:
    at = places(["x", "mention", "n"], Columns(mention="mention", count="n"))
    assert (at.mention, at.count, at.context, at.start) == (1, 2, -1, -1)


def test_empty_headers_get_a_name() -> None:
    assert named(["a ", "", " "]) == ("a", "column 2", "column 3")


def test_source_codes_for_usagi_are_known_by_their_headers() -> None:
    """Usagi, "Importing source codes": any names; these are the ones of its own save files and of its help."""
    found = guess(("sourceCode", "sourceName", "sourceFrequency", "ADD_INFO:context"))
    assert (found.id, found.mention, found.count, found.code) == ("sourceCode", "sourceName", "sourceFrequency", "")
    assert guess(("source_code", "source_name", "source_frequency")).mention == "source_name"
