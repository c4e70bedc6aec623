"""The composition root: the one place that knows every part and puts them together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog

from rpdr_desk import icons, theme
from rpdr_desk.fonts import base_font, load_fonts
from rpdr_desk.operations.opening import priority_of
from rpdr_desk.operations.terminology import FromLibrary
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Preferences, Settings
from rpdr_desk.translation import Languages
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.places import Places
from rpdr_desk.worker_process import WorkerProcess

if TYPE_CHECKING:
    from rpdr_core.workflow.hosts import Host

SWITCH_SECONDS = 0.0005
"""How long a thread may keep the interpreter from another that waits. Python's own 5 ms are felt here: a read in the
store's thread lets go of it with each statement and would wait as long for it again while the window paints.
"""


class Desk(QObject):
    """The application and its one window. Theme, language and text size follow the settings at once."""

    def __init__(self, app: QApplication, settings: Settings, places: Places) -> None:
        super().__init__()
        self._app = app
        self._settings = settings
        self._families = load_fonts()
        self._languages = Languages(app)
        self._shown: Preferences | None = None
        self._dress(settings.values)
        settings.listen(self._dress)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)
        self.window = MainWindow(settings, self._workspace, places)
        self.window.setWindowIcon(icons.icon("app", QColor(Qt.GlobalColor.white), 64))

    def _workspace(self, opened: OpenedProject) -> Workspace:
        worker = WorkerProcess(self._settings.values.worker_command)
        info, path = opened.knowledge_base, opened.path
        workspace = Workspace(
            opened,
            self._settings,
            worker,
            FromLibrary(info, priority_of(path), project=path),
            self.window,
            connect=lambda host: _link(host, workspace),
            another=lambda: WorkerProcess(self._settings.values.worker_command, workspace, pauses=()),
        )
        worker.setParent(workspace)
        return workspace

    def _dress(self, values: Preferences) -> None:
        before, self._shown = self._shown, values
        if before is None or before.text_size != values.text_size:
            self._app.setFont(base_font(self._families, values.text_size))
        if before is None or (before.theme, before.text_size) != (values.theme, values.text_size):
            # Widgets that a style sheet has dressed hear of another font only with another style sheet.
            theme.apply(self._app, values.theme, values.text_size / 100)
        if before is None or before.language != values.language:
            self._languages.use(values.language)

    def _scheme_changed(self) -> None:
        if self._settings.values.theme == "auto":
            theme.apply(self._app, "auto", self._settings.values.text_size / 100)


def _link(host: Host, parent: QObject) -> WorkerProcess:
    """A worker behind ssh; it is not started again by itself, for what ssh refuses once it refuses again."""
    from rpdr_core.workflow.hosts import check, ssh_command
    from rpdr_core.workflow.ssh_errors import of_words

    check(host)
    return WorkerProcess(
        ssh_command(host),
        parent,
        pauses=(),
        explain=lambda code, words: of_words(code, words, host.name, host.command),
    )


def make_application(arguments: Sequence[str]) -> QApplication:
    """The `QApplication`, named so that settings and windows carry our name."""
    sys.setswitchinterval(SWITCH_SECONDS)
    app = QApplication([*arguments[:1]])
    app.setApplicationName("RPDR Desk")
    app.setDesktopFileName("rpdr-desk")
    return app


def show_alone(app: QApplication, values: Preferences, dialog: Callable[[], QDialog]) -> int:
    """One dialog, dressed as the window would be, and no window; returns the exit code of a failure."""
    app.setFont(base_font(load_fonts(), values.text_size))
    theme.apply(app, values.theme, values.text_size / 100)
    languages = Languages(app)
    languages.use(values.language)
    dialog().exec()
    return 1
