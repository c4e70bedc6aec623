"""The window, the real worker and a real server: agree, look, send, and find the teacher's ranks in the queue."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from helpers.desk_parts import Rig, make_project, open_terminology, wait_until
from helpers.teacher_server import Planned, TeacherServer, error_body, teacher_server
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rpdr_core.store import LedgerRow, open_reader
from rpdr_core.workflow.profiles import Profile, save_profile
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Settings
from rpdr_desk.views.commands import Commands
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.model.teach.agreement_dialog import AgreementDialog
from rpdr_desk.views.model.teach.page import TeachPage
from rpdr_desk.views.places import Places
from rpdr_desk.worker_process import WorkerProcess

pytestmark = [
    pytest.mark.journey,
    pytest.mark.gui,
    pytest.mark.qt_log_ignore("^This plugin does not support"),
    pytest.mark.skipif(sys.platform == "win32", reason="as the other journeys of the window"),
]
MENTIONS = 14
ASKED = 10


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(Commands, "may_close", lambda _self: True)
    return make_project(tmp_path / "small.rpdr", MENTIONS, ranked=True)


@pytest.fixture
def rig(project: Path, tmp_path: Path, qtbot: object) -> Iterator[Rig]:
    """The window on the project, with this installation's own worker."""
    settings = Settings(tmp_path / "preferences.json")

    def workspace(opened: OpenedProject) -> Workspace:
        worker = WorkerProcess()
        made = Workspace(opened, settings, worker, open_terminology)
        worker.setParent(made)
        return made

    window = MainWindow(settings, workspace, Places(tmp_path / "window.ini"))
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.open_path(project)
    wait_until(lambda: window.page is not None and bool(window.page.flow.rows), 30)
    yield Rig(window, None, settings)  # type: ignore[arg-type]
    window.close()
    window.deleteLater()
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def page(rig: Rig) -> TeachPage:
    assert rig.window.pages is not None
    found = rig.window.pages.page("teach")
    assert isinstance(found, TeachPage)
    return found


def enter(rig: Rig, server: TeacherServer) -> TeachPage:
    save_profile(Profile("t", "compatible", server.base_url, "m", timeout=5.0))
    rig.window.actions_["go_teach"].trigger()
    shown = page(rig)
    shown.mentions.count.setValue(ASKED)
    planned(rig)
    return shown


def planned(rig: Rig) -> None:
    planner = rig.workspace.teaching.planner
    wait_until(lambda: planner.state != "preparing" and planner.state != "worker", 60)
    rig.settle()


def agree(rig: Rig, *, batch: bool = False) -> None:
    shown = page(rig)
    shown.agreement.switch.click()
    dialog = shown.questions.opened
    assert isinstance(dialog, AgreementDialog)
    dialog.who.setText("ann")
    dialog.typed.setText("Small")
    dialog.batch.box.setChecked(batch)
    dialog.go.click()
    wait_until(lambda: rig.workspace.teaching.agreement.on)
    planned(rig)


def send(rig: Rig) -> None:
    page(rig).bar.send.click()
    wait_until(lambda: rig.workspace.teaching.courier.sending.state in ("done", "stopped", "failed"), 60)
    rig.settle()


def ledger(rig: Rig) -> list[LedgerRow]:
    with open_reader(rig.workspace.path) as reader:
        assert reader.verify_ledger().ok
        return list(reader.ledger())


def wise(question: str) -> str:
    """Turns the candidates round."""
    count = len(re.findall(r"^\d+\. ", question, re.M))
    return json.dumps({"order": list(range(count, 0, -1)), "verdict": "close"})


def test_ten_mentions_from_agreement_to_the_queue(rig: Rig, tmp_path: Path) -> None:
    with teacher_server(Planned(think=wise)) as server:
        shown = enter(rig, server)
        assert server.received == []
        assert not shown.bar.send.isEnabled()
        agree(rig)
        teaching = rig.workspace.teaching
        ids = [one.mention_id for one in teaching.planner.plan.mentions]
        assert len(ids) == ASKED
        bodies = {}
        for row in range(ASKED):
            shown.plan.list.setCurrentIndex(shown.plan.model.index(row))
            wanted = shown.plan.model.mention_id(row)
            wait_until(lambda wanted=wanted: getattr(teaching.planner.body, "mention_id", 0) == wanted, 20)
            assert teaching.planner.body is not None
            bodies[wanted] = shown.plan.body.bytes.toPlainText().encode()
            assert hashlib.sha256(bodies[wanted]).hexdigest() in shown.plan.body.hash.text()
        assert server.received == [], "a preview sends nothing"
        send(rig)
        assert teaching.courier.sending.state == "done", teaching.courier.sending.message
        assert {one.body for one in server.received} == set(bodies.values())
        rows = ledger(rig)
        assert len(rows) == len(server.received) == ASKED
        assert {row.send.sha256 for row in rows} == {hashlib.sha256(one.body).hexdigest() for one in server.received}
        assert {(row.fate, row.send.bytes == len(bodies[row.mention_id])) for row in rows} == {("answered", True)}

    rig.window.actions_["go_review"].trigger()
    first = ids[0]
    rig.page.go_to(first)
    wait_until(lambda: rig.mention == first and rig.page.flow.rows[0].teacher is not None)
    ranks = [row.teacher for row in rig.page.flow.rows]
    assert sorted(rank for rank in ranks if rank) == list(range(1, len(ranks) + 1))
    last = min(rig.page.flow.rows, key=lambda row: row.teacher or 99)
    assert last.retriever == len(ranks), "the teacher's first was the retriever's last"

    target = tmp_path / "ledger.csv"
    written: list[int] = []
    rig.workspace.teaching.export_ledger(target, written.append, lambda error: pytest.fail(str(error)))
    wait_until(lambda: bool(written))
    with target.open(encoding="utf-8", newline="") as stream:
        assert [row["sha256"] for row in csv.DictReader(stream)] == [row.send.sha256 for row in rows]


def test_a_server_in_trouble_is_told_and_every_attempt_is_in_the_ledger(rig: Rig) -> None:
    retried = Planned(status=429, body=error_body("rate_limit"), headers=(("Retry-After", "0"),))
    with teacher_server(
        Planned(), retried, Planned(), Planned(content="I am sorry, I cannot help with that.")
    ) as server:
        enter(rig, server)
        agree(rig)
        send(rig)
        sending = rig.workspace.teaching.courier.sending
        rows = ledger(rig)
        assert len(rows) == len(server.received) == ASKED + 1
        assert sending.failed == 1
        assert {row.fate for row in rows} == {"answered", "refused"}
        refused = sum(one.number for one in sending.classes if one.name == "refusal")
        assert refused == ASKED - 2
        assert sending.rankings == ASKED - refused


def test_stopping_lets_what_is_on_the_way_arrive(rig: Rig) -> None:
    with teacher_server(Planned(delay=0.3)) as server:
        shown = enter(rig, server)
        agree(rig)
        shown.bar.send.click()
        wait_until(lambda: bool(server.received), 30)
        shown.bar.stop.click()
        wait_until(lambda: rig.workspace.teaching.courier.sending.state == "stopped", 60)
        rig.settle()
        rows = ledger(rig)
        assert 0 < len(server.received) < ASKED
        assert len(rows) == len(server.received)
        assert {row.fate for row in rows} == {"answered"}
        assert rig.workspace.teaching.courier.sending.rankings == len(rows)


def test_a_wrong_key_costs_one_request_and_says_the_cure(rig: Rig) -> None:
    with teacher_server(Planned(status=401, body=error_body("invalid_api_key"))) as server:
        enter(rig, server)
        agree(rig)
        send(rig)
        assert rig.workspace.teaching.courier.sending.state == "failed"
        assert "key" in page(rig).run.failed.text
        assert len(server.received) == len(ledger(rig)) == 1


def test_a_batch_is_handed_in_left_and_fetched_later(rig: Rig) -> None:
    with teacher_server(Planned(think=wise)) as server:
        server.looks = 3
        shown = enter(rig, server)
        agree(rig)
        teaching = rig.workspace.teaching
        teaching.courier.poll = 0.3
        shown.mentions.batch.box.click()
        planned(rig)
        assert teaching.hindrance == "no_batch_consent"
        shown.agreement.revoke.click()
        wait_until(lambda: not teaching.agreement.on)
        planned(rig)
        agree(rig, batch=True)
        shown.bar.send.click()
        wait_until(lambda: teaching.courier.sending.batch == "in_progress" or bool(server.batches), 60)
        shown.bar.stop.click()
        wait_until(lambda: not teaching.courier.sending.running, 60)
        rig.settle()
        assert len(server.batches) == 1
        assert [one.mentions for one in teaching.consent.batches] == [ASKED]
        assert teaching.courier.sending.rankings == 0
        shown.bar.again.click()
        planned(rig)
        wait_until(shown.batch.isVisible)
        shown.batch.fetch.click()
        wait_until(lambda: teaching.courier.sending.state == "done", 60)
        rig.settle()
        assert teaching.courier.sending.rankings == ASKED
        assert len(server.batches) == 1, "it is not handed in, or paid for, twice"
        wait_until(lambda: teaching.consent.batches == ())
        purposes = {row.send.purpose for row in ledger(rig)}
        assert {"batch.upload", "batch.create", "batch.fetch"} <= purposes
        assert len(ledger(rig)) == len(server.received)


def test_both_orders_and_the_plain_form_are_shown_before_they_are_sent(rig: Rig) -> None:
    refused = Planned(status=400, body=error_body("invalid_response_format", "response_format is not supported"))
    with teacher_server(refused, Planned(think=wise)) as server:
        shown = enter(rig, server)
        save_profile(Profile("t", "compatible", server.base_url, "m", timeout=5.0, answer_format="json_schema"))
        rig.workspace.teaching.refresh()
        shown.mentions.count.setValue(1)
        shown.mentions.twice.box.click()
        planned(rig)
        agree(rig)
        planner = rig.workspace.teaching.planner
        wait_until(lambda: planner.body is not None and len(planner.body.bodies) == 4, 20)
        assert planner.body is not None
        asked, _, plain, plain_shuffled = (one.sha256 for one in planner.body.bodies)
        send(rig)
        sent = [hashlib.sha256(one.body).hexdigest() for one in server.received]
        assert sent == [asked, plain, plain_shuffled], "once refused, the form is asked for no more"
        assert [row.send.sha256 for row in ledger(rig)] == sent
        assert rig.workspace.teaching.courier.sending.rankings == 1
