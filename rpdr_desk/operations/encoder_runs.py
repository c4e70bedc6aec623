"""Lessons for the search: runs whose end is an encoder on the shelf. Which one then searches is `Encoders`' affair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject

from rpdr_core.protocol.messages import AdapterInfo, TrainingSpec
from rpdr_desk.operations.encoder_state import KeptSpec, LessonChoice
from rpdr_desk.operations.jobs import Jobs, Kind
from rpdr_desk.operations.machines import Machines
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.run_sources import makes_encoder, training_rows
from rpdr_desk.operations.runs import Runs
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.train_state import Run, TrainChoice

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader, StoredRun
    from rpdr_core.workflow.distilling import TrainingRows
    from rpdr_core.workflow.runs import Talk

Received = Callable[[KeptSpec, AdapterInfo], None]


class EncoderRuns(Runs):
    """`received` hears of each encoder that has arrived, with what it was to learn."""

    KIND: Kind = "encoder"

    def __init__(
        self,
        project: Path,
        store: StoreThread,
        machines: Machines,
        jobs: Jobs,
        fingerprint: Callable[[], str],
        received: Received,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(store, machines, jobs, fingerprint, parent)
        self._project, self._received = project, received
        self._thread = OneThread("lessons", self)

    def close(self) -> None:
        super().close()
        self._thread.abandon(0.5)

    def lesson_of(self, run: Run) -> KeptSpec:
        stored = self._stored.get(run.id)
        return msgspec.json.decode(stored.spec, type=KeptSpec) if stored is not None else KeptSpec()

    def _is_mine(self, stored: StoredRun) -> bool:
        return makes_encoder(stored)

    def _proposed_name(self, choice: TrainChoice, now: datetime) -> str:
        assert isinstance(choice, LessonChoice)
        about = choice.about.id if choice.about is not None else "search"
        stem = f"{about}-aligned" if choice.lesson == "names" else f"{self._project.stem}-tuned"
        return f"{stem}-{now:%Y%m%d-%H%M%S}"

    def _read_rows(self, choice: TrainChoice, done: Callable[[TrainingRows], None], failed: Failed) -> None:
        assert isinstance(choice, LessonChoice)
        if choice.lesson == "decisions":
            self._store.query(lambda reader: decided_rows(reader, choice.host), done, failed)
        else:
            fingerprint, project = self._about(choice), self._project
            self._thread.submit(lambda: names_of(fingerprint, project), done, failed)

    def _about(self, choice: LessonChoice) -> str:
        return choice.about.fingerprint if choice.about is not None else self._fingerprint()

    def _spec(self, choice: TrainChoice) -> TrainingSpec:
        assert isinstance(choice, LessonChoice)
        return TrainingSpec(choice.recipe, self._about(choice), choice.base)

    def _kept_spec(self, choice: TrainChoice) -> str:
        assert isinstance(choice, LessonChoice)
        spec = KeptSpec(choice.recipe, self._about(choice), choice.base, lesson=choice.lesson)
        return msgspec.json.encode(spec).decode()

    def _receiving(self, run: Run) -> Talk[AdapterInfo]:
        from rpdr_core.workflow.encoders import encoders_folder
        from rpdr_core.workflow.fetching import fetching

        return fetching(run.id, run.name, folder=encoders_folder())

    def _take_in(self, id: str, info: AdapterInfo, done: Callable[[], None], _failed: Failed, /) -> None:
        done()
        self._received(self.lesson_of(self._runs[id]), info)


def decided_rows(reader: ProjectReader, host: str = "") -> TrainingRows:
    """What people decided; a teacher's word teaches no search."""
    rows = training_rows(reader, host)
    return replace(
        rows,
        train=tuple(row for row in rows.train if not row.origin.startswith("teacher")),
        validation=tuple(row for row in rows.validation if not row.origin.startswith("teacher")),
        origins={name: count for name, count in rows.origins.items() if not name.startswith("teacher")},
    )


def names_of(fingerprint: str, project: Path) -> TrainingRows:
    """The terminology's own names, and those of our lexicon and of the project's."""
    from rpdr_core.knowledge_base.lexicon import project_lexicons
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.workflow.aligning import rows_from_names

    return rows_from_names(Library().open(fingerprint, lexicons=project_lexicons(project)))
