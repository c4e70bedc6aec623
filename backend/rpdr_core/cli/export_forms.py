"""The forms in which `rpdr export` writes, each with how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rpdr_core.errors import UserInputError
from rpdr_core.formats.mappings import FORMATS
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.store import ProjectReader
from rpdr_core.workflow.candidates_export import export_candidates
from rpdr_core.workflow.decision_table import Level, Only
from rpdr_core.workflow.document_export import DocumentExportOptions, export_documents, writable
from rpdr_core.workflow.exporting import Exported
from rpdr_core.workflow.mapping_export import ExportOptions, export_mappings
from rpdr_core.workflow.training import export_training
from rpdr_core.workflow.training_forms import Form as TrainingForm


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks of a file; not every form can grant all of it. `source`: id of the file whose documents."""

    level: Level = "rows"
    only: Only = "all"
    mark: bool = False
    text_free: bool = False
    source_name: str = ""
    source: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """`suffix` with its dot. `manifest`: whether one is written beside the file. `text_free`: whether it can be."""

    suffix: str
    write: Callable[[ProjectReader, Path, Wish, Watch], Exported]
    manifest: bool = False
    text_free: bool = False


TRAINING: tuple[TrainingForm, ...] = ("chat", "alpaca", "pairs")


def _mappings(format_id: str, reader: ProjectReader, path: Path, wish: Wish, watch: Watch) -> Exported:
    options = ExportOptions(wish.level, wish.only, wish.source_name, mark=wish.mark)
    return export_mappings(reader, path, format_id, options, watch)


def _candidates(reader: ProjectReader, path: Path, wish: Wish, watch: Watch) -> Exported:
    return export_candidates(reader, path, only=wish.only, mark=wish.mark, watch=watch)


def _training(form: TrainingForm, reader: ProjectReader, path: Path, wish: Wish, watch: Watch) -> Exported:
    return export_training(reader, path, text_free=wish.text_free, form=form, watch=watch)


def _documents(format_id: str, reader: ProjectReader, path: Path, wish: Wish, watch: Watch) -> Exported:
    return export_documents(reader, path, format_id, DocumentExportOptions(wish.source, wish.text_free), watch)


def forms() -> Mapping[str, Form]:
    """By the word of `--format`."""
    return {
        **{form.id: Form(form.suffix, partial(_mappings, form.id)) for form in FORMATS},
        "candidates": Form(".csv", _candidates),
        **{form: Form(".jsonl", partial(_training, form), manifest=True, text_free=True) for form in TRAINING},
        **{
            form.id: Form(form.suffix, partial(_documents, form.id), text_free=form.text_free is not None)
            for form in writable()
        },
    }


def form_by_name(path: Path) -> str:
    """The word of `--format` that a file's name says by itself."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in ("csv", "xlsx", "jsonl", "parquet"):
        raise UserInputError(
            f"no format is known by {path.suffix or 'a name without ending'!r}",
            hint="let the name end in .csv, .xlsx, .jsonl or .parquet, or give --format",
            file=path.name,
        )
    return suffix
