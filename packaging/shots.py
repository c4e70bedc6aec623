"""Pictures of every page and dialog of the real window, in both themes and languages and at two sizes of text.

    python packaging/shots.py [--out FOLDER] [--projects FOLDER] [--only WORD ...] [--variants WORD ...] [--chosen]

Without --projects the projects are made anew, below --out, with a home of their own. --chosen renews the small set
that the README and the help show, and nothing else. One window is walked through all of it, so that each change of
theme, language and size happens live. Everything is synthetic.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from rpdr_desk.app import Desk
    from rpdr_desk.views.main_window import MainWindow

Ask = Callable[..., Any]
ROOT = Path(__file__).resolve().parent.parent
SETTLE = 0.35
PATIENCE = 60.0
# Colours of a picture that are looked at, how many of them may be rare, and how far these are from any other.
LOOKED_AT, UNLIKE, FAR = 4000, 128, 40
# A page that has not changed for so long while nothing works behind it shows what it has to show.
STILL = 0.6


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
    is the number of the dialog's tab; `file` the kind of a file that the page has looked at (see `shot_files`);
    `state` what was brought about on the page by other means (see `shot_states`).
    """

    name: str
    project: str = "sample"
    page: str = "review"
    mention: int = 0
    action: str = ""
    keys: str = ""
    tab: int = 0
    file: str = ""
    state: str = ""


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
SCREENSHOTS = ROOT / "packaging" / "screenshots"
HELP = ROOT / "resources" / "rpdr_resources" / "help"
README = {
    "review-light": ("review", "light-en-100"),
    "review-dark": ("review-long", "dark-en-100"),
    "review-chinese": ("review", "light-zh-100"),
    "identical-light": ("dialog-identical", "light-en-100"),
    "adjudicate-light": ("adjudicate", "light-en-100"),
    "agreement-light": ("adjudicate-figures", "light-en-100"),
    "lint-light": ("lint", "light-en-100"),
    "dashboard-light": ("dashboard", "light-en-100"),
    "teach-light": ("teach", "light-en-100"),
    "train-light": ("train", "light-en-100"),
    "compare-light": ("compare-changes", "light-en-100"),
    "import-light": ("import-mentions", "light-en-100"),
    "export-light": ("export", "light-en-100"),
    "terminologies-light": ("import-terminology", "light-en-100"),
    "upgrade-light": ("upgrade", "light-en-100"),
    "link-light": ("link-form", "light-en-100"),
    "search-light": ("encoders-taught", "light-en-100"),
}
HELP_SCENES = ("review", "review-reasons", "dialog-identical", "adjudicate", "lint", "dashboard", "teach", "train",
               "compare", "import-mentions", "export", "upgrade")  # fmt: skip
# Under the name of the page, the page with more on it.
FULLER = {"compare": "compare-changes"}
# One that stands in several sentences.
MENTIONS = {"identical": 56, "history": 56}
PROJECTS = {"teach": "untaught", "train": "distilled", "compare": "distilled"}
DIALOGS = ("settings", "keys", "palette", "jobs", "new_project", "identical", "history", "reviewers", "tree",
           "save_filter", "report", "comment", "export_no_match")  # fmt: skip
HELP_PAGES = 9
MENUS = ("file", "review", "model", "view", "help")
# A project that nobody has worked in: what the pages say then.
EMPTY = ("train", "compare", "adjudicate", "lint", "dashboard")


def scenes() -> Iterator[Scene]:
    """Every page by itself, then what opens above the pages."""
    from shot_states import STATES

    from rpdr_desk.actions import specs
    from rpdr_desk.views.model.pages import model_pages

    known = {spec.id for spec in specs()}
    yield Scene("start", project="")
    yield Scene("start-terminologies", project="", action="terminologies")
    yield Scene("review", mention=22)
    yield Scene("review-long", mention=76)
    yield Scene("review-search", mention=22, keys="/glauc")
    yield Scene("review-reasons", mention=22, keys="n")
    yield Scene("review-relations", mention=22, keys="r")
    yield Scene("review-flags", mention=22, keys="f")
    for spec in model_pages():
        yield Scene(spec.id, PROJECTS.get(spec.id, "sample"), spec.id, state="lint" if spec.id == "lint" else "")
    for action in DIALOGS:
        if action in known:
            yield Scene(f"dialog-{action}", mention=MENTIONS.get(action, 22), action=action)
    yield Scene("import-mentions", page="import", file="mentions")
    yield Scene("import-mappings", page="import", file="mappings")
    yield Scene("import-terminology", page="terminologies", file="terminology")
    yield Scene("upgrade", page="terminologies", file="upgrade")
    yield Scene("link-form", page="link_file", file="link")
    yield Scene("link-done", page="link_file", file="linked")
    yield Scene("encoders-taught", page="encoders", file="taught")
    yield Scene("dialog-settings-keys", mention=22, action="settings", tab=1)
    yield Scene("dialog-error", mention=22)
    for page in EMPTY:
        yield Scene(f"{page}-empty", "untaught", page)
    for name, (project, page) in STATES.items():
        yield Scene(name, project, page, MENTIONS.get(name, 22), state=name)
    for number in range(HELP_PAGES):
        yield Scene(f"help-{number + 1}", mention=22, action="help", tab=number)
    for name in MENUS:
        yield Scene(f"menu-{name}", mention=22, state=f"menu-{name}")
    yield Scene("guide", "untaught")


class Studio:
    """The window, and the waiting that a picture needs."""

    def __init__(self, projects: Path, out: Path) -> None:
        from rpdr_desk.app import Desk, make_application
        from rpdr_desk.settings import Settings
        from rpdr_desk.views.places import Places

        self._projects, self._out = projects, out
        out.mkdir(parents=True, exist_ok=True)
        _name_endpoint()
        self._work = Work()
        self._app = make_application(["shots"])
        self._app.setCursorFlashTime(0)
        self._settings = Settings(out / ".preferences.json")
        self._settings.change(theme="light", language="en", recent=[], **_guided(self._settings))
        (out / ".window.ini").unlink(missing_ok=True)
        self._desk: Desk = Desk(self._app, self._settings, Places(out / ".window.ini"))
        self.window: MainWindow = self._desk.window
        self._open, self._page = "", ""
        self._look: Variant | None = None
        self.made: dict[str, Any] = {}

    def dress(self, variant: Variant) -> None:
        if variant == self._look:
            return
        self._look = variant
        self._settings.change(theme=variant.theme, language=variant.language, text_size=variant.percent)
        self.window.resize(*variant.size)
        self.window.show()
        self.settle()

    def take(self, scene: Scene, variant: Variant) -> Path:
        from shot_states import Brought, bring

        self._go(scene)
        brought = bring(self, scene.state) if scene.state else Brought(self._dialog(scene))
        self.still(brought.above or self.window)
        picture = self.window.grab()
        if brought.above is not None:
            _lay_over(picture, brought.above, self.window)
            brought.above.close()
        brought.leave()
        if scene.keys:
            self._key("Escape")
            self._key("Escape")
        if scene.name == "guide":
            self.window.guide.leave()
        path = self._out / f"{scene.name}-{variant.name}.png"
        picture.toImage().save(str(path), quality=0)
        return path

    def keep(self, scene: Scene, look: Variant, path: Path, wide: int) -> None:
        """A picture to be shown to others."""
        from PySide6.QtGui import QImage

        self.dress(look)
        made = self.take(scene, look)
        path.parent.mkdir(parents=True, exist_ok=True)
        small(QImage(str(made)), wide).save(str(path), quality=0)
        print(path, path.stat().st_size, flush=True)

    def settle(self, seconds: float = SETTLE) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._app.processEvents()
            time.sleep(0.005)

    def close(self) -> None:
        self.window.close()
        self._app.processEvents()
        for name in (".preferences.json", ".window.ini", ".screen.json"):
            (self._out / name).unlink(missing_ok=True)

    def _go(self, scene: Scene) -> None:
        if scene.project != self._open:
            self._change_project(scene.project)
        if not scene.project:
            return
        assert self.window.pages is not None
        assert self.window.page is not None
        self._settings.change(reviewer="K. Osei" if scene.page == "adjudicate" else "A. Meyer")
        self._page = scene.page
        self.window.pages.go(scene.page)
        if scene.mention:
            self.window.page.go_to(scene.mention)
        if scene.action or scene.keys or scene.file or scene.state:
            self.still(self.window)
        if scene.page == "export":
            from shot_files import name_target

            name_target(self)
        if scene.file:
            from shot_files import look_at

            look_at(self, scene.file)
        if scene.name == "guide":
            self.window.guide.begin()
            self.wait(lambda: self.window.guide.course is not None, 10)
        if scene.keys:
            # Keys of a window that the window system has not brought to the front are heard by nobody.
            self.window.activateWindow()
            self.window.page.table.setFocus()
            self.wait(self.window.isActiveWindow, 5)
        for key in scene.keys:
            self._key(key)

    def _change_project(self, name: str) -> None:
        self.window.close_project()
        self._open, self._page = name, ""
        if not name:
            self.settle()
            return
        self.window.open_path(self._projects / f"{name}.rpdr")
        self.wait(lambda: self.window.page is not None and self.window.page.flow.mention is not None)
        assert self.window.page is not None
        rested: list[bool] = []
        # The queues are counted once nothing has changed for a while.
        self.window.page.queue.shelf.rested.connect(lambda: rested.append(True))
        self.wait(lambda: self.window.workspace is not None and self.window.workspace.terminology.is_ready)
        self.wait(lambda: bool(rested), 10)
        self.wait(self._quiet)

    def _quiet(self) -> bool:
        """Nothing works that a page could be waiting for."""
        workspace = self.window.workspace
        if self._work.under_way or workspace is None:
            return not self._work.under_way
        return not workspace.jobs.running() and (
            self._page != "teach" or workspace.teaching.planner.state != "preparing"
        )

    def _dialog(self, scene: Scene) -> QWidget | None:
        from PySide6.QtWidgets import QTabWidget

        from rpdr_desk.views.help_dialog import HelpDialog

        if scene.name == "dialog-error":
            from rpdr_core.errors import Bug

            self.window.problems.show(_raised(Bug("a list had no first")))
        elif scene.action:
            self.window.actions_[scene.action].trigger()
        else:
            return None
        self.wait(lambda: self.dialog() is not None)
        shown = self.dialog()
        if shown is not None:
            for tabs in shown.findChildren(QTabWidget):
                tabs.setCurrentIndex(scene.tab)
            if isinstance(shown, HelpDialog):
                shown.list.setCurrentRow(scene.tab)
        return shown

    def dialog(self) -> QWidget | None:
        """The one that is open."""
        from PySide6.QtWidgets import QApplication, QDialog

        shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
        return shown[-1] if shown else None

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

    @property
    def folder(self) -> Path:
        """Where the pictures go, and the files that they show."""
        return self._out

    def wait(self, done: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Until it is so, or as long as a picture may take: a worker may be missing."""
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            self.settle(0.05)

    def still(self, shown: QWidget) -> None:
        """Until nothing works and `shown` has stayed as it is for a while, on however slow a machine."""
        end = time.monotonic() + PATIENCE
        since, before = time.monotonic(), shown.grab().toImage()
        while time.monotonic() < end and time.monotonic() - since < STILL:
            self.settle(0.1)
            now = shown.grab().toImage()
            if now != before or not self._quiet():
                since, before = time.monotonic(), now


class Work:
    """Counts what the threads behind the window were asked for and have not answered yet."""

    def __init__(self) -> None:
        from rpdr_desk.operations.one_thread import OneThread

        self._open: dict[int, OneThread] = {}
        self._numbers = itertools.count()
        submit = OneThread.submit

        def counted(thread: OneThread, work: Ask, done: Ask, failed: Ask) -> None:
            number = next(self._numbers)
            self._open[number] = thread

            def answered(answer: Ask) -> Ask:
                return lambda found: (self._open.pop(number, None), answer(found))[1]

            submit(thread, work, answered(done), answered(failed))

        OneThread.submit = counted  # type: ignore[method-assign, assignment]

    @property
    def under_way(self) -> bool:
        # A thread that is closed answers nobody any more.
        return any(thread._open for thread in self._open.values())


def _name_endpoint() -> None:
    """The Teach page shows an endpoint; it is never called. Only in a home that was made for the pictures."""
    import msgspec
    from demo import TEACHER

    os.environ.setdefault(TEACHER.key_env, "none")
    config = Path(os.environ["RPDR_HOME"]) / "config" / "endpoints.json"
    if not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_bytes(msgspec.json.encode({"endpoints": [TEACHER]}))


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
    from PySide6.QtCore import QPoint, QRect, Qt
    from PySide6.QtGui import QColor, QPainter, QPixmap
    from PySide6.QtWidgets import QMenu

    assert isinstance(picture, QPixmap)
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor(0, 0, 0, 70))
    # Where no window manager places dialogs they would stand anywhere: in the middle, and what drops down at the top.
    top = 72 if dialog.windowFlags() & Qt.WindowType.Popup == Qt.WindowType.Popup else None
    middle = (window.height() - dialog.height()) // 2
    at = QPoint((window.width() - dialog.width()) // 2, middle if top is None else top)
    if isinstance(dialog, QMenu):
        at = dialog.pos() - window.pos()
    above = dialog.grab()
    painter.drawPixmap(at, above)
    # The frame that a window manager would put around it.
    painter.setPen(dialog.palette().mid().color())
    painter.drawRect(QRect(at, above.deviceIndependentSize().toSize()).adjusted(-1, -1, 0, 0))
    painter.end()


def wanted(words: list[str], name: str) -> bool:
    return not words or any(word in name for word in words)


def order(found: list[Scene], looks: list[Variant]) -> Iterator[tuple[Scene, Variant]]:
    """A project is slow to open and a window slow to dress, so all of a project's scenes in one look, then in the next.

    What a page has looked at stays on it: such scenes come last, each in all looks.
    """
    for project in dict.fromkeys(scene.project for scene in found):
        here = [scene for scene in found if scene.project == project]
        yield from ((scene, look) for look in looks for scene in here if not scene.file)
        yield from ((scene, look) for scene in here if scene.file for look in looks)


def screen(folder: Path) -> Path:
    """The description of a screen such as people have; dialogs and menus heed how high it is."""
    import json

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".screen.json"
    one = {
        "name": "one",
        "x": 0,
        "y": 0,
        "width": 1920,
        "height": 1080,
        "logicalDpi": 96,
        "logicalBaseDpi": 96,
        "dpr": 1,
    }
    path.write_text(json.dumps({"synchronousWindowSystemEvents": False, "screens": [one]}), encoding="utf-8")
    return path


def make_projects(folder: Path) -> Path:
    """The projects that the pictures show: some days old, not yet taught, and with a student in use."""
    import shutil

    from demo import decide_some, distil, retrieve_all, untaught
    from demo_state import repeated, reviewed

    from rpdr_core.store import Project
    from rpdr_core.workflow.sample import create_sample
    from rpdr_desk.operations.indexing import SETTING

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = folder / "base.rpdr"
    with create_sample(base) as project:
        retrieve_all(project)
        # Else each window goes on building the index, and each picture shows another share of it.
        project.set_setting(SETTING, "off")
    shutil.copyfile(base, folder / "sample.rpdr")
    reviewed(folder / "sample.rpdr")
    repeated(folder / "sample.rpdr")
    untaught(base, folder / "untaught.rpdr")
    with Project.open(base) as project:
        decide_some(project)
    distil(base, folder / "distilled.rpdr")
    return folder


def small(picture: QImage, wide: int) -> QImage:
    """A picture of so many pixels across in 256 of its own colours: a third of the bytes."""
    from collections import Counter

    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage

    flat = picture.convertToFormat(QImage.Format.Format_RGB32)
    if flat.width() > wide:
        flat = flat.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)
    table = _colours([colour for colour, _ in Counter(memoryview(flat.constBits()).cast("I")).most_common(LOOKED_AT)])
    return flat.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)


def _colours(by_number: list[int]) -> list[int]:
    """256 of them: those that no other is like, be they ever so rare, such as a warning's; then the most frequent."""

    def apart(one: int, other: int) -> int:
        return sum(abs((one >> shift & 255) - (other >> shift & 255)) for shift in (0, 8, 16))

    kept: list[int] = []
    for colour in by_number:
        if len(kept) < UNLIKE and all(apart(colour, other) > FAR for other in kept):
            kept.append(colour)
    return [*kept, *(colour for colour in by_number if colour not in kept)][:256]


def renew(studio: Studio, only: list[str]) -> None:
    """The small set of the README and the pictures of the help."""
    by_name = {scene.name: scene for scene in scenes() if wanted(only, scene.name)}
    by_look = {variant.name: variant for variant in VARIANTS}
    for name, (scene, look) in README.items():
        if scene in by_name:
            studio.keep(by_name[scene], by_look[look], SCREENSHOTS / f"{name}.png", 1440)
    for language, locale in (("en", "en"), ("zh", "zh_CN")):
        for scene in HELP_SCENES:
            shown = FULLER.get(scene, scene)
            if shown in by_name:
                path = HELP / "pictures" / locale / f"{scene}.png"
                studio.keep(by_name[shown], by_look[f"light-{language}-100"], path, 1000)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=ROOT / "out" / "shots")
    options.add_argument("--projects", type=Path, help="a folder with sample, untaught and distilled")
    options.add_argument("--only", nargs="*", default=[], metavar="WORD", help="scenes whose names hold a word")
    options.add_argument("--variants", nargs="*", default=[], metavar="WORD", help="looks whose names hold a word")
    options.add_argument("--tight", action="store_true", help="small windows with large text instead")
    options.add_argument("--chosen", action="store_true", help="renew what the README and the help show")
    given = options.parse_args()
    if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen(given.out)}"
    projects = given.projects
    if projects is not None and not os.environ.get("RPDR_HOME"):
        sys.exit("--projects wants RPDR_HOME: the home that they were made in")
    if projects is None:
        # A home of its own, so that the user's endpoints, machines and adapters are neither shown nor changed.
        os.environ["RPDR_HOME"] = str(given.out / "home")
        projects = make_projects(given.out / "projects")
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
    studio = Studio(projects, given.out)
    if given.chosen:
        renew(studio, given.only)
    else:
        looks = [one for one in (TIGHT if given.tight else VARIANTS) if wanted(given.variants, one.name)]
        for scene, look in order([one for one in scenes() if wanted(given.only, one.name)], looks):
            studio.dress(look)
            print(studio.take(scene, look), flush=True)
    studio.close()


if __name__ == "__main__":
    main()
