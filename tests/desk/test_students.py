"""The student in use: its ranks in the queue come by themselves when it is put in use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from helpers.training_worker import Trained, job_ended, job_of, promoted, trained

from rpdr_core.errors import NotFoundError, RpdrError
from rpdr_core.workflow.promotion import promote
from rpdr_desk.operations import students
from rpdr_desk.operations.students import StudentInUse

pytestmark = pytest.mark.gui


def decide(rig: Rig, times: int) -> None:
    for _ in range(times):
        before = rig.mention
        rig.press("2")
        wait_until(lambda before=before: rig.mention != before)


def students_of(rig: Rig, mention: int) -> list[str]:
    return [one.ranker for one in rig.workspace.reading.rankings(mention) if one.ranker.startswith("student:")]


def test_a_student_that_is_put_in_use_ranks_the_queue(rig: Rig, rpdr_home: Path) -> None:
    answers = Trained(rig.worker)
    decide(rig, 5)
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in range(1, 13)))
    trained(rig)
    assert [students_of(rig, number) for number in range(1, 13)] == [[]] * 12, "a new student is not used by itself"
    promoted(rig, "a1")
    wait_until(lambda: job_ended(rig, "student"))
    rig.settle()
    assert answers.origins == {"corrected"}
    [folder] = {one.adapter for one in answers.ranked}
    assert Path(folder).parent == rpdr_home / "data" / "adapters"
    assert [students_of(rig, number) for number in (5, 6, 12)] == [[], ["student:a1"], ["student:a1"]]
    assert rig.page.flow.rows[0].student == len(rig.page.flow.rows), "a column more, the rows where they were"
    assert job_of(rig, "student").state == "done"


def test_the_queue_is_ranked_in_batches_and_a_cancel_is_heard(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(students, "BATCH", 3)
    rig = open_window(make_project(tmp_path / "b.rpdr", 12, ranked=True), FakeWorker())
    answers = Trained(rig.worker)
    decide(rig, 4)
    trained(rig)
    promoted(rig, "a1", rank=False)
    answers.ranked.clear()
    rank = rig.worker.answers["rank.student"]

    def stop_in_the_second(*arguments: object) -> object:
        if len(answers.ranked) == 1:
            rig.workspace.jobs.cancel(job_of(rig, "student").id)
        return rank(*arguments)

    rig.worker.answers["rank.student"] = stop_in_the_second
    rig.window.actions_["rank_student"].trigger()
    wait_until(lambda: job_ended(rig, "student"))
    assert job_of(rig, "student").state == "cancelled"
    assert [len(one.items) for one in answers.ranked] == [3, 3]
    rig.worker.answers["rank.student"] = rank
    rig.window.actions_["rank_student"].trigger()
    wait_until(lambda: all(students_of(rig, number) for number in range(5, 13)))


def test_a_student_that_fails_ends_its_job(rig: Rig) -> None:
    Trained(rig.worker)
    decide(rig, 4)
    trained(rig)
    promoted(rig, "a1", rank=False)

    def gone(*_: object) -> object:
        raise NotFoundError("no adapter here", hint="train one")

    rig.worker.answers["rank.student"] = gone
    rig.window.actions_["rank_student"].trigger()
    wait_until(lambda: job_ended(rig, "student"))
    assert job_of(rig, "student").hint == "train one"


def test_without_a_student_there_is_nothing_to_rank_with(rig: Rig) -> None:
    errors: list[RpdrError] = []
    rig.workspace.students.rank(errors.append)
    wait_until(lambda: bool(errors))
    assert "train" in errors[0].hint
    assert "rank.student" not in rig.worker.methods()
    found: list[StudentInUse] = []
    rig.workspace.students.in_use(found.append)
    wait_until(lambda: found == [StudentInUse()])


def test_a_student_that_was_taken_back_leads_no_list(rig: Rig) -> None:
    Trained(rig.worker)
    decide(rig, 5)
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in range(1, 13)))
    trained(rig)
    before = [row.code for row in rig.page.flow.rows]
    promoted(rig, "a1")
    wait_until(lambda: job_ended(rig, "student"))
    rig.settle()
    errors: list[RpdrError] = []
    rig.workspace.comparing.roll_back(errors.append)
    rig.settle()
    assert errors == []
    assert [students_of(rig, number) for number in range(1, 13)] == [[]] * 12
    wait_until(lambda: [row.student for row in rig.page.flow.rows] == [None] * len(before))
    assert [row.code for row in rig.page.flow.rows] == before


def test_the_next_student_in_use_takes_over_from_one_that_still_ranks(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(students, "BATCH", 3)
    rig = open_window(make_project(tmp_path / "b.rpdr", 12, ranked=True), FakeWorker())
    answers = Trained(rig.worker)
    decide(rig, 4)
    info = trained(rig)
    promoted(rig, "a1", rank=False)
    second = tmp_path / "second"
    shutil.copytree(info.folder, second)
    errors: list[RpdrError] = []
    rank = rig.worker.answers["rank.student"]

    def promote_another(params: object, partial: Callable[[object], None], progress: object) -> object:
        if len(answers.ranked) == 1:
            other = replace(info, id="a2", folder=str(second))
            rig.workspace.store.change(
                lambda project: promote(project, other, None),
                lambda _changes: rig.workspace.students.rank(errors.append),
            )
        done = rank(params, partial, progress)
        rig.settle()
        return done

    rig.worker.answers["rank.student"] = promote_another
    answers.ranked.clear()
    rig.workspace.students.rank(errors.append)
    wait_until(lambda: any(one.adapter == str(second) for one in answers.ranked))
    wait_until(lambda: job_ended(rig, "student"))
    rig.settle()
    assert errors == []
    assert sum(len(one.items) for one in answers.ranked if one.adapter == str(second)) == 8
    assert sum(len(one.items) for one in answers.ranked if one.adapter == info.folder) <= 6
