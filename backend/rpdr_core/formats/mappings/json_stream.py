"""JSON too large for memory: walked through from the front, one value at a time.

Whoever walks asks for `members` of an object and `items` of an array, and takes each with `value` or by walking on into
it. Only what is taken as a value is in memory, and no value may be larger than a cap.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import opened
from rpdr_core.formats.mappings.memo import is_text

VALUE_CAP = 4 << 20
"""Characters of one value."""

_CHUNK = 1 << 16
_SPACE = re.compile(r"[ \t\r\n]*")
_HINT = "save the file again as JSON in UTF-8"


class JsonStream:
    """A JSON document on its way. Every error is a `FileFormatError` with file and line."""

    def __init__(self, path: Path) -> None:
        self._file = str(path)
        self._chunks = self._read(path)
        self._buffer = ""
        self._at = 0
        self._counted = 0
        self._lines = 1
        self._ended = False
        self._decoder = json.JSONDecoder(object_pairs_hook=self._unique, parse_constant=self._no_constant)

    @property
    def line(self) -> int:
        """The line that the walk has come to, from 1."""
        self._lines += self._buffer.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._lines

    def members(self) -> Iterator[str]:
        """The names of an object's members; after each, its value must be taken."""
        seen = set[str]()
        for _ in self._inside("{", "}"):
            name = self.value()
            if not isinstance(name, str):
                self.refuse("a member without a name")
            if name in seen:
                self.refuse("a name occurs twice in one object")
            seen.add(name)
            self._take(":")
            yield name

    def items(self) -> Iterator[None]:
        """An array's items; each must be taken."""
        return self._inside("[", "]")

    def begin(self) -> int:
        """The line on which the next value begins."""
        self._peek()
        return self.line

    def value(self) -> object:
        """The next value, whole."""
        self._peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError:
                self.refuse("values nested too deep")
            except ValueError:
                if self._ended or not self._more():
                    self.refuse("not JSON, or cut off")
                continue
            # A number at the end of what is read may go on.
            if end == len(self._buffer) and not self._ended and self._more():
                continue
            if "\\u" in self._buffer[self._at : end] and not _is_whole(found):
                self.refuse("half a character (a lone surrogate), or a NUL")
            self._at = end
            return found

    def end(self) -> None:
        """Nothing may follow."""
        if self._peek():
            self.refuse("text after the end of the document")

    def refuse(self, message: str, hint: str = _HINT) -> NoReturn:
        raise FileFormatError(message, hint=hint, file=self._file, line=self.line)

    def _inside(self, opening: str, closing: str) -> Iterator[None]:
        self._take(opening)
        if self._peek() == closing:
            self._at += 1
            return
        while True:
            yield
            sign = self._peek()
            if sign not in (",", closing) or not sign:
                self.refuse("not JSON, or cut off")
            self._at += 1
            if sign == closing:
                return

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            self.refuse(f"no {sign!r} where one belongs")
        self._at += 1

    def _peek(self) -> str:
        """The next sign after white space; empty at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if self._ended or not self._more():
                return ""

    def _more(self) -> bool:
        """Read on, as much again as waits already; False at the file's end."""
        waiting = len(self._buffer) - self._at
        if waiting > VALUE_CAP:
            self.refuse(f"a value of more than {VALUE_CAP:,} characters")
        _ = self.line
        parts = [self._buffer[self._at :]]
        self._at = self._counted = 0
        want = max(_CHUNK, waiting)
        while want > 0:
            chunk = next(self._chunks, "")
            if not chunk:
                self._ended = True
                break
            parts.append(chunk)
            want -= len(chunk)
        self._buffer = "".join(parts)
        return len(parts) > 1

    def _read(self, path: Path) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        with opened(path) as stream:
            while True:
                chunk = stream.read(_CHUNK)
                try:
                    text = decoder.decode(chunk, not chunk)
                except UnicodeDecodeError:
                    self.refuse("the file is not UTF-8")
                if text:
                    yield text
                if not chunk:
                    return

    def _unique(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self.refuse("a name occurs twice in one object")
        return found

    def _no_constant(self, name: str) -> NoReturn:
        self.refuse(f"{name} is no JSON value")


def _is_whole(value: object) -> bool:
    if isinstance(value, str):
        return is_text(value)
    if isinstance(value, dict):
        return all(_is_whole(name) and _is_whole(item) for name, item in value.items())
    return not isinstance(value, list) or all(map(_is_whole, value))
