"""The notes of a chapter, section or code of the tabular list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from xml.etree.ElementTree import Element

from rpdr_core.formats.safe_xml import text_of
from rpdr_core.records import Note

_EACH: tuple[tuple[str, Literal["includes", "excludes1", "excludes2"]], ...] = (
    ("includes", "includes"),
    ("excludes1", "excludes1"),
    ("excludes2", "excludes2"),
)
# Lines of these are one instruction: the first often ends with "such as:".
_TOGETHER: tuple[tuple[str, Literal["code_first", "use_additional", "code_also", "seventh_character", "note"]], ...] = (
    ("codeFirst", "code_first"),
    ("useAdditionalCode", "use_additional"),
    ("codeAlso", "code_also"),
    ("sevenChrNote", "seventh_character"),
    ("notes", "note"),
)


def texts(element: Element, tag: str) -> Iterator[str]:
    """The non-empty `note`s in all children of that tag."""
    return (text for note in element.findall(f"{tag}/note") if (text := text_of(note)))


def notes_of(element: Element) -> Iterator[Note]:
    """All notes, in the order in which a coder reads them."""
    for tag, each in _EACH:
        yield from (Note(each, text) for text in texts(element, tag))
    for tag, together in _TOGETHER:
        if text := "\n".join(texts(element, tag)):
            yield Note(together, text)
    yield from (Note("seventh_character", f"{character}: {meaning}") for character, meaning in seventh(element))


def seventh(element: Element) -> tuple[tuple[str, str], ...]:
    """Characters and meanings, each once; a note behind one belongs to its meaning."""
    found: dict[str, str] = {}
    last = ""
    for item in element.findall("sevenChrDef/*"):
        if item.tag == "extension":
            last = item.get("char", "").strip()
            if last:
                found[last] = text_of(item)
        elif last and (text := text_of(item)):
            found[last] = f"{found[last]}/{text}"
    return tuple(found.items())
