"""Pictures of every page and dialog of the real window, in both themes and languages and at two sizes of text.

    python packaging/shots.py --out FOLDER [--projects FOLDER] [--only WORD ...] [--variants WORD ...]
    python packaging/shots.py --chosen

Without --projects, the projects are made anew by demo_state.py. --chosen makes the small set that the README and
the help show. One window is walked through all of it, so that each change of theme, language and size happens live.
Everything is synthetic, and all that is written lies in the folders named.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from rpdr_desk.app import Desk
    from rpdr_desk.views.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
SETTLE = 0.35
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Variant:
    """One look of the window. `name` ends the pictures' names."""

    name: str
    theme: str
    language: str
    percent: int
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is on the picture: a page of a project, perhaps after keys were pressed, perhaps under a dialog.

    `project` is empty for the start page. `action` opens a dialog; `keys` are typed into what has the focus; `tab`
    is the number of the dialog's tab.
    """

    name: str
    project: str = "sample"
    page: str = "review"
    mention: int = 0
    action: str = ""
    keys: str = ""
    tab: int = 0


SMALL, LARGE = (1440, 900), (1920, 1080)
VARIANTS = tuple(
    Variant(f"{theme}-{language}-{percent}", theme, locale, percent, size)
    for theme in ("light", "dark")
    for language, locale in (("en", "en"), ("zh", "zh_CN"))
    for percent, size in ((100, SMALL), (200, LARGE))
)
# The hardest room for words: small windows, large text.
TIGHT = tuple(
    Variant(f"light-{language}-{percent}-{width}", "light", locale, percent, (width, height))
    for language, locale in (("en", "en"), ("zh", "zh_CN"))
    for percent, (width, height) in ((100, (1280, 800)), (150, (1280, 800)), (200, (1280, 800)))
)
PROJECTS = {"teach": "untaught", "train": "distilled", "compare": "distilled"}
DIALOGS = ("settings", "keys", "palette", "jobs", "help", "guide", "new_project", "identical", "history", "reviewers",
           "about")  # fmt: skip


def scenes() -> Iterator[Scene]:
    """Every page by itself, then what opens above the pages."""
    from rpdr_desk.actions import specs
    from rpdr_desk.views.model.pages import model_pages

    known = {spec.id for spec in specs()}
    yield Scene("start", project="")
    yield Scene("review", mention=14)
    yield Scene("review-long", mention=76)
    yield Scene("review-search", mention=14, keys="/glauc")
    yield Scene("review-reasons", mention=14, keys="n")
    for spec in model_pages():
        yield Scene(spec.id, PROJECTS.get(spec.id, "sample"), spec.id)
    for action in DIALOGS:
        if action in known:
            yield Scene(f"dialog-{action}", mention=14, action=action)
    yield Scene("dialog-settings-keys", mention=14, action="settings", tab=1)
    yield Scene("error")


class Studio:
    """The window, and the waiting that a picture needs."""

    def __init__(self, projects: Path, out: Path) -> None:
        from rpdr_desk.app import Desk, make_application
        from rpdr_desk.settings import Settings
        from rpdr_desk.views.places import Places

        self._projects, self._out = projects, out
        out.mkdir(parents=True, exist_ok=True)
        self._app = make_application(["shots"])
        self._settings = Settings(out / ".preferences.json")
        self._settings.change(theme="light", language="en", recent=[], **_guided(self._settings))
        (out / ".window.ini").unlink(missing_ok=True)
        self._desk: Desk = Desk(self._app, self._settings, Places(out / ".window.ini"))
        self.window: MainWindow = self._desk.window
        self._open = ""

    def dress(self, variant: Variant) -> None:
        self._settings.change(theme=variant.theme, language=variant.language, text_size=variant.percent)
        self.window.resize(*variant.size)
        self.window.show()
        self.settle()

    def take(self, scene: Scene, variant: Variant) -> Path:
        self._go(scene)
        shown = self._dialog(scene)
        picture = self.window.grab()
        if shown is not None:
            _lay_over(picture, shown, self.window)
            shown.close()
        if scene.keys:
            self._key("Escape")
            self._key("Escape")
        path = self._out / f"{scene.name}-{variant.name}.png"
        picture.toImage().save(str(path), quality=0)
        return path

    def settle(self, seconds: float = SETTLE) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._app.processEvents()
            time.sleep(0.005)

    def close(self) -> None:
        self.window.close()
        self._app.processEvents()
        for name in (".preferences.json", ".window.ini"):
            (self._out / name).unlink(missing_ok=True)

    def _go(self, scene: Scene) -> None:
        if scene.project != self._open:
            self._change_project(scene.project)
        if not scene.project:
            return
        assert self.window.pages is not None
        assert self.window.page is not None
        self.window.pages.go(scene.page)
        if scene.mention:
            self.window.page.go_to(scene.mention)
        self._wait(self._planned, 20)
        for key in scene.keys:
            self._key(key)
        self.settle()

    def _change_project(self, name: str) -> None:
        self.window.close_project()
        self._open = name
        if not name:
            self.settle()
            return
        self.window.open_path(self._projects / f"{name}.rpdr")
        self._wait(lambda: self.window.page is not None and self.window.page.flow.mention is not None)
        self._wait(lambda: self.window.workspace is not None and self.window.workspace.terminology.is_ready)
        self._wait(self._quiet, 25)

    def _quiet(self) -> bool:
        workspace = self.window.workspace
        return workspace is not None and not workspace.jobs.running()

    def _planned(self) -> bool:
        workspace = self.window.workspace
        return workspace is not None and workspace.teaching.planner.state != "preparing"

    def _dialog(self, scene: Scene) -> QWidget | None:
        from PySide6.QtWidgets import QApplication, QDialog, QTabWidget

        if scene.name == "error":
            from rpdr_core.errors import Bug

            self.window.problems.show(_raised(Bug("a list had no first")))
        elif scene.action:
            self.window.actions_[scene.action].trigger()
        else:
            return None
        self.settle()
        shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
        if not shown:
            return None
        for tabs in shown[-1].findChildren(QTabWidget):
            tabs.setCurrentIndex(scene.tab)
        self.settle()
        return shown[-1]

    def _key(self, key: str) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QApplication

        target = QApplication.focusWidget() or self.window
        if key == "Escape":
            QTest.keyClick(target, Qt.Key.Key_Escape)
        else:
            QTest.keyClicks(target, key)
        self.settle(0.25)

    def _wait(self, done: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Until it is so, or as long as a picture may take: a worker may be missing."""
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            self.settle(0.05)


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - the report wants its traceback
        return caught


def _guided(settings: object) -> dict[str, object]:
    """The guided review is a scene of its own; elsewhere it has been taken already."""
    return {"guided": True} if hasattr(getattr(settings, "values", None), "guided") else {}


def _lay_over(picture: object, dialog: QWidget, window: QWidget) -> None:
    """The dialog where it stands above the window, the window a little dimmed."""
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QColor, QPainter, QPixmap

    assert isinstance(picture, QPixmap)
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor(0, 0, 0, 70))
    at = dialog.pos() - window.pos()
    if not window.rect().intersects(dialog.geometry().translated(-window.pos())):
        at = QPoint((window.width() - dialog.width()) // 2, (window.height() - dialog.height()) // 2)
    painter.drawPixmap(at, dialog.grab())
    painter.end()


def chosen(words: list[str], name: str) -> bool:
    return not words or any(word in name for word in words)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=ROOT / "out" / "shots")
    options.add_argument("--projects", type=Path, help="a folder with sample, untaught and distilled")
    options.add_argument("--only", nargs="*", default=[], metavar="WORD", help="scenes whose names hold a word")
    options.add_argument("--variants", nargs="*", default=[], metavar="WORD", help="looks whose names hold a word")
    options.add_argument("--tight", action="store_true", help="small windows with large text instead")
    given = options.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
    studio = Studio(given.projects, given.out)
    looks = [one for one in (TIGHT if given.tight else VARIANTS) if chosen(given.variants, one.name)]
    wanted = [one for one in scenes() if chosen(given.only, one.name)]
    # Projects are slow to open and looks are not: scene by scene, each in all looks.
    for scene in wanted:
        for look in looks:
            studio.dress(look)
            print(studio.take(scene, look), flush=True)
    studio.close()


if __name__ == "__main__":
    main()
