"""The no-match report, and the backup. (What else goes in and out: `door` and `exports`.)"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.records import NoMatchReason
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import Project
    from rpdr_core.workflow.exporting import Exported as Exported
    from rpdr_core.workflow.no_match_report import RouteCount as RouteCount


class Exchange:
    """Each runs as a job in the store's thread."""

    def __init__(self, store: StoreThread, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

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
