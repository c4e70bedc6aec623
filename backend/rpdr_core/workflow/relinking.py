"""Make training rows of a text-free file, where its source files are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast, get_args

import msgspec

from rpdr_core.errors import FileFormatError, NotAllowedError, NotFoundError
from rpdr_core.formats.columns import Columns
from rpdr_core.formats.documents.formats import open_documents
from rpdr_core.formats.documents.storing import annotated
from rpdr_core.formats.lines import opened
from rpdr_core.formats.mentions import Tally, mentions_of
from rpdr_core.formats.opening import reopen
from rpdr_core.formats.table import Format, Table
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.prompting.template import load_template
from rpdr_core.records import NewMention, SourceRow
from rpdr_core.store.staging import staged
from rpdr_core.workflow.document_import import digest_of
from rpdr_core.workflow.exporting import Exported, check_folder, sha256_of
from rpdr_core.workflow.mapping_files import open_mappings
from rpdr_core.workflow.training import (
    Manifest,
    ManifestSource,
    header_digest,
    manifest_path,
    write_manifest,
    write_rows,
)
from rpdr_core.workflow.training_forms import Meta, Row, TextFreeRow, codes_of, rendered

Texts = Mapping[tuple[int, int], NewMention]
"""Mentions by the number of their file in the manifest, and their row."""


def relink(text_free: Path, originals: Sequence[Path], catalogue: Catalogue, output: Path) -> Exported:
    """Write the training rows of a text-free file, byte for byte as an export with text would have written them.

    `originals` must hold every source file, `catalogue` the knowledge base of the export. Candidates are read by
    their code, so the terminology's names come from here.
    """
    check_folder(output)
    manifest = _manifest(text_free)
    if catalogue.info.fingerprint != manifest.knowledge_base.fingerprint:
        hint = f"use {manifest.knowledge_base.title} {manifest.knowledge_base.version}".rstrip()
        raise NotAllowedError("the file was made with another knowledge base", hint=hint, file=str(text_free))
    rows = list(_read(text_free))
    texts = _texts(manifest, rows, originals)
    names = {entity.code: entity.name for entity in catalogue.entities()}
    with staged(output, "the training set") as staging:
        written = write_rows(staging, output.suffix.lower(), _relinked(text_free, rows, texts, names, manifest))
        made = replace(manifest, rows=written.rows, sha256=sha256_of(staging), text_free=False)
    write_manifest(output, made)
    return Exported(output, written.rows, made.sha256, written.report)


def _manifest(text_free: Path) -> Manifest:
    path = manifest_path(text_free)
    with opened(path) as stream:
        try:
            manifest = msgspec.json.decode(stream.read(), type=Manifest)
        except msgspec.MsgspecError as error:
            raise FileFormatError("not a manifest", hint="take the one that was exported", file=str(path)) from error
    with opened(text_free):
        if not manifest.text_free or sha256_of(text_free) != manifest.sha256:
            hint = "take both files of one text-free export"
            raise FileFormatError("the manifest belongs to another file", hint=hint, file=str(path))
    return manifest


def _read(text_free: Path) -> Iterator[Meta]:
    decoder = msgspec.json.Decoder(TextFreeRow)
    with opened(text_free) as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield decoder.decode(line).meta
            except msgspec.MsgspecError as error:
                hint = "export it again"
                raise FileFormatError("not a text-free row", hint=hint, file=str(text_free), line=number) from error


def _texts(manifest: Manifest, rows: Sequence[Meta], originals: Sequence[Path]) -> Texts:
    """The mentions that the rows need, by source and row number."""
    wanted = {(row.source_number, row.row) for row in rows}
    paths = {digest_of(path): path for path in originals}
    found: dict[tuple[int, int], NewMention] = {}
    for number, source in enumerate(manifest.sources, 1):
        if source.sha256 in paths and any(file == number for file, _ in wanted):
            mentions = _mentions(paths[source.sha256], source)
            found |= {(number, new.row.row): new for new in mentions if (number, new.row.row) in wanted}
    missing = {row.source for row in rows if (row.source_number, row.row) not in found}
    if missing:
        hint = "give every file that was imported, unchanged"
        listed = ", ".join(sorted(source[:12] for source in missing))
        raise NotFoundError(f"{len(missing)} source files are not among those given: SHA-256 {listed}", hint=hint)
    return found


def _mentions(path: Path, source: ManifestSource) -> Iterator[NewMention]:
    if source.format not in get_args(Format):
        # Only an import of documents has an encoding; decisions taken from a file have none.
        return _documented(path, source) if source.encoding else _mapped(path, source.format)
    digests = dict(source.columns)
    sheet = digests.pop("sheet", "")

    def is_right(table: Table) -> bool:
        right_sheet = not sheet or header_digest(table.sheet) == sheet
        return right_sheet and set(digests.values()) <= set(map(header_digest, table.headers))

    table = reopen(path, cast(Format, source.format), source.encoding, is_right)
    by_digest = {header_digest(header): header for header in table.headers}
    columns = Columns(**{name: by_digest[digest] for name, digest in digests.items()}, sheet=table.sheet)
    return mentions_of(table, columns, Tally())


def _mapped(path: Path, format_id: str) -> Iterator[NewMention]:
    """Mentions of a file of mappings, as they were taken from it."""
    _, _, mappings = open_mappings(path, format_id)
    for number, mapping in enumerate(mappings(), 1):
        yield NewMention(mapping.text.strip(), mapping.context, row=SourceRow(number, mapping.key))


@dataclass(frozen=True, slots=True)
class _Digested:
    """Types of annotations by their digests."""

    digests: frozenset[str]

    def __len__(self) -> int:
        return len(self.digests)

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __contains__(self, type_: object) -> bool:
        return isinstance(type_, str) and header_digest(type_) in self.digests


def _documented(path: Path, source: ManifestSource) -> Iterator[NewMention]:
    """Mentions in documents, as they were imported."""
    types = _Digested(frozenset(source.types))
    rows = 0
    for document in open_documents(path, source.format, source.encoding).documents():
        found = annotated(document, rows + 1, types).mentions
        rows += len(found)
        yield from found


def _relinked(
    path: Path, rows: Sequence[Meta], texts: Texts, names: Mapping[str, str], manifest: Manifest
) -> Iterator[Row]:
    template = load_template(manifest.template)
    if template.sha256 != manifest.template_sha256:
        hint = f"use {manifest.made_by}"
        raise NotAllowedError(f"the words of template {template.name} have changed", hint=hint, file=str(path))
    for number, row in enumerate(rows, 1):
        new = texts[row.source_number, row.row]
        unknown = [code for code in codes_of(manifest.form, row) if code not in names]
        if unknown:
            message = f"no entity {unknown[0]!r} in the knowledge base"
            raise NotFoundError(message, hint="use that of the export", file=str(path), line=number)
        yield from rendered(manifest.form, template, new.text, new.context, row, names)
