"""Labels of rubrics as plain text.

A label mixes text with Reference (another code), Term (type face), Para, Fragment, List and Table. Fragments compose
one term of parts that print under a brace or heading: those of type `list` are the headings that several terms share,
those of type `item` (the default) what each adds; a rubric holds one whole path of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

_BLOCKS = frozenset(
    ("Para", "Fragment", "List", "ListItem", "Table", "Caption", "THead", "TBody", "TFoot", "Row", "Cell")
)


def plain(label: Element) -> str:
    """The label as a term: without the codes that it refers to."""
    return _joined(_parts(label, None))


def annotated(label: Element, marks: Mapping[str, str]) -> str:
    """The label as a note: codes in brackets, with the mark of their usage (dagger, asterisk)."""
    return _joined(_parts(label, marks))


def labels(rubric: Element, dialect: str) -> list[Element]:
    """The labels of a rubric in a language, or all where none is asked for or the language is wanting."""
    found = rubric.findall("Label")
    asked = [label for label in found if dialect and _speaks(label.get("lang", ""), dialect)]
    return asked or (found[:1] if dialect else found)


def _speaks(language: str, dialect: str) -> bool:
    return language.lower() == dialect.lower() or language.lower().startswith(f"{dialect.lower()}-")


def _joined(parts: Iterator[str]) -> str:
    text = " ".join("".join(parts).split())
    return text.replace(" ,", ",").replace("( ", "(").replace(" )", ")").strip()


def _parts(element: Element, marks: Mapping[str, str] | None) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == "Reference":
            yield "" if marks is None else _reference(child, marks)
        elif child.tag == "Fragment" and child.get("type") == "list":
            yield f" {''.join(_parts(child, marks)).strip().removesuffix(':')} "
        elif child.tag in _BLOCKS:
            yield " "
            yield from _parts(child, marks)
            yield " "
        elif child.get("class") == "tab":
            yield " "
        else:
            yield from _parts(child, marks)
        yield child.tail or ""


def _reference(reference: Element, marks: Mapping[str, str]) -> str:
    text = " ".join("".join(reference.itertext()).split()) or reference.get("code", "")
    mark = marks.get(reference.get("usage", ""), "")
    if not text.endswith(mark):
        text += mark
    return f" ({text}) " if "bracket" in reference.get("class", "") else f" {text} "
