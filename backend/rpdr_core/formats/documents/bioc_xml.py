"""BioC XML, after BioC.dtd; read document by document. See `bioc`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sized
from pathlib import Path
from typing import Any, TextIO
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from rpdr_core.errors import FileFormatError, remark
from rpdr_core.formats.documents.bioc import document_of, is_bioc, raw_of
from rpdr_core.formats.documents.json_file import Node
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.model import Collection, Corpus, CorpusDocument
from rpdr_core.formats.documents.output import Output, Written
from rpdr_core.formats.lines import opened
from rpdr_core.formats.safe_xml import places

ID = "bioc-xml"
_HEAD = ("source", "date", "key")
_LISTS = {
    "document": {"passage": "passages", "annotation": "annotations", "relation": "relations"},
    "passage": {"sentence": "sentences", "annotation": "annotations", "relation": "relations"},
    "sentence": {"annotation": "annotations", "relation": "relations"},
    "annotation": {"location": "locations"},
    "relation": {"node": "nodes"},
}
_TEXTS = {
    "document": ("id",),
    "passage": ("offset", "text"),
    "sentence": ("offset", "text"),
    "annotation": ("text",),
}
_LEAVES = ("location", "node")
# What XML 1.0 cannot hold, by whatever means (https://www.w3.org/TR/xml/#charsets).
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {"\r": "&#13;"}


def open_xml(path: Path) -> Corpus:
    """A BioC XML file. One document is in memory at a time."""
    found: list[Collection] = []
    unknown: dict[str, int] = {}

    def documents() -> Iterator[CorpusDocument]:
        found.clear()
        unknown.clear()
        with opened(path) as stream:
            for place in places(stream, str(path), tags=("document",), doctype=True):
                if not place.inside or place.inside[0].tag != "collection":
                    hint = "choose a file whose outermost element is <collection>"
                    raise FileFormatError("no collection of BioC", hint=hint, file=str(path), line=place.line)
                if not found:
                    found.append(_collection(place.inside[0], str(path)))
                reading = _Reading(str(path), place.line, unknown)
                raw = reading.raw(place.element)
                yield document_of(Node(raw, str(path), f"document {raw.get('id')!r}", place.line))

    def warnings() -> tuple[str, ...]:
        return tuple(
            remark(f"{times:,} elements <{tag}>, which BioC does not have, were left out")
            for tag, times in unknown.items()
        )

    return Corpus(path, ID, documents, lambda: found[0] if found else Collection(ID), warnings)


def _collection(element: Element, file: str) -> Collection:
    head = {key: (element.findtext(key) or "") for key in _HEAD}
    return Collection(ID, infons={**head, "infons": _Reading(file, 0, {}).infons(element)})


class _Reading:
    """One document's elements, turned into the shape of BioC JSON."""

    def __init__(self, file: str, line: int, unknown: dict[str, int]) -> None:
        self._file, self._line, self._unknown = file, line, unknown

    def raw(self, element: Element) -> dict[str, Any]:
        lists = _LISTS[element.tag]
        raw: dict[str, Any] = {"infons": self.infons(element), **{name: [] for name in lists.values()}}
        if element.tag in ("annotation", "relation"):
            raw["id"] = element.get("id", "")
        for child in element:
            if child.tag in _TEXTS.get(element.tag, ()):
                if child.tag in raw:
                    raise self._refusal(child, f"two <{child.tag}> in one <{element.tag}>")
                raw[child.tag] = (child.text or "") if child.tag == "text" else (child.text or "").strip()
            elif child.tag in lists:
                inner = dict(child.attrib) if child.tag in _LEAVES else self.raw(child)
                raw[lists[child.tag]].append(inner)
            elif child.tag != "infon":
                self._unknown[child.tag] = self._unknown.get(child.tag, 0) + 1
        return raw

    def infons(self, element: Element) -> dict[str, str]:
        infons: dict[str, str] = {}
        for child in element.findall("infon"):
            key = child.get("key", "")
            if key in infons:
                raise self._refusal(child, f"two infons {key!r} in one <{element.tag}>")
            infons[key] = child.text or ""
        return infons

    def _refusal(self, element: Element, message: str) -> FileFormatError:
        line = getattr(element, "line", self._line)
        return FileFormatError(message, hint="keep one of them", file=self._file, line=line)


def write(path: Path, collection: Collection, outputs: Iterable[Output]) -> Written:
    """Write a collection, document by document."""
    documents = annotations = 0
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        writing, own = _Writing(stream), is_bioc(collection)
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE collection SYSTEM "BioC.dtd">\n<collection>\n')
        for key in _HEAD:
            writing.leaf(0, key, str(collection.infons.get(key, "")))
        inner = collection.infons.get("infons")
        writing.infons(0, inner if isinstance(inner, dict) else {})
        for output in outputs:
            writing.document(raw_of(output.document, output.said, own=own, losing=writing.losing))
            documents += 1
            annotations += len(output.document.annotations)
        stream.write("</collection>\n")
    return Written(documents, annotations, writing.losing.report())


class _Writing:
    """Elements in the order of the DTD; `losing` counts what they do not hold."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.losing = Losing()

    def document(self, raw: dict[str, Any]) -> None:
        self._fields(set(raw).difference(("id", "infons", "passages", "annotations", "relations")))
        self._stream.write("<document>\n")
        self.leaf(1, "id", raw["id"])
        self.infons(1, raw["infons"])
        for passage in raw["passages"]:
            self._part(1, "passage", passage)
        self._marks(1, raw)
        self._stream.write("</document>\n")

    def _part(self, depth: int, tag: str, raw: dict[str, Any]) -> None:
        self._fields(set(raw).difference(("offset", "infons", "text", "sentences", "annotations", "relations")))
        self._open(depth, tag)
        self.infons(depth + 1, raw["infons"])
        self.leaf(depth + 1, "offset", str(raw["offset"]))
        if "text" in raw:
            self.leaf(depth + 1, "text", raw["text"])
        for sentence in raw.get("sentences", ()):
            self._part(depth + 1, "sentence", sentence)
        self._marks(depth + 1, raw)
        self._close(depth, tag)

    def _marks(self, depth: int, raw: dict[str, Any]) -> None:
        for one in raw["annotations"]:
            self._fields(set(one).difference(("id", "infons", "text", "locations")))
            self._open(depth, "annotation", id=one["id"])
            self.infons(depth + 1, one["infons"])
            for location in one["locations"]:
                self._empty(depth + 1, "location", **location)
            self.leaf(depth + 1, "text", one["text"])
            self._close(depth, "annotation")
        for one in raw["relations"]:
            self._fields(set(one).difference(("id", "infons", "nodes")))
            self._open(depth, "relation", id=one["id"])
            self.infons(depth + 1, one["infons"])
            for node in one["nodes"]:
                self._empty(depth + 1, "node", **node)
            self._close(depth, "relation")

    def _fields(self, unknown: Sized) -> None:
        self.losing.lose("fields that BioC XML does not have", len(unknown))

    def infons(self, depth: int, infons: dict[str, Any]) -> None:
        for key, value in infons.items():
            self.losing.lose("values that are not text (written as text)", not isinstance(value, str))
            self.leaf(depth, "infon", "" if value is None else str(value), key=key)

    def leaf(self, depth: int, tag: str, text: str, **attributes: object) -> None:
        body = escape(self._fit(text), _ENTITIES)
        self._stream.write(f"{'  ' * depth}<{tag}{self._attributes(attributes)}>{body}</{tag}>\n")

    def _empty(self, depth: int, tag: str, **attributes: object) -> None:
        self._stream.write(f"{'  ' * depth}<{tag}{self._attributes(attributes)}/>\n")

    def _open(self, depth: int, tag: str, **attributes: object) -> None:
        self._stream.write(f"{'  ' * depth}<{tag}{self._attributes(attributes)}>\n")

    def _close(self, depth: int, tag: str) -> None:
        self._stream.write(f"{'  ' * depth}</{tag}>\n")

    def _attributes(self, attributes: dict[str, object]) -> str:
        return "".join(f" {key}={quoteattr(self._fit(str(value)))}" for key, value in attributes.items())

    def _fit(self, text: str) -> str:
        """The text with a sign in place of what XML cannot hold, so that offsets stay right."""
        fit, times = _UNFIT.subn("\ufffd", text)
        self.losing.lose("characters that XML cannot hold", times)
        return fit
