"""Linking a file by keys: the form, a run as it goes, its end, what may stand, and going on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, ranking, wait_until
from helpers.students import adapter_folder
from helpers.training_worker import job_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from rpdr_core.errors import NotAllowedError, WorldError
from rpdr_core.protocol.messages import Done, LinkMentions
from rpdr_core.records import NewDecision, Ranking
from rpdr_core.store import Project
from rpdr_core.workflow import encoders, linking
from rpdr_core.workflow.linking_journal import Head, Journal
from rpdr_core.workflow.random_check import SETTING, RandomCheck
from rpdr_desk.operations import link_record
from rpdr_desk.operations.following import Following
from rpdr_desk.operations.link_state import Accepted, LinkResult, Ranker, Readiness, Reviewed
from rpdr_desk.translation import Languages
from rpdr_desk.views.linking import words
from rpdr_desk.views.linking.link_page import LinkPage
from rpdr_desk.views.linking.way_card import WayCard

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier


class Linker:
    """Answers of a worker that links. `sure`: how sure it is of a text; it stops after `most` chunks."""

    def __init__(self, rig: Rig, sure: Callable[[str], float] = lambda _text: 0.9, most: int = 1_000) -> None:
        self.sure, self.most = sure, most
        self.asked: list[LinkMentions] = []
        rig.worker.answers["link"] = self._link

    def _link(self, params: LinkMentions, partial: Callable[[Ranking], None], _progress: object) -> Done:
        if len(self.asked) >= self.most:
            raise WorldError("the disk is full", hint="make room")
        self.asked.append(params)
        for mention in params.mentions:
            number = int("".join(filter(str.isdigit, mention.text)) or 0)
            found = ranking(mention.id, first=number)
            partial(Ranking(mention.id, found.ranker, found.candidates, found.provenance, "", self.sure(mention.text)))
        return Done(len(params.mentions))


def link_page(rig: Rig) -> LinkPage:
    """Go there by key."""
    rig.press("l", CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, LinkPage)
    rig.settle()
    return page


def choose(rig: Rig, page: LinkPage, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file by the button that has the focus."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    wait_until(lambda: page.door.first().hasFocus())
    page.door.file.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(page.form.go.isEnabled)
    wait_until(page.form.go.hasFocus)


def table(path: Path, texts: list[str]) -> Path:
    path.write_text("id,said,ward\n" + "".join(f"r{at},{text},W\n" for at, text in enumerate(texts)), encoding="utf-8")
    return path


def finished(page: LinkPage) -> LinkResult:
    wait_until(lambda: page.door.linked.isVisible() or page.banner.isVisible())
    assert not page.banner.isVisible(), page.banner.text
    assert page.door.linked._result is not None
    return page.door.linked._result


@pytest.fixture
def opened_folders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: found.append(url.toLocalFile()))
    return found


def test_a_file_is_linked_by_keys_and_its_folder_opened(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened_folders: list[str]
) -> None:
    linker = Linker(rig)
    page = link_page(rig)
    source = table(tmp_path / "in.csv", ["pain 3", "pain 4", "pain 3", "pain 5"])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(source), ""))
    wait_until(page.door.file.hasFocus)
    rig.press(Qt.Key.Key_Space)
    # No header names the mentions: the column is to be chosen.
    wait_until(page.form.columns.boxes["mention"].hasFocus)
    assert not page.form.go.isEnabled()
    QAbstractItemModelTester(page.form.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rig.press("s")
    rig.press(Qt.Key.Key_Return) if not page.form.go.isEnabled() else None
    page.form.columns.boxes["mention"].activated.emit(page.form.columns.boxes["mention"].currentIndex())
    wait_until(page.form.go.isEnabled)
    assert page.form.target.text() == str(tmp_path / "in linked.csv")
    page.form.target.setText(str(tmp_path / "out.jsonl"))
    page.form.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    result = finished(page)
    assert (result.rows, result.distinct, result.unlinked, result.accepted) == (4, 3, 0, None)
    assert [one.text for one in linker.asked[0].mentions] == ["pain 3", "pain 4", "pain 5"]
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["mention"] for line in lines] == ["pain 3", "pain 4", "pain 3", "pain 5"]
    assert lines[0]["code"] == lines[2]["code"] == "X04"
    provenance = json.loads((tmp_path / "out.jsonl.provenance.json").read_text(encoding="utf-8"))
    assert provenance["made"]["ranker"] == "retriever"
    assert "pain" not in json.dumps(provenance)
    assert not (tmp_path / "out.jsonl.journal").exists()
    assert link_record.unfinished(rig.workspace.path) == ()
    assert job_of(rig, "link").state == "done"
    wait_until(page.door.linked.folder.hasFocus)
    rig.press(Qt.Key.Key_Space)
    assert opened_folders == [str(tmp_path)]


def test_what_was_stopped_goes_on_from_its_journal_after_the_window_was_closed(
    open_window: Callable[..., Rig], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "CHUNK", 2)
    rig = open_window(project, FakeWorker())
    Linker(rig, most=2)
    page = link_page(rig)
    source = tmp_path / "in.csv"
    source.write_text("mention\n" + "".join(f"pain {at}\n" for at in range(1, 8)), encoding="utf-8")
    choose(rig, page, source, monkeypatch)
    page.form.way.memory.setChecked(False)
    rig.press(Qt.Key.Key_Space)
    wait_until(page.banner.isVisible)
    assert "the disk is full" in page.banner.text.lower()
    assert job_of(rig, "link").state == "failed"
    output = tmp_path / "in linked.csv"
    assert not output.exists()

    rig = open_window(project, FakeWorker())
    linker = Linker(rig)
    page = link_page(rig)
    wait_until(lambda: bool(page.door._waiting))
    assert page.door._waiting[0].done == 4
    assert "4 of its distinct mentions" in page.door._rows[0]._words.text()
    page.door.first().setFocus()
    rig.press(Qt.Key.Key_Space)
    result = finished(page)
    assert not page.form.way.memory.isChecked(), "the form is as the run was begun"
    assert result.resumed == 4
    assert [one.text for ask in linker.asked for one in ask.mentions] == ["pain 5", "pain 6", "pain 7"]
    assert output.read_text(encoding="utf-8").count("\n") == 8
    wait_until(lambda: not page.door._waiting)


def test_a_run_that_was_begun_otherwise_is_begun_anew_or_discarded(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "CHUNK", 2)
    Linker(rig, most=1)
    page = link_page(rig)
    source = tmp_path / "in.csv"
    source.write_text("mention\n" + "".join(f"pain {at}\n" for at in range(1, 6)), encoding="utf-8")
    choose(rig, page, source, monkeypatch)
    rig.press(Qt.Key.Key_Space)
    wait_until(page.banner.isVisible)
    with source.open("a", encoding="utf-8") as stream:
        stream.write("pain 9\n")
    Linker(rig)
    wait_until(page.form.go.isEnabled)
    page.form.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(page.form.anew.isVisible)
    assert "have changed" in page.banner.text
    wait_until(page.form.anew.hasFocus)
    rig.press(Qt.Key.Key_Space)
    assert finished(page).rows == 6

    Linker(rig, most=0)
    page.open_file(source)
    wait_until(page.form.go.isEnabled)
    page.form.target.setText(str(tmp_path / "more.csv"))
    page.form.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(page.banner.isVisible)
    page.form.back.click()
    wait_until(lambda: len(page.door._waiting) == 1)
    page.door._rows[0].discard.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: not page.door._waiting)
    assert not (tmp_path / "more.csv.journal").exists()


def numbered(path: Path, rows: int) -> Path:
    path.write_text("mention\n" + "".join(f"pain {at}\n" for at in range(1, rows + 1)), encoding="utf-8")
    return path


def press_link(rig: Rig, page: LinkPage) -> None:
    wait_until(page.form.go.isEnabled)
    page.form.go.setFocus()
    rig.press(Qt.Key.Key_Space)


def stopped(page: LinkPage) -> None:
    wait_until(page.banner.isVisible)
    assert "the disk is full" in page.banner.text.lower()


def test_a_run_that_was_begun_anew_goes_on_and_does_not_begin_again(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "CHUNK", 2)
    Linker(rig, most=1)
    page = link_page(rig)
    source = numbered(tmp_path / "in.csv", 7)
    choose(rig, page, source, monkeypatch)
    rig.press(Qt.Key.Key_Space)
    stopped(page)
    numbered(source, 8)
    press_link(rig, page)
    wait_until(page.form.anew.hasFocus)
    Linker(rig, most=2)
    rig.press(Qt.Key.Key_Space)
    wait_until(page.form.go.isEnabled)
    stopped(page)
    page.form.back.click()
    wait_until(lambda: [one.done for one in page.door._waiting] == [4])
    linker = Linker(rig, most=1)
    page.door._rows[0].go_on.click()
    wait_until(lambda: len(linker.asked) == 1 and not rig.workspace.linking.busy)
    assert [one.text for one in linker.asked[0].mentions] == ["pain 5", "pain 6"]
    # And so does what the form says.
    linker = Linker(rig)
    press_link(rig, page)
    assert finished(page).resumed == 6
    assert [one.text for one in linker.asked[0].mentions] == ["pain 7", "pain 8"]


def test_a_refused_run_leaves_the_record_of_the_other(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "CHUNK", 2)
    Linker(rig, most=2)
    page = link_page(rig)
    choose(rig, page, numbered(tmp_path / "in.csv", 7), monkeypatch)
    rig.press(Qt.Key.Key_Space)
    stopped(page)
    other = numbered(tmp_path / "other.csv", 3)
    page.open_file(other)
    wait_until(page.form.go.isEnabled)
    page.form.target.setText(str(tmp_path / "in linked.csv"))
    page.form.way.memory.setChecked(False)
    press_link(rig, page)
    wait_until(page.form.anew.isVisible)
    [kept] = link_record.unfinished(rig.workspace.path)
    assert (kept.wish.source.name, kept.wish.memory) == ("in.csv", True)
    page.form.back.click()
    wait_until(lambda: page.door._waiting == (kept,))
    linker = Linker(rig)
    page.door._rows[0].go_on.click()
    assert finished(page).resumed == 4
    assert [one.text for ask in linker.asked for one in ask.mentions] == ["pain 5", "pain 6", "pain 7"]


def test_a_run_of_another_window_is_neither_offered_nor_discarded_nor_disturbed(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "CHUNK", 2)
    Linker(rig, most=2)
    page = link_page(rig)
    choose(rig, page, numbered(tmp_path / "in.csv", 7), monkeypatch)
    rig.press(Qt.Key.Key_Space)
    stopped(page)
    path = tmp_path / "in linked.csv.journal"
    [one] = link_record.unfinished(rig.workspace.path)
    before = path.read_bytes()
    head = msgspec.json.decode(before.splitlines()[0], type=Head)
    journal = Journal(path, head)
    try:
        assert link_record.unfinished(rig.workspace.path) == ()
        with pytest.raises(NotAllowedError, match="is being linked by another run"):
            link_record.forget(one.key, journal=True)
        press_link(rig, page)
        wait_until(lambda: "is being linked by another run" in page.banner.text)
        assert path.read_bytes() == before
    finally:
        journal.close()
    assert link_record.unfinished(rig.workspace.path) == (one,)


def test_cancel_keeps_what_is_done(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = link_page(rig)
    source = tmp_path / "in.csv"
    source.write_text("mention\npain 1\n", encoding="utf-8")
    choose(rig, page, source, monkeypatch)
    # A worker that never answers.
    asked: list[object] = []
    monkeypatch.setattr(
        rig.workspace.linking, "_make", lambda: SimpleNamespace(
            start=lambda: None, close=lambda: None, cancel=asked.append, request=lambda *_a, **_k: 7
        )
    )  # fmt: skip
    rig.press(Qt.Key.Key_Space)
    wait_until(page.form.progress.isVisible)
    assert not page.form.target.isEnabled()
    wait_until(lambda: bool(rig.workspace.linking._calls and rig.workspace.linking._calls._pending))
    wait_until(page.form.progress.stop.hasFocus)
    rig.press(Qt.Key.Key_Space)
    wait_until(page.banner.isVisible)
    assert asked == [7]
    assert page.banner.text.startswith("Cancelled.")
    assert job_of(rig, "link").state == "cancelled"
    wait_until(page.form.go.hasFocus)


# What may stand unreviewed


def checked(path: Path, mentions: int, answered: int) -> Path:
    """A project whose random check holds all its mentions but one; the first ones are answered."""
    make_project(path, mentions + 1, ranked=True)
    with Project.open(path) as project:
        check = RandomCheck(tuple(range(1, mentions + 1)), 1, 0, mentions, None)
        project.set_setting(SETTING, msgspec.json.encode(check).decode())
        firsts = (ranking(number).candidates[0] for number in range(1, answered + 1))
        project.decide_many(
            [NewDecision(number, "accept", first.code, first.name) for number, first in enumerate(firsts, 1)]
        )
    return path


@pytest.fixture
def check_rig(open_window: Callable[..., Rig], tmp_path: Path) -> Callable[[int, int], Rig]:
    return lambda mentions, answered: open_window(checked(tmp_path / "check.rpdr", mentions, answered), FakeWorker())


def test_too_few_reviewed_mentions_are_refused_with_the_number_that_would_do(
    check_rig: Callable[[int, int], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = check_rig(40, 40)
    page = link_page(rig)
    source = tmp_path / "in.csv"
    source.write_text("mention\npain 1\n", encoding="utf-8")
    choose(rig, page, source, monkeypatch)
    accept = page.form.accept
    accept.wanted.setFocus()
    rig.press(Qt.Key.Key_Space)
    assert accept.rate.text() == "2%"
    assert not page.form.go.isEnabled()
    assert "40 reviewed mentions promise nothing at 2%: at least 149 are needed" in accept._state.text()
    assert accept.check.isVisible()
    accept.rate.setFocus()
    for _ in range(6):
        rig.press(Qt.Key.Key_Up)
    assert accept.rate.text() == "8%"
    assert page.form.go.isEnabled()
    assert "40 mentions, drawn by lot and answered" in accept._state.text()
    accept.rate.setValue(2)
    accept.check.setFocus()
    rig.press(Qt.Key.Key_Space)
    assert rig.window.tabs.currentIndex() == rig.window.tabs._ids.index("dashboard")


def test_an_unanswered_check_says_what_is_left(check_rig: Callable[[int, int], Rig]) -> None:
    rig = check_rig(12, 5)
    page = link_page(rig)
    page.form.accept.wanted.setChecked(True)
    assert "5 of 12 answered" in page.form.accept._state.text()
    assert not page.form.accept.is_ready


def accepting(rig: Rig, page: LinkPage, source: Path, monkeypatch: pytest.MonkeyPatch) -> LinkResult:
    choose(rig, page, source, monkeypatch)
    page.form.accept.wanted.setChecked(True)
    page.form.accept.rate.setValue(10)
    assert page.form.go.isEnabled()
    page.form.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    return finished(page)


def test_rows_are_accepted_at_an_error_and_the_reviewed_are_judged_before_they_are_remembered(
    check_rig: Callable[[int, int], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = check_rig(60, 60)

    def sure(text: str) -> float:
        return 0.35 if text.endswith("7") else 0.9

    linker = Linker(rig, sure)
    page = link_page(rig)
    source = tmp_path / "in.csv"
    source.write_text("mention,context\n" + "".join(f"mention {at},seen\n" for at in range(61, 100)), encoding="utf-8")
    result = accepting(rig, page, source, monkeypatch)
    assert len(linker.asked[0].mentions) == 8, "the reviewed mentions are judged in blocks by the same run"
    assert result.accepted is not None
    assert (result.accepted.rate, result.accepted.reviewed, result.accepted.drifts) == (0.1, 60, False)
    assert result.accepted.rows in (35, 39)
    assert page.door.linked.accepted.text() == f"Accept {result.accepted.rows} of 39 at an error of at most 10%"
    assert not page.door.linked.drift.isVisible()
    opened = [params for method, params in rig.worker.asked if method == "retrieval.open"]
    assert opened[-2].memory == (), "they would be right by heart"
    assert len(opened[-1].memory) == 60, "once judged they are remembered"
    written = (tmp_path / "in linked.csv").read_text(encoding="utf-8")
    assert written.splitlines()[0].endswith(",accepted")


@pytest.mark.parametrize("texts", [("mention 5", "mention 6"), None])
def test_an_encoder_that_learned_from_the_reviewed_is_refused_and_one_that_does_not_say_is_named(
    check_rig: Callable[[int, int], Rig],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: tuple[str, ...] | None,
) -> None:
    rig = check_rig(60, 60)
    folder = adapter_folder(tmp_path, "trained", texts=texts).folder
    monkeypatch.setattr(encoders, "encoder_folder", lambda *_: folder)
    linker = Linker(rig)
    page = link_page(rig)
    choose(rig, page, numbered(tmp_path / "in.csv", 3), monkeypatch)
    page.form.accept.wanted.setChecked(True)
    page.form.accept.rate.setValue(10)
    press_link(rig, page)
    if texts is not None:
        wait_until(page.banner.isVisible)
        assert "he encoder has learned from 2 of the reviewed mentions" in page.banner.text
        assert not linker.asked
        return
    assert finished(page).accepted is not None
    assert "Which texts the encoder was trained on is not known" in page.door.linked._basis.text()


def test_what_may_stand_is_counted_no_longer_than_somebody_waits(
    check_rig: Callable[[int, int], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = check_rig(60, 60)
    Linker(rig)
    page = link_page(rig)
    watch = Following.watch

    def cancelled_there(following: Following, stage: str, done: int, total: int = 0) -> None:
        if stage == "counting what may stand":
            following.cancel()
        watch(following, stage, done, total)

    monkeypatch.setattr(Following, "watch", cancelled_there)
    choose(rig, page, numbered(tmp_path / "in.csv", 40), monkeypatch)
    page.form.accept.wanted.setChecked(True)
    page.form.accept.rate.setValue(10)
    press_link(rig, page)
    wait_until(page.banner.isVisible)
    assert page.banner.text.startswith("Cancelled.")
    assert [one.done for one in link_record.unfinished(rig.workspace.path)] == [40]


def test_a_file_unlike_the_reviewed_is_told_plainly(
    check_rig: Callable[[int, int], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = check_rig(60, 60)
    Linker(rig, lambda text: 0.95 if int(text.split()[1]) <= 60 else 0.9)
    page = link_page(rig)
    source = tmp_path / "in.csv"
    source.write_text("mention\n" + "".join(f"mention {at}\n" for at in range(101, 161)), encoding="utf-8")
    result = accepting(rig, page, source, monkeypatch)
    assert result.accepted is not None
    assert result.accepted.drifts
    assert page.door.linked.drift.isVisible()
    assert "not like the reviewed" in page.door.linked.drift.text()
    assert "the middle one was 95% in the review, here it is 90%" in page.door.linked.drift.text()


def test_the_sentence_of_what_may_stand_in_both_languages(qapp: QApplication) -> None:
    accepted = Accepted(0.02, 6_120, 0.87, 310, 2, 400, False)
    result = LinkResult(Path("a.csv"), Path("b.csv"), 9_400, 5_000, 12, 0, 75.0, accepted)
    assert words.accepted_text(accepted, 9_400) == "Accept 6,120 of 9,400 at an error of at most 2%"
    assert words.share(0.005) == "0.5%"
    assert ("Repeated mentions, linked once", "4,400") in words.facts(result)
    languages = Languages(qapp)
    languages.use("zh_CN")
    try:
        said = words.accepted_text(accepted, 9_400)
        assert "6,120" in said
        assert "9,400" in said
        assert not any("a" <= letter <= "z" for letter in said)
    finally:
        languages.use("en")


@pytest.mark.parametrize("ranker", ["retriever", "student"])
def test_a_run_that_is_shown_before_it_is_known_who_can_rank_keeps_its_ranker(qtbot: QtBot, ranker: Ranker) -> None:
    card = WayCard()
    qtbot.addWidget(card)
    card.show_wish(ranker, memory=False)
    for _ in range(2):
        card.show_readiness(Readiness(Reviewed(), "s1", 3))
        assert (card.chosen(), card.memory.isChecked()) == (ranker, False)


def kept_keys(found: Any) -> list[str]:
    return [one.key for one in found]


def test_a_record_that_cannot_be_read_is_no_run(rpdr_home: Path, tmp_path: Path) -> None:
    folder = rpdr_home / "data" / "linking"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{", encoding="utf-8")
    assert kept_keys(link_record.unfinished(tmp_path / "x.rpdr")) == []
