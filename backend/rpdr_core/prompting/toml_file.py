"""A TOML file read into a type; what is wrong with it is told with its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from rpdr_core.errors import FileFormatError

_T = TypeVar("_T")
_ARRAY = "examples"


def decode_toml(path: Path, data: bytes, type_: type[_T], what: str) -> tuple[str, _T]:
    """The file's text and the value read from it. Raises `FileFormatError` with file and line."""
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"the {what} is not UTF-8"
        raise FileFormatError(message, hint="save it as UTF-8", file=str(path), line=line) from error
    try:
        return content, msgspec.convert(tomllib.loads(content), type_)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else content.count("\n") + 1
        raise FileFormatError(f"not valid TOML: {error}", hint="mend the line", file=str(path), line=line) from error
    except msgspec.ValidationError as error:
        line = _line_of_error(content, str(error))
        hint = f"compare it with a bundled {what}"
        raise FileFormatError(f"not a {what}: {error}", hint=hint, file=str(path), line=line) from error


def line_of_key(content: str, key: str, after: int = 0) -> int:
    """The line (from 1) where `key` is set, at or after line `after`; 0 where it is not."""
    pattern = re.compile(rf"\s*{re.escape(key)}\s*=")
    lines = content.split("\n")
    return next((number for number, line in enumerate(lines, 1) if number >= after and pattern.match(line)), 0)


def line_of_example(content: str, number: int) -> int:
    """The line (from 1) where the example of that number (from 1) begins; 0 where there is none."""
    starts = [at for at, line in enumerate(content.split("\n"), 1) if line.strip().startswith(f"[[{_ARRAY}]]")]
    return starts[number - 1] if 0 < number <= len(starts) else 0


def _line_of_error(content: str, message: str) -> int:
    """The line of the place that msgspec names: `$.key`, `$.examples[0].key`, or a field that it does not know."""
    example = re.search(rf"\$\.{_ARRAY}\[(\d+)\]", message)
    begin = line_of_example(content, int(example[1]) + 1) if example else 0
    named = re.search(r"unknown field `(\w+)`", message) or re.search(r"\$[\w.\[\]]*\.(\w+)(?:\[[^`]*)?`", message)
    found = line_of_key(content, named[1], begin) if named else 0
    return found or begin or 1
