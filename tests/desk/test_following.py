"""Progress from a thread: told in the window's thread, not too often, with the time left; and the wish to end it."""

from __future__ import annotations

import threading

import pytest
from helpers.desk_parts import wait_until

from rpdr_core.errors import Cancelled
from rpdr_desk.operations import following
from rpdr_desk.operations.following import Following, Moved

pytestmark = pytest.mark.gui


def test_it_is_told_in_the_windows_thread(qtbot: object) -> None:
    told: list[tuple[Moved, threading.Thread]] = []
    one = Following()
    one.moved.connect(lambda moved: told.append((moved, threading.current_thread())))
    worker = threading.Thread(target=lambda: [one.watch("rows", number, 1_000) for number in range(1, 1_001)])
    worker.start()
    worker.join()
    wait_until(lambda: bool(told) and told[-1][0].done == 1_000)
    assert {thread for _, thread in told} == {threading.main_thread()}
    assert len(told) < 100, "not every word is told"


def test_a_cancel_ends_the_work_at_its_next_word(qtbot: object) -> None:
    one = Following()
    one.watch("rows", 1)
    one.cancel()
    with pytest.raises(Cancelled):
        one.rows(2)


def test_the_time_left_follows_the_pace_of_the_stage(qtbot: object, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(following.time, "monotonic", lambda: now[0])
    told: list[Moved] = []
    one = Following()
    one.moved.connect(told.append)
    for seconds, done in ((0, 0), (1, 50), (10, 250), (11, 300)):
        now[0] = 100.0 + seconds
        one.watch("rows", done, 1_000)
    one.watch("finishing", 1, 4)
    wait_until(lambda: len(told) == 5)
    assert [moved.seconds_left for moved in told[:2]] == [None, None], "too early to say"
    assert told[2].seconds_left == pytest.approx(30)
    assert told[4].seconds_left is None, "another stage has a pace of its own"


def test_an_estimate_that_is_too_low_never_says_more_than_all(qtbot: object) -> None:
    told: list[Moved] = []
    one = Following()
    one.moved.connect(told.append)
    one.rows(20, 10)
    wait_until(lambda: bool(told))
    assert (told[0].done, told[0].total) == (20, 20)
