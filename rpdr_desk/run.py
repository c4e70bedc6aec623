"""One run of the desk from its command line: open, measure, take a picture, exit."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from argparse import Namespace
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from rpdr_core.errors import WorldError
from rpdr_core.home import check_writable
from rpdr_core.paths import log_dir
from rpdr_desk.app import Desk, make_application, show_alone
from rpdr_desk.operations.opening import sample_path
from rpdr_desk.reporting import crash_file, crashes_kept, install_excepthook, report_text
from rpdr_desk.settings import Settings
from rpdr_desk.views.error_dialog import ErrorDialog
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.places import Places

SETTLE_MS = 900
PATIENCE_MS = 60_000
"""How long a picture waits after the first mention, so that the concept pane and the counts are there."""


def run(options: Namespace, started: float) -> int:
    """Run until the window closes; returns the exit code."""
    try:
        check_writable()
    except WorldError as error:
        return _without_folders(options, error)
    _log_to_file()
    app = make_application(sys.argv)
    settings = _settings(options)
    with tempfile.TemporaryDirectory() as folder, crashes_kept(crash_file()):
        # A picture looks the same wherever the user left the window, and leaves no trace in where that was.
        places = Places(Path(folder) / "places.ini") if options.screenshot else Places()
        return _open(options, started, app, Desk(app, settings, places))


def _open(options: Namespace, started: float, app: QApplication, desk: Desk) -> int:
    window = desk.window
    install_excepthook(window.problems.show)
    if options.size or options.screenshot:
        width, _, height = (options.size or "1440x900").partition("x")
        window.resize(int(width), int(height))
    watch = _Watch(window, options, started)
    window.usable.connect(watch.usable)
    window.show()
    if options.project:
        path = sample_path() if options.project == "sample" else Path(options.project)
        if options.project == "sample" and not path.exists():
            window.open_sample()
        else:
            window.open_path(path)
    else:
        QTimer.singleShot(0, watch.usable)
    return app.exec()


def _without_folders(options: Namespace, error: WorldError) -> int:
    """There is no place for settings, logs and projects: one dialog says so, and the same stands on stderr."""
    if sys.stderr is not None:
        sys.stderr.write(f"error: {error}\n")
    app = make_application(sys.argv)
    values = _settings(options).values

    def dialog() -> ErrorDialog:
        shown = ErrorDialog(None, QCoreApplication.translate("start", "RPDR Desk cannot start"))
        shown.add(error, report_text(error))
        return shown

    return show_alone(app, values, dialog)


class _Watch:
    """Acts once, when the window becomes usable."""

    def __init__(self, window: MainWindow, options: Namespace, started: float) -> None:
        self._window = window
        self._options = options
        self._started = started
        self._seen = False

    def usable(self) -> None:
        if self._seen:
            return
        self._seen = True
        QTimer.singleShot(0, self._painted)

    def _painted(self) -> None:
        self._window.repaint()
        milliseconds = round(1000 * (time.perf_counter() - self._started))
        if self._options.startup_report:
            report = {"milliseconds_to_usable_window": milliseconds}
            Path(self._options.startup_report).write_text(json.dumps(report) + "\n", encoding="utf-8")
        if self._options.mention and self._window.page is not None:
            self._window.page.go_to(self._options.mention)
        if self._options.page and self._window.pages is not None:
            self._window.pages.go(self._options.page)
        if self._options.screenshot:
            self._await_candidates(PATIENCE_MS)
        elif self._options.exit_when_ready:
            self._end()

    def _await_candidates(self, patience: int) -> None:
        """The picture waits for candidates, but not for ever: a worker may be missing."""
        page, workspace = self._window.page, self._window.workspace
        ready = (
            page is None
            or workspace is None
            or (
                workspace.terminology.is_ready
                and any(row.retriever for row in page.flow.rows)
                and (self._options.page != "teach" or workspace.teaching.planner.state != "preparing")
            )
        )
        if ready or patience <= 0:
            QTimer.singleShot(SETTLE_MS, self._picture)
        else:
            QTimer.singleShot(SETTLE_MS, lambda: self._await_candidates(patience - SETTLE_MS))

    def _picture(self) -> None:
        # Quality 0 is the smallest file; PNG loses nothing.
        self._window.grab().save(self._options.screenshot, quality=0)
        self._end()

    def _end(self) -> None:
        self._window.close()
        QApplication.quit()


def _log_to_file() -> None:
    """Our own warnings and the worker's log, in a file that does not grow; nothing of it holds a mention."""
    folder = log_dir()
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "desk.log", maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("rpdr", "rpdr_core", "rpdr_desk"):
        logging.getLogger(name).addHandler(handler)


def _settings(options: Namespace) -> Settings:
    """The user's settings; what the command line says counts for this run and is not saved."""
    settings = Settings()
    said = {name: getattr(options, name) for name in ("theme", "language") if getattr(options, name)}
    settings.override(**said)
    return settings
