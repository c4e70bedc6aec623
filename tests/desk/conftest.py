"""The desk's tests: offscreen, one window per test, nothing left behind."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from helpers.desk_parts import FakeWorker, Rig, make_project, open_rig
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QProcess, QThread, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

_WORKERS = (QTimer, QThread, QProcess)


def drain() -> None:
    """Let deferred deletions and queued answers happen."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


class AtWork:
    """Timers that will fire, threads and processes that run; also those whose owner nobody knows any more.

    Python knows every object there is, and that is a million in a process that has run half the suite. Those that are
    older than a test are put aside (`gc.freeze`) and the few among them that matter are remembered.
    """

    def __init__(self) -> None:
        self._older: list[weakref.ref[QObject]] = []

    def begin(self) -> list[QObject]:
        """What is at work before a test."""
        gc.collect()
        self._older = [ref for ref in self._older if ref() is not None] + [weakref.ref(one) for one in _young()]
        gc.freeze()
        return self.found()

    def found(self) -> list[QObject]:
        """What is at work now."""
        older = [one for ref in self._older if (one := ref()) is not None]
        return [one for one in [*older, *_young()] if shiboken6.isValid(one) and _runs(one)]


def _young() -> list[QObject]:
    # By type and not by isinstance, which asks each object for its class: some libraries' objects warn when asked.
    return [one for one in gc.get_objects() if issubclass(type(one), _WORKERS)]


@pytest.fixture(scope="session")
def at_work() -> AtWork:
    return AtWork()


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication, at_work: AtWork) -> Iterator[None]:
    """No thread, no window, no running timer and no pending event survives a test. (Qt's warnings fail it, too.)"""
    threads, windows, running = set(threading.enumerate()), set(QApplication.topLevelWidgets()), set(at_work.begin())
    yield
    drain()
    left = [thread.name for thread in threading.enumerate() if thread not in threads and thread.is_alive()]
    assert not left, f"threads left behind: {left}"
    widgets = [one for one in QApplication.topLevelWidgets() if one not in windows]
    assert not [one for one in widgets if one.isVisible()], f"windows left open: {widgets}"
    assert not [one for one in widgets if isinstance(one, QMainWindow)], f"windows left behind: {widgets}"
    busy = [f"{type(one).__name__} of {type(one.parent()).__name__}" for one in at_work.found() if one not in running]
    assert not busy, f"left at work: {busy}"


def _runs(one: QObject) -> bool:
    if isinstance(one, QTimer):
        return one.isActive()
    if isinstance(one, QThread):
        return one.isRunning() and one is not QThread.currentThread()
    return isinstance(one, QProcess) and one.state() != QProcess.ProcessState.NotRunning


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
