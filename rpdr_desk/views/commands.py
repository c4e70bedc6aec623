"""What the menus do. Dialogs are loaded when they are first asked for: the window opens without them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from rpdr_core import __version__
from rpdr_core.errors import RpdrError
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.opening import SUFFIX
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.settings import LARGEST, SMALLEST
from rpdr_desk.views import wording

if TYPE_CHECKING:
    from rpdr_desk.views.main_window import MainWindow

STEP = 10
GO_ON = ("retrieve", "index", "student", "train", "encoder")
"""Jobs that go on by themselves: later, where they were, or, a training, in a process of its own."""


class Commands:
    """Carries out the window's actions."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        on = window.actions_.on
        on("open_sample", window.open_sample)
        on("open_project", self.open_project)
        on("new_project", self.new_project)
        on("close_project", window.close_project)
        on("reviewers", self.show_reviewers)
        on("export_training", self.export_training)
        on("export_no_match", self.export_no_match)
        on("backup", self.back_up)
        on("settings", self.show_settings)
        on("quit", window.close)
        on("build_index", lambda: self._workspace().indexing.build())
        on("rank_teacher", lambda: window.actions_["go_teach"].trigger())
        on("train_student", lambda: window.actions_["go_train"].trigger())
        on("rank_student", lambda: self._workspace().students.rank(self._warn))
        on("jobs", self.show_jobs)
        on("theme_auto", lambda: window.settings.change(theme="auto"))
        on("theme_light", lambda: window.settings.change(theme="light"))
        on("theme_dark", lambda: window.settings.change(theme="dark"))
        on("language_en", lambda: window.settings.change(language="en"))
        on("language_zh", lambda: window.settings.change(language="zh_CN"))
        on("larger", lambda: self._resize(STEP))
        on("smaller", lambda: self._resize(-STEP))
        on("keys", self.show_keys)
        on("palette", self.show_palette)
        on("help", self.show_help)
        on("guide", window.guide.ask)
        on("report", window.problems.show_report)
        on("about", self.about)
        window.start_page.project_asked.connect(lambda path: window.open_path(Path(path)))

    # Projects and files

    def open_project(self) -> None:
        say = QCoreApplication.translate
        kinds = say("commands", "RPDR Desk projects (*.rpdr)")
        name, _ = QFileDialog.getOpenFileName(self._window, say("commands", "Open a project"), "", kinds)
        if name:
            self._window.open_path(Path(name))

    def show_shelf(self) -> None:
        """The terminologies while no project is open; one of them begins a project."""
        from rpdr_desk.views.terminologies.shelf_dialog import show_shelf

        if not self._window.start_page.is_busy:
            show_shelf(self._window, self._window.settings, self.new_project)

    def new_project(self, on: KnowledgeBaseInfo | None = None) -> None:
        from rpdr_desk.views.start.new_project import ask_new_project

        def create(path: Path, name: str, knowledge_base: str) -> None:
            self._window.make_project(path, name, knowledge_base, self._window.actions_["import"].trigger)

        ask_new_project(self._window, self._window.settings, SUFFIX, create, on)

    def open_anew(self, given: GivenList | None) -> None:
        """The project maps to another terminology: whatever speaks of the old one is made anew."""

        def go_on() -> None:
            base = self._workspace().knowledge_base
            title = f"{base.title} {base.version}".strip()
            self._say(wording.fill(QCoreApplication.translate("commands", "The project maps to %1 now."), title))
            if given is not None:
                self._workspace().list_asked.emit(given)

        self._window.open_path(self._workspace().path, go_on)

    def export_training(self) -> None:
        from rpdr_desk.views.exporting.export_page import ExportPage

        pages = self._window.pages
        page = pages.page("export") if pages is not None else None
        self._window.actions_["export"].trigger()
        if isinstance(page, ExportPage):
            page.stand_on("chat")

    def export_no_match(self) -> None:
        from rpdr_desk.views.exporting.no_match_dialog import ask_no_match

        ask_no_match(self._window, self._workspace())

    def back_up(self) -> None:
        def done(path: Path) -> None:
            words = QCoreApplication.translate("commands", "Backed up to %1")
            self._say(wording.fill(words, str(path)))

        self._workspace().exchange.back_up(done, self._warn)

    # Model

    def show_jobs(self) -> None:
        from rpdr_desk.views.jobs.jobs_dialog import show_jobs

        show_jobs(self._window, self._window.workspace)

    def show_reviewers(self) -> None:
        from rpdr_desk.views.model.adjudicate.roster_dialog import show_reviewers

        show_reviewers(self._window, self._workspace().adjudicating, self._window.settings)

    # View and help

    def show_settings(self) -> None:
        from rpdr_desk.views.settings.settings_dialog import show_settings

        workspace = self._window.workspace
        names = workspace.reading.reviewer_names() if workspace is not None else ()
        show_settings(self._window, self._window.settings, self._window.actions_, names)

    def show_keys(self) -> None:
        from rpdr_desk.views.help_sheet import show_keys

        show_keys(self._window, self._window.actions_)

    def show_help(self) -> None:
        from rpdr_desk.views.help_dialog import show_help

        show_help(self._window, self._window.actions_)

    def show_palette(self) -> None:
        from rpdr_desk.views.palette import show_palette

        show_palette(self._window, self._window.actions_)

    def about(self) -> None:
        words = QCoreApplication.translate(
            "commands",
            "RPDR Desk %1\n\nMaps free-text diagnoses to standard terminologies: retrieve, rank, correct, distil, link "
            "offline.\n\nApache License 2.0",
        )
        QMessageBox.about(self._window, "RPDR Desk", wording.fill(words, __version__))

    def may_close(self) -> bool:
        """Asks once if the work of a job would be lost."""
        workspace = self._window.workspace
        if workspace is None or not any(job.kind not in GO_ON for job in workspace.jobs.running()):
            return True
        say = QCoreApplication.translate
        answer = QMessageBox.question(
            self._window,
            say("commands", "A job is running"),
            say("commands", "Closing the window ends the running job. Everything that was decided is saved. Close?"),
        )
        return answer == QMessageBox.StandardButton.Yes

    def _resize(self, step: int) -> None:
        size = max(SMALLEST, min(LARGEST, self._window.settings.values.text_size + step))
        self._window.settings.change(text_size=size)

    def _workspace(self) -> Workspace:
        # Actions that need a project are disabled without one.
        assert self._window.workspace is not None
        return self._window.workspace

    def _say(self, words: str) -> None:
        if self._window.page is not None:
            self._window.page.banner.show_text(words)

    def _warn(self, error: RpdrError) -> None:
        if self._window.page is not None:
            self._window.page.banner.show_error(error)
