"""Files that go out: which formats there are, what a file would not hold of this project, and writing it.

Both read the project beside the window, through a connection of their own, as the reviewer may see it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject

from rpdr_core.errors import RpdrError
from rpdr_desk.operations.export_forms import FORMS, Choice, Form, Group, forms
from rpdr_desk.operations.following import Following
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.seen_project import blind_to, seen_by
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader
    from rpdr_core.workflow.exporting import Exported as Exported

__all__ = ["FORMS", "Choice", "Exports", "Form", "Group", "LossLine", "Losses", "Sent", "forms"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LossLine:
    """`what` a file does not hold; `times` that this project has it, 0 where it lies in the format."""

    what: str
    times: int = 0


@dataclass(frozen=True, slots=True)
class Losses:
    """What a file would hold and would not. `hidden`: mentions whose decision this reviewer may not read yet, which
    the file therefore has as undecided.
    """

    rows: int
    lines: tuple[LossLine, ...] = field(default_factory=tuple)
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was written, with the SHA-256 of its bytes (hex) and what it does not hold."""

    path: Path
    rows: int
    sha256: str
    losses: Losses


class Exports(QObject):
    """One thread beside the store's: a losses' count gives way to the next choice, a file is written to its end."""

    def __init__(
        self,
        project: Path,
        jobs: Jobs,
        settings: Settings,
        reviewer: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._jobs, self._settings, self._reviewer = project, jobs, settings, reviewer
        self._thread = OneThread("export", self)
        self.counting, self.following = Following(self), Following(self)

    def sources(self, done: Callable[[tuple[tuple[int, str], ...]], None], failed: Failed) -> None:
        """Id and name of each imported file that brought documents."""

        def work() -> tuple[tuple[int, str], ...]:
            from rpdr_core.store import open_reader
            from rpdr_core.workflow.document_export import document_sources

            with open_reader(self._project, small=True) as reader:
                return tuple((one.id, one.file.name) for one in document_sources(reader))

        self._thread.submit(work, done, failed)

    def losses(self, form: Form, choice: Choice, done: Callable[[Losses], None], failed: Failed) -> None:
        """What a file of this form would not hold of this project, in counts. A later question ends this one."""
        self.stop_counting()
        self.counting.deleteLater()
        self.counting = counting = Following(self)
        reviewer = self._reviewer()

        def work() -> Losses:
            counting.watch("", 0)
            return self._read(reviewer, lambda reader, hidden: _count(form, choice, reader, hidden, counting))

        self._thread.submit(work, done, failed)

    def stop_counting(self) -> None:
        self.counting.cancel()

    def write(self, form: Form, choice: Choice, path: Path, done: Callable[[Sent], None], failed: Failed) -> None:
        """Write the file, whole or not at all."""
        self.stop_counting()
        self._settings.change(export_folder=str(path.parent))
        self.following.deleteLater()
        self.following = following = Following(self)
        job = self._jobs.start("export", note=path.name, cancel=following.cancel)
        following.moved.connect(lambda at: self._jobs.progress(job, at.done, at.total, at.seconds_left))
        reviewer = self._reviewer()

        def work() -> Sent:
            def send(reader: ProjectReader, hidden: int) -> Sent:
                exported = form.write(reader, path, choice, following.watch)
                return Sent(exported.path, exported.rows, exported.sha256, _losses(exported, hidden))

            return self._read(reviewer, send)

        def sent(result: Sent) -> None:
            self._jobs.finish(job, f"{result.rows:,}")
            done(result)

        def fail(error: RpdrError) -> None:
            self._jobs.fail(job, error)
            failed(error)

        self._thread.submit(work, sent, fail)

    def close(self) -> None:
        """What is under way is told to end; nothing half written is left."""
        self.counting.cancel()
        self.following.cancel()
        self._thread.close()

    def _read(self, reviewer: str, look: Callable[[ProjectReader, int], T]) -> T:
        from rpdr_core.store import open_reader

        with open_reader(self._project, small=True) as reader:
            hidden = blind_to(reader, reviewer)
            return look(seen_by(reader, reviewer, hidden), len(hidden))


def _count(form: Form, choice: Choice, reader: ProjectReader, hidden: int, following: Following) -> Losses:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="rpdr-losses-") as folder:
        exported = form.write(reader, Path(folder) / f"export{form.suffix}", choice, following.watch)
    return _losses(exported, hidden)


def _losses(exported: Exported, hidden: int) -> Losses:
    return Losses(exported.rows, tuple(LossLine(one.what, one.times) for one in exported.report.losses), hidden)
