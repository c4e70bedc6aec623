"""What a file does not hold is said in the window's language, whatever format tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.mapping_files import EXAMPLES, OF, STANDARD

from rpdr_core.formats.mappings import FORMATS
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet
from rpdr_core.records import Target
from rpdr_core.resources import resource_text
from rpdr_desk.views.loss_words import loss_words

ODD = (
    *EXAMPLES,
    EXAMPLES[1],
    EXAMPLES[1],
    Mapping("a" * 300, (Target("1", "b", "broader"), Target("2", "c")), "accepted", key="k" * 60 + "  ", context="c"),
    Mapping("\x01", status="no_match", reason="unreadable", comment="c", reviewer="r"),
)


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: one.id)
def test_what_lies_in_a_format_has_words(format: MappingFormat) -> None:
    assert [loss.what for loss in format.always.losses if loss.what not in loss_words()] == []


@pytest.mark.parametrize("format", STANDARD, ids=lambda one: one.id)
@pytest.mark.parametrize("of", [OF, MappingSet(target="icd10cm", source="s" * 30)], ids=["omop", "icd10cm"])
def test_what_happens_has_words(format: MappingFormat, of: MappingSet, tmp_path: Path) -> None:
    report = format.write(tmp_path / "a", of, ODD).report
    assert report.losses
    assert [loss.what for loss in report.losses if loss.what not in loss_words()] == []


def test_the_words_are_translated() -> None:
    chinese = json.loads(resource_text("translations", "zh_CN.json"))
    assert [what for what in loss_words() if what not in chinese] == []
