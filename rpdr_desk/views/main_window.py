"""The window: menus, the start page or the review page, the bottom line. What the menus do is in `commands`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk import icons, theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.opening import Opened, both, create_project, open_project, open_sample
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Preferences, Settings
from rpdr_desk.views import wording
from rpdr_desk.views.commands import Commands
from rpdr_desk.views.model.pages import REVIEW, model_pages
from rpdr_desk.views.place_keeper import PlaceKeeper
from rpdr_desk.views.places import Places
from rpdr_desk.views.problems import Problems
from rpdr_desk.views.project_pages import PageTabs, ProjectPages
from rpdr_desk.views.review.review_page import ReviewPage
from rpdr_desk.views.start.guide import Guide
from rpdr_desk.views.start.start_page import StartPage
from rpdr_desk.views.status_strip import StatusStrip

MENUS = ("file", "review", "model", "view", "help")
MENU_AIR = 24
"""Pixels around the words of a menu."""
START_DELAY_MS = 30
PATIENCE = 0.5
"""Seconds that a project being opened may hold up the end: the first time ICD-10-CM is made, which takes long."""


class MainWindow(QMainWindow):
    """`usable`: a project is open and its first mention with candidates is on screen, or the start page is."""

    usable = Signal()

    def __init__(
        self, settings: Settings, make_workspace: Callable[[OpenedProject], Workspace], places: Places
    ) -> None:
        super().__init__()
        self.settings = settings
        self._make_workspace = make_workspace
        self._places = places
        self.problems = Problems(self)
        self._opening: OneThread | None = None
        self.workspace: Workspace | None = None
        self.page: ReviewPage | None = None
        self._keeper: PlaceKeeper | None = None
        self.pages: ProjectPages | None = None
        self.actions_ = Actions(self, settings.values.shortcuts)
        self.start_page = StartPage(self.actions_, self)
        self.strip = StatusStrip(self)
        self._page_specs = model_pages()
        self.tabs = PageTabs(self.actions_, self._page_specs, self)
        self.guide = Guide(self)
        self._stack = QStackedWidget(self)
        self._menus: dict[str, QMenu] = {}
        self._lay_out()
        self.commands = Commands(self)
        self.strip.jobs_asked.connect(self.commands.show_jobs)
        settings.listen(self._settings_changed)
        self.retranslate()
        self._show_start()
        places.restore_window(self)

    # Projects

    def open_path(self, path: Path, then: Callable[[], None] = lambda: None) -> None:
        """Open a project, then go on."""
        words = wording.fill(self.tr("Opening %1 ..."), path.stem)
        self._begin(words, lambda done, failed: open_project(path, both(done, then), failed, self))

    def open_sample(self) -> None:
        words = self.tr("Preparing the sample and ICD-10-CM; the first time takes a few seconds ...")
        self._begin(words, lambda done, failed: open_sample(done, failed, self))

    def make_project(self, path: Path, name: str, knowledge_base: str, then: Callable[[], None]) -> None:
        """Make a project, open it, then go on, e.g. with the import."""
        words = wording.fill(self.tr("Making %1 ..."), name)
        self._begin(
            words, lambda done, failed: create_project(path, name, knowledge_base, both(done, then), failed, self)
        )

    def close_project(self) -> None:
        """Close it, put its place down, and go to the start page."""
        self.guide.stop()
        workspace, page, pages = self.workspace, self.page, self.pages
        self.workspace = self.page = self.pages = None
        if workspace is None or page is None or pages is None or self._keeper is None:
            return
        self._keeper.close()
        self._places.remember_closing(workspace.path, self.settings.values.reviewer)
        self._stack.removeWidget(pages)
        pages.leave()
        pages.deleteLater()
        workspace.close()
        workspace.deleteLater()
        self._show_start()

    def _begin(self, words: str, open_: Callable[[Opened, Failed], OneThread]) -> None:
        if self._opening is not None:
            return
        self.close_project()
        self.start_page.show_busy(words)
        self._opening = open_(self._opened, self._not_opened)

    def _opened(self, opened: OpenedProject) -> None:
        self._opening = None
        self.start_page.show_busy("")
        workspace = self._make_workspace(opened)
        workspace.queues.closed_at = self._places.closed_at(opened.path, self.settings.values.reviewer)
        place = self._places.place_of(opened.path)
        page = ReviewPage(workspace, self.actions_, place, self)
        self.workspace, self.page = workspace, page
        self._keeper = PlaceKeeper(self._places, opened.path, page)
        self.pages = ProjectPages(workspace, self.actions_, page, self._page_specs, self)
        self.pages.shown.connect(self.tabs.show_current)
        self.pages.shown.connect(self.guide.show_page)
        workspace.mention_asked.connect(self._show_mention)
        workspace.list_asked.connect(self._show_list)
        # Later: whoever says so is closed with the project.
        workspace.moved.connect(self.commands.open_anew, Qt.ConnectionType.QueuedConnection)
        page.divide(self.width(), self._places.pane_shares())
        page.counted.connect(lambda counts: self.strip.show_progress(counts.progress))
        page.first_shown.connect(self.usable)
        workspace.worker.state_changed.connect(self.strip.show_worker)
        workspace.jobs.changed.connect(lambda _job: self._show_job())
        self.strip.cancel_asked.connect(workspace.jobs.cancel)
        workspace.store.trouble.connect(lambda error, pages=self.pages: pages.banner.show_error(error))
        workspace.terminology.failed.connect(page.banner.show_error)
        workspace.retrieval.failed.connect(page.banner.show_error)
        workspace.notices.connect(page.banner.show_text)
        workspace.retrieval.dense_changed.connect(self.strip.show_index)
        workspace.teaching.agreement_changed.connect(self._show_teacher)
        self._stack.addWidget(self.pages)
        self._stack.setCurrentWidget(self.pages)
        self.tabs.show_current(REVIEW)
        self.tabs.setVisible(bool(self._page_specs))
        self.strip.show()
        self.actions_.set_project(True)
        self.actions_.ask(None)
        self._title()
        page.focus_owner(place.focus).setFocus()
        self.settings.remember(opened.path)
        self.guide.opened()
        # The window first: terminology and worker start when it has painted.
        # Not if it was closed meanwhile: a worker started then would have nobody to end it.
        QTimer.singleShot(START_DELAY_MS, workspace, lambda: workspace.start() if self.workspace is workspace else None)

    def _show_mention(self, mention_id: int) -> None:
        if self.pages is not None and self.page is not None:
            self.pages.go(REVIEW)
            self.page.go_to(mention_id)

    def _show_list(self, given: GivenList) -> None:
        if self.pages is not None and self.page is not None:
            self.pages.go(REVIEW)
            self.page.queue_pane.show_given(given)

    def _not_opened(self, error: RpdrError) -> None:
        thread, self._opening = self._opening, None
        if thread is not None:
            thread.close()
        self.start_page.show_busy("")
        self.problems.show(error, self.tr("Not opened"))

    def _show_start(self) -> None:
        self.start_page.show_recent(tuple(self.settings.values.recent))
        self._stack.setCurrentWidget(self.start_page)
        self.strip.hide()
        self.tabs.hide()
        self.actions_.set_project(False)
        # The page of a project that is closed carries it out no longer.
        self.actions_.on("terminologies", self.commands.show_shelf)
        self._title()

    # What the workspace says

    def _show_job(self) -> None:
        if self.workspace is not None:
            running = self.workspace.jobs.running()
            self.strip.show_job(running[-1] if running else None)

    def _show_teacher(self) -> None:
        if self.workspace is not None:
            self.strip.show_teacher(self.workspace.teaching.may_leave_to)

    # The window itself

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in (QEvent.Type.PaletteChange, *TEXT_CHANGED):
            self._tint()
        super().changeEvent(event)
        if event.type() in TEXT_CHANGED:
            # Once the tabs themselves have heard of it.
            QTimer.singleShot(0, self, self._place_tabs)

    def retranslate(self) -> None:
        self.actions_.retranslate()
        titles = {
            "file": self.tr("File"),
            "review": self.tr("Review"),
            "model": self.tr("Model"),
            "view": self.tr("View"),
            "help": self.tr("Help"),
        }
        for name, title in titles.items():
            self._menus[name].setTitle(title)
        self.start_page.show_recent(tuple(self.settings.values.recent))
        self.guide.show()
        self._title()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.commands.may_close():
            event.ignore()
            return
        self._places.remember_window(self)
        self.hide()
        self.close_project()
        if self._opening is not None:
            self._opening.abandon(PATIENCE)
        super().closeEvent(event)

    def _settings_changed(self, values: Preferences) -> None:
        self.actions_.rebind(values.shortcuts)
        self.strip.show_reviewer(values.reviewer)
        if self.page is not None:
            self.page.bar.retranslate()
            self.page.as_reviewer(values.reviewer)
        if self.pages is not None:
            self.pages.as_reviewer(values.reviewer)

    def _title(self) -> None:
        name = f"{self.workspace.name} – " if self.workspace is not None else ""
        self.setWindowTitle(f"{name}RPDR Desk")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_tabs()

    def _place_tabs(self) -> None:
        """Beside the menus where both have room, else in a line below them, so that no menu is pushed out of sight."""
        bar, tabs = self.menuBar(), self.tabs
        # From the words: a menu that was pushed out of sight has no room of its own to be asked for.
        menus = sum(bar.fontMetrics().horizontalAdvance(menu.title()) + MENU_AIR for menu in self._menus.values())
        beside = not bar.isNativeMenuBar() and menus + tabs.sizeHint().width() + theme.WIDE <= self.width()
        there = tabs.isVisibleTo(self)
        if beside:
            self._tab_row.removeWidget(tabs)
            # A menu bar gives its corner new room when it is set, not when it asks for some.
            bar.setCornerWidget(tabs)
        else:
            bar.setCornerWidget(QWidget(bar))
            self._tab_row.addWidget(tabs)
        tabs.setVisible(there)

    def _tint(self) -> None:
        for spec in self.actions_.specs:
            if spec.icon:
                self.actions_[spec.id].setIcon(icons.icon(spec.icon, theme.dim(self.palette()), grown(16)))

    def _lay_out(self) -> None:
        for name in MENUS:
            menu = QMenu(self)
            menu.addActions([self.actions_[spec.id] for spec in self.actions_.specs if spec.menu == name])
            self._menus[name] = menu
            self.menuBar().addMenu(menu)
        self._stack.addWidget(self.start_page)
        self.tabs.chosen.connect(lambda page: self.actions_[f"go_{page}"].trigger())
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._tab_row = QHBoxLayout()
        self._tab_row.addStretch(1)
        column.addLayout(self._tab_row)
        column.addWidget(self.guide.strip)
        column.addWidget(self._stack, 1)
        column.addWidget(self.strip)
        self.setCentralWidget(body)
        self.tabs.resized.connect(self._place_tabs)
        self._place_tabs()
        self.setMinimumSize(960, 620)
        self._tint()
        self._settings_changed(self.settings.values)
