"""Offsets in whatever a program counts become code points, and go back as they came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.documents import read, write
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.documents.model import Unit
from rpdr_core.formats.documents.offsets import UNITS, Ruler
from rpdr_core.formats.documents.output import Output

TEXT = "Überall 𝔐igraine, dann Übelkeit"
MARKS = ("𝔐igraine", "Übelkeit")


def _length(text: str, unit: Unit) -> int:
    return (
        len(text)
        if unit == "code points"
        else len(text.encode("utf-16-le")) // 2
        if unit == "utf-16"
        else len(text.encode())
    )


def _place(word: str, unit: Unit) -> tuple[int, int]:
    return _length(TEXT[: TEXT.index(word)], unit), _length(word, unit)


def bioc_json(path: Path, unit: Unit) -> Path:
    marks = []
    for number, word in enumerate(MARKS):
        offset, length = _place(word, unit)
        location = {"offset": offset, "length": length}
        marks.append({"id": f"a{number}", "infons": {}, "text": word, "locations": [location]})
    passage = {"offset": 0, "infons": {}, "text": TEXT, "annotations": marks, "relations": [], "sentences": []}
    document = {"id": "d", "infons": {}, "passages": [passage], "annotations": [], "relations": []}
    path.write_text(json.dumps({"source": "", "date": "", "key": "", "infons": {}, "documents": [document]}))
    return path


def brat(path: Path, unit: Unit) -> Path:
    path.mkdir()
    (path / "d.txt").write_text(TEXT, encoding="utf-8")
    lines = []
    for number, word in enumerate(MARKS, 1):
        start, length = _place(word, unit)
        lines.append(f"T{number}\tX {start} {start + length}\t{word}\n")
    (path / "d.ann").write_text("".join(lines), encoding="utf-8")
    return path


def pubtator(path: Path, unit: Unit) -> Path:
    lines = [f"1|t|{TEXT}\n"]
    for word in MARKS:
        start, length = _place(word, unit)
        lines.append(f"1\t{start}\t{start + length}\t{word}\tX\t\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path


def medcattrainer(path: Path, unit: Unit) -> Path:
    marks = []
    for word in MARKS:
        start, length = _place(word, unit)
        marks.append({"id": 1, "cui": "C", "value": word, "start": start, "end": start + length})
    path.write_text(
        json.dumps({"projects": [{"name": "p", "documents": [{"name": "n", "text": TEXT, "annotations": marks}]}]})
    )
    return path


MAKERS = {"bioc-json": bioc_json, "brat": brat, "pubtator": pubtator, "medcattrainer": medcattrainer}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("format_id", MAKERS)
def test_the_unit_is_found_and_kept(format_id: str, unit: Unit, tmp_path: Path) -> None:
    path = MAKERS[format_id](tmp_path / "in", unit)
    [document] = read(path, format_id)
    assert document.unit == unit
    assert [document.text[start:end] for one in document.annotations for start, end in one.spans] == list(MARKS)
    if format_id != "medcattrainer":  # which keeps the numbers as they were
        assert read(write(tmp_path / "out.zip", format_id, [Output(document)]), format_id)[0] == document


@pytest.mark.parametrize("format_id", MAKERS)
def test_a_file_that_counts_both_ways_is_refused(format_id: str, tmp_path: Path) -> None:
    path = MAKERS[format_id](tmp_path / "in", "utf-8")
    found = path / "d.ann" if path.is_dir() else path
    text = found.read_text(encoding="utf-8")
    for separator in ("\t", " "):
        start, length = _place(MARKS[1], "utf-8")
        right, size = _place(MARKS[1], "code points")
        text = text.replace(f"{start}{separator}{start + length}", f"{right}{separator}{right + size}")
    text = text.replace(f'"offset": {start}, "length": {length}', f'"offset": {right}, "length": {size}')
    text = text.replace(f'"start": {start}, "end": {start + length}', f'"start": {right}, "end": {right + size}')
    found.write_text(text, encoding="utf-8")
    with pytest.raises(FileFormatError, match="not what stands at its offset") as caught:
        read(path, format_id)
    assert "UTF-8 bytes" in caught.value.hint
    assert "igraine" not in str(caught.value), "no text of a patient in an error"


@given(st.text(), st.sampled_from(UNITS))
def test_rulers(text: str, unit: Unit) -> None:
    ruler = Ruler(text, unit)
    assert ruler.length == _length(text, unit)
    for place in range(len(text) + 1):
        assert ruler.points(ruler.units(place)) == place
    assert ruler.points(ruler.length + 1) is None
    assert ruler.points(-1) is None


def test_half_a_character_is_no_place() -> None:
    assert Ruler("é", "utf-8").points(1) is None
    assert Ruler("𝔐", "utf-16").points(1) is None
