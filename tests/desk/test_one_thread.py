"""One thread per resource: order, answers, and an end that nothing can hold up."""

from __future__ import annotations

import threading
import time

import pytest
from helpers.desk_parts import wait_until
from PySide6.QtWidgets import QApplication

from rpdr_core.errors import Bug, NotFoundError, RpdrError
from rpdr_desk.operations.one_thread import OneThread


def test_work_is_done_in_order_and_answered_in_this_thread(qapp: QApplication) -> None:
    thread = OneThread("order")
    seen: list[tuple[int, bool]] = []
    here = threading.get_ident()
    for number in range(5):
        thread.submit(
            lambda number=number: (number, threading.get_ident() != here),
            lambda found: seen.append(found) if threading.get_ident() == here else None,
            lambda _error: None,
        )
    wait_until(lambda: len(seen) == 5)
    assert seen == [(number, True) for number in range(5)]
    thread.close()


@pytest.mark.parametrize(("raised", "told"), [(NotFoundError("gone"), NotFoundError), (ValueError("words"), Bug)])
def test_a_failure_is_answered_as_one_of_ours(qapp: QApplication, raised: Exception, told: type[RpdrError]) -> None:
    thread = OneThread("failing")
    errors: list[RpdrError] = []

    def fail() -> None:
        raise raised

    thread.submit(fail, lambda _done: None, errors.append)
    wait_until(lambda: bool(errors))
    assert type(errors[0]) is told
    assert "words" not in str(errors[0])
    thread.close()


def test_close_waits_for_what_is_queued_and_for_the_last(qapp: QApplication) -> None:
    thread = OneThread("closing")
    done: list[str] = []
    answers: list[object] = []
    thread.submit(lambda: time.sleep(0.1), answers.append, answers.append)
    thread.submit(lambda: done.append("queued"), answers.append, answers.append)
    thread.close(lambda: done.append("last"))
    assert done == ["queued", "last"]
    thread.submit(lambda: done.append("late"), answers.append, answers.append)
    QApplication.processEvents()
    assert done == ["queued", "last"]
    assert answers == []


def test_close_of_a_thread_never_used_does_its_last_work(qapp: QApplication) -> None:
    done: list[str] = []
    OneThread("idle").close()
    OneThread("fresh").close(lambda: done.append("last"))
    assert done == ["last"]


def test_abandon_waits_no_longer_than_it_is_told_and_drops_the_rest(qapp: QApplication) -> None:
    thread = OneThread("stuck")
    hold, started = threading.Event(), threading.Event()
    done: list[str] = []

    def stuck() -> None:
        started.set()
        hold.wait()

    thread.submit(stuck, lambda _done: done.append("answer"), lambda _error: None)
    thread.submit(lambda: done.append("queued"), lambda _done: None, lambda _error: None)
    assert started.wait(5)
    began = time.monotonic()
    thread.abandon(0.1)
    assert 0.05 < time.monotonic() - began < 1.0
    worker = next(one for one in threading.enumerate() if one.name == "stuck")
    assert worker.daemon
    hold.set()
    worker.join(5)
    QApplication.processEvents()
    assert done == []
