"""The review window on a million mentions: how long each thing takes that a reviewer waits for, and the memory.

    python tests/benchmarks/review_window.py PROJECT.rpdr [--steps 300] [--fresh]

Opens the real window offscreen on a copy of the project (`big_project.py` makes one), with ICD-10-CM as terminology and
a worker that answers nothing, and drives it by keys. A time runs from the key press until what was asked for is on
screen and painted; `own` is what the window's thread worked for it, whatever else the machine did. `stall` is the
longest that thread was away from its events. A list is there when the rows in sight are those that were asked for, in
their order; `whole list` is when all of its rows are. Memory is the peak of this process (VmHWM); the worker is a
process of its own and holds no project. `--fresh`: as on a machine where no terminology has ever been opened.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.desk_parts import FakeWorker
from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from rpdr_desk.app import Desk, make_application
from rpdr_desk.operations.terminology import FromLibrary
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Settings
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.places import Places
from rpdr_desk.views.review.review_page import ReviewPage

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
PATIENCE = 240.0
WORDS = ("fracture", "left", "glaucoma", "chronic", "of", "initial encounter", "白内障")


@dataclass
class Series:
    """One line of the table; times and stalls in milliseconds."""

    name: str
    goal: float
    times: list[float] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def line(self) -> str:
        worst = max(self.stalls, default=0.0)
        goal = f"{self.goal:.0f}" if self.goal else ""
        own = _ms(_share(self.own, 0.99))
        times = (_ms(_share(self.times, 0.5)), _ms(_share(self.times, 0.99)))
        whole = f"{_ms(_share(self.whole, 0.5))} / {_ms(_share(self.whole, 0.99))}" if self.whole else ""
        cells = (str(len(self.times)), *times, own, _ms(worst), whole, goal)
        return f"| {self.name} | " + " | ".join(cells) + " |"


class Bench:
    """The window under measurement."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.app = make_application(["review_window"])
        self.settings = Settings(folder / "preferences.json")
        self.settings.override(reviewer="Bench", language="en", theme="light")
        self.window = MainWindow(self.settings, self._workspace, Places(folder / "window.ini"))
        self.desk: Desk | None = None
        self.project = project
        self.series: list[Series] = []

    @property
    def page(self) -> ReviewPage:
        assert self.window.page is not None
        return self.window.page

    def open(self) -> None:
        self.window.resize(1440, 900)
        self.window.show()
        self.window.activateWindow()
        self.spin(0.3)
        opening = self.start("open a project, to its first mention", 1000)
        self.time(
            opening,
            lambda: self.window.open_path(self.project),
            lambda: self.window.page is not None and bool(self.page.flow.rows),
        )
        self.wait(lambda: self.page.queue.shelf.counts is not None)
        self.wait(lambda: self.window.workspace is not None and self.window.workspace.terminology.is_ready)
        self.spin(3.0)

    def start(self, name: str, goal: float) -> Series:
        made = Series(name, goal)
        self.series.append(made)
        return made

    def time(self, series: Series, act: Callable[[], object], done: Callable[[], bool]) -> None:
        """Act, then run the event loop until it is done and painted."""
        began = last = time.perf_counter()
        worked = time.thread_time()
        longest = 0.0
        act()
        while not done():
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
            assert now - began < PATIENCE, f"{series.name}: waited in vain"
            self.app.processEvents()
            if time.perf_counter() - now < 0.0005:
                time.sleep(0.0005)
        self.app.processEvents()  # paints what has changed
        now = time.perf_counter()
        series.times.append(1000 * (now - began))
        series.own.append(1000 * (time.thread_time() - worked))
        series.stalls.append(1000 * max(longest, now - last))

    def press(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = NONE) -> None:
        target: QWidget = QApplication.focusWidget() or self.window
        if isinstance(key, str):
            QTest.keyClicks(target, key, modifier)
        else:
            QTest.keyClick(target, key, modifier)

    def wait(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, "waited in vain"
            self.spin(0.005)

    def spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.app.processEvents()
            time.sleep(0.002)

    def _workspace(self, opened: OpenedProject) -> Workspace:
        info = opened.knowledge_base
        return Workspace(opened, self.settings, FakeWorker(alive=False), FromLibrary(info))


def step_through(bench: Bench, steps: int) -> None:
    """Next mention, and decisions by key, as fast as they go."""
    page = bench.page
    page.table.setFocus()
    moving = bench.start("next mention (J)", 50)
    for _ in range(steps):
        bench.time(moving, partial(bench.press, "j"), _Left(page))
    deciding = bench.start("decide and go on (Space, 2, 3)", 50)
    for number in range(steps):
        key = (Qt.Key.Key_Space, "2", "3")[number % 3]
        bench.time(deciding, partial(bench.press, key), _Left(page))
    calm = bench.start("decide and go on, at a reviewer's pace", 50)
    for _ in range(min(40, steps)):
        bench.spin(0.7)
        bench.time(calm, partial(bench.press, Qt.Key.Key_Space), _Left(page))
    undoing = bench.start("undo (Ctrl+Z)", 50)
    for _ in range(20):
        bench.time(undoing, partial(bench.press, Qt.Key.Key_Z, CTRL), _Left(page))


def change_queues(bench: Bench) -> None:
    """Each queue by its key, from another one, with no mention of the last in sight."""
    page = bench.page
    for number in range(1, 10):
        name = page.queue_pane.shelf.rows[number - 1].id
        series = bench.start(f"queue {name}", 200)
        for _ in range(3):
            _quietly(bench, partial(bench.press, str(number % 9 + 1), ALT))
            _time_list(bench, series, partial(bench.press, str(number), ALT))
    jump = bench.start("last row of the list (End)", 50)
    page.queue_pane.list.setFocus()
    for _ in range(5):
        _quietly(bench, lambda: None)
        bench.time(jump, partial(bench.press, Qt.Key.Key_End, CTRL), _Left(page))
        bench.time(jump, partial(bench.press, Qt.Key.Key_Home, CTRL), _Left(page))


def filter_text(bench: Bench) -> None:
    """The wait after the last letter is meant (it spares half-typed words), so it is not counted: Return ends it."""
    page = bench.page
    series = bench.start("filter by text", 200)
    for word in WORDS:
        bench.press(Qt.Key.Key_F, CTRL)
        page.queue_pane.filter.selectAll()
        bench.press(word) if word.isascii() else page.queue_pane.filter.setText(word)
        _time_list(bench, series, lambda: bench.press(Qt.Key.Key_Return))
        bench.spin(0.3)
    clearing = bench.start("take the filter away", 200)
    _time_list(bench, clearing, lambda: bench.press(Qt.Key.Key_X, CTRL | SHIFT))


def use_facets(bench: Bench) -> None:
    """Tick the first values of each facet; the list must follow at once, the counts may come a moment later."""
    page = bench.page
    opening = bench.start("open the facets", 0)
    bench.time(opening, lambda: bench.press(Qt.Key.Key_F, CTRL | SHIFT), lambda: bool(page.facets.model.rows))
    listed, counted = bench.start("tick a facet: the list", 200), bench.start("tick a facet: the counts", 0)
    by_code = bench.start("tick a chapter: the list", 200)
    seen: set[tuple[str, str]] = set()
    for _ in range(14):
        rows = page.facets.model.rows
        row = next((one for one in rows if one.kind == "value" and (one.facet, one.value.value) not in seen), None)
        if row is None:
            break
        seen |= (
            {(one.facet, one.value.value) for one in rows if one.facet == row.facet}
            if len(seen) % 2
            else {(row.facet, row.value.value)}
        )
        page.facets.view.setCurrentIndex(page.facets.model.index(page.facets.model.row_of(row.key)))
        counts = _Came(page.queue.facets_shown)
        series = by_code if row.facet in ("chapter", "type") else listed
        began = time.perf_counter()
        _time_list(bench, series, partial(bench.press, Qt.Key.Key_Space))
        bench.wait(counts.there)
        counted.times.append(1000 * (time.perf_counter() - began))
        counts.end()
        bench.spin(0.4)
        page.queue_pane.clear()
        bench.spin(1.2)
    bench.press(Qt.Key.Key_Escape)


def _time_list(bench: Bench, series: Series, act: Callable[[], object]) -> None:
    """Until the rows in sight are those that were asked for; and beside it until the list has all of its rows."""
    queue = bench.page.queue
    begun, shown = _Came(queue.begun), _Came(queue.shown)
    began = time.perf_counter()
    bench.time(series, act, lambda: begun.there() or shown.there())
    bench.wait(shown.there)
    series.whole.append(1000 * (time.perf_counter() - began))
    begun.end()
    shown.end()


class _Came:
    """Whether a signal came since."""

    def __init__(self, signal: SignalInstance) -> None:
        self._signal, self._count = signal, 0
        self._signal.connect(self._arrived)

    def there(self) -> bool:
        return self._count > 0

    def end(self) -> None:
        self._signal.disconnect(self._arrived)

    def _arrived(self) -> None:
        self._count += 1


class _Left:
    """Whether the mention on screen is another one than now."""

    def __init__(self, page: ReviewPage) -> None:
        self._page, self._here = page, _mention(page)

    def __call__(self) -> bool:
        return _mention(self._page) != self._here


def _quietly(bench: Bench, act: Callable[[], object]) -> None:
    """Act, and let everything that follows from it end."""
    act()
    bench.spin(1.0)
    bench.page.queue.shelf.stop_counting()
    bench.spin(0.5)


def _mention(page: ReviewPage) -> int:
    return page.flow.mention.id if page.flow.mention is not None else 0


def _share(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _memory(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) // 1024
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.project.parent) as name:
        folder = Path(name)
        if options.fresh:
            os.environ["RPDR_HOME"] = str(folder / "home")
        copy = folder / "project.rpdr"
        shutil.copyfile(options.project, copy)
        # Nobody opens a project while gigabytes of it are still on their way to the drive.
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        bench = Bench(copy, folder)
        bench.open()
        memory = [("after opening", _memory("VmRSS"), _memory("VmHWM"))]
        for part in (lambda: step_through(bench, options.steps), lambda: change_queues(bench),
                     lambda: filter_text(bench), lambda: use_facets(bench)):  # fmt: skip
            part()
            memory.append((bench.series[-1].name, _memory("VmRSS"), _memory("VmHWM")))
        heads = ("n", "p50 ms", "p99 ms", "own p99 ms", "stall ms", "whole list p50 / p99 ms", "goal ms")
        print(f"| | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}")
        for series in bench.series:
            print(series.line())
        print("\n| memory after | now MiB | peak MiB |\n|---|---:|---:|")
        for where, now, peak in memory:
            print(f"| {where} | {now} | {peak} |")
        bench.window.close()


if __name__ == "__main__":
    main()
