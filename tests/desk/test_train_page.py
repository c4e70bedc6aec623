"""The Train page by keys: rows, a run as it goes, pause, cancel, resume, earlier runs, other machines."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from helpers.training_worker import Trained, job_ended, job_of
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from rpdr_core.errors import HostError, NotFoundError, RpdrError, WorkerLostError
from rpdr_core.protocol.messages import TrainingEvent
from rpdr_core.protocol.run_messages import ControlRun, FollowRun, HeldPart, RunEvent, RunPart, RunState, StartRun
from rpdr_core.store import open_reader
from rpdr_core.workflow.consent import CREDENTIALED
from rpdr_desk.operations import runs
from rpdr_desk.operations.hosts import NewHost
from rpdr_desk.operations.run_sources import bundled_recipes
from rpdr_desk.operations.train_state import TrainChoice
from rpdr_desk.views.model.train.train_page import TrainPage

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier


def train_page(rig: Rig) -> TrainPage:
    """Go there by key and wait for its rows."""
    rig.press(Qt.Key.Key_3, CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, TrainPage)
    rig.settle()
    return page


def decide(rig: Rig, times: int) -> None:
    for _ in range(times):
        before = rig.mention
        rig.press("2")
        wait_until(lambda before=before: rig.mention != before)


class Course:
    """A worker whose run stands where the test says; `follow` requests are answered when the test lets them."""

    def __init__(self, rig: Rig, *events: RunEvent, end: str = "running") -> None:
        self.trained = Trained(rig.worker)
        self.end, self.events = end, events
        self.asked: list[ControlRun] = []
        self.followed: list[FollowRun] = []
        rig.worker.answers |= {"run.follow": self._follow, "run.control": self._control, "run.state": self._state}

    def _follow(self, params: FollowRun, partial: Callable[[object], None], _progress: object) -> RunState:
        self.followed.append(params)
        for event in self.events:
            partial(event)
        return self._state(params)

    def _control(self, params: ControlRun, *_: object) -> RunState:
        self.asked.append(params)
        self.end = {"pause": "paused", "resume": "done", "cancel": "cancelled"}[params.action]
        return RunState(params.run, "n", self.end)  # type: ignore[arg-type]

    def _state(self, params: object, *_: object) -> RunState:
        return RunState(params.run, "n", self.end, adapter_id="a1" if self.end == "done" else "")  # type: ignore[attr-defined, arg-type]


def step(number: int, loss: float, right: float | None = None) -> RunEvent:
    return RunEvent(100 * number, float(number), "training", training=TrainingEvent(number, 4, number / 4, loss, right))


def test_there_is_nothing_to_learn_from_at_first(rig: Rig) -> None:
    page = train_page(rig)
    wait_until(lambda: bool(page.start.why.text()))
    assert not page.start.go.isEnabled()
    assert "nothing to learn" in page.start.why.text()
    assert not page.panel.loss.isVisible()
    rig.workspace.runs.start(page.start.choice(), lambda error: page.banner.show_error(error))
    wait_until(lambda: page.banner.isVisible())
    assert "run.start" not in rig.worker.methods()


def test_a_run_is_started_by_keys_and_shows_its_course(rig: Rig, rpdr_home: Path) -> None:
    trained = Trained(rig.worker)
    decide(rig, 6)
    page = train_page(rig)
    wait_until(page.start.go.isEnabled)
    assert page.rows._facts._lines[0][0].text() == "Corrected by a person"
    page.start.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: page.panel._run is not None and page.panel._run.accuracy is not None)
    assert page.panel.loss.points() == [(2.0, 1.5), (4.0, 0.5)]
    assert page.panel.accuracy.points() == [(4.0, 0.7)]
    assert page.panel.compare.isVisible()
    assert not page.panel.cancel.isVisible()
    assert page.earlier.list.count() == 1
    assert job_of(rig, "train").state == "done"
    assert [point.loss for point in job_of(rig, "train").curve] == [1.5, 0.5]
    rig.settle()
    with open_reader(rig.workspace.path) as reader:
        assert [(run.id, run.state, run.adapter_id) for run in reader.runs()] == [
            (trained.started[0].run, "done", "a1")
        ]
        assert [one.id for one in reader.adapters()] == ["a1"]
    page.panel.compare.click()
    assert rig.window.tabs.currentIndex() == rig.window.tabs._ids.index("compare")


def test_two_trainings_never_share_a_folder(rig: Rig) -> None:
    trained = Trained(rig.worker)
    decide(rig, 4)
    page = train_page(rig)
    for number in (1, 2):
        wait_until(page.start.go.isEnabled)
        page.start.go.click()
        wait_until(lambda number=number: len(trained.started) == number and job_ended(rig, "train"))
    assert len({one.run for one in trained.started}) == 2
    assert len({run.name for run in rig.workspace.runs.all()}) == 2


def test_pause_resume_and_cancel_by_their_buttons(rig: Rig) -> None:
    course = Course(rig, step(1, 1.5), step(2, 1.0, 0.5), end="paused")
    decide(rig, 4)
    page = train_page(rig)
    wait_until(page.start.go.isEnabled)
    page.start.go.click()
    wait_until(lambda: page.panel.pause.isVisible() and page.panel.pause.text() == "Resume")
    assert page.start.why.text() == "This machine is training already."
    page.panel.pause.click()
    wait_until(lambda: bool(course.asked))
    assert course.asked[0].action == "resume"
    wait_until(lambda: page.panel.compare.isVisible())


def test_a_run_that_was_cancelled_ends_its_job_and_can_be_resumed(rig: Rig) -> None:
    course = Course(rig, step(1, 1.5))
    decide(rig, 4)
    page = train_page(rig)
    wait_until(page.start.go.isEnabled)
    course.end = "cancelled"
    page.start.go.click()
    wait_until(lambda: job_ended(rig, "train"))
    assert job_of(rig, "train").state == "cancelled"
    assert page.panel.pause.text() == "Resume"
    page.panel.pause.click()
    wait_until(lambda: page.panel.compare.isVisible())
    assert [one.action for one in course.asked] == ["resume"]


def test_a_worker_that_dies_is_not_the_end_of_the_run(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "AGAIN_MS", 10)
    course = Course(rig, step(1, 1.5))
    follow = rig.worker.answers["run.follow"]

    def die_first(params: FollowRun, partial: Callable[[object], None], progress: object) -> RunState:
        follow(params, partial, progress)
        if len(course.followed) == 1:
            raise WorkerLostError("the worker process went away")
        course.end = "done"
        return course._state(params)

    rig.worker.answers["run.follow"] = die_first
    decide(rig, 4)
    page = train_page(rig)
    wait_until(page.start.go.isEnabled)
    page.start.go.click()
    wait_until(lambda: page.panel.compare.isVisible())
    assert [one.offset for one in course.followed] == [0, 100], "it goes on where the record was read to"
    assert len(course.trained.started) == 1


def test_a_machine_that_is_away_for_a_while_is_asked_again_and_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "AGAIN_MS", 5)
    course = Course(rig, step(1, 1.5))
    follow, asked, errors = rig.worker.answers["run.follow"], [0], list[RpdrError]()

    def cut_off(params: FollowRun, partial: Callable[[object], None], progress: object) -> RunState:
        follow(params, partial, progress)
        if len(course.followed) == 1:
            raise HostError("host lab cannot be reached: Connection reset by peer")
        course.end = "done"
        return course._state(params)

    def away(params: object, *_: object) -> RunState:
        asked[0] += 1
        if asked[0] < 4:
            raise HostError("host lab cannot be reached: No route to host")
        return course._state(params)

    rig.worker.answers |= {"run.follow": cut_off, "run.state": away}
    decide(rig, 4)
    rig.workspace.runs.start(TrainChoice(), errors.append)
    wait_until(lambda: any(run.accuracy is not None for run in rig.workspace.runs.all()))
    assert [error.message for error in errors] == ["host lab cannot be reached: No route to host"], "told once"
    assert [one.offset for one in course.followed] == [0, 100]


def test_a_machine_is_not_asked_again_when_the_window_is_closed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "AGAIN_MS", 1)
    course = Course(rig, step(1, 1.5))
    follow = rig.worker.answers["run.follow"]

    def cut_off(params: FollowRun, partial: Callable[[object], None], progress: object) -> RunState:
        follow(params, partial, progress)
        raise HostError("host lab cannot be reached: Connection reset by peer")

    rig.worker.answers["run.follow"] = cut_off
    decide(rig, 4)
    rig.workspace.runs.start(TrainChoice(), lambda _error: None)
    wait_until(lambda: bool(course.followed))
    rig.workspace.runs.close()
    before = list(rig.worker.asked)
    QTest.qWait(50)
    assert rig.worker.asked == before


@pytest.mark.parametrize("moment", ["rows are read", "rows are sent", "the start is asked for"])
def test_a_start_that_is_cancelled_trains_nothing(rig: Rig, moment: str) -> None:
    course, errors = Course(rig, end="cancelled"), list[RpdrError]()
    upload, begin = rig.worker.answers["run.upload"], rig.worker.answers["run.start"]

    def cancel() -> None:
        rig.workspace.jobs.cancel(job_of(rig, "train").id)

    def sent(params: RunPart, *rest: object) -> HeldPart:
        if moment == "rows are sent":
            cancel()
        return upload(params, *rest)  # type: ignore[no-any-return]

    def started(params: StartRun, *rest: object) -> RunState:
        cancel()
        return begin(params, *rest)  # type: ignore[no-any-return]

    removed: list[object] = []
    rig.worker.answers |= {"run.upload": sent, "run.start": started}
    rig.worker.answers["run.remove"] = lambda params, *_: removed.append(params)
    decide(rig, 4)
    rig.workspace.runs.start(TrainChoice(), errors.append)
    if moment == "rows are read":
        cancel()
    wait_until(lambda: job_ended(rig, "train"))
    rig.settle()
    assert job_of(rig, "train").state == "cancelled"
    assert errors == []
    if moment == "the start is asked for":
        assert [one.action for one in course.asked] == ["cancel"]
        assert [run.state for run in rig.workspace.runs.all()] == ["cancelled"]
    else:
        assert "run.start" not in rig.worker.methods()
        assert len(removed) == 1, "no rows stay there"
        assert rig.workspace.runs.all() == ()


@pytest.mark.parametrize("began", [True, False])
def test_a_start_whose_answer_is_lost_is_asked_after(rig: Rig, monkeypatch: pytest.MonkeyPatch, began: bool) -> None:
    monkeypatch.setattr(runs, "AGAIN_MS", 5)
    course, errors = Course(rig, step(1, 1.5), end="done"), list[RpdrError]()

    def lost(*_: object) -> RunState:
        raise HostError("host lab cannot be reached: Connection reset by peer")

    def none(*_: object) -> RunState:
        raise NotFoundError("there is no run", hint="see rpdr runs list")

    rig.worker.answers["run.start"] = lost
    if not began:
        rig.worker.answers["run.state"] = none
    decide(rig, 4)
    rig.workspace.runs.start(TrainChoice(), errors.append)
    wait_until(lambda: job_ended(rig, "train"))
    rig.settle()
    expected = "done" if began else "failed"
    assert [run.state for run in rig.workspace.runs.all()] == [expected]
    with open_reader(rig.workspace.path) as reader:
        assert [run.state for run in reader.runs()] == [expected], "it is found again when the window closes now"
    assert errors == []
    assert len(course.asked) == 0


def test_the_record_of_an_ended_run_does_not_make_it_run(rig: Rig) -> None:
    ran = RunEvent(50, 1.0, "state", state="running")
    course = Course(rig, ran, step(1, 1.5), end="cancelled")
    decide(rig, 4)
    begin = rig.worker.answers["run.start"]
    rig.worker.answers["run.start"] = lambda params, *rest: replace(begin(params, *rest), state="cancelled")
    rig.workspace.runs.start(TrainChoice(), lambda _error: None)
    wait_until(lambda: job_ended(rig, "train"))
    seen: list[str] = []
    rig.workspace.runs.changed.connect(lambda run: seen.append(run.state))
    rig.workspace.runs.read(rig.workspace.runs.all()[0].id, lambda _error: None)
    wait_until(lambda: bool(course.followed) and len(seen) >= 3)
    assert set(seen) == {"cancelled"}


def test_credentialed_rows_are_sent_to_no_other_machine(rig: Rig) -> None:
    course, errors = Course(rig), list[RpdrError]()
    decide(rig, 4)
    rig.workspace.store.change(lambda project: project.set_setting(CREDENTIALED, "1"))
    rig.workspace.runs.start(TrainChoice(host="lab"), errors.append)
    wait_until(lambda: bool(errors))
    assert "may not leave this machine" in errors[0].message
    assert "run.upload" not in rig.worker.methods()
    assert course.trained.started == []


def test_a_run_is_found_again_when_the_project_is_opened_again(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path
) -> None:
    path = make_project(tmp_path / "again.rpdr", 12)
    rig = open_window(path, FakeWorker())
    course = Course(rig, step(1, 1.5), end="paused")
    decide(rig, 4)
    page = train_page(rig)
    wait_until(page.start.go.isEnabled)
    page.start.go.click()
    wait_until(lambda: bool(rig.workspace.runs.all()) and rig.workspace.runs.all()[0].state == "paused")
    rig.settle()
    rig = open_window(path, FakeWorker())
    course = Course(rig, step(1, 1.5), step(2, 0.5, 0.75), end="done")
    page = train_page(rig)
    wait_until(lambda: page.panel.compare.isVisible())
    wait_until(lambda: page.panel.loss.points() == [(1.0, 1.5), (2.0, 0.5)])
    assert course.trained.started == []


def test_the_page_speaks_chinese_and_follows_the_theme(rig: Rig, qapp: QApplication) -> None:
    from rpdr_desk.translation import Languages

    page = train_page(rig)
    languages = Languages(qapp)
    languages.use("zh_CN")
    QApplication.processEvents()
    try:
        assert page.start.go.text() == "开始训练"
        assert rig.window.tabs.tabText(rig.window.tabs._ids.index("train")) == "训练"
    finally:
        languages.use("en")
    QApplication.processEvents()
    assert page.start.go.text() == "Start training"


def test_the_machines_dialog_lists_this_machine_and_tests_it(rig: Rig) -> None:
    from rpdr_core.protocol.run_messages import Gpu, HostInfo
    from rpdr_desk.views.model.train.hosts_dialog import HostsPanel

    info = HostInfo("box", "Linux", "1", "3.12", 8, 2**34, 2**36, (Gpu("A100", 2**35),), {"torch": "2.13"}, (), "cuda")
    rig.worker.answers["host.describe"] = lambda *_: info
    page = train_page(rig)
    panel = HostsPanel(page, rig.workspace)
    panel.dialog.open()
    assert panel.list.count() == 1
    assert not panel.remove.isEnabled()
    assert not panel.add.isEnabled(), "nothing is added before its key was shown"
    panel.test.click()
    wait_until(lambda: "CUDA" in panel.state.text())
    assert "A100" in panel.facts._lines[1][1].text()
    panel.name.setText("-x")
    panel.destination.setText("-oProxyCommand=boom")
    panel.show_key.click()
    wait_until(lambda: "no ssh destination" in panel.state.text() or "no name" in panel.state.text())
    panel.dialog.close()


def test_the_machines_dialog_may_be_closed_while_it_waits(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from rpdr_core.workflow import hosts
    from rpdr_desk.views.model.train.hosts_dialog import show_hosts

    asked, answer, reached = threading.Event(), threading.Event(), list[Exception]()

    def fetch_key(_host: object) -> hosts.HostKey:
        asked.set()
        assert answer.wait(20)
        return hosts.HostKey("rpdr-x ssh-ed25519 AAAA", "SHA256:x")

    monkeypatch.setattr(hosts, "fetch_key", fetch_key)
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: reached.append(error))
    dialog = show_hosts(train_page(rig), rig.workspace)
    button = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Show its key")
    button.click()
    wait_until(asked.is_set)
    dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    answer.set()
    told: list[str] = []
    rig.workspace.hosts.fingerprint(NewHost("y", "y"), told.append, lambda _error: None)
    wait_until(lambda: bool(told))
    assert reached == []


def test_a_key_confirms_the_machine_that_was_asked_for_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from rpdr_core.workflow import hosts
    from rpdr_desk.views.model.train.hosts_dialog import HostsPanel

    panel = HostsPanel(train_page(rig), rig.workspace)
    key = hosts.HostKey("rpdr-x ssh-ed25519 AAAA", "SHA256:x")
    monkeypatch.setattr(hosts, "fetch_key", lambda _host: key)
    panel.dialog.open()
    panel.name.setText("lab")
    panel.destination.setText("me@lab")
    panel.show_key.click()
    panel.destination.setText("me@elsewhere")
    told: list[str] = []
    rig.workspace.hosts.fingerprint(NewHost("y", "y"), told.append, lambda _error: None)
    wait_until(lambda: bool(told))
    assert not panel.add.isEnabled(), "the key of lab says nothing of elsewhere"
    panel.show_key.click()
    wait_until(panel.add.isEnabled)
    panel.dialog.close()


def test_a_recipe_for_retrievers_is_no_choice_for_a_student() -> None:
    found = bundled_recipes()
    assert found[0].reference == TrainChoice().recipe
    assert {one.kind for one in found} == {"encoder", "generative"}
