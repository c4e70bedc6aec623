"""Linking with an error rate, and a terminology teaching the search: the window, real workers, a tiny encoder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from helpers.desk_parts import Rig, wait_until
from helpers.quick_contrastive import quick_contrastive
from helpers.tiny_models import LAY, tiny_bert
from helpers.training_runs import kill_left_over
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import Candidate, NewDecision, NewMention, Provenance, Ranking, SourceRow
from rpdr_core.store import Project, SourceFile
from rpdr_core.workflow.encoders import list_encoders
from rpdr_core.workflow.random_check import SETTING, RandomCheck
from rpdr_desk.operations.encoder_state import LessonChoice
from rpdr_desk.operations.terminology import FromLibrary
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Settings
from rpdr_desk.views.encoders.encoders_page import EncodersPage
from rpdr_desk.views.linking.link_page import LinkPage
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.places import Places
from rpdr_desk.worker_process import WorkerProcess

pytestmark = [pytest.mark.journey, pytest.mark.gui, pytest.mark.timeout(600)]
_WORDS = ("left", "right", "old", "mild", "severe", "daily", "bad", "some", "again", "my", "since", "the")
REVIEWED = 60
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A terminology whose synonyms follow a rule; all mentions of the random check but one are answered."""
    table = tmp_path / "lay.tsv"
    lines = ["code\tname\tsynonyms"]
    for lay, name in LAY.items():
        lines.append(f"C-{name}\t{name}\t{'|'.join(f'{word} {lay}' for word in _WORDS)}")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    info = Library().open(str(table)).info
    path = tmp_path / "lay.rpdr"
    names = list(LAY.items())
    said = [names[at % len(names)] for at in range(REVIEWED + 1)]
    with Project.create(path, name="Lay", knowledge_base=info) as made:
        rows = [
            NewMention(f"{_WORDS[at % 12]} {lay} a{at}", row=SourceRow(at + 1)) for at, (lay, _name) in enumerate(said)
        ]
        made.add_mentions(SourceFile("mentions.csv", "0" * 64, "csv", "utf-8"), rows)
        shown = Provenance("retriever", "", info.fingerprint)
        made.record_rankings(
            Ranking(at + 1, "retriever", (Candidate(f"C-{name}", name),), shown, "", 0.9)
            for at, (_lay, name) in enumerate(said)
        )
        check = RandomCheck(tuple(range(1, REVIEWED + 1)), 1, 0, REVIEWED + 1, None)
        made.set_setting(SETTING, msgspec.json.encode(check).decode())
        made.decide_many(
            [NewDecision(at + 1, "accept", f"C-{name}", name) for at, (_lay, name) in enumerate(said[:REVIEWED])]
        )
    return path


@pytest.fixture
def rig(
    project: Path, tmp_path: Path, rpdr_home: Path, qtbot: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rig]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    settings = Settings(tmp_path / "preferences.json")

    def workspace(opened: OpenedProject) -> Workspace:
        worker = WorkerProcess()
        made = Workspace(
            opened,
            settings,
            worker,
            FromLibrary(opened.knowledge_base),
            another=lambda: WorkerProcess((), made, pauses=()),
        )
        worker.setParent(made)
        return made

    window = MainWindow(settings, workspace, Places(tmp_path / "window.ini"))
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.open_path(project)
    wait_until(lambda: window.page is not None and bool(window.page.flow.rows), 60)
    made = Rig(window, None, settings)  # type: ignore[arg-type]
    made.page.table.setFocus()
    yield made
    window.close()
    window.deleteLater()
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
    kill_left_over(rpdr_home)


def test_a_file_is_linked_with_what_may_stand_then_the_search_is_taught(rig: Rig, tmp_path: Path) -> None:
    source = tmp_path / "all.jsonl"
    texts = [f"{word} {lay} b{at}" for at, lay in enumerate(list(LAY) * 6) for word in _WORDS[at % 3 :: 6]]
    source.write_text("".join(json.dumps({"mention": text}) + "\n" for text in [*texts, *texts]), encoding="utf-8")
    before = rig.mention
    _link(rig, source)
    _teach(rig, tmp_path)
    rig.press("1", CONTROL)
    assert rig.mention == before


def _index_is_whole(rig: Rig) -> bool:
    state = rig.workspace.retrieval.state
    return state is not None and 0 < state.dense_total == state.dense_done


def _link(rig: Rig, source: Path) -> None:
    # What is promised depends on the index: a part of it would promise less.
    wait_until(lambda: _index_is_whole(rig), 120)
    rig.press("l", CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, LinkPage)
    page.open_file(source)
    wait_until(lambda: page.form.go.isEnabled() and page.form.accept._found is not None)
    page.form.accept.wanted.setChecked(True)
    page.form.accept.rate.setValue(10)
    page.form.target.setText(str(source.with_name("linked.parquet")))
    wait_until(page.form.go.isEnabled)
    page.form.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: page.door.linked.isVisible() or page.banner.isVisible(), 120)
    assert not page.banner.isVisible(), page.banner.text
    result = page.door.linked._result
    assert result is not None
    assert result.accepted is not None
    assert result.distinct * 2 == result.rows
    assert 0 < result.accepted.rows <= result.rows
    promised = json.loads(source.with_name("linked.parquet.provenance.json").read_text(encoding="utf-8"))["promised"]
    assert promised["max_error"] == 0.1
    assert source.with_name("linked.parquet").stat().st_size > 0


def _teach(rig: Rig, tmp_path: Path) -> None:
    rig.press("t", CONTROL | SHIFT)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, EncodersPage)
    page.lesson.recipe_named.emit(quick_contrastive(tmp_path))
    wait_until(page.lesson.go.isEnabled)
    tiny = str(tiny_bert(tmp_path / "encoder"))
    # The page's own choice begins with the bundled encoder, which takes minutes.
    page.lesson.started.emit(_with_base(page.lesson.choice(), tiny))
    wait_until(lambda: page._learned is not None or page.banner.isVisible(), 180)
    assert not page.banner.isVisible(), page.banner.text
    assert page._learned is not None
    name = page._learned.name
    assert page._learned.check.texts > 0
    wait_until(lambda: len(page._found.lines) == 2 and not rig.workspace.encoders.busy, 120)
    if not page._learned.check.wins:
        rig.workspace.encoders.use(rig.workspace.knowledge_base, name, page.banner.show_error)
    wait_until(lambda: page._found.lines[1].in_use, 120)
    [encoder] = list_encoders()
    assert encoder.in_use == (rig.workspace.knowledge_base.fingerprint,)
    wait_until(lambda: (state := rig.workspace.retrieval.state) is not None and name in state.encoder, 60)


def _with_base(choice: LessonChoice, base: str) -> LessonChoice:
    return LessonChoice(choice.recipe, base, choice.host, lesson=choice.lesson, about=choice.about)
