"""A project as a stream of mappings, written in any format of mappings; and what that format cannot hold of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rpdr_core import __version__
from rpdr_core.errors import NotFoundError
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.mappings import FORMATS
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.records import Decision, Mention, Target
from rpdr_core.store import MentionRow, ProjectReader
from rpdr_core.store.audit import now
from rpdr_core.store.staging import staged
from rpdr_core.workflow.decision_table import Level, Only, Step, steps_of
from rpdr_core.workflow.exporting import Exported, check_folder, export_decisions, sha256_of
from rpdr_core.workflow.leading import counting, leading

__all__ = ["ExportOptions", "Exported", "export_mappings", "format_of", "losses", "mapping_of", "mappings_of"]

TABLES = frozenset(("csv", "xlsx", "jsonl", "parquet"))
"""Formats that hold our own table of decisions, which says more than a mapping does."""

_BESIDE = (
    Loss("decisions that were undone or replaced, and the audit"),
    Loss("which file and row a mention came from"),
)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`level`: a mapping for each row of the imported files, or for each distinct mention. `only`: decided mentions, or
    all. `source_name`: what the file calls the hospital's list (empty: the project's name). `candidates`: with each
    mapping the candidates that were on screen, else the newest. `mark`: begin CSV with a byte order mark, for Excel.
    """

    level: Level = "rows"
    only: Only = "all"
    source_name: str = ""
    candidates: bool = False
    mark: bool = False


DEFAULT = ExportOptions()


def format_of(format_id: str) -> MappingFormat:
    """The format of mappings that is called so; `NotFoundError` where there is none."""
    for found in FORMATS:
        if found.id == format_id:
            return found
    hint = f"one of {', '.join(sorted(known.id for known in FORMATS))}"
    raise NotFoundError(f"no format of mappings is called {format_id!r}", hint=hint)


def export_mappings(
    reader: ProjectReader,
    path: Path,
    format_id: str,
    options: ExportOptions = DEFAULT,
    watch: Watch = unwatched,
) -> Exported:
    """Write the project's mappings, whole or not at all, in bounded memory.

    `watch` hears of progress by the page; whatever it raises (`Cancelled`) ends the export and nothing is written.
    Raises `NotFoundError` where there is no such format or folder.
    """
    if format_id in TABLES:
        return export_decisions(
            reader, path, level=options.level, only=options.only, mark=options.mark, suffix=f".{format_id}", watch=watch
        )
    form = format_of(format_id)
    check_folder(path)
    with staged(path, "the export") as staging:
        written = form.write(staging, set_of(reader, options), mappings_of(reader, options, watch))
        digest = sha256_of(staging)
    return Exported(path, written.rows, digest, _report(reader, form) + written.report)


def losses(
    reader: ProjectReader, format_id: str, options: ExportOptions = DEFAULT, watch: Watch = unwatched
) -> LossReport:
    """What a file of this format would not hold of this project, with counts, before anything is written.

    The counts are those of a real export into a folder that is gone afterwards, so they cost as much time as one.
    """
    suffix = f".{format_id}" if format_id in TABLES else format_of(format_id).suffix
    with tempfile.TemporaryDirectory(prefix="rpdr-losses-") as folder:
        return export_mappings(reader, Path(folder) / f"export{suffix}", format_id, options, watch).report


def _report(reader: ProjectReader, form: MappingFormat) -> LossReport:
    beside = sum(1 for _ in reader.all_opinions())
    answers = (Loss("answers given before rankings were there, and by second reviewers", beside),) if beside else ()
    return LossReport(_BESIDE + answers) + form.always


def set_of(reader: ProjectReader, options: ExportOptions = DEFAULT) -> MappingSet:
    """What a file says of itself."""
    base = reader.knowledge_base()
    name = reader.setting("name") or reader.path.stem
    return MappingSet(
        title=name,
        source=options.source_name or name,
        target=base.id,
        target_version=base.version,
        target_fingerprint=base.fingerprint,
        made_at=now(),
        made_by=f"rpdr-desk {__version__}",
    )


def mappings_of(reader: ProjectReader, options: ExportOptions = DEFAULT, watch: Watch = unwatched) -> Iterator[Mapping]:
    """The project's mappings in order of import (streams); `line` counts them from 1."""
    promoted = reader.promoted()
    for line, step in enumerate(steps_of(reader, options.level, only=options.only, watch=watch), 1):
        yield _mapping(reader, step, options, promoted, line)


def mapping_of(reader: ProjectReader, mention: Mention, row: MentionRow) -> Mapping:
    """What a project says of one row of an imported file; `mention` is the row's."""
    return _mapping(reader, Step(mention, row), DEFAULT, None, row.row)


def _mapping(reader: ProjectReader, step: Step, options: ExportOptions, promoted: str | None, line: int) -> Mapping:
    mention, row = step.mention, step.row
    decision = reader.decision(mention.id)
    led = None
    if options.candidates:
        shown = reader.shown(decision.id) if decision else ()
        led = leading(shown or counting(reader.rankings(mention.id), promoted))
    return Mapping(
        text=mention.text,
        targets=_targets(decision),
        status=mention.status,
        context=mention.context,
        count=mention.count if row is None else row.count,
        key="" if row is None else row.key,
        department=mention.department,
        reason=mention.reason,  # type: ignore[arg-type]  # the store's check knows no other
        comment=decision.comment if decision else "",
        remark=mention.comment,
        flagged=mention.flagged,
        flag_reason=mention.flag_reason,
        reviewer=decision.reviewer if decision else "",
        made_at=decision.made_at if decision else "",
        mode=decision.mode if decision else "",
        confidence=mention.confidence,
        candidates=led.candidates if led else (),
        line=line,
        start=mention.start,
        end=mention.end,
        given="" if row is None else row.code,
        seconds=decision.seconds if decision else None,
        knowledge_base=decision.knowledge_base if decision else "",
    )


def _targets(decision: Decision | None) -> tuple[Target, ...]:
    if decision is None or not decision.code:
        return ()
    return (Target(decision.code, decision.name, decision.relation), *decision.also)
