"""The Teach page, driven in the real window: nothing leaves unseen, unagreed or unwritten."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import keyring
import pytest
from helpers.desk_parts import CODES, Rig, make_project, open_rig, wait_until
from helpers.fake_teacher import TeachingWorker, sha_of
from helpers.keyrings import MemoryKeyring, NoKeyring
from helpers.projects import run_sql
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from rpdr_core.knowledge_base.catalogue import read_manifest
from rpdr_core.protocol.messages import SendIntent, SendPermit
from rpdr_core.records import Changes, NewMention, SourceRow
from rpdr_core.store import LedgerRow, Project, SourceFile, open_reader
from rpdr_core.teacher_switch import switch, switch_file
from rpdr_core.workflow.consent import grant
from rpdr_core.workflow.profiles import Profile, list_profiles, save_profile
from rpdr_desk.operations.teach_state import Hindrance, Sending
from rpdr_desk.operations.teaching import Teaching
from rpdr_desk.translation import Languages
from rpdr_desk.views.commands import Commands
from rpdr_desk.views.model.teach.agreement_dialog import AgreementDialog
from rpdr_desk.views.model.teach.endpoint_dialog import EndpointDialog
from rpdr_desk.views.model.teach.ledger_dialog import LedgerDialog
from rpdr_desk.views.model.teach.names_dialog import NamesDialog
from rpdr_desk.views.model.teach.page import TeachPage
from rpdr_desk.views.model.teach.unlock_dialog import UnlockDialog

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
T = TypeVar("T", EndpointDialog, AgreementDialog, NamesDialog, LedgerDialog, UnlockDialog)
CONTROL = Qt.KeyboardModifier.ControlModifier
NAME = "Small"
# The texts of two of the twelve mentions are held out to judge students by: a teacher is not asked about them.
ASKED = frozenset(range(1, CODES + 1)) - {7, 8}
COUNT = len(ASKED)
HERE = Profile("Ollama", "compatible", "http://127.0.0.1:11434/v1", "qwen")
THERE = Profile("DeepSeek", "deepseek", "https://api.deepseek.com/v1", "deepseek-chat", key_name="deepseek")


@pytest.fixture(autouse=True)
def key_store() -> Iterator[MemoryKeyring]:
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def worker() -> TeachingWorker:
    return TeachingWorker()


@pytest.fixture
def rig(tmp_path: Path, worker: TeachingWorker, qtbot: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """The window on a project of 12 mentions with candidates, and two endpoints: one here, one elsewhere."""
    for profile in (HERE, THERE):
        save_profile(profile)
    # A test that fails in the middle of a run must not be asked whether the window may close.
    monkeypatch.setattr(Commands, "may_close", lambda _self: True)
    made = open_rig(make_project(tmp_path / "small.rpdr", CODES, ranked=True), tmp_path, worker)
    yield made
    made.close()


def page(rig: Rig) -> TeachPage:
    assert rig.window.pages is not None
    found = rig.window.pages.page("teach")
    assert isinstance(found, TeachPage)
    return found


def teaching(rig: Rig) -> Teaching:
    return rig.workspace.teaching


def enter(rig: Rig, endpoint: str = HERE.name) -> TeachPage:
    """Go to the page by its key and wait for the plan."""
    rig.settings.change(teacher_endpoint=endpoint)
    rig.press(Qt.Key.Key_2, CONTROL)
    planned(rig)
    return page(rig)


def planned(rig: Rig) -> None:
    wait_until(lambda: teaching(rig).planner.state != "preparing")
    wait_until(lambda: (current := teaching(rig).book.state.current) is None or current.key != "unknown")
    rig.settle()


def opened(rig: Rig, kind: type[T]) -> T:
    """The dialog that the page has opened, in front."""
    found = page(rig).questions.opened
    assert isinstance(found, kind)
    found.dialog.activateWindow()
    wait_until(lambda: QApplication.activeWindow() is found.dialog)
    return found


def agree(rig: Rig, *, batch: bool = False) -> None:
    """Switch sending on as a person would: open the dialog, type who and which project, agree."""
    shown = page(rig)
    shown.agreement.switch.click()
    dialog = opened(rig, AgreementDialog)
    dialog.who.setFocus()
    rig.press("ann")
    dialog.typed.setFocus()
    rig.press(NAME)
    dialog.batch.box.setChecked(batch)
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: teaching(rig).agreement.on)
    to_front(rig)
    planned(rig)


def to_front(rig: Rig) -> None:
    """The window again, after a dialog."""
    rig.window.activateWindow()
    wait_until(lambda: QApplication.activeWindow() is rig.window)


def send(rig: Rig) -> Sending:
    """Press the button and wait for the end."""
    to_front(rig)
    page(rig).bar.send.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: teaching(rig).courier.sending.state not in ("idle", "running", "stopping"))
    rig.settle()
    return teaching(rig).courier.sending


def ledger(rig: Rig) -> list[LedgerRow]:
    with open_reader(rig.workspace.path) as reader:
        assert reader.verify_ledger().ok
        return list(reader.ledger())


def taught(rig: Rig) -> set[int]:
    ids = range(1, CODES + 1)
    return {at for at in ids if any(one.ranker == "teacher" for one in rig.workspace.reading.rankings(at))}


# What there is to do first


def test_without_an_endpoint_the_page_says_so_and_one_is_added_by_keys(
    tmp_path: Path, worker: TeachingWorker, qtbot: object, key_store: MemoryKeyring
) -> None:
    rig = open_rig(make_project(tmp_path / "small.rpdr", 3, ranked=True), tmp_path, worker)
    try:
        shown = enter(rig, "")
        assert "Add an endpoint" in shown.bar.reason.text()
        assert not shown.bar.send.isEnabled()
        assert shown.endpoint.add.hasFocus()
        rig.press(Qt.Key.Key_Space)
        dialog = opened(rig, EndpointDialog)
        assert not dialog.go.isEnabled(), "no model yet"
        dialog.model.setFocus()
        rig.press("gpt-test")
        dialog.key.setFocus()
        rig.press("sk-secret")
        rig.press(Qt.Key.Key_Return)
        planned(rig)
        wait_until(lambda: bool(key_store.kept))
        assert [(one.name, one.model) for one in list_profiles()] == [("OpenAI", "gpt-test")]
        assert list(key_store.kept.values()) == ["sk-secret"]
        assert shown.endpoint.host.text() == "api.openai.com"
        wait_until(lambda: "kept" in " ".join(value.text() for _, value in shown.endpoint.facts._lines))
        assert len(shown.plan.model._all) == 3
    finally:
        rig.close()


def test_an_address_that_cannot_be_used_is_refused_in_the_dialog(rig: Rig) -> None:
    shown = enter(rig)
    shown.endpoint.edit.click()
    dialog = opened(rig, EndpointDialog)
    dialog.url.setText("http://elsewhere.example/v1")
    dialog.go.click()
    assert "unencrypted" in dialog.wrong.text
    dialog.name.setText(THERE.name)
    assert not dialog.go.isEnabled(), "that name is taken"
    dialog.dialog.reject()
    assert HERE in list_profiles()


def test_an_endpoint_is_removed_with_its_key(rig: Rig, key_store: MemoryKeyring) -> None:
    key_store.kept["rpdr-desk", "deepseek"] = "sk"
    shown = enter(rig, THERE.name)
    shown.endpoint.remove.click()
    box = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox))
    next(button for button in box.buttons() if button.text() == "Remove").click()
    wait_until(lambda: not key_store.kept)
    assert [one.name for one in list_profiles()] == [HERE.name]
    planned(rig)
    assert shown.endpoint.host.text() == "127.0.0.1:11434"


def test_a_variable_that_would_redirect_is_shown(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example/v1")
    shown = enter(rig)
    assert "OPENAI_BASE_URL" in shown.endpoint.redirect.text
    assert "proxy.example" in shown.endpoint.redirect.text
    assert shown.endpoint.redirect.isVisible()


# Agreement


def test_nothing_is_sent_without_an_agreement(rig: Rig, worker: TeachingWorker) -> None:
    shown = enter(rig)
    assert teaching(rig).hindrance == "no_consent"
    assert not shown.bar.send.isEnabled()
    assert "Agreement" in shown.bar.reason.text()
    assert rig.window.strip._teacher == ""
    teaching(rig).send()
    rig.settle()
    assert "rank.teacher" not in worker.methods()
    agree(rig)
    assert shown.bar.send.isEnabled()
    assert rig.window.strip._teacher == "127.0.0.1:11434"


def test_another_projects_name_does_not_agree(rig: Rig) -> None:
    shown = enter(rig)
    shown.agreement.switch.click()
    dialog = opened(rig, AgreementDialog)
    assert not dialog.go.isEnabled()
    dialog.who.setText("ann")
    dialog.typed.setFocus()
    rig.press("small")
    rig.press(Qt.Key.Key_Return)
    assert NAME in dialog.wrong.text
    assert dialog.dialog.isVisible()
    rig.settle()
    assert not teaching(rig).agreement.on
    dialog.dialog.reject()


def test_an_agreement_is_about_one_endpoint_and_can_be_revoked(rig: Rig, key_store: MemoryKeyring) -> None:
    key_store.kept["rpdr-desk", "deepseek"] = "sk"
    shown = enter(rig)
    agree(rig)
    shown.endpoint.chosen.emit(THERE.name)
    planned(rig)
    assert teaching(rig).hindrance == "no_consent"
    assert "127.0.0.1" in shown.agreement.reason.text
    shown.endpoint.chosen.emit(HERE.name)
    planned(rig)
    assert shown.bar.send.isEnabled()
    shown.agreement.revoke.click()
    wait_until(lambda: not teaching(rig).agreement.on)
    planned(rig)
    assert not shown.bar.send.isEnabled()


def test_an_endpoint_elsewhere_needs_its_key(rig: Rig, key_store: MemoryKeyring) -> None:
    shown = enter(rig, THERE.name)
    agree(rig)
    assert teaching(rig).hindrance == "no_key"
    shown.endpoint.edit.click()
    dialog = opened(rig, EndpointDialog)
    dialog.key.setText("sk-secret")
    dialog.go.click()
    wait_until(lambda: bool(key_store.kept))
    planned(rig)
    wait_until(lambda: shown.bar.send.isEnabled())


def test_only_what_the_dialog_showed_is_agreed_to(rig: Rig) -> None:
    shown = enter(rig)
    shown.agreement.switch.click()
    dialog = opened(rig, AgreementDialog)
    save_profile(replace(HERE, model="another"))
    dialog.who.setText("ann")
    dialog.typed.setText(NAME)
    dialog.go.click()
    assert "has changed" in dialog.wrong.text
    assert dialog.dialog.isVisible()
    planned(rig)
    assert not teaching(rig).agreement.on
    dialog.dialog.reject()
    to_front(rig)
    agree(rig)
    assert teaching(rig).agreement.model == "another"


def test_the_agreement_names_the_decisions_that_may_go_as_examples(rig: Rig) -> None:
    shown = enter(rig)
    shown.agreement.switch.click()
    dialog = opened(rig, AgreementDialog)
    told = " ".join(label.text() for label in dialog.dialog.findChildren(QLabel))
    assert "with what was decided, of mentions that are chosen as examples" in told
    dialog.dialog.reject()


def test_a_plan_is_cut_as_the_project_says_when_it_is_read(rig: Rig) -> None:
    """What the page knows of the agreement may be older than what is stored."""
    enter(rig)
    agree(rig)
    changed: list[object] = []

    def narrow(open_: Project) -> Changes:
        grant(open_, HERE, "ann", NAME, window=3)
        return Changes(frozenset(["settings"]))

    rig.workspace.store.change(narrow, changed.append)
    teaching(rig).planner.prepare()
    wait_until(lambda: bool(changed))
    assert teaching(rig).agreement.window > 3
    planned(rig)
    ready = teaching(rig).planner.ready
    assert ready is not None
    assert ready.prepared.width == 3


def test_credentialed_data_stays_here_until_it_is_unlocked_by_name(rig: Rig) -> None:
    shown = enter(rig, THERE.name)
    shown.agreement.credentialed.box.click()
    wait_until(lambda: teaching(rig).agreement.credentialed)
    planned(rig)
    assert teaching(rig).hindrance == "credentialed"
    assert not shown.agreement.switch.isEnabled()
    assert "credentialed" in shown.agreement.reason.text
    shown.endpoint.chosen.emit(HERE.name)
    planned(rig)
    assert teaching(rig).hindrance == "no_consent", "a model on this machine is no outside model"
    shown.agreement.credentialed.box.click()
    dialog = opened(rig, UnlockDialog)
    rig.press("other")
    dialog._accept()
    assert NAME in dialog.wrong.text
    assert shown.agreement.credentialed.box.isChecked()
    dialog.typed.setText(NAME)
    dialog._accept()
    wait_until(lambda: not teaching(rig).agreement.credentialed)
    planned(rig)


def test_the_switch_for_all_projects_shows_and_stops_a_run(rig: Rig, worker: TeachingWorker) -> None:
    shown = enter(rig)
    agree(rig)

    def throw(intent: SendIntent) -> None:
        if intent.number == 3:
            switch(False)

    worker.before_permit = throw
    ended = send(rig)
    assert ended.state == "stopped"
    assert "switched off" in ended.message
    assert len(worker.sent) == len(ledger(rig)) == 2
    shown.bar.again.click()
    teaching(rig).refresh()
    planned(rig)
    assert shown.agreement.killed.box.isChecked()
    assert teaching(rig).hindrance == "killed"
    shown.agreement.killed.box.click()
    wait_until(lambda: not switch_file().exists())
    planned(rig)
    wait_until(lambda: teaching(rig).hindrance == "")


def test_a_switch_of_the_environment_cannot_be_taken_back_here(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPDR_NO_TEACHER", "1")
    shown = enter(rig)
    assert teaching(rig).hindrance == "killed"
    assert shown.agreement.killed.box.isChecked()
    assert not shown.agreement.killed.box.isEnabled()
    assert "RPDR_NO_TEACHER" in shown.agreement.reason.text
    assert not shown.agreement.switch.isEnabled()


def test_without_a_keyring_a_key_is_kept_until_the_window_closes(rig: Rig, worker: TeachingWorker) -> None:
    keyring.set_keyring(NoKeyring())
    shown = enter(rig, THERE.name)
    agree(rig)
    shown.endpoint.edit.click()
    dialog = opened(rig, EndpointDialog)
    dialog.key.setText("sk-typed")
    dialog.go.click()
    wait_until(lambda: (one := teaching(rig).book.state.current) is not None and one.key == "session")
    assert "key store" in shown.banner.text
    planned(rig)
    wait_until(shown.bar.send.isEnabled)
    send(rig)
    assert next(params.key for method, params in worker.asked if method == "rank.teacher") == "sk-typed"
    assert "sk-typed" not in rig.settings.path.read_text(encoding="utf-8")


def test_a_key_that_is_none_is_not_kept(rig: Rig, key_store: MemoryKeyring) -> None:
    shown = enter(rig, THERE.name)
    agree(rig)
    shown.endpoint.edit.click()
    dialog = opened(rig, EndpointDialog)
    dialog.key.setText("two words")
    dialog.go.click()
    wait_until(lambda: "no key" in shown.banner.text)
    planned(rig)
    assert teaching(rig).hindrance == "no_key"
    assert key_store.kept == {}
    assert teaching(rig).book._session == {}


def test_an_endpoint_does_not_take_the_name_of_another(rig: Rig) -> None:
    """The dialog knows the names of when it was opened; the file may have more since."""
    enter(rig)
    here = teaching(rig).book.state.current
    assert here is not None
    for before in (here.name, ""):
        assert "already" in teaching(rig).save_endpoint(replace(here, name=THERE.name), before, "")
    assert set(list_profiles()) == {HERE, THERE}


# What would be sent


def test_what_is_shown_is_what_is_sent(rig: Rig, worker: TeachingWorker) -> None:
    shown = enter(rig)
    agree(rig)
    shown.plan.list.setFocus()
    rig.press(Qt.Key.Key_Home)
    rig.press(Qt.Key.Key_Down)
    second = shown.plan.model.mention_id(1)
    wait_until(lambda: (body := teaching(rig).planner.body) is not None and body.mention_id == second)
    text, label = shown.plan.body.bytes.toPlainText(), shown.plan.body.hash.text()
    assert sha_of(text) in label
    shown.plan.body.copy.click()
    assert QApplication.clipboard().text() == text
    planned_ids = [one.mention_id for one in teaching(rig).planner.plan.mentions]
    assert shown.bar.send.text() == f"Send {COUNT} requests to 127.0.0.1:11434"
    send(rig)
    assert text in worker.sent
    assert [row.mention_id for row in ledger(rig)] == planned_ids
    assert [row.send.sha256 for row in ledger(rig)] == [sha_of(body) for body in worker.sent]


def test_masks_are_counted_marked_and_sent(tmp_path: Path, worker: TeachingWorker, qtbot: object) -> None:
    from helpers.desk_parts import make_catalogue, ranking

    save_profile(HERE)
    path = tmp_path / "small.rpdr"
    texts = [
        ("pain knee", "Seen 2024-03-05 with pain knee, phone 13800138000, told Dr Whitcombe"),
        ("sore toe", "has a sore toe"),
    ]
    with Project.create(path, name=NAME, knowledge_base=read_manifest(make_catalogue()).info) as project:
        rows = [NewMention(text, context, row=SourceRow(at)) for at, (text, context) in enumerate(texts, 1)]
        project.add_mentions(SourceFile("m.csv", "0" * 64, "csv", "utf-8"), rows)
        project.record_rankings(ranking(number) for number in (1, 2))
    rig = open_rig(path, tmp_path, worker)
    try:
        shown = enter(rig)
        plan = teaching(rig).planner.plan
        first = next(one for one in plan.mentions if one.mention_id == 1)
        assert plan.masked == first.masked == 2
        assert plan.flagged == len(first.flagged) == 1
        assert "2 masked, 1 flagged" in shown.plan.figures.text()
        kinds = {(first.shown[mark.start : mark.end], mark.kind) for mark in first.marks}
        assert {("[date]", "masked"), ("[phone]", "masked"), ("pain knee", "mention")} <= kinds
        assert any(kind == "flagged" and "Whitcombe" in part for part, kind in kinds)
        shown.plan.filters[1].click()
        assert shown.plan.model.rowCount() == 1
        shown.mentions.names.click()
        dialog = opened(rig, NamesDialog)
        rig.press("Whitcombe")
        dialog._accept()
        wait_until(lambda: teaching(rig).consent.names == ("Whitcombe",))
        planned(rig)
        assert teaching(rig).planner.plan.masked == 3
        agree(rig)
        send(rig)
        whole = " ".join(worker.sent)
        assert "13800138000" not in whole
        assert "Whitcombe" not in whole
        assert "[name]" in whole
        masked = {row.mention_id: row.send.masked for row in ledger(rig)}
        assert masked == {1: 3, 2: 0}
    finally:
        rig.close()


def test_how_many_and_how_often_change_the_plan(rig: Rig) -> None:
    shown = enter(rig)
    assert shown.mentions.count.text() == f"{COUNT}  of {COUNT}"
    shown.mentions.count.setValue(4)
    planned(rig)
    assert len(shown.plan.model._all) == 4
    shown.mentions.twice.box.click()
    planned(rig)
    assert teaching(rig).planner.plan.requests == 8
    assert "8 requests" in shown.bar.estimate.text()
    wait_until(lambda: (body := teaching(rig).planner.body) is not None and len(body.bodies) == 2)
    first, second = teaching(rig).planner.body.bodies  # type: ignore[union-attr]
    assert (first.kind, second.kind) == ("asked", "shuffled")
    shown.plan.body.kinds[1].click()
    assert shown.plan.body.bytes.toPlainText() == second.body != first.body
    assert second.sha256 in shown.plan.body.hash.text()
    shown.mentions.selection.setCurrentIndex(2)
    shown.mentions.selection.activated.emit(2)
    planned(rig)
    assert [one.mention_id for one in teaching(rig).planner.plan.mentions] == [1, 2, 3, 4]


# Sending


def test_each_row_is_on_disk_before_its_request_may_leave(rig: Rig, worker: TeachingWorker) -> None:
    enter(rig)
    agree(rig)
    seen: list[tuple[int, int]] = []
    worker.after_permit = lambda permit: seen.append((permit.number, len(ledger(rig))))
    ended = send(rig)
    assert seen == [(number, number) for number in range(1, COUNT + 1)]
    assert (ended.state, ended.sent, ended.answered, ended.rankings) == ("done", COUNT, COUNT, COUNT)
    assert {row.fate for row in ledger(rig)} == {"answered"}
    assert taught(rig) == ASKED
    assert (ended.tokens_in, ended.tokens_out) == (300 * COUNT, 12 * COUNT)
    shown = page(rig)
    assert shown.run.isVisible()
    assert str(COUNT) in shown.run.figures["answered"].value.text()
    assert shown.bar.again.isVisible()


def test_useless_answers_are_counted_and_give_no_ranking(rig: Rig, worker: TeachingWorker) -> None:
    enter(rig)
    agree(rig)
    worker.classes = {1: "prose", 2: "refusal", 3: "prose"}
    ended = send(rig)
    assert taught(rig) == ASKED - {1, 2, 3}
    assert [(one.name, one.number) for one in ended.classes] == [("ok", COUNT - 3), ("prose", 2), ("refusal", 1)]
    assert ("in sentences", 2) in page(rig).run.classes.rows()


def test_a_ceiling_in_requests_stops_the_run_and_says_so(rig: Rig, worker: TeachingWorker) -> None:
    shown = enter(rig)
    agree(rig)
    shown.mentions.ceiling.setCurrentIndex(1)
    shown.mentions.ceiling.activated.emit(1)
    shown.mentions.requests.setValue(5)
    ended = send(rig)
    assert (ended.state, ended.sent) == ("stopped", 5)
    assert "ceiling of 5" in ended.message
    assert len(worker.sent) == len(ledger(rig)) == 5
    assert "ceiling" in shown.bar.reason.text()


def test_a_ceiling_in_money_is_never_passed(
    rig: Rig, worker: TeachingWorker, key_store: MemoryKeyring, rpdr_home: Path
) -> None:
    key_store.kept["rpdr-desk", "deepseek"] = "sk"
    prices = rpdr_home / "config" / "prices.toml"
    prices.write_text(
        'format = 1\nversion = "2026-11-01"\ncurrency = "USD"\n'
        '[[price]]\nmodel = "deepseek-chat"\ninput = 10.0\noutput = 10.0\n'
    )
    shown = enter(rig, THERE.name)
    agree(rig)
    assert "2026-11-01" in shown.bar.estimate.text()
    # A request costs 0.00312 by its own count and reserves 0.01524 before it leaves.
    shown.mentions.money.setValue(0.02)
    ended = send(rig)
    assert ended.state == "stopped"
    assert ended.sent == 2
    assert ended.cost.amount == pytest.approx(2 * 312 * 10 / 1e6)
    assert ended.per_thousand == pytest.approx(1000 * 312 * 10 / 1e6)
    assert len(worker.sent) == 2


def test_without_a_price_a_ceiling_in_money_is_refused(rig: Rig, key_store: MemoryKeyring) -> None:
    key_store.kept["rpdr-desk", "deepseek"] = "sk"
    save_profile(replace(THERE, model="no-such-model"))
    shown = enter(rig, THERE.name)
    agree(rig)
    assert teaching(rig).hindrance == "no_price"
    shown.mentions.ceiling.setCurrentIndex(1)
    shown.mentions.ceiling.activated.emit(1)
    assert shown.bar.send.isEnabled()
    planner = teaching(rig).planner
    planner.choose(replace(planner.choice, most_money=None, most_requests=None))
    assert teaching(rig).hindrance == "no_price", "without any ceiling it could cost anything"
    assert "ceiling in requests" in shown.bar.reason.text()


def test_stop_keeps_what_is_on_the_way(rig: Rig, worker: TeachingWorker) -> None:
    shown = enter(rig)
    agree(rig)
    worker.held = True
    shown.bar.send.click()
    wait_until(lambda: teaching(rig).courier.sending.on_the_way == 1)
    wait_until(lambda: len(worker.sent) == 1)
    shown.bar.stop.setFocus()
    rig.press(Qt.Key.Key_Space)
    assert teaching(rig).courier.sending.state == "stopping"
    worker.release()
    wait_until(lambda: teaching(rig).courier.sending.state == "stopped")
    rig.settle()
    assert len(worker.sent) == 1
    assert len(taught(rig)) == 1
    assert [row.fate for row in ledger(rig)] == ["answered"]
    assert teaching(rig).courier.sending.by_user
    shown.bar.again.click()
    planned(rig)
    assert len(teaching(rig).planner.plan.mentions) == COUNT - 1


def test_a_second_stop_waits_no_longer_and_the_open_row_is_told(rig: Rig, worker: TeachingWorker) -> None:
    shown = enter(rig)
    agree(rig)
    worker.held = True
    shown.bar.send.click()
    wait_until(lambda: len(worker.sent) == 1)
    shown.bar.stop.click()
    assert "is kept for the next run" in shown.bar.stop.toolTip()
    shown.bar.stop.click()
    wait_until(lambda: teaching(rig).courier.sending.state == "stopped")
    assert teaching(rig).courier.sending.maybe == 1
    assert "may have been sent" in shown.run.maybe.text
    assert [row.fate for row in ledger(rig)] == ["maybe_sent"]


def test_revoking_during_a_run_ends_it(rig: Rig, worker: TeachingWorker) -> None:
    enter(rig)
    agree(rig)

    def revoke(permit: SendPermit) -> None:
        if permit.number == 2:
            page(rig).agreement.revoke.click()

    worker.after_permit = revoke
    ended = send(rig)
    assert ended.state == "stopped"
    assert "off for this project" in ended.message
    assert len(worker.sent) == len(ledger(rig)) == 2


def test_answers_that_are_there_cost_nothing_and_need_no_agreement(rig: Rig, worker: TeachingWorker) -> None:
    worker.cached = COUNT
    shown = enter(rig)
    assert shown.bar.send.text() == "Use the answers that are there"
    ended = send(rig)
    assert (ended.state, ended.cached, ended.sent) == ("done", COUNT, 0)
    assert worker.sent == []
    assert ledger(rig) == []
    assert len(taught(rig)) == COUNT


def test_a_plan_that_is_not_what_was_shown_is_refused(rig: Rig, worker: TeachingWorker) -> None:
    enter(rig)
    agree(rig)
    ready = teaching(rig).planner.ready
    assert ready is not None
    teaching(rig).planner.ready = replace(ready, preview=replace(ready.preview, digest="0" * 64))
    ended = send(rig)
    assert ended.state == "failed"
    assert "not what was shown" in page(rig).run.failed.text
    assert worker.sent == []


def test_an_endpoint_that_changed_on_disk_gets_a_plan_of_its_own(
    rig: Rig, worker: TeachingWorker, key_store: MemoryKeyring
) -> None:
    """Else the new one's key would go to the old one's address."""
    enter(rig)
    agree(rig)
    key_store.set_password("rpdr-desk", "other", "sk-canary-9a1")
    save_profile(replace(HERE, base_url="http://127.0.0.1:11435/v1", key_name="other"))
    page(rig).bar.send.click()
    wait_until(lambda: teaching(rig).hindrance == "no_consent")
    assert teaching(rig).courier.sending.state == "idle"
    assert worker.sent == []
    assert ledger(rig) == []


def test_when_all_are_ranked_nothing_waits(rig: Rig) -> None:
    shown = enter(rig)
    agree(rig)
    send(rig)
    shown.bar.again.click()
    planned(rig)
    hindered: Hindrance = teaching(rig).hindrance
    assert hindered == "nothing_waits"
    assert "Nothing waits" in shown.bar.reason.text()
    assert "Nothing waits" in shown.plan.list._empty


# The ledger


def opened_ledger(rig: Rig) -> LedgerDialog:
    page(rig).bar.ledger.click()
    dialog = opened(rig, LedgerDialog)
    rig.settle()
    return dialog


def test_the_ledger_lists_verifies_and_exports(rig: Rig, tmp_path: Path) -> None:
    enter(rig)
    agree(rig)
    empty = opened_ledger(rig)
    assert "Nothing of this project has left" in empty.summary.text()
    empty.dialog.close()
    send(rig)
    dialog = opened_ledger(rig)
    assert dialog.model.rowCount() == COUNT
    assert "verified" in dialog.chain.text
    target = tmp_path / "ledger.csv"
    dialog.export_to(target)
    wait_until(target.exists)
    rig.settle()
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["sha256"] for row in rows] == [row.send.sha256 for row in ledger(rig)]
    assert {row["fate"] for row in rows} == {"answered"}
    dialog.dialog.close()


def test_a_meddled_ledger_is_told_with_its_row(
    tmp_path: Path, rig: Rig, open_window: Callable[[Path, TeachingWorker], Rig]
) -> None:
    enter(rig)
    agree(rig)
    send(rig)
    path = rig.workspace.path
    rig.window.close_project()
    guard = (
        "CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
    )
    run_sql(path, "DROP TRIGGER ledger_update", "UPDATE ledger SET actor = 'nobody' WHERE id = 3", guard)
    again = open_window(path, TeachingWorker())
    enter(again)
    dialog = opened_ledger(again)
    assert "row 3" in dialog.broken.text
    assert not dialog.chain.isVisible()
    dialog.dialog.close()


# Keys, words, room


def test_the_menu_leads_to_the_page(rig: Rig) -> None:
    rig.window.actions_["rank_teacher"].trigger()
    assert rig.window.pages is not None
    assert rig.window.pages.currentWidget() is page(rig)
    planned(rig)


def test_every_control_is_reached_by_tab_and_has_a_name(rig: Rig) -> None:
    shown = enter(rig)
    agree(rig)
    controls = [
        shown.endpoint.profiles, shown.endpoint.add, shown.endpoint.edit, shown.endpoint.remove, shown.agreement.revoke,
        shown.agreement.credentialed.box, shown.agreement.killed.box, shown.mentions.count, shown.mentions.selection,
        shown.mentions.template, shown.mentions.examples, shown.mentions.names, shown.mentions.ceiling,
        shown.mentions.money, shown.mentions.twice.box, shown.mentions.batch.box, shown.plan.filters[0],
        shown.plan.list, shown.plan.body.copy, shown.plan.body.bytes, shown.bar.ledger, shown.bar.send,
    ]  # fmt: skip
    for control in controls:
        name = control.accessibleName() or (control.text() if hasattr(control, "text") else "")
        assert name, control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    shown.endpoint.profiles.setFocus()
    reached = []
    for _ in range(60):
        reached.append(QApplication.focusWidget())
        rig.press(Qt.Key.Key_Tab)
    missing = [control for control in controls if control not in reached]
    assert missing == []


def test_tabs_and_index_follow_the_language(rig: Rig, qapp: QApplication) -> None:
    languages, tabs, bar = Languages(qapp), rig.window.tabs, rig.window.menuBar()
    wait_until(lambda: "dense index ready" in rig.window.strip._machine.accessibleName())
    wide = tabs.width()
    languages.use("zh_CN")
    QApplication.processEvents()
    try:
        assert "语义索引就绪" in rig.window.strip._machine.accessibleName()
        assert tabs.sizeHint().width() != wide
        assert tabs.width() == tabs.sizeHint().width()
    finally:
        languages.use("en")
    QApplication.processEvents()
    rig.window.resize(1000, 700)
    QApplication.processEvents()
    assert not tabs.usesScrollButtons()
    assert tabs.width() == tabs.sizeHint().width() == wide
    assert tabs.geometry().right() <= bar.rect().right()


@pytest.mark.parametrize("percent", [100, 180])
def test_large_words_still_fit(rig: Rig, percent: int) -> None:
    shown = enter(rig)
    font = QApplication.font()
    try:
        large = QApplication.font()
        large.setPointSizeF(10 * percent / 100)
        QApplication.setFont(large)
        rig.window.resize(1100, 700)
        QApplication.processEvents()
        inside = shown._left.widget()
        assert inside is not None
        wait_until(lambda: inside.minimumSizeHint().width() <= shown._left.viewport().width())
        wait_until(lambda: shown.bar.send.width() >= shown.bar.send.sizeHint().width())
    finally:
        QApplication.setFont(font)
