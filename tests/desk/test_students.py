"""Students: what they are trained with, and their ranks in the queue, which come by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from helpers.training_worker import Trained

from rpdr_core.errors import NotFoundError, RpdrError, WorkerLostError
from rpdr_core.protocol.messages import TrainingEvent
from rpdr_core.protocol.run_messages import ControlRun, FollowRun, RunEvent, RunState
from rpdr_core.resources import resource_path
from rpdr_core.store import open_reader
from rpdr_desk.operations import students
from rpdr_desk.operations.jobs import Job
from rpdr_desk.operations.students import NewestStudent

pytestmark = pytest.mark.gui


def decide(rig: Rig, times: int) -> None:
    for _ in range(times):
        before = rig.mention
        rig.press("2")
        wait_until(lambda before=before: rig.mention != before)


def job(rig: Rig, kind: str) -> Job | None:
    return next((one for one in reversed(rig.workspace.jobs.all()) if one.kind == kind), None)


def ended(rig: Rig, kind: str) -> bool:
    found = job(rig, kind)
    return found is not None and found.state != "running"


def students_of(rig: Rig, mention: int) -> list[str]:
    return [one.ranker for one in rig.workspace.reading.rankings(mention) if one.ranker.startswith("student:")]


def train(rig: Rig) -> list[RpdrError]:
    errors: list[RpdrError] = []
    rig.workspace.students.train(errors.append)
    wait_until(lambda: ended(rig, "train"))
    return errors


def test_the_recipe_is_one_that_is_there() -> None:
    assert (resource_path("recipes") / f"{students.RECIPE}.toml").is_file()


def test_after_training_the_student_ranks_the_queue(rig: Rig, rpdr_home: Path) -> None:
    trained = Trained(rig.worker)
    decide(rig, 5)
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in range(1, 13)))
    assert train(rig) == []
    wait_until(lambda: ended(rig, "student"))
    rig.settle()
    assert trained.origins == {"corrected"}
    [folder] = {one.adapter for one in trained.ranked}
    assert Path(folder).parent == rpdr_home / "data" / "adapters"
    assert (Path(folder) / "manifest.json").is_file()
    assert [point.loss for point in job(rig, "train").curve] == [1.5, 0.5]  # type: ignore[union-attr]
    with open_reader(rig.workspace.path) as reader:
        assert [(run.id, run.state, run.adapter_id) for run in reader.runs()] == [
            (trained.started[0].run, "done", "a1")
        ]
    assert [students_of(rig, number) for number in (5, 6, 12)] == [[], ["student:a1"], ["student:a1"]]
    assert rig.page.flow.rows[0].student == len(rig.page.flow.rows), "a column more, the rows where they were"
    assert job(rig, "student").state == "done"  # type: ignore[union-attr]


def test_two_trainings_never_share_a_folder(rig: Rig) -> None:
    trained = Trained(rig.worker)
    decide(rig, 4)
    train(rig)
    wait_until(lambda: ended(rig, "student"))
    rig.workspace.students.train(lambda _error: None)
    wait_until(lambda: len(trained.started) == 2)
    assert len({one.run for one in trained.started}) == len({one.name for one in trained.started}) == 2


def test_a_run_that_was_cancelled_ends_its_job(rig: Rig) -> None:
    trained = Trained(rig.worker)
    asked: list[ControlRun] = []
    rig.worker.answers["run.control"] = lambda params, *_: asked.append(params) or RunState(params.run, "", "cancelled")

    def stop(params: FollowRun, *_: object) -> RunState:
        rig.workspace.jobs.cancel(job(rig, "train").id)  # type: ignore[union-attr]
        return RunState(params.run, "", "cancelled")

    rig.worker.answers["run.follow"] = stop
    decide(rig, 4)
    train(rig)
    rig.settle()
    wait_until(lambda: bool(asked))
    assert asked == [ControlRun(trained.started[0].run, "cancel")]
    assert job(rig, "train").state == "cancelled"  # type: ignore[union-attr]
    assert trained.ranked == []


def test_a_worker_that_dies_is_not_the_end_of_the_run(rig: Rig) -> None:
    trained = Trained(rig.worker)
    follow, offsets = rig.worker.answers["run.follow"], []

    def die_first(params: FollowRun, partial: Callable[[object], None], progress: object) -> RunState:
        offsets.append(params.offset)
        if len(offsets) == 1:
            partial(RunEvent(80, 1.0, "training", training=TrainingEvent(1, 4, 0.5, 1.5)))
            raise WorkerLostError("the worker process went away")
        return follow(params, partial, progress)  # type: ignore[no-any-return]

    rig.worker.answers["run.follow"] = die_first
    decide(rig, 4)
    train(rig)
    assert offsets == [0, 80]
    assert len(trained.started) == 1
    assert job(rig, "train").state == "done"  # type: ignore[union-attr]


def test_the_queue_is_ranked_in_batches_and_a_cancel_is_heard(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(students, "BATCH", 3)
    rig = open_window(make_project(tmp_path / "b.rpdr", 12, ranked=True), FakeWorker())
    trained = Trained(rig.worker)
    rank = rig.worker.answers["rank.student"]

    def stop_in_the_second(*arguments: object) -> object:
        if len(trained.ranked) == 1:
            rig.workspace.jobs.cancel(job(rig, "student").id)  # type: ignore[union-attr]
        return rank(*arguments)

    rig.worker.answers["rank.student"] = stop_in_the_second
    decide(rig, 4)
    train(rig)
    wait_until(lambda: ended(rig, "student"))
    assert job(rig, "student").state == "cancelled"  # type: ignore[union-attr]
    assert [len(one.items) for one in trained.ranked] == [3, 3]
    rig.worker.answers["rank.student"] = rank
    rig.window.actions_["rank_student"].trigger()
    wait_until(lambda: all(students_of(rig, number) for number in range(5, 13)))


def test_a_student_that_fails_ends_its_job(rig: Rig) -> None:
    Trained(rig.worker)

    def gone(*_: object) -> object:
        raise NotFoundError("no adapter here", hint="train one")

    rig.worker.answers["rank.student"] = gone
    decide(rig, 4)
    train(rig)
    wait_until(lambda: ended(rig, "student"))
    assert job(rig, "student").hint == "train one"  # type: ignore[union-attr]


def test_without_a_student_there_is_nothing_to_rank_with(rig: Rig) -> None:
    errors: list[RpdrError] = []
    rig.workspace.students.rank(errors.append)
    wait_until(lambda: bool(errors))
    assert "train" in errors[0].hint
    assert "rank.student" not in rig.worker.methods()
    newest: list[NewestStudent] = []
    rig.workspace.students.newest(newest.append)
    wait_until(lambda: newest == [NewestStudent()])
