"""BioC JSON: a collection in one JSON object, as the `bioc` tools and NCBI write it. See `bioc`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rpdr_core.formats.documents.bioc import document_of, is_bioc, raw_of
from rpdr_core.formats.documents.json_file import Node
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.model import Collection, Corpus, CorpusDocument
from rpdr_core.formats.documents.output import Output, Written
from rpdr_core.formats.mappings.json_stream import JsonStream

ID = "bioc-json"
_HEAD = ("source", "date", "key")
LISTS = ("documents", "PubTator3")
"""What the list of documents is called; PubTator 3 gives those of a query in one of its own, without a collection."""


def open_json(path: Path) -> Corpus:
    """A BioC JSON file. One document is in memory at a time."""
    found: list[Collection] = []

    def documents() -> Iterator[CorpusDocument]:
        found.clear()
        stream, head, listed = JsonStream(path), dict[str, Any](), ""
        for name in stream.members():
            if name not in LISTS:
                head[name] = stream.value()
                continue
            listed = name
            for number, _ in enumerate(stream.items(), 1):
                line = stream.begin()
                yield document_of(_node(stream.value(), str(path), line, number))
        stream.end()
        top = Node(head, str(path), "the file")
        if not listed:
            raise top.refusal("no documents")
        said = {key: top.text(key, "") for key in _HEAD} if listed == "documents" else {}
        infons = {**said, "infons": top.table("infons")}
        found.append(Collection(ID, infons=infons, rest=top.rest(*_HEAD, "infons")))

    return Corpus(path, ID, documents, lambda: found[0] if found else Collection(ID))


def _node(value: object, file: str, line: int, number: int) -> Node:
    node = Node({}, file, "", line).inside(value, f"document {number}")
    name = node.value.get("id")
    return Node(node.value, file, f"document {name!r}" if isinstance(name, str | int) else node.place, line)


def write(path: Path, collection: Collection, outputs: Iterable[Output]) -> Written:
    """Write a collection, document by document."""
    head = {key: collection.infons.get(key, "") for key in _HEAD}
    inner = collection.infons.get("infons")
    rest = collection.rest if collection.format == ID and isinstance(collection.rest, dict) else {}
    top = {**head, "infons": inner if isinstance(inner, dict) else {}, **rest}
    documents = annotations = 0
    own, losing = is_bioc(collection), Losing()
    with path.open("wb") as stream:
        stream.write(msgspec.json.encode(top)[:-1] + b',"documents":[')
        for output in outputs:
            stream.write(b"," if documents else b"")
            stream.write(b"\n" + msgspec.json.encode(raw_of(output.document, output.said, own=own, losing=losing)))
            documents += 1
            annotations += len(output.document.annotations)
        stream.write(b"\n]}\n")
    return Written(documents, annotations, losing.report())
