"""Files in and out: preview and import of mentions, export of decisions, backup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.formats.columns import Columns
from rpdr_core.records import Changes, NoMatchReason
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.formats.preview import Preview as Preview
    from rpdr_core.store import ImportResult as ImportResult
    from rpdr_core.store import Project
    from rpdr_core.workflow.exporting import Exported as Exported
    from rpdr_core.workflow.no_match_report import RouteCount as RouteCount

__all__ = ["Columns", "Exchange"]


class Exchange:
    """Each runs as a job in the store's thread; an import is all or nothing."""

    def __init__(self, store: StoreThread, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def preview(
        self, path: Path, columns: Columns | None, encoding: str, done: Callable[[Preview], None], failed: Failed
    ) -> None:
        """The first rows of a file as they would be imported; nothing is changed."""

        def look(_project: Project) -> Preview:
            from rpdr_core.formats.preview import preview

            return preview(path, columns, encoding=encoding)

        self._store.query(look, done, failed)

    def import_file(
        self,
        path: Path,
        columns: Columns | None,
        encoding: str,
        done: Callable[[ImportResult], None],
        failed: Failed,
    ) -> None:
        """Import mentions; `done` hears how many rows became how many mentions. A cancel undoes it all."""
        cancelled: list[bool] = []
        job = self._jobs.start("import", note=path.name, cancel=lambda: cancelled.append(True))
        results: list[ImportResult] = []

        def check(_rows: int) -> None:
            if cancelled:
                raise Cancelled("import cancelled")

        def write(project: Project) -> Changes:
            from rpdr_core.workflow.importing import import_file

            results.append(import_file(project, path, columns, encoding=encoding, on_progress=check, again=True))
            return results[0].changes

        def committed(_changes: Changes) -> None:
            self._jobs.finish(job)
            done(results[0])

        self._store.change(write, committed, self._failing(job, failed))

    def export(self, path: Path, done: Callable[[Exported], None], failed: Failed) -> None:
        """Write the decisions in force to a file; the format follows its name."""

        def write(project: Project) -> Exported:
            from rpdr_core.workflow.exporting import export_decisions

            return export_decisions(project, path)

        self._write_file(path, write, done, failed)

    def export_training(self, path: Path, text_free: bool, done: Callable[[Exported], None], failed: Failed) -> None:
        """Write training rows (JSONL with a manifest beside it); text-free rows hold no mention and no context."""

        def write(project: Project) -> Exported:
            from rpdr_core.workflow.training import export_training

            return export_training(project, path, text_free=text_free)

        self._write_file(path, write, done, failed)

    def count_no_match(self, done: Callable[[Sequence[RouteCount]], None], failed: Failed) -> None:
        """How many mentions without a match go to whom."""

        def count(project: Project) -> Sequence[RouteCount]:
            from rpdr_core.workflow.no_match_report import count_no_match

            return count_no_match(project)

        self._store.query(count, done, failed)

    def export_no_match(
        self,
        path: Path,
        reasons: frozenset[NoMatchReason],
        sentences: bool,
        done: Callable[[Exported], None],
        failed: Failed,
    ) -> None:
        """Write the no-match report for these reasons; `sentences`: with an example sentence for each line."""

        def write(project: Project) -> Exported:
            from rpdr_core.workflow.no_match_report import export_no_match

            return export_no_match(project, path, reasons=reasons, sentences=sentences)

        self._write_file(path, write, done, failed)

    def _write_file(
        self, path: Path, write: Callable[[Project], Exported], done: Callable[[Exported], None], failed: Failed
    ) -> None:
        job = self._jobs.start("export", note=path.name)

        def written(exported: Exported) -> None:
            self._jobs.finish(job, f"{exported.rows:,}")
            done(exported)

        self._store.query(write, written, self._failing(job, failed))

    def back_up(self, done: Callable[[Path], None], failed: Failed) -> None:
        """A verified copy beside the project."""
        job = self._jobs.start("backup")

        def copy(project: Project) -> Path:
            from rpdr_core.store import backup_folder

            return project.backup(backup_folder(project.path))

        def written(path: Path) -> None:
            self._jobs.finish(job, path.name)
            done(path)

        self._store.query(copy, written, self._failing(job, failed))

    def _failing(self, job: int, failed: Failed) -> Failed:
        def fail(error: RpdrError) -> None:
            self._jobs.fail(job, error)
            if not isinstance(error, Cancelled):
                failed(error)

        return fail
