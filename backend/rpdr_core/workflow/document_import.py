"""Import documents with the annotations in them: look first, then the whole file or folder or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.formats.archive import open_archive
from rpdr_core.formats.documents.formats import format_of, is_document_file, open_documents, recognise
from rpdr_core.formats.documents.mappings import mappings_of
from rpdr_core.formats.documents.model import Corpus, CorpusDocument
from rpdr_core.formats.documents.notes import ID as NOTES
from rpdr_core.formats.documents.notes import note_names
from rpdr_core.formats.documents.storing import annotated, stored_collection
from rpdr_core.formats.lines import CHUNK, opened
from rpdr_core.knowledge_base.release import Watch, remark, unwatched
from rpdr_core.knowledge_base.rf2.naming import is_release
from rpdr_core.records import AnnotatedDocument
from rpdr_core.store import ImportResult, Project, SourceFile

__all__ = [
    "DocumentGlimpse",
    "DocumentLook",
    "DocumentOptions",
    "import_documents",
    "is_document_file",
    "look_documents",
    "mappings_of",
    "recognise",
]

LOOKED_AT = 200
"""Documents that a preview reads, at most; fewer where they are long."""

# Reading a note out of a PDF takes seconds.
_LOOKED_AT_TEXT = 1 << 20
_SHOWN = 5
_SHOWN_TEXT = 400
_EVERY = 20
# Signs that turn the direction of what follows (Unicode TR 36, "bidirectional text spoofing").
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """`format`: id of one of the formats of documents (empty: as the file looks). `encoding` of text files without a
    mark that are no UTF-8. `types`: of which types annotations become mentions (none: of all); the others are kept.
    """

    format: str = ""
    encoding: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentGlimpse:
    """A document in a preview: the beginning of its text, and how many mentions it has."""

    key: str
    title: str
    text: str
    mentions: int


@dataclass(frozen=True, slots=True)
class DocumentLook:
    """What an import would bring, from the first documents; `complete` where there are no more.

    `types`: each type of annotation with its number. `coded`: annotations that the file gives a code. `decided`: those
    that it holds a decision about (`mappings_of`).
    """

    format: str
    title: str
    documents: int
    mentions: int
    complete: bool
    types: tuple[tuple[str, int], ...]
    coded: int
    decided: int
    first: tuple[DocumentGlimpse, ...]
    warnings: tuple[str, ...]


DEFAULT = DocumentOptions()


def _opened(path: Path, options: DocumentOptions) -> Corpus:
    """As `open_documents`; a folder of a SNOMED CT release, which is text as well, is refused."""
    corpus = open_documents(path, options.format, options.encoding)
    if corpus.format == NOTES and path.is_dir() and is_release(note_names(path)):
        raise UserInputError(
            "this is a SNOMED CT release, and no folder of notes",
            hint="import it as a terminology (rpdr kb import)",
            file=str(path),
        )
    return corpus


def look_documents(path: Path, options: DocumentOptions = DEFAULT) -> DocumentLook:
    """Read the beginning of a file or folder. Raises what an import would raise there."""
    corpus = _opened(path, options)
    seeing = _Seeing(options)
    complete = True
    for document in corpus.documents():
        if seeing.documents == LOOKED_AT or seeing.characters > _LOOKED_AT_TEXT:
            complete = False
            break
        seeing.see(document)
    return DocumentLook(
        format=corpus.format,
        title=format_of(corpus.format).title,
        documents=seeing.documents,
        mentions=seeing.mentions,
        complete=complete,
        types=tuple(sorted(seeing.types.items(), key=lambda item: (-item[1], item[0]))),
        coded=seeing.coded,
        decided=seeing.decided,
        first=tuple(seeing.first),
        warnings=(*corpus.warnings(), *seeing.warnings()),
    )


class _Seeing:
    """Counts over the documents of a preview."""

    def __init__(self, options: DocumentOptions) -> None:
        self._options = options
        self.documents = self.characters = self.mentions = self.coded = self.decided = self._turned = 0
        self._gaps = self._several = 0
        self.types: dict[str, int] = {}
        self.first: list[DocumentGlimpse] = []

    def see(self, document: CorpusDocument) -> None:
        mentions = len(annotated(document, 1, self._options.types).mentions)
        self.documents += 1
        self.characters += len(document.text)
        self.mentions += mentions
        for one in document.annotations:
            self.types[one.type] = self.types.get(one.type, 0) + 1
            self.coded += bool(one.codes)
            self.decided += one.said is not None
            self._gaps += len(one.spans) > 1
            self._several += len(one.codes) > 1
        self._turned += not _BIDI.isdisjoint(document.text)
        if len(self.first) < _SHOWN:
            text = document.text[:_SHOWN_TEXT]
            self.first.append(DocumentGlimpse(document.key, document.title, text, mentions))

    def warnings(self) -> Iterator[str]:
        if self._turned:
            yield remark(
                f"{self._turned:,} documents hold signs that turn the direction of writing: they may look reordered"
            )
        if self._gaps:
            yield remark(f"{self._gaps:,} annotations have gaps: their parts become one mention")
        if self._several:
            yield remark(f"{self._several:,} annotations have several codes: the first counts as the given code")


def import_documents(
    project: Project, path: Path, options: DocumentOptions = DEFAULT, watch: Watch = unwatched
) -> ImportResult:
    """Import a file, folder or zip as one source, in one transaction. Codes in it stay with its rows as given codes;
    they are no decisions. Whatever `watch` raises (`Cancelled`) undoes the import.
    """
    corpus = _opened(path, options)
    digest = digest_of(path)
    source = SourceFile(
        path.name, digest, corpus.format, options.encoding or "utf-8", msgspec.json.encode(options).decode()
    )
    reading = _reading(corpus, options, digest, watch)
    return project.add_documents(source, reading, lambda: stored_collection(corpus.collection()))


def _reading(corpus: Corpus, options: DocumentOptions, digest: str, watch: Watch) -> Iterator[AnnotatedDocument]:
    documents = rows = 0
    for document in corpus.documents():
        found = annotated(document, rows + 1, options.types)
        rows += len(found.mentions)
        documents += 1
        yield found
        if documents % _EVERY == 0:
            watch("documents", documents, 0)
    watch("documents", documents, documents)
    if not documents:
        raise FileFormatError("no document in it", hint="check the file's format", file=str(corpus.path))
    if not rows and corpus.format != NOTES:
        hint = f"leave the types out: there are others than {', '.join(options.types)}" if options.types else ""
        hint = hint or "import it as notes if its texts are what you want"
        raise FileFormatError("no annotation in it", hint=hint, file=str(corpus.path))
    if digest_of(corpus.path) != digest:
        hint = "import it again when nobody writes to it"
        raise FileFormatError("the file changed while it was read", hint=hint, file=str(corpus.path))


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hex; of a folder: of the names and bytes of all files in it."""
    digest = hashlib.sha256()
    if not path.is_dir():
        with opened(path) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()
    with open_archive(path) as archive:
        for name in archive.names():
            digest.update(f"{name}\0{archive.size(name)}\0".encode("utf-8", "surrogateescape"))
            with archive.open(name) as member:
                while chunk := member.read(CHUNK):
                    digest.update(chunk)
    return digest.hexdigest()
