"""Training rows out of decisions, in one of three forms (see `training_forms`), with a manifest beside the file.

A text-free file holds no mention and no context: only which row of which source file (by SHA-256) a mention came
from, the candidates' codes and the answer. `relinking` makes the full rows of it where the source files are.
Row ids are left out too, for they are often patient numbers. Mentions that are held out to judge students by are in no
file of any form.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

import msgspec

from rpdr_core import __version__
from rpdr_core.errors import UserInputError
from rpdr_core.formats.columns import Columns
from rpdr_core.formats.documents.formats import FORMATS as DOCUMENTS
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.writing import Written, writer_for
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.prompting.template import Template, load_template
from rpdr_core.records import Decision, KnowledgeBaseInfo, Mention, Ranking
from rpdr_core.store import ProjectReader, StoredSource
from rpdr_core.store.staging import staged
from rpdr_core.workflow.dataset_info import describe
from rpdr_core.workflow.distilling import HELD_OUT, own_answers_that_stood
from rpdr_core.workflow.document_import import DocumentOptions
from rpdr_core.workflow.exporting import Exported, check_folder, sha256_of
from rpdr_core.workflow.held_out import HeldOut, held_out_of
from rpdr_core.workflow.labels import DISPUTED, Label, label_of
from rpdr_core.workflow.origins import WEIGHTS
from rpdr_core.workflow.targets import Target, human_target, origin_of
from rpdr_core.workflow.training_forms import (
    PAIR_HEADERS,
    Form,
    Meta,
    PairRow,
    Row,
    TextFreeRow,
    codes_of,
    rendered,
)

TEMPLATE = "rerank_en"
NO_PAIR = "nothing was chosen or passed over"
_SUFFIXES: Mapping[Form, tuple[str, ...]] = {
    "chat": (".jsonl",),
    "alpaca": (".jsonl",),
    "pairs": (".jsonl", ".csv", ".parquet"),
}
_EVERY = 500


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """A source file by its bytes. `columns` holds a digest of each header that was read, never the header; `types` has
    digests of the types of annotations that became mentions, where only some did.
    """

    sha256: str
    format: str
    encoding: str
    columns: dict[str, str]
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a training file is made of: rows by what the label means, decisions left out and why.

    `rows` are lines of the file; `labels` and `origins` count mentions. `form`: which of the forms.
    """

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
    form: Form = "chat"
    origins: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Teaching:
    """What the rows of a project have in common."""

    project: ProjectReader
    form: Form
    template: Template
    base: KnowledgeBaseInfo
    held_out: HeldOut
    together: frozenset[int]
    stood: frozenset[int]
    places: Mapping[int, tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class _Lesson:
    """A mention with what a row says of it; `names` of the codes that it needs."""

    mention: Mention
    meta: Meta
    names: Mapping[str, str]


def export_training(
    project: ProjectReader,
    path: Path,
    *,
    text_free: bool = False,
    form: Form = "chat",
    watch: Watch = unwatched,
) -> Exported:
    """Write training rows of the decisions in force, and `manifest_path(path)`.

    Chats and instructions are JSONL, pairs also CSV or Parquet by the file's name. Raises `UserInputError` where the
    folder does not exist or the form has no such file. What is left out is counted in the report.
    """
    check_folder(path)
    _check_suffix(path, form, text_free=text_free)
    template = load_template(TEMPLATE)
    labels: Counter[str] = Counter()
    origins: Counter[str] = Counter()
    excluded: Counter[str] = Counter()

    def rows() -> Iterator[Row]:
        for lesson in _lessons(project, form, template, excluded, watch):
            labels[lesson.meta.meaning] += 1
            origins[lesson.meta.origin] += 1
            if text_free:
                yield TextFreeRow(lesson.meta)
            else:
                mention = lesson.mention
                yield from rendered(form, template, mention.text, mention.context, lesson.meta, lesson.names)

    with staged(path, "the training set") as staging:
        written = write_rows(staging, path.suffix.lower(), rows())
        manifest = Manifest(
            sha256=sha256_of(staging),
            rows=written.rows,
            text_free=text_free,
            labels=dict(labels),
            excluded=dict(excluded),
            knowledge_base=project.knowledge_base(),
            template=template.name,
            template_sha256=template.sha256,
            sources=tuple(map(_manifest_source, project.sources())),
            form=form,
            origins=dict(sorted(origins.items())),
        )
    write_manifest(path, manifest)
    losses = [Loss(f"decisions left out: {why}", times) for why, times in excluded.items()]
    report = LossReport(
        (Loss("reviewers, comments, flags, times and scores"), Loss("answers beside the decisions"), *losses)
    )
    return Exported(path, manifest.rows, manifest.sha256, report + written.report)


def _check_suffix(path: Path, form: Form, *, text_free: bool) -> None:
    allowed = (".jsonl",) if text_free else _SUFFIXES[form]
    if path.suffix.lower() not in allowed:
        hint = f"let the name end in {' or '.join(allowed)}"
        raise UserInputError(f"no {form} training rows in a file of that name", hint=hint, file=path.name)


def write_rows(path: Path, suffix: str, rows: Iterable[Row]) -> Written:
    """Write training rows: JSONL, or pairs under their headers as a table."""
    if suffix != ".jsonl":
        cells = (astuple(row) for row in rows if isinstance(row, PairRow))
        return writer_for(Path(f"pairs{suffix}"))(path, PAIR_HEADERS, cells)
    number = 0
    with path.open("wb") as stream:
        for number, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
            stream.write(msgspec.json.encode(row) + b"\n")
    return Written(number, LossReport())


def manifest_path(path: Path) -> Path:
    """The manifest beside a training file."""
    return path.with_name(f"{path.name}.manifest.json")


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest of the training file at `path`; of instructions also their entry in `dataset_info.json`."""
    with staged(manifest_path(path), "the manifest") as staging:
        staging.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    if manifest.form != "pairs" and not manifest.text_free:
        describe(path, manifest.form)


def header_digest(header: str) -> str:
    """A header by which it is found again and not read: 32 hex digits."""
    return hashlib.sha256(header.encode()).hexdigest()[:32]


def _lessons(
    project: ProjectReader, form: Form, template: Template, excluded: Counter[str], watch: Watch
) -> Iterator[_Lesson]:
    decided = [decision.mention_id for decision in project.decisions()]
    teaching = _Teaching(
        project=project,
        form=form,
        template=template,
        base=project.knowledge_base(),
        held_out=held_out_of(project),
        together=project.decided_together(),
        stood=own_answers_that_stood(project, project.decisions()),
        places=_first_rows(project, set(decided)),
    )
    for number, decision in enumerate(project.decisions()):
        if number % _EVERY == 0:
            watch("decisions", number, len(decided))
        lesson = _lesson(teaching, decision)
        if isinstance(lesson, str):
            excluded[lesson] += 1
        else:
            yield lesson
    watch("decisions", len(decided), len(decided))


def _lesson(teaching: _Teaching, decision: Decision) -> _Lesson | str:
    """What a decision teaches, or why it teaches nothing in this form."""
    shown = teaching.project.shown(decision.id)
    label = label_of(decision, shown)
    if not isinstance(label, Label) and not (teaching.form == "pairs" and label in _STILL_PAIRS):
        return label
    [mention] = teaching.project.mentions([decision.mention_id])
    if mention.review == "disputed":
        return DISPUTED
    if mention.text in teaching.held_out:
        return HELD_OUT
    meta = _meta(teaching, mention, decision, label if isinstance(label, Label) else None, shown)
    if teaching.form == "pairs" and not codes_of("pairs", meta):
        return NO_PAIR
    named = {candidate.code: candidate.name for ranking in shown for candidate in ranking.candidates}
    named |= {further.code: further.name for further in decision.also}
    named |= {decision.code: decision.name} if teaching.form == "pairs" and decision.code not in named else {}
    return _Lesson(mention, meta, named)


_STILL_PAIRS = (
    "no candidates were on screen",
    "the chosen entity was not among the candidates",
    "no match, and no order but the retriever's own",
)
"""Why there is no order to learn; what was chosen, and what was passed over, is known all the same."""


def _meta(
    teaching: _Teaching, mention: Mention, decision: Decision, label: Label | None, shown: tuple[Ranking, ...]
) -> Meta:
    source, source_number, row = teaching.places[mention.id]
    propagated, blind = decision.id in teaching.together, decision.id in teaching.stood
    target = human_target(decision, shown, propagated=propagated, blind=blind)
    origin = origin_of(decision, shown, propagated=propagated, blind=blind)
    chosen = (decision.code, *(further.code for further in decision.also))
    passed_over = _passed_over(target, chosen)
    template = teaching.template
    return Meta(
        mention_id=mention.id,
        source=source,
        source_number=source_number,
        row=row,
        count=mention.count,
        meaning=label.meaning if label else "no_match" if not decision.code else "corrected",
        codes=tuple(candidate.code for candidate in label.candidates) if label else (),
        order=label.order if label else (),
        verdict=label.verdict if label else "",
        numbered_by=label.numbered_by if label else "",
        knowledge_base=teaching.base.fingerprint,
        template=f"{template.name} {template.sha256[:12]}",
        relation=decision.relation,
        further=chosen[1:],
        mode=decision.mode,
        origin=origin,
        weight=WEIGHTS[origin],
        chosen=decision.code,
        passed_over=passed_over,
        further_relations=tuple(further.relation for further in decision.also),
    )


def _passed_over(target: Target | str, chosen: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(target, str):
        return ()
    codes = (target.candidates[place].code for place in target.rejected)
    return tuple(code for code in dict.fromkeys(codes) if code not in chosen)


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
    if any(known.id == file.format for known in DOCUMENTS):
        options = msgspec.json.decode(file.columns, type=DocumentOptions) if file.columns else DocumentOptions()
        return ManifestSource(file.sha256, file.format, file.encoding, {}, tuple(map(header_digest, options.types)))
    columns = msgspec.json.decode(file.columns, type=Columns) if file.columns else Columns()
    named = {one.name: getattr(columns, one.name) for one in fields(Columns)}
    digests = {name: header_digest(header) for name, header in named.items() if header}
    return ManifestSource(file.sha256, file.format, file.encoding, digests)
