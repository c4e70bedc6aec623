"""The window and the real worker process together: a killed worker, an index that goes on, memory that counts."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from helpers.desk_parts import Rig, wait_until
from helpers.quick_recipe import quick_recipe
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from rpdr_core.encoder_queries import VARIABLE
from rpdr_core.knowledge_base.library import Library
from rpdr_core.paths import cache_dir
from rpdr_core.records import Candidate, NewMention, SourceRow
from rpdr_core.store import Project, SourceFile, open_reader
from rpdr_desk.operations.ranking_anew import vectors_of
from rpdr_desk.operations.terminology import FromLibrary
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Settings
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.model.compare.compare_page import ComparePage
from rpdr_desk.views.model.train.train_page import TrainPage
from rpdr_desk.views.places import Places
from rpdr_desk.worker_process import WorkerProcess

pytestmark = [
    pytest.mark.journey,
    pytest.mark.gui,
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
]

ENTITIES = 3_000
_SITES = [
    "knee",
    "elbow",
    "wrist",
    "ankle",
    "shoulder",
    "hip",
    "thumb",
    "heel",
    "jaw",
    "spine",
    "rib",
    "toe",
    "neck",
    "scalp",
    "palm",
    "shin",
]
_KINDS = [
    "tremor",
    "swelling",
    "fracture",
    "sprain",
    "rupture",
    "burn",
    "ulcer",
    "cyst",
    "abscess",
    "numbness",
    "stiffness",
    "contracture",
]
_WAYS = [
    "acute",
    "chronic",
    "recurrent",
    "congenital",
    "traumatic",
    "infectious",
    "mild",
    "severe",
    "idiopathic",
    "secondary",
]
ODD = "gone all wonky joint"


def make_terminology(path: Path, entities: int) -> Path:
    """A table of made-up entities, no two names alike."""
    draw = random.Random(5)
    lines = ["code,name"]
    for number in range(entities):
        name = " ".join((draw.choice(_WAYS), draw.choice(_KINDS), "of the", draw.choice(_SITES), f"grade {number}"))
        lines.append(f"K{number:04},{name}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def make_project(folder: Path, texts: list[tuple[str, str]], entities: int = ENTITIES) -> Path:
    """A project on the made-up terminology with these (text, context) mentions."""
    info = Library().open(str(make_terminology(folder / "joints.csv", entities))).info
    path = folder / "joints.rpdr"
    with Project.create(path, name="Joints", knowledge_base=info) as project:
        rows = [NewMention(text, context, row=SourceRow(at)) for at, (text, context) in enumerate(texts, 1)]
        project.add_mentions(SourceFile("mentions.csv", "0" * 64, "csv", "utf-8"), rows)
    return path


@pytest.fixture
def open_desk(tmp_path: Path, qtbot: object) -> Iterator[Callable[[Path], Rig]]:
    """The window on a project, with this installation's own worker."""
    windows: list[MainWindow] = []

    def open_(path: Path) -> Rig:
        settings = Settings(tmp_path / "preferences.json")

        def workspace(opened: OpenedProject) -> Workspace:
            worker = WorkerProcess()
            made = Workspace(opened, settings, worker, FromLibrary(opened.knowledge_base))
            worker.setParent(made)
            return made

        window = MainWindow(settings, workspace, Places(tmp_path / "window.ini"))
        windows.append(window)
        window.show()
        window.activateWindow()
        QTest.qWaitForWindowActive(window)
        window.open_path(path)
        wait_until(lambda: window.page is not None and bool(window.page.flow.rows), 30)
        rig = Rig(window, None, settings)  # type: ignore[arg-type]
        rig.page.table.setFocus()
        return rig

    yield open_
    for window in windows:
        window.close()
        window.deleteLater()
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def shards() -> dict[str, int]:
    """The vector files that are whole, with the time each was written (ns)."""
    return {path.name: path.stat().st_mtime_ns for path in cache_dir().glob("vectors/*/*.f16")}


def worker_of(rig: Rig) -> WorkerProcess:
    worker = rig.workspace.worker
    assert isinstance(worker, WorkerProcess)
    return worker


def retrieved(rig: Rig, mention: int) -> tuple[Candidate, ...]:
    return next((one.candidates for one in rig.workspace.reading.rankings(mention)), ())


def vectors(rig: Rig, mention: int) -> float:
    return next((vectors_of(one.provenance) for one in rig.workspace.reading.rankings(mention)), -1)


def decide_by_key(rig: Rig, key: Qt.Key | str) -> int:
    before = rig.mention
    rig.press(key)
    wait_until(lambda: rig.mention != before)
    return before


def index_jobs(rig: Rig) -> list[str]:
    return [job.state for job in rig.workspace.jobs.all() if job.kind == "index"]


@pytest.fixture
def quick_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime starts in a fraction of the time that torch takes."""
    monkeypatch.setenv(VARIABLE, "f32")


@pytest.mark.usefixtures("quick_starts")
def test_a_worker_killed_in_an_index_build(open_desk: Callable[[Path], Rig], tmp_path: Path) -> None:
    draw = random.Random(1)
    texts = [(f"{draw.choice(_WAYS)} {draw.choice(_SITES)} {draw.choice(_KINDS)} {at}", "") for at in range(8)]
    rig = open_desk(make_project(tmp_path, texts))
    everybody = range(1, len(texts) + 1)
    wait_until(lambda: all(retrieved(rig, number) for number in everybody), 30)
    wait_until(lambda: bool(shards()), 60)
    assert index_jobs(rig) == ["running"]

    worker = worker_of(rig)
    process = worker._process
    assert process is not None
    killed = process.processId()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: worker.state == "restarting")
    kept = shards()
    assert rig.window.strip._worker_words() == "Worker restarts"
    decided = [decide_by_key(rig, Qt.Key.Key_Space), decide_by_key(rig, "2")]
    rig.settle()
    for number in decided:
        assert rig.workspace.reading.decision(number) is not None
    assert index_jobs(rig)[0] == "failed"

    wait_until(lambda: worker.state == "ready", 30)
    assert worker._process is not None
    assert worker._process.processId() != killed
    wait_until(lambda: index_jobs(rig) == ["failed", "done"], 60)
    made = shards()
    assert 0 < len(kept) < len(made)
    assert {name: made[name] for name in kept} == kept, "a shard that was whole was made a second time"
    state = rig.workspace.retrieval.state
    assert state is not None
    assert state.dense == "ready"
    assert state.dense_done >= ENTITIES
    wait_until(lambda: all(vectors(rig, number) == state.dense_done for number in everybody if number > 3), 30)
    assert all(vectors(rig, number) < state.dense_done for number in decided)


def test_a_correction_is_remembered_by_the_real_worker_until_it_is_undone(
    open_desk: Callable[[Path], Rig], tmp_path: Path
) -> None:
    texts = [(ODD, "one"), ("stiff neck", ""), ("sprained ankle", ""), (ODD.upper(), "two")]
    rig = open_desk(make_project(tmp_path, texts, 200))
    elsewhere = 4
    wait_until(lambda: all(len(retrieved(rig, number)) > 2 for number in range(1, 5)), 30)
    chosen = rig.page.flow.rows[1].code
    assert retrieved(rig, elsewhere)[0].code != chosen
    decide_by_key(rig, "2")
    wait_until(lambda: retrieved(rig, elsewhere)[0].code == chosen, 60)
    assert retrieved(rig, elsewhere)[0].source == "memory"
    rig.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: rig.mention == 1)
    wait_until(lambda: retrieved(rig, elsewhere)[0].source != "memory", 60)
    assert "memory" not in {candidate.source for candidate in retrieved(rig, elsewhere)}
    assert rig.workspace.reading.decision(1) is None


@pytest.mark.usefixtures("quick_starts")
def test_a_student_is_trained_compared_put_in_use_and_taken_back(
    open_desk: Callable[[Path], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    draw = random.Random(2)
    texts = [(f"{draw.choice(_SITES)} {draw.choice(_KINDS)}, {draw.choice(_WAYS)} {at}", "") for at in range(24)]
    rig = open_desk(make_project(tmp_path, texts, 200))
    wait_until(lambda: index_jobs(rig) == ["done"], 60)
    wait_until(lambda: all(retrieved(rig, number) for number in range(1, len(texts) + 1)), 30)
    for _ in range(16):
        decide_by_key(rig, "2")
    control = Qt.KeyboardModifier.ControlModifier
    assert rig.window.pages is not None
    rig.press(Qt.Key.Key_3, control)
    train = rig.window.pages.currentWidget()
    assert isinstance(train, TrainPage)
    wait_until(train.start.go.isEnabled)
    train.start.use_recipe(quick_recipe(tmp_path, epochs=4, patience=4))
    train.start.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: train.panel.compare.isVisible() or train.banner.isVisible(), 180)
    assert not train.banner.isVisible(), train.banner.text
    assert len(train.panel.loss.points()) > 1
    rig.press(Qt.Key.Key_4, control)
    compare = rig.window.pages.currentWidget()
    assert isinstance(compare, ComparePage)
    wait_until(lambda: compare.students.list.count() == 1)
    compare.students.compare.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: compare.report.figures.isVisible() or compare.banner.isVisible(), 60)
    assert not compare.banner.isVisible(), compare.banner.text
    compare.students.promote.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(compare.students.roll_back.isVisible)
    wait_until(lambda: any(job.kind == "student" and job.state == "done" for job in rig.workspace.jobs.all()), 60)
    rankers = {one.ranker.partition(":")[0] for one in rig.workspace.reading.rankings(len(texts))}
    assert rankers == {"retriever", "student"}
    rig.press(Qt.Key.Key_1, control)
    assert rig.page.flow.rows[0].student is not None
    rig.press(Qt.Key.Key_4, control)
    compare.students.roll_back.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: not compare.students.roll_back.isVisible())
    with open_reader(rig.workspace.path) as reader:
        assert [one.reason for one in reader.promotions()] == ["promote", "rollback"]
        assert [run.state for run in reader.runs()] == ["done"]
