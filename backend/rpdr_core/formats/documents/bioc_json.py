"""BioC JSON: a collection in one JSON object, as the `bioc` tools and NCBI write it. See `bioc`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rpdr_core.formats.documents.bioc import document_of, is_bioc, raw_of
from rpdr_core.formats.documents.json_file import Node, read_json
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.model import Collection, Corpus, CorpusDocument
from rpdr_core.formats.documents.output import Output, Written

ID = "bioc-json"
_HEAD = ("source", "date", "key")
# PubTator 3 wraps the documents of a query in a list of this name, without a collection.
_WRAPPER = "PubTator3"


def recognises(value: Any) -> bool:
    """Whether a JSON value is a collection."""
    if not isinstance(value, dict):
        return False
    documents = value.get("documents", value.get(_WRAPPER))
    if not isinstance(documents, list):
        return False
    return not documents or (isinstance(documents[0], dict) and "passages" in documents[0])


def open_json(path: Path) -> Corpus:
    """A BioC JSON file. It is in memory while it is read."""
    found: list[Collection] = []

    def documents() -> Iterator[CorpusDocument]:
        node = Node(read_json(path), str(path), "") if path.is_file() else Node({}, str(path), "")
        top = node.inside(node.value, "the file")
        listed = _WRAPPER if _WRAPPER in top.value else "documents"
        if listed not in top.value:
            raise top.refusal("no documents")
        infons = {key: top.text(key, "") for key in _HEAD} if listed == "documents" else {}
        rest = top.rest(*_HEAD, "infons", listed)
        found[:] = [Collection(ID, infons={**infons, "infons": top.table("infons")}, rest=rest)]
        for number, one in enumerate(top.objects(listed, "document")):
            name = one.value.get("id")
            called = f"document {name!r}" if isinstance(name, str | int) else f"document {number + 1}"
            yield document_of(Node(one.value, one.file, called))

    return Corpus(path, ID, documents, lambda: found[0] if found else Collection(ID))


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
