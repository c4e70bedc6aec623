"""The desk's tests: offscreen, one window per test, nothing left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from helpers.desk_parts import FakeWorker, Rig, make_project, open_rig
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication


def drain() -> None:
    """Let deferred deletions and queued answers happen."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication) -> Iterator[None]:
    """No thread, no window, no pending event survives a test."""
    before = set(threading.enumerate())
    yield
    drain()
    assert not QApplication.topLevelWidgets() or all(not one.isVisible() for one in QApplication.topLevelWidgets())
    left = [thread.name for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    assert not left, f"threads left behind: {left}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of 12 mentions on a small terminology."""
    return make_project(tmp_path / "small.rpdr", 12)


@pytest.fixture
def rig(project: Path, tmp_path: Path, qtbot: object) -> Iterator[Rig]:
    """The window on the small project, with a worker that answers at once."""
    made = open_rig(project, tmp_path, FakeWorker())
    yield made
    made.close()
    drain()


@pytest.fixture
def open_window(tmp_path: Path, qtbot: object) -> Iterator[Callable[[Path, FakeWorker], Rig]]:
    """Open a window on a project of one's own; at most one is open at a time."""
    rigs: list[Rig] = []

    def open_(path: Path, worker: FakeWorker) -> Rig:
        for one in rigs:
            one.close()
        rigs.clear()
        rigs.append(open_rig(path, tmp_path, worker))
        return rigs[0]

    yield open_
    for one in rigs:
        one.close()
    drain()
