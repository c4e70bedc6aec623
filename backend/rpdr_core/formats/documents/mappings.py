"""The mappings that a file of documents holds: what this program wrote there, or MedCATtrainer's annotators decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rpdr_core.formats.documents.formats import open_documents
from rpdr_core.formats.documents.model import Corpus
from rpdr_core.formats.documents.storing import with_mentions
from rpdr_core.formats.mappings.record import Mapping, MappingSet


def mappings_of(path: Path, format_id: str = "", encoding: str = "") -> tuple[MappingSet, Iterator[Mapping]]:
    """Open a file of documents; the mappings in it stream, those of undecided annotations left out.

    Text and context are what an import makes of the same annotation, so that the two meet. `key` is the document's key
    and the annotation's id; `line` the row's number in an import of the whole file.
    """
    corpus = open_documents(path, format_id, encoding)
    return MappingSet(title=path.stem, source=path.name), _mappings(corpus)


def _mappings(corpus: Corpus) -> Iterator[Mapping]:
    line = 0
    for document in corpus.documents():
        for one, mention in with_mentions(document):
            if mention is None:
                continue
            line += 1
            if one.said is not None:
                yield replace(
                    one.said,
                    text=mention.text,
                    context=mention.context,
                    start=mention.start,
                    end=mention.end,
                    given=mention.code,
                    key=f"{document.key} {one.id}",
                    line=line,
                )
