"""Documents out again with our codes in them, in the format they came in or another; what that cannot hold is told."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.formats.documents.formats import FORMATS, DocumentFormat, format_of
from rpdr_core.formats.documents.medcattrainer_writing import relink
from rpdr_core.formats.documents.output import Output, Write
from rpdr_core.formats.documents.storing import restored, restored_collection
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.store import ProjectReader, StoredSource
from rpdr_core.store.staging import staged
from rpdr_core.workflow.exporting import Exported, check_folder, sha256_of
from rpdr_core.workflow.mapping_export import mapping_of

__all__ = [
    "DocumentExportOptions",
    "Exported",
    "document_losses",
    "document_sources",
    "export_documents",
    "relink_documents",
    "writable",
]

_EVERY = 20
_TEXT_FREE = Loss("the text of documents and mentions (their places and names are kept)")


@dataclass(frozen=True, slots=True)
class DocumentExportOptions:
    """`source`: id of the imported file (0: the only one with documents). `text_free`: without any text of a document,
    for formats that can be put together with it again.
    """

    source: int = 0
    text_free: bool = False


DEFAULT = DocumentExportOptions()


def writable() -> tuple[DocumentFormat, ...]:
    """The formats that documents can be written in."""
    return tuple(found for found in FORMATS if found.write is not None)


def document_sources(reader: ProjectReader) -> list[StoredSource]:
    """The imported files that brought documents, in order of import."""
    return [source for source in reader.sources() if reader.document_count(source.id)]


def export_documents(
    reader: ProjectReader,
    path: Path,
    format_id: str,
    options: DocumentExportOptions = DEFAULT,
    watch: Watch = unwatched,
) -> Exported:
    """Write the documents of one imported file with what is decided about their annotations, whole or not at all.

    `rows` of the result are annotations. One document is in memory at a time. Whatever `watch` raises ends it.
    """
    form = format_of(format_id)
    write = _writer(form, options)
    source = _source(reader, options)
    check_folder(path)
    structure = reader.collection_structure(source.id)
    collection = replace(restored_collection(structure, reader.path.name), target=reader.knowledge_base().id)
    with staged(path, "the export") as staging:
        written = write(staging, collection, _outputs(reader, source, watch))
        digest = sha256_of(staging)
    text_free = LossReport((_TEXT_FREE,)) if options.text_free else LossReport()
    return Exported(path, written.annotations, digest, form.always + text_free + written.report)


def document_losses(
    reader: ProjectReader,
    format_id: str,
    options: DocumentExportOptions = DEFAULT,
    watch: Watch = unwatched,
) -> LossReport:
    """What the file would not hold, with counts, before anything is written: those of a real export that is thrown
    away, so it costs as much time as one.
    """
    with tempfile.TemporaryDirectory(prefix="rpdr-losses-") as folder:
        target = Path(folder) / f"export{format_of(format_id).suffix}"
        return export_documents(reader, target, format_id, options, watch).report


def relink_documents(text_free: Path, originals: Sequence[Path], output: Path) -> int:
    """Write a MedCATtrainer export again with the texts of others, whole or not at all; how many documents."""
    check_folder(output)
    with staged(output, "the export") as staging:
        return relink(text_free, originals, staging)


def _writer(form: DocumentFormat, options: DocumentExportOptions) -> Write:
    if form.write is None:
        hint = f"one of {', '.join(found.id for found in writable())}"
        raise NotAllowedError(f"nothing is written as {form.title}", hint=hint)
    if not options.text_free:
        return form.write
    if form.text_free is None:
        hint = f"one of {', '.join(found.id for found in writable() if found.text_free is not None)}"
        raise NotAllowedError(f"{form.title} does not do without text", hint=hint)
    return form.text_free


def _source(reader: ProjectReader, options: DocumentExportOptions) -> StoredSource:
    found = document_sources(reader)
    if options.source:
        found = [source for source in found if source.id == options.source]
    if not found:
        raise NotFoundError(
            "no documents to export", hint="import some first, or export a table", file=reader.path.name
        )
    if len(found) > 1:
        names = ", ".join(f"{source.id} ({source.file.name})" for source in found)
        raise NotAllowedError(f"documents of {len(found)} files, and one goes into a file", hint=f"choose from {names}")
    return found[0]


def _outputs(reader: ProjectReader, source: StoredSource, watch: Watch) -> Iterator[Output]:
    total = reader.document_count(source.id)
    for number, document in enumerate(reader.documents(source.id)):
        if number % _EVERY == 0:
            watch("documents", number, total)
        rows = reader.document_rows(document.id)
        back = restored(document, (row.annotation for row in rows), reader.path.name)
        mentions = {one.id: one for one in reader.mentions(list({row.mention_id: None for row in rows}))}
        said = {
            at: mapping_of(reader, mentions[row.mention_id], row) for at, row in zip(back.numbers, rows, strict=True)
        }
        yield Output(back.document, said)
    watch("documents", total, total)
