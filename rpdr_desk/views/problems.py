"""What went wrong in this run: shown once, never in a heap, and kept for the report that the user may ask for."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from rpdr_core.errors import Cancelled
from rpdr_desk.reporting import crash_file, crash_text, machine_text, report_text
from rpdr_desk.views.error_dialog import REPORTS, ErrorDialog


class Problems:
    """`window` is what the dialog stands above; at most one stands."""

    def __init__(self, window: QWidget) -> None:
        self.window = window
        self._reports: list[str] = []

    def show(self, error: BaseException, title: str = "") -> None:
        """Say it. While a dialog of ours stands it takes the error in, so that a slot that fails anew each second
        does not bury the window.
        """
        if isinstance(error, Cancelled):
            return
        report = report_text(error)
        if report not in self._reports:
            self._reports = [*self._reports, report][-REPORTS:]
        standing = [one for one in self.window.findChildren(ErrorDialog) if one.isVisible()]
        if standing:
            standing[0].add(error, report)
            return
        dialog = ErrorDialog(self.window, title)
        dialog.add(error, report)
        dialog.open()

    def show_report(self) -> ErrorDialog:
        """The errors of this run and the crashes of earlier ones, for reading and saving."""
        dialog = ErrorDialog(self.window, self._title())
        crashes = crash_text(crash_file())
        parts = [one for one in (*self._reports, crashes) if one]
        dialog.tell(*self._told(bool(parts)), "\n\n".join(parts) or machine_text())
        dialog.open()
        return dialog

    def _title(self) -> str:
        return QCoreApplication.translate("problems", "Error report")

    def _told(self, some: bool) -> tuple[str, str]:
        say = QCoreApplication.translate
        if not some:
            return say("problems", "No error is on record."), ""
        return (
            say("problems", "The errors of this sitting, and crashes of earlier ones."),
            say("problems", "Save the report and send it with the steps that lead to the error."),
        )
