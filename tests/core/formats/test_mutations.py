"""Broken files: each of hundreds of mutations is read soundly or refused with an error of ours, in good time."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import pytest
from helpers.mention_files import HEADERS, csv_text, jsonl_text, read, workbook

from rpdr_core.errors import RpdrError
from rpdr_core.formats.preview import preview
from rpdr_core.records import NewMention

MUTATIONS = 330
ROWS = [
    (
        f"R{number}",
        f"catarct {number}",
        f'seen "with", catarct {number}; 白内障术后\n复查',
        str(number + 1),
        "H26.9",
        "眼科",
    )
    for number in range(12)
]
JUNK = (
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b'"',
    b"\r",
    b"\n",
    b"\t",
    b",",
    b"\xef\xbb\xbf",
    b"<",
    b"&",
    b"{",
    b"PK\x03\x04",
    b"9" * 400,
)


def _originals(folder: Path) -> dict[str, bytes]:
    flat = [[cell.replace("\n", " ").replace('"', "") for cell in row] for row in ROWS]
    return {
        "a.csv": csv_text(ROWS).encode(),
        "gb.csv": csv_text(ROWS).encode("gb18030"),
        "a.tsv": "".join("\t".join(row) + "\n" for row in [HEADERS, *flat]).encode(),
        "excel.tsv": csv_text(ROWS, delimiter="\t").encode("utf-16"),
        "a.jsonl": jsonl_text(ROWS).encode(),
        "a.txt": "\n".join(row[2].replace("\n", " ") for row in ROWS).encode(),
        "a.xlsx": workbook(folder / "original.xlsx", ROWS).read_bytes(),
    }


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to three changes: bits flipped, parts cut, doubled, moved or replaced by junk."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(changed) + 1), chance.choice((1, 2, 8, 64, 700))
        match chance.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case 3:
                changed[at : at + length] = chance.choice(JUNK)
            case 4:
                del changed[at:]
            case _:
                changed[at : at + length] = chance.randbytes(length)
    return bytes(changed)


def mutated_inside(data: bytes, chance: random.Random) -> bytes:
    """A workbook with one part changed: a bit of a digit or letter, a cut, or another value of an attribute."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        names = [name for name in old.namelist() if "sheet" in name or "style" in name or chance.random() < 0.2]
        chosen = chance.choice(names)
        for name in old.namelist():
            content = old.read(name)
            if name == chosen:
                values = list(re.finditer(rb'(?<=[">])[^<>"]+(?=["<])', content))
                found = chance.choice(values)
                value = chance.choice(
                    (b"-1", b"0", b"99999999999999999999", b"1.5", b"e", b"XFE1", b"A0", b"", b"&#x9;", b"n", b"s")
                )
                content = content[: found.start()] + value + content[found.end() :]
            if name != chosen or chance.random() < 0.95:
                new.writestr(name, content)
    return target.getvalue()


def _check(found: list[NewMention]) -> None:
    for mention in found:
        assert mention.text == mention.text.strip() != ""
        assert mention.count >= 1
        f"{mention.text}{mention.context}{mention.code}{mention.row.key}{mention.department}".encode()
        if mention.start is not None:
            assert mention.context[mention.start : mention.end].casefold() == mention.text.casefold()
    assert [mention.row.row for mention in found] == sorted({mention.row.row for mention in found})


@pytest.mark.parametrize("name", ["a.csv", "gb.csv", "a.tsv", "excel.tsv", "a.jsonl", "a.txt", "a.xlsx"])
def test_no_mutation_brings_a_reader_down(tmp_path: Path, name: str) -> None:
    original = _originals(tmp_path)[name]
    chance = random.Random(name)
    path = tmp_path / name
    outcomes = {"read": 0, "refused": 0}
    cures = set()
    for turn in range(MUTATIONS):
        inside = name == "a.xlsx" and turn % 2
        path.write_bytes(mutated_inside(original, chance) if inside else mutated(original, chance))
        try:
            _check(read(path, "gb18030" if name == "gb.csv" else ""))
            outcomes["read"] += 1
        except RpdrError as error:
            cures.add(error.hint)
            outcomes["refused"] += 1
    assert "" not in cures
    # Both must happen, or the mutations are too weak or too strong to test anything.
    assert min(outcomes.values()) > 5, outcomes


@pytest.mark.parametrize("name", ["a.csv", "gb.csv", "a.jsonl", "a.xlsx"])
def test_no_mutation_brings_a_preview_down(tmp_path: Path, name: str) -> None:
    original = _originals(tmp_path)[name]
    chance = random.Random(f"preview {name}")
    path = tmp_path / name
    for _ in range(100):
        path.write_bytes(mutated(original, chance))
        try:
            look = preview(path)
        except RpdrError:
            continue
        assert look.needs_encoding == (not look.headers)
        assert all(len(row) == len(look.headers) for row in look.rows)
