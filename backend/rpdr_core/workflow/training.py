"""Training rows out of decisions: chat messages with numbered candidates, as JSONL with a manifest beside it.

A text-free file holds no mention and no context: only which row of which source file (by SHA-256) a mention came
from, the candidates' codes and the answer. `relinking` makes the full rows of it where the source files are.
Row ids are left out too, for they are often patient numbers.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

import msgspec

from rpdr_core import __version__
from rpdr_core.formats.columns import Columns
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.table import Format
from rpdr_core.prompting.rendering import Message, training_chat
from rpdr_core.prompting.template import Template, load_template
from rpdr_core.records import Candidate, Decision, DecisionMode, KnowledgeBaseInfo, Mention, Relation, Verdict
from rpdr_core.store import ProjectReader, StoredSource
from rpdr_core.store.staging import staged
from rpdr_core.workflow.exporting import Exported, check_folder, sha256_of
from rpdr_core.workflow.labels import DISPUTED, Label, Meaning, label_of

TEMPLATE = "rerank_en"


@dataclass(frozen=True, slots=True)
class Meta:
    """Where a training row comes from: `row` (from 1) of the file whose bytes hash to `source`.

    `source_number` is the place (from 1) of that file in the manifest. `further`: codes that were chosen beside the
    first; `mode`: how the decision came about.
    """

    mention_id: int
    source: str
    source_number: int
    row: int
    count: int
    meaning: Meaning
    codes: tuple[str, ...]
    order: tuple[int, ...]
    verdict: Verdict
    numbered_by: str
    knowledge_base: str
    template: str
    relation: Relation = "equivalent"
    further: tuple[str, ...] = ()
    mode: DecisionMode = "open"


@dataclass(frozen=True, slots=True)
class TextFreeRow:
    """A line of a text-free file."""

    meta: Meta


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A line of a training file."""

    messages: tuple[Message, ...]
    meta: Meta


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """A source file by its bytes. `columns` holds a digest of each header that was read, never the header."""

    sha256: str
    format: Format
    encoding: str
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a training file is made of: rows by what the label means, decisions left out and why."""

    sha256: str
    rows: int
    text_free: bool
    labels: dict[str, int]
    excluded: dict[str, int]
    knowledge_base: KnowledgeBaseInfo
    template: str
    template_sha256: str
    sources: tuple[ManifestSource, ...]
    made_by: str = f"rpdr-desk {__version__}"
    format: int = 1


def export_training(project: ProjectReader, path: Path, *, text_free: bool = False) -> Exported:
    """Write training rows (JSONL) of the decisions in force, and `manifest_path(path)`.

    Raises `UserInputError` where the folder does not exist. What is left out is counted in the report.
    """
    check_folder(path)
    template = load_template(TEMPLATE)
    meanings: Counter[str] = Counter()
    excluded: Counter[str] = Counter()
    with staged(path, "the training set") as staging:
        with staging.open("wb") as stream:
            for row in _rows(project, template, excluded, text_free=text_free):
                meanings[row.meta.meaning] += 1
                stream.write(msgspec.json.encode(row) + b"\n")
        manifest = Manifest(
            sha256=sha256_of(staging),
            rows=meanings.total(),
            text_free=text_free,
            labels=dict(meanings),
            excluded=dict(excluded),
            knowledge_base=project.knowledge_base(),
            template=template.name,
            template_sha256=template.sha256,
            sources=tuple(map(_manifest_source, project.sources())),
        )
    write_manifest(path, manifest)
    losses = [Loss(f"decisions left out: {why}", times) for why, times in excluded.items()]
    report = LossReport(
        (Loss("reviewers, comments, flags, times and scores"), Loss("answers beside the decisions"), *losses)
    )
    return Exported(path, manifest.rows, manifest.sha256, report)


def manifest_path(path: Path) -> Path:
    """The manifest beside a training file."""
    return path.with_name(f"{path.name}.manifest.json")


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest of the training file at `path`."""
    with staged(manifest_path(path), "the manifest") as staging:
        staging.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def header_digest(header: str) -> str:
    """A header by which it is found again and not read: 32 hex digits."""
    return hashlib.sha256(header.encode()).hexdigest()[:32]


def _rows(
    project: ProjectReader, template: Template, excluded: Counter[str], *, text_free: bool
) -> Iterator[TextFreeRow | ChatRow]:
    base = project.knowledge_base()
    first_rows = _first_rows(project, {decision.mention_id for decision in project.decisions()})
    for decision in project.decisions():
        label = label_of(decision, project.shown(decision.id))
        if not isinstance(label, Label):
            excluded[label] += 1
            continue
        [mention] = project.mentions([decision.mention_id])
        if mention.review == "disputed":
            excluded[DISPUTED] += 1
            continue
        meta = _meta(mention, first_rows[mention.id], decision, label, base, template)
        if text_free:
            yield TextFreeRow(meta)
        else:
            named = [Candidate(candidate.code, candidate.name) for candidate in label.candidates]
            chat = training_chat(template, mention.text, mention.context, named, label.order, label.verdict)
            yield ChatRow(chat, meta)


def _meta(
    mention: Mention,
    place: tuple[str, int, int],
    decision: Decision,
    label: Label,
    base: KnowledgeBaseInfo,
    template: Template,
) -> Meta:
    source, source_number, row = place
    return Meta(
        mention_id=mention.id,
        source=source,
        source_number=source_number,
        row=row,
        count=mention.count,
        meaning=label.meaning,
        codes=tuple(candidate.code for candidate in label.candidates),
        order=label.order,
        verdict=label.verdict,
        numbered_by=label.numbered_by,
        knowledge_base=base.fingerprint,
        template=f"{template.name} {template.sha256[:12]}",
        relation=decision.relation,
        further=tuple(further.code for further in decision.also),
        mode=decision.mode,
    )


def _first_rows(project: ProjectReader, wanted: set[int]) -> Mapping[int, tuple[str, int, int]]:
    """SHA-256 and number of the file, and row, of each wanted mention's first occurrence: it gave the text."""
    found: dict[int, tuple[str, int, int]] = {}
    for number, source in enumerate(project.sources(), 1):
        for row in project.source_rows(source.id):
            if row.mention_id in wanted:
                found.setdefault(row.mention_id, (source.file.sha256, number, row.row))
    return found


def _manifest_source(source: StoredSource) -> ManifestSource:
    file = source.file
    columns = msgspec.json.decode(file.columns, type=Columns) if file.columns else Columns()
    named = {field.name: getattr(columns, field.name) for field in fields(Columns)}
    digests = {name: header_digest(header) for name, header in named.items() if header}
    return ManifestSource(file.sha256, cast(Format, file.format), file.encoding, digests)
