"""PROTOCOL.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from rpdr_core.protocol import codec, faults, lines, messages
from rpdr_core.protocol.messages import METHODS

TEXT = (Path(messages.__file__).parent / "PROTOCOL.md").read_text("utf-8")


def test_its_table_is_the_table_of_methods() -> None:
    rows = re.findall(r"^\| `([a-z.]+)` \| (\w+) -> (\w+) \| (\w*) ?\|", TEXT, re.MULTILINE)
    expected = [
        (name, row.params.__name__, row.result.__name__, row.partial.__name__ if row.partial else "")
        for name, row in METHODS.items()
    ]
    assert rows == expected


def test_its_numbers_are_the_numbers_of_the_code() -> None:
    told = {int(number) for number in re.findall(r"^\| (-32\d+) \|", TEXT, re.MULTILINE)}
    assert told == {value for name, value in vars(faults).items() if name.isupper() and isinstance(value, int)}
    assert f"{lines.MAX_LINE // 2**20} MiB" in TEXT
    assert all(notice in TEXT for notice in (codec.PROGRESS, codec.PARTIAL, codec.CANCEL))


def test_every_full_line_of_its_conversation_is_a_frame() -> None:
    shown = re.findall(r"^[<>] (\{.*\})$", TEXT, re.MULTILINE)
    assert len(shown) > 10
    for line in shown:
        if ".." not in line:
            codec.read_envelope(line.encode())
