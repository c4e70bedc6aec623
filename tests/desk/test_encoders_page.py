"""Teaching the search by keys: what there is to learn from, a lesson as it goes, a winner, a loser, use and remove."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from helpers.desk_parts import FakeWorker, Rig, entities, wait_until
from helpers.training_worker import Trained, job_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QMessageBox

from rpdr_core.encoder_manifest import EncoderCheck, EncoderManifest
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.messages import AdapterInfo, ProgressEvent, RetrievalState
from rpdr_core.protocol.run_messages import FilePart, FollowRun, RunFile, RunResult, RunState
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_core.store import open_reader
from rpdr_core.workflow.encoders import encoders_folder, list_encoders
from rpdr_desk.operations.encoder_estimates import estimated
from rpdr_desk.operations.encoders import lesson_recipe, lesson_recipes
from rpdr_desk.translation import Languages
from rpdr_desk.views.encoders import words
from rpdr_desk.views.encoders.encoders_page import EncodersPage
from rpdr_desk.views.model.train.train_page import TrainPage

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
WINS = EncoderCheck(400, 9_000, 0.373, 0.418, (0.021, 0.068), 0.744, 0.78, (0.017, 0.055), True)
LOSES = EncoderCheck(400, 9_000, 0.373, 0.37, (-0.02, 0.01), 0.744, 0.75, (-0.01, 0.02), False)
OPENED = RetrievalState("numbers", 16, 30, 0, 30, "absent", "new")


class Taught(Trained):
    """A worker whose lessons leave an encoder with this check, and that makes indexes."""

    def __init__(self, worker: FakeWorker, check: EncoderCheck) -> None:
        super().__init__(worker)
        self.indexed: list[str] = []
        weights = b"weights"
        info = AdapterInfo(
            "e1", "", "self-alignment@abc", "m", "0", 4, 1, check.at_1_before, check.at_1, "w", kind="retriever"
        )
        manifest = EncoderManifest(info, "base", "numbers", 0, check, {"w": hashlib.sha256(weights).hexdigest()})
        self._parts = {"manifest.json": msgspec.json.encode(manifest), "w": weights}
        files = tuple(RunFile(name, len(part), hashlib.sha256(part).hexdigest()) for name, part in self._parts.items())
        worker.answers |= {
            "run.result": lambda *_: RunResult(info, files),
            "run.fetch": self._part,
            "index.build": self._index,
        }

    def _part(self, params: object, *_: object) -> FilePart:
        part = self._parts[params.file][params.offset :]  # type: ignore[attr-defined]
        return FilePart(base64.b64encode(part).decode())

    def _index(self, _params: object, _partial: object, progress: Callable[[ProgressEvent], None]) -> RetrievalState:
        progress(ProgressEvent(15, 30, 1.0))
        self.indexed.append("index")
        return OPENED


@pytest.fixture(autouse=True)
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-ins' terminology, by the name that they call it."""
    info = KnowledgeBaseInfo("numbers", "Numbers", "1", "numbers", 17, 29)
    catalogue = SimpleNamespace(info=info, entities=lambda: iter(entities()), lexicon_terms=list)
    monkeypatch.setattr(Library, "open", lambda *_a, **_k: catalogue)
    monkeypatch.setattr(Library, "list", lambda _self: [info])


def encoders_page(rig: Rig) -> EncodersPage:
    """Go there by key and wait for what it shows."""
    rig.press("t", CONTROL | SHIFT)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, EncodersPage)
    wait_until(lambda: bool(page._found.lines) and page.lesson.about.count() == 1)
    rig.settle()
    return page


def teach(rig: Rig, page: EncodersPage) -> None:
    wait_until(page.lesson.go.isEnabled)
    page.lesson.go.setFocus()
    rig.press(Qt.Key.Key_Space)


def test_at_first_there_is_the_bundled_encoder_and_two_lessons(rig: Rig) -> None:
    page = encoders_page(rig)
    QAbstractItemModelTester(page.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [line.name for line in page._found.lines] == ["bundled"]
    assert page._found.lines[0].in_use
    assert "teach one on the left" in page._detail.text()
    assert not page.use.isEnabled()
    assert not page.remove.isEnabled()
    assert "29 names and synonyms of 17 entities" in page.lesson._material.text()
    assert "minutes" in page.lesson._time.text()
    rig.window.actions_["teach_decisions"].trigger()
    assert page.lesson.lessons[1].hasFocus()
    assert "No decision to learn from yet" in page.lesson._material.text()
    assert not page.lesson.go.isEnabled()
    rig.window.actions_["teach_names"].trigger()
    assert page.lesson.lessons[0].isChecked()
    assert page.lesson.go.isEnabled()


def test_a_winner_gets_its_index_and_takes_over_and_the_reviewer_stays(rig: Rig) -> None:
    taught = Taught(rig.worker, WINS)
    before, rows = rig.mention, [one.code for one in rig.page.flow.rows]
    page = encoders_page(rig)
    rig.worker.answers["retrieval.open"] = lambda *_: OPENED
    teach(rig, page)
    wait_until(lambda: page._learned is not None and page._learned.outcome == "in use")
    assert page.outcome.isVisible()
    assert page.outcome._title.text() == "Numbers is searched with the new encoder now"
    assert "found first 41.8%, before 37.3% (+2.1 to +6.8 points)" in page._outcome.text()
    assert taught.indexed == ["index"]
    lines = taught.rows[taught.started[0].run].splitlines()
    assert any(b"trouble 3" in line for line in lines)
    asked = rig.worker.methods()
    assert asked.index("run.fetch") < asked.index("index.build") < len(asked) - 1 - asked[::-1].index("retrieval.open")
    [encoder] = list_encoders()
    assert encoder.in_use == ("numbers",)
    assert encoder.name.startswith("numbers-aligned-")
    last = [params for method, params in rig.worker.asked if method == "retrieval.open"][-1]
    assert last.encoder == str(encoders_folder() / encoder.name)
    wait_until(lambda: len(page._found.lines) == 2 and page._found.lines[1].in_use)
    assert page.table.rows.index(1, 2).data() == "37.3% → 41.8%"
    assert job_of(rig, "encoder").state == "done"
    assert job_of(rig, "index").state == "done"
    rig.press("1", CONTROL)
    assert rig.mention == before
    assert [one.code for one in rig.page.flow.rows] == rows
    with open_reader(rig.workspace.path) as reader:
        assert [run.state for run in reader.runs()] == ["done"]
        assert reader.adapters() == []
    rig.press("3", CONTROL)
    assert rig.window.pages is not None
    train = rig.window.pages.currentWidget()
    assert isinstance(train, TrainPage)
    rig.settle()
    assert train.earlier.list.count() == 0, "a lesson of the search is no student's run"


def test_a_loser_changes_nothing_is_used_all_the_same_and_removed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    taught = Taught(rig.worker, LOSES)
    page = encoders_page(rig)
    teach(rig, page)
    wait_until(lambda: page._learned is not None and len(page._found.lines) == 2)
    assert page.outcome._title.text() == "The new encoder did not win, so nothing changes"
    assert "−2.0 to +1.0 points" in page._outcome.text()
    assert not taught.indexed
    assert list_encoders()[0].in_use == ()
    page.table.setFocus()
    rig.press(Qt.Key.Key_Down)
    assert page.use.isEnabled()
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: any(line.in_use for line in page._found.lines[1:]))
    assert not page.remove.isEnabled()
    rig.press(Qt.Key.Key_Up)
    wait_until(page.use.isEnabled)
    page.use.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: page._found.lines[0].in_use)
    page.table.setFocus()
    rig.press(Qt.Key.Key_Down)
    wait_until(page.remove.isEnabled)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    page.remove.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: len(page._found.lines) == 1)
    assert list_encoders() == []


def test_decisions_teach_and_a_teachers_word_does_not(rig: Rig) -> None:
    taught = Taught(rig.worker, LOSES)
    for _ in range(6):
        before = rig.mention
        rig.press("2")
        wait_until(lambda before=before: rig.mention != before)
    page = encoders_page(rig)
    page.lesson.lessons[1].setFocus()
    rig.press(Qt.Key.Key_Space)
    assert "decisions to learn from" in page.lesson._material.text()
    assert page.lesson.recipe.currentData() == "retriever"
    teach(rig, page)
    wait_until(lambda: page._learned is not None)
    assert taught.origins == {"corrected"}
    assert taught.started[0].name.startswith("small-tuned-")


def test_a_lesson_is_paused_goes_on_and_is_cancelled(rig: Rig) -> None:
    taught = Taught(rig.worker, WINS)
    state = ["running"]
    asked: list[str] = []

    def control(params: object, *_: object) -> RunState:
        asked.append(params.action)  # type: ignore[attr-defined]
        state[0] = {"pause": "paused", "resume": "running", "cancel": "cancelled"}[params.action]  # type: ignore[attr-defined]
        return RunState(params.run, "n", state[0])  # type: ignore[attr-defined, arg-type]

    def follow(params: FollowRun, *_: object) -> RunState:
        return RunState(params.run, "n", state[0])  # type: ignore[arg-type]

    rig.worker.answers |= {"run.control": control, "run.follow": follow}
    # Following a run that goes on would end at once here, and be asked for again and again.
    rig.worker.answers["run.follow"] = lambda params, *_: RunState(params.run, "n", "paused")
    page = encoders_page(rig)
    teach(rig, page)
    wait_until(lambda: page.strip.isVisible() and page.strip.pause.isVisible())
    assert taught.started
    assert not page.lesson.go.isEnabled()
    assert page.strip.pause.text() == "Go on"
    page.strip.cancel.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: "cancel" in asked)
    wait_until(page.lesson.go.isEnabled)
    assert page.strip._state.text() == "Cancelled"


def test_a_gone_encoder_is_told_and_another_chosen(rig: Rig) -> None:
    folder = encoders_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "in_use.json").write_bytes(msgspec.json.encode({"numbers": "abcd1234"}))
    page = encoders_page(rig)
    assert page._gone.isVisible()
    assert "abcd1234" in page._gone.text()
    wait_until(page.use.isEnabled)
    page.use.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: not page._gone.isVisible())
    assert page._found.lines[0].in_use


def test_a_recipe_of_ones_own_is_taken_for_its_lesson(rig: Rig, tmp_path: Path) -> None:
    from helpers.quick_contrastive import quick_contrastive

    page = encoders_page(rig)
    own = quick_contrastive(tmp_path, "retriever")
    page.lesson.recipe_named.emit(own)
    assert page.lesson.lessons[1].isChecked()
    assert page.lesson.recipe.currentData() == own
    other = tmp_path / "student.toml"
    other.write_text('kind = "encoder"\n', encoding="utf-8")
    page.lesson.recipe_named.emit(str(other))
    assert page.banner.isVisible()
    assert "no recipe for the search" in page.banner.text


def test_bundled_recipes_have_a_lesson_each_and_an_estimate() -> None:
    found = lesson_recipes()
    assert {one.reference: one.lesson for one in found} == {
        "self-alignment": "names", "sapbert": "names", "retriever": "decisions", "paper-retriever": "decisions",
    }  # fmt: skip
    assert next(one.reference for one in found if one.lesson == "names") == "self-alignment"
    by_name = {one.reference: one for one in found}
    usual = estimated(by_name["self-alignment"], 70_000, 100_000)
    assert 2 < usual.low < usual.high < 20, "300 steps, whatever the terminology"
    assert "minutes" in words.estimate_text(usual)
    slow = estimated(by_name["paper-retriever"], 4_000, 100_000)
    assert "hours" in words.estimate_text(slow)
    assert lesson_recipe(Path("nowhere.toml")) is None


def test_what_was_found_is_told_in_chinese_too(qapp: QApplication) -> None:
    languages = Languages(qapp)
    languages.use("zh_CN")
    try:
        said = words.check_text(replace(WINS, contexts=37, alone_at_1=0.401))
        assert "41.8%" in said
        assert "37" in said
        assert "40.1%" in said
        assert "37" not in words.check_text(WINS).replace("37.3%", "")
        assert not any("a" <= letter <= "z" for letter in said)
    finally:
        languages.use("en")
