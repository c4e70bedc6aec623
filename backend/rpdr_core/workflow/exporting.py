"""Export the decisions of a project, or training rows made of them. Every file appears whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import NotFoundError
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.writing import writer_for
from rpdr_core.store import ProjectReader
from rpdr_core.store.staging import staged
from rpdr_core.workflow.decision_table import Level, headers_of, rows_of

__all__ = ["Exported", "Level", "Loss", "LossReport", "export_decisions"]

_NOT_IN_A_TABLE = LossReport(
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


def export_decisions(project: ProjectReader, path: Path, *, level: Level = "rows", mark: bool = False) -> Exported:
    """Write decisions as CSV, XLSX or JSONL by the file's name.

    `level`: a line for each row of the imported files, or for each distinct mention. `mark` begins a CSV with a
    byte order mark, so that Excel reads it as UTF-8.
    """
    write = writer_for(path, mark=mark)
    check_folder(path)
    with staged(path, "the export") as staging:
        written = write(staging, headers_of(level), rows_of(project, level))
        digest = sha256_of(staging)
    return Exported(path, written.rows, digest, _NOT_IN_A_TABLE + written.report)


def check_folder(path: Path) -> None:
    """Raise `NotFoundError` unless the file's folder exists."""
    if not path.parent.is_dir():
        raise NotFoundError("no such folder", hint="create it first", file=str(path.parent))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
