"""A training run as a job: started detached, followed, its adapter fetched. The run outlives the window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rpdr_core.errors import Cancelled, RpdrError, WorkerLostError
from rpdr_core.protocol.messages import AdapterInfo, TrainingSpec
from rpdr_core.protocol.run_messages import ControlRun, FollowRun, RunEvent, RunState
from rpdr_core.records import Changes
from rpdr_desk.operations.conversations import converse
from rpdr_desk.operations.jobs import Jobs, Point
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.workflow.distilling import TrainingRows


class Training:
    """One run on this machine. `trained` gets the adapter in its place, and gives the words that the job ends with."""

    def __init__(
        self, store: StoreThread, worker: WorkerLink, jobs: Jobs, trained: Callable[[AdapterInfo], str]
    ) -> None:
        self._store, self._worker, self._jobs, self._trained = store, worker, jobs, trained
        self._spec = TrainingSpec("", "")
        self._run = ""
        self._offset = 0
        self._leave: Callable[[], None] = lambda: None
        self._job = jobs.start("train", cancel=self._cancel)

    def start(self, spec: TrainingSpec, rows: TrainingRows) -> None:
        from rpdr_core.workflow.runs import starting

        self._spec = spec
        name = datetime.now(UTC).strftime("student-%Y%m%d-%H%M%S-%f")
        self._leave = converse(self._worker, starting(spec, rows, name), self._started, self._fail)

    def _started(self, state: RunState) -> None:
        self._run = state.run
        self._note(state)
        self._follow()

    def _follow(self) -> None:
        params = FollowRun(self._run, self._offset)
        self._worker.request("run.follow", params, done=self._ended, failed=self._lost, partial=self._hear)

    def _hear(self, event: RunEvent) -> None:
        self._offset = event.offset
        step = event.training
        if step is not None:
            self._jobs.progress(self._job, step.step, step.steps, step.seconds_left)
            self._jobs.measure(self._job, Point(step.step, step.loss, step.acc_at_1))

    def _lost(self, error: RpdrError) -> None:
        """The worker died, not the run: the next worker follows on."""
        if isinstance(error, WorkerLostError) and self._worker.state not in ("failed", "stopped"):
            self._follow()
        else:
            self._fail(error)

    def _ended(self, state: RunState) -> None:
        from rpdr_core.workflow.fetching import fetching
        from rpdr_core.workflow.runs import trouble_of

        self._note(state)
        trouble = trouble_of(state)
        if trouble is not None:
            self._fail(trouble)
            return
        self._leave = converse(
            self._worker,
            fetching(state.run, state.name),
            lambda adapter: self._jobs.finish(self._job, self._trained(adapter)),
            self._fail,
        )

    def _note(self, state: RunState) -> None:
        from rpdr_core.workflow.runs import stored_run

        run = stored_run(state, self._spec)
        self._store.change(lambda project: project.record_run(run), _nothing, self._fail)

    def _cancel(self) -> None:
        if self._run:
            params = ControlRun(self._run, "cancel")
            self._worker.request("run.control", params, done=lambda _state: None, failed=self._fail)
        else:
            self._leave()
            self._fail(Cancelled("cancelled"))

    def _fail(self, error: RpdrError) -> None:
        self._jobs.fail(self._job, error)


def _nothing(_changes: Changes) -> None:
    """The run's state is no news to the views."""
