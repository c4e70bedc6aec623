"""A desk to drive in tests: a small terminology, projects on it, a worker that answers by itself, a window."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from rpdr_core.errors import RpdrError, WorkerLostError
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.paths import data_dir
from rpdr_core.protocol.messages import Done, KnowledgeBaseRef, ProgressEvent, RetrievalState, Retrieve
from rpdr_core.records import Candidate, Entity, NewMention, Note, Provenance, Ranking, SourceRow
from rpdr_core.store import Project, SourceFile
from rpdr_core.store.entity_search import EntitySearch
from rpdr_desk.operations.terminology import OpenedTerminology
from rpdr_desk.operations.worker_link import WorkerState
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Settings
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.places import Places
from rpdr_desk.views.review.review_page import ReviewPage

CODES = 12


def entities() -> list[Entity]:
    """A root, a group that may not be assigned, and codes X01 to X12 below it; X20 has a child."""
    codes = [
        Entity(
            f"X{number:02}",
            f"Disorder number {number}",
            (f"trouble {number}",),
            ("X",),
            notes=(Note("excludes1", f"not number {number}"),),
        )
        for number in range(1, CODES + 1)
    ]
    return [
        Entity("ROOT", "All disorders", assignable=False),
        Entity("X", "Numbered disorders", parents=("ROOT",), assignable=False),
        *codes,
        Entity("X20", "Split disorder", parents=("X",), assignable=False),
        Entity("X20.1", "Split disorder, left", parents=("X20",)),
        Entity("X20.2", "Split disorder, right", parents=("X20",)),
    ]


def make_catalogue() -> Path:
    """The small terminology's folder, made once per test."""
    root = data_dir() / "knowledge_bases"
    made = sorted(root.glob("numbers-*")) if root.is_dir() else []
    return (
        made[0]
        if made
        else write_catalogue(root, entities(), id="numbers", title="Numbers", version="1", source="test")
    )


def open_terminology(priority: tuple[str, ...] = ()) -> OpenedTerminology:
    """What the desk's opener gives, without the library and its ICD-10-CM."""
    folder = make_catalogue()
    return OpenedTerminology(EntitySearch(folder), KnowledgeBaseRef("numbers", str(folder), priority=priority))


def make_project(path: Path, mentions: int, *, ranked: bool = False) -> Path:
    """A project file with `mentions` mentions; `ranked`: the retriever's candidates are stored already."""
    folder = make_catalogue()
    # The worker's stand-ins call it by this name.
    info = replace(read_manifest(folder).info, fingerprint="numbers")
    project = Project.create(path, name="Small", knowledge_base=info)
    rows = [
        NewMention(
            f"mention {number}",
            f"seen with mention {number} today",
            10,
            10 + len(f"mention {number}"),
            count=1 + number % 7,
            department="Ward",
            row=SourceRow(number, f"r{number}"),
        )
        for number in range(1, mentions + 1)
    ]
    project.add_mentions(SourceFile("mentions.csv", "0" * 64, "csv", "utf-8"), rows)
    if ranked:
        project.record_rankings(ranking(number) for number in range(1, mentions + 1))
    project.close()
    return path


def ranking(mention_id: int, ranker: str = "retriever", first: int | None = None) -> Ranking:
    """Ten candidates that begin at a code chosen by the mention's id (or at `first`)."""
    start = mention_id if first is None else first
    numbers = [(start + place) % CODES + 1 for place in range(10)]
    candidates = tuple(
        Candidate(f"X{number:02}", f"Disorder number {number}", f"trouble {number}", "synonym", 1 / (1 + place))
        for place, number in enumerate(numbers)
    )
    return Ranking(mention_id, ranker, candidates, Provenance(ranker, "fake", "numbers"), "", 0.75)


class FakeWorker(QObject):
    """A `WorkerLink` that answers from the event loop. `answers` maps a method to what it does."""

    state_changed = Signal(str)

    def __init__(self, *, alive: bool = True) -> None:
        super().__init__()
        self._alive = alive
        self._state: WorkerState = "stopped"
        self.asked: list[tuple[str, Any]] = []
        self.cancelled: list[int] = []
        self.answers: dict[str, Callable[..., Any]] = {
            "retrieval.open": lambda _params, _partial, _progress: STATE,
            "retrieve": _retrieve,
            "memory.remember": lambda _params, _partial, _progress: STATE,
            "memory.forget": lambda _params, _partial, _progress: STATE,
        }

    @property
    def state(self) -> WorkerState:
        return self._state

    def start(self) -> None:
        self.become("ready" if self._alive else "failed")

    def become(self, state: WorkerState) -> None:
        self._state = state
        self.state_changed.emit(state)

    def request(
        self,
        method: str,
        params: Any,
        *,
        done: Callable[[Any], None],
        failed: Callable[[RpdrError], None],
        partial: Callable[[Any], None] | None = None,
        progress: Callable[[ProgressEvent], None] | None = None,
    ) -> int:
        self.asked.append((method, params))

        def answer() -> None:
            if self._state == "stopped":
                return  # closed: the real link, too, answers nobody any more
            work = self.answers.get(method)
            if work is None:
                failed(WorkerLostError(f"no answer to {method}"))
                return
            try:
                result = work(params, partial, progress)
            except RpdrError as error:
                failed(error)
            else:
                done(result)

        QTimer.singleShot(0, self, answer)
        return len(self.asked)

    def cancel(self, request: int) -> None:
        self.cancelled.append(request)

    def close(self) -> None:
        self._state = "stopped"

    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]


def another_worker(worker: FakeWorker) -> FakeWorker:
    """One more, with the same answers; what it is asked is seen on the first."""
    more = FakeWorker()
    more.answers, more.asked = worker.answers, worker.asked
    return more


STATE = RetrievalState("numbers", 16, 30, 30, 30, "ready", "fake")


def _retrieve(params: Retrieve, partial: Callable[[Any], None], _progress: object) -> Done:
    for mention in params.mentions:
        partial(ranking(mention.id))
    return Done(len(params.mentions))


@dataclass
class Rig:
    """The window under test and what it stands on."""

    window: MainWindow
    worker: FakeWorker
    settings: Settings

    @property
    def page(self) -> ReviewPage:
        assert self.window.page is not None
        return self.window.page

    @property
    def workspace(self) -> Workspace:
        assert self.window.workspace is not None
        return self.window.workspace

    @property
    def mention(self) -> int:
        """Id of the mention on screen, 0 for none."""
        return self.page.flow.mention.id if self.page.flow.mention is not None else 0

    def press(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key to whatever has the focus."""
        target = QApplication.focusWidget() or self.window
        if isinstance(key, str):
            QTest.keyClicks(target, key, modifier)
        else:
            QTest.keyClick(target, key, modifier)

    def settle(self) -> None:
        """Wait until the store's thread has answered everything that was asked, and the rest of a list is there."""
        while True:
            answered: list[bool] = []
            self.workspace.store.query(lambda _project: True, answered.append)
            wait_until(lambda: bool(answered))  # noqa: B023 - called before the next one is made
            QApplication.processEvents()
            page = self.window.page
            if page is None or page.model.whole:
                return
            wait_until(lambda page=page: page.model.whole)

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()


def open_rig(path: Path, folder: Path, worker: FakeWorker, priority: tuple[str, ...] = ()) -> Rig:
    """Open the window on a project and wait for the first candidates (where the worker lives)."""
    settings = Settings(folder / "preferences.json")

    def make_workspace(opened: OpenedProject) -> Workspace:
        worker.setParent(None)
        return Workspace(
            opened, settings, worker, lambda: open_terminology(priority), another=lambda: another_worker(worker)
        )

    window = MainWindow(settings, make_workspace, Places(folder / "window.ini"))
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    rig = Rig(window, worker, settings)
    window.open_path(path)
    wait_until(lambda: window.page is not None and window.page.flow.mention is not None)
    wait_until(lambda: rig.workspace.terminology.is_ready)
    if worker._alive:
        wait_until(lambda: bool(rig.page.flow.rows))
    rig.page.table.setFocus()
    rig.settle()
    return rig


def focus_is_in(widget: QWidget) -> bool:
    return QApplication.focusWidget() is widget


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Run the event loop until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        QApplication.processEvents()
        time.sleep(0.002)
