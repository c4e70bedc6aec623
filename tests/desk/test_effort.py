"""Seconds per decision: off by default, cut where nobody was there, and blind to what was pressed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers.desk_parts import Rig, wait_until
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QCheckBox

from rpdr_core.store import Project
from rpdr_desk.operations.effort import IDLE_SECONDS, Effort
from rpdr_desk.settings import Settings
from rpdr_desk.views.settings.settings_dialog import show_settings

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """An effort with a clock in hand, and keys that reach it by the application's own way."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.wanted = True
        self.effort = Effort(lambda: self.wanted, self.clock)
        self.target = QObject()

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    def press(self) -> None:
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.target, event)


@pytest.fixture
def bench(qapp: QApplication) -> Iterator[Bench]:
    made = Bench()
    yield made
    made.wanted = False
    made.effort.begin()


def test_seconds_are_those_since_the_mention_came(bench: Bench) -> None:
    bench.effort.begin()
    bench.wait(7.256)
    assert bench.effort.seconds() == 7.26
    bench.effort.begin()
    bench.wait(2)
    assert bench.effort.seconds() == 2.0


def test_a_long_silence_counts_a_minute(bench: Bench) -> None:
    bench.effort.begin()
    bench.wait(10)
    bench.press()
    bench.wait(3600)
    bench.press()
    bench.wait(5)
    assert bench.effort.seconds() == 10 + IDLE_SECONDS + 5


def test_keys_in_between_make_one_long_stretch_count(bench: Bench) -> None:
    bench.effort.begin()
    for _ in range(4):
        bench.wait(50)
        bench.press()
    assert bench.effort.seconds() == 200


def test_another_page_does_not_count(bench: Bench) -> None:
    bench.effort.begin()
    bench.wait(5)
    bench.effort.pause()
    bench.wait(30)
    bench.press()
    bench.effort.resume()
    bench.wait(4)
    assert bench.effort.seconds() == 9


def test_nothing_is_kept_unless_it_is_wanted(bench: Bench) -> None:
    bench.wanted = False
    bench.effort.begin()
    bench.wait(5)
    assert bench.effort.seconds() is None


def test_switching_off_counts_at_once_and_switching_on_from_the_next_mention(bench: Bench) -> None:
    bench.effort.begin()
    bench.wait(5)
    bench.wanted = False
    assert bench.effort.seconds() is None
    bench.effort.begin()
    bench.wanted = True
    bench.wait(5)
    assert bench.effort.seconds() is None
    bench.effort.begin()
    bench.wait(5)
    assert bench.effort.seconds() == 5


@given(st.lists(st.floats(0, 10_000), max_size=20))
def test_never_more_than_a_minute_per_stretch_nor_more_than_the_clock(gaps: list[float]) -> None:
    bench = Bench()
    bench.effort.begin()
    for gap in gaps:
        bench.wait(gap)
        bench.press()
    found = bench.effort.seconds()
    bench.wanted = False
    bench.effort.begin()
    assert found is not None
    assert found == pytest.approx(sum(min(gap, IDLE_SECONDS) for gap in gaps), abs=0.02)


def test_a_decision_carries_seconds_only_where_its_reviewer_wants_it(rig: Rig) -> None:
    decide(rig, "1")
    rig.settings.change(record_seconds=True)
    decide(rig, "2")  # the mention was on screen before it was wanted
    decide(rig, "3")
    kept: list[list[float | None]] = []
    rig.workspace.store.query(seconds_kept, kept.append)
    wait_until(lambda: bool(kept))
    assert kept[0][:2] == [None, None]
    assert kept[0][2] is not None
    rig.settings.change(record_seconds=False)
    rig.press("j")


def decide(rig: Rig, key: str) -> None:
    before = rig.mention
    rig.press(key)
    wait_until(lambda: rig.mention != before)


def seconds_kept(project: Project) -> list[float | None]:
    return [row[0] for row in project._connection.rows("SELECT seconds FROM decision ORDER BY id")]


def test_the_settings_say_what_is_kept_and_switch_it(rig: Rig) -> None:
    dialog = show_settings(rig.window, rig.settings, rig.window.actions_)
    box = next(one for one in dialog.findChildren(QCheckBox) if "how long" in one.text())
    assert not box.isChecked()
    assert "nowhere else" in box.accessibleDescription()
    box.click()
    assert Settings(rig.settings.path).values.record_seconds
    dialog.close()
