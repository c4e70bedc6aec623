"""Our own table as a format of mappings: what it holds comes back, whatever the texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.mapping_files import OF, back, mappings
from helpers.mention_files import csv_text, scratch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.mappings import own_table
from rpdr_core.formats.mappings.own_table import BETWEEN, HEADERS, read
from rpdr_core.formats.mappings.record import Mapping, MappingFormat
from rpdr_core.workflow.decision_table import headers_of


def _held(mapping: Mapping) -> Mapping:
    """What the table has a place for: no candidates, and no confidence but in the ranks of a project."""
    seconds = mapping.seconds if mapping.seconds is None else float(f"{mapping.seconds:g}")
    return replace(mapping, confidence=None, candidates=(), line=0, seconds=seconds)


@settings(max_examples=60)
@given(st.sampled_from(own_table.FORMATS), st.lists(mappings(), min_size=1, max_size=3))
def test_mappings_come_back(format: MappingFormat, wanted: list[Mapping]) -> None:
    # The sign between further codes is no part of any.
    assume(not any(BETWEEN.strip() in f"{one.code}{one.name}" for mapping in wanted for one in mapping.targets))
    with scratch(f"a{format.suffix}") as path:
        assert format.write(path, OF, wanted).rows == len(wanted)
        assert back(format, path) == [_held(mapping) for mapping in wanted]
        found, _ = read(path)
        assert (found.source, found.target, found.target_version) == (OF.source, OF.target, OF.target_version)
        assert found.target_fingerprint == OF.target_fingerprint


def test_what_is_read_is_what_is_written() -> None:
    assert headers_of("rows") == HEADERS
    assert set(headers_of("mentions")) < set(HEADERS)


@pytest.mark.parametrize("left_out", ["mention", "status", "code", "reviewer", "retriever rank"])
def test_a_column_that_is_missing_is_named(tmp_path: Path, left_out: str) -> None:
    path = tmp_path / "a.csv"
    headers = [header for header in HEADERS if header != left_out]
    path.write_text(csv_text([["x"] * len(headers)], headers), encoding="utf-8")
    with pytest.raises(FileFormatError, match=left_out) as caught:
        read(path)
    assert (caught.value.line, bool(caught.value.hint)) == (1, True)


def test_names_with_the_sign_between_names_are_left_to_the_terminology(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    same = "the target means the same as the source"
    row = {"mention": "x", "status": "corrected", "code": "A", "name": "a", "relation": same, "reviewer": "bo"}
    row |= {"further codes": "B | C", "further names": "b | or | c", "further relations": f"{same} | {same}"}
    path.write_text(csv_text([[row.get(header, "") for header in HEADERS]], HEADERS), encoding="utf-8")
    [mapping] = list(read(path)[1])
    assert [(one.code, one.name) for one in mapping.targets] == [("A", "a"), ("B", ""), ("C", "")]
