"""Two hundred mentions by keys alone, through the real window and the real store.

A scripted reviewer means something by each mention: most often what ranks first, sometimes another of the first nine,
now and then no match, later, or a code that only the search finds. The script presses what a person would press and
counts the keys. After every decision a second connection, which knows nothing of the window, reads it from the file.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from helpers.desk_parts import FakeWorker, Rig, make_project, open_rig, wait_until
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication

from rpdr_core.records import Decision
from rpdr_core.store import Project, ProjectReader, open_reader

pytestmark = [pytest.mark.journey, pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]

COUNT = 200
Means = Literal["first", "other", "no_match", "later", "searched"]
_MOUSE = frozenset(
    (
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    )
)


class Watch(QObject):
    """Sees every event of the application, and remembers any of a mouse or a finger."""

    def __init__(self) -> None:
        super().__init__()
        self.mouse: list[QEvent.Type] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOUSE:
            self.mouse.append(event.type())
        return super().eventFilter(watched, event)


@dataclass
class Script:
    """What the reviewer means by each mention, and how many keys that took."""

    meant: dict[int, tuple[str, str]] = field(default_factory=dict)
    keys: dict[Means, list[int]] = field(default_factory=dict)


def plan() -> list[tuple[Means, int]]:
    """What is meant, mention by mention, in a fixed disorder; for `other`, which of the candidates 2 to 9."""
    kinds: list[Means] = [*["first"] * 110, *["other"] * 70, *["no_match"] * 10, *["later"] * 5, *["searched"] * 5]
    drawn = random.Random(4)
    drawn.shuffle(kinds)
    return [(kind, drawn.randint(2, 9)) for kind in kinds]


@pytest.fixture
def open_here(tmp_path: Path, qtbot: object) -> Iterator[Callable[[Path], Rig]]:
    rigs: list[Rig] = []

    def open_(path: Path) -> Rig:
        for rig in rigs:
            rig.close()
        rigs[:] = [open_rig(path, tmp_path, FakeWorker())]
        return rigs[0]

    yield open_
    for rig in rigs:
        rig.close()
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def test_two_hundred_mentions_by_keys_alone(tmp_path: Path, open_here: Callable[[Path], Rig]) -> None:
    path = make_project(tmp_path / "many.rpdr", COUNT, ranked=True)
    rig = open_here(path)
    watch, script = Watch(), Script()
    QApplication.instance().installEventFilter(watch)  # type: ignore[union-attr]
    with open_reader(path) as second:
        try:
            for kind, number in plan():
                _one(rig, second, script, kind, number)
        finally:
            QApplication.instance().removeEventFilter(watch)  # type: ignore[union-attr]
    assert watch.mouse == []
    assert median(script.keys["first"]) == max(script.keys["first"]) == 1
    assert median(script.keys["other"]) == max(script.keys["other"]) == 1
    assert max(script.keys["no_match"]) == 2
    assert max(script.keys["later"]) == 1
    rig.close()
    with Project.open(path) as project:
        found = {one.mention_id: (one.kind, one.code or one.reason) for one in project.decisions()}
        assert project.progress().decided == COUNT - 5
        assert project.verify_audit().ok
    assert found == script.meant
    assert len(found) == COUNT


def _one(rig: Rig, second: ProjectReader, script: Script, kind: Means, number: int) -> None:
    """Decide the mention on screen as it is meant, and see it in the file."""
    wait_until(lambda: bool(rig.page.flow.rows))
    here, rows = rig.mention, rig.page.flow.rows
    # The list is never marked as done before it is.
    assert second.decision(here) is None
    assert rig.page.flow.mention is not None
    assert rig.page.flow.mention.status == "unreviewed"
    keys, meant = _press(rig, kind, number, [row.code for row in rows])
    wait_until(lambda: rig.mention != here or rig.page.banner.isVisible())
    script.keys.setdefault(kind, []).append(keys)
    script.meant[here] = meant
    stored = second.decision(here)
    assert isinstance(stored, Decision), f"mention {here}: the window went on before the decision was in the file"
    assert (stored.kind, stored.code or stored.reason) == meant


def _press(rig: Rig, kind: Means, number: int, codes: list[str]) -> tuple[int, tuple[str, str]]:
    """Press what a person would; how many keys that took, and what should be in the file then."""
    match kind:
        case "first":
            rig.press(Qt.Key.Key_Space)
            return 1, ("accept", codes[0])
        case "other":
            rig.press(str(number))
            return 1, ("correct", codes[number - 1])
        case "no_match":
            rig.press("n")
            rig.press("t")
            return 2, ("no_match", "not_in_terminology")
        case "later":
            rig.press("d")
            return 1, ("defer", "")
        case "searched":
            for key in ("/", *"X20.1"):
                rig.press(key)
            wait_until(lambda: rig.page.flow.mode == "search" and [row.code for row in rig.page.flow.rows] == ["X20.1"])
            rig.press(Qt.Key.Key_Return)
            rig.press(Qt.Key.Key_Space)
            return 8, ("correct", "X20.1")
