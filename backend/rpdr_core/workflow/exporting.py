"""Export the decisions of a project, or training rows made of them. Every file appears whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import NotFoundError
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.writing import writer_for
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.store import ProjectReader
from rpdr_core.store.staging import staged
from rpdr_core.workflow.decision_table import Level, Only, headers_of, rows_of

__all__ = ["Exported", "Level", "Loss", "LossReport", "Only", "export_decisions"]

NOT_IN_A_TABLE = LossReport(
    (
        Loss("decisions that were undone or replaced, and the audit"),
        Loss("answers given before rankings were there, and by second reviewers"),
        Loss("candidates below each ranker's first, with their scores"),
    )
)


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written: its rows, the SHA-256 of its bytes (hex), and what it does not hold."""

    path: Path
    rows: int
    sha256: str
    report: LossReport


def export_decisions(
    project: ProjectReader,
    path: Path,
    *,
    level: Level = "rows",
    mark: bool = False,
    only: Only = "all",
    suffix: str = "",
    watch: Watch = unwatched,
) -> Exported:
    """Write decisions as CSV, XLSX, JSONL or Parquet by the file's name, or by `suffix` where that is given.

    `level`: a line for each row of the imported files, or for each distinct mention. `mark` begins a CSV with a
    byte order mark, so that Excel reads it as UTF-8. Whatever `watch` raises ends the export, and nothing is written.
    """
    write = writer_for(path.with_name(f"table{suffix}") if suffix else path, mark=mark)
    check_folder(path)
    with staged(path, "the export") as staging:
        written = write(staging, headers_of(level), rows_of(project, level, only=only, watch=watch))
        digest = sha256_of(staging)
    return Exported(path, written.rows, digest, NOT_IN_A_TABLE + written.report)


def check_folder(path: Path) -> None:
    """Raise `NotFoundError` unless the file's folder exists."""
    if not path.parent.is_dir():
        raise NotFoundError("no such folder", hint="create it first", file=str(path.parent))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
