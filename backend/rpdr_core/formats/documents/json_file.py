"""JSON of strangers: every field is asked for by its type, and an error says where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from rpdr_core.errors import FileFormatError

_BIGGEST = 1 << 53


def decoded(data: bytes, file: str, line: int = 0) -> Any:
    """The JSON value of some bytes."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        hint = "get the file again: it is cut short, damaged, or no JSON in UTF-8"
        raise FileFormatError("no sound JSON", hint=hint, file=file, line=line) from error


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object with its place in the file, for errors; or what an XML element says in the same shape."""

    value: Mapping[str, Any]
    file: str
    place: str
    line: int = 0

    def text(self, key: str, default: str | None = None) -> str:
        """A text, or a number as text (ids are often numbers)."""
        found = self.value.get(key, default)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
        if not isinstance(found, str):
            raise self.refusal(f"no text {key!r}")
        return found

    def optional(self, key: str) -> str | None:
        """A text; None where the field is missing or null."""
        return None if self.value.get(key) is None else self.text(key)

    def whole(self, key: str) -> int:
        """A whole number from 0; also as text, which some programs write."""
        found = self.value.get(key)
        if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 16:
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < _BIGGEST:
            raise self.refusal(f"no whole number {key!r}")
        return found

    def objects(self, key: str, called: str) -> Iterator[Node]:
        """The objects of a list, which may be missing or null."""
        found = self.value.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            raise self.refusal(f"{key!r} is no list")
        for number, item in enumerate(found):
            yield self.inside(item, f"{called} {number + 1}")

    def inside(self, item: Any, called: str) -> Node:
        """What lies in this one, as a node; it must be an object."""
        place = f"{self.place}, {called}" if self.place else called
        if not isinstance(item, dict):
            raise FileFormatError(
                f"{place}: no JSON object", hint="check the file's format", file=self.file, line=self.line
            )
        return Node(item, self.file, place, self.line)

    def table(self, key: str) -> dict[str, Any]:
        """An object as it is, empty where it is missing or null."""
        found = self.value.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.refusal(f"{key!r} is no JSON object")
        return found

    def rest(self, *known: str) -> dict[str, Any] | None:
        """The fields beyond the known ones; None where there are none."""
        return {key: value for key, value in self.value.items() if key not in known} or None

    def refusal(self, message: str) -> FileFormatError:
        return FileFormatError(
            f"{self.place or 'the file'}: {message}", hint="check the file's format", file=self.file, line=self.line
        )
