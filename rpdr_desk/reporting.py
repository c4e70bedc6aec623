"""Unexpected exceptions: one dialog with the cure, and a report that the user reads before saving it.

The report holds types, places in our code and versions. It holds no values, no local variables and no message of
a foreign exception, since any of these may carry a patient's text.
"""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import PySide6
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLabel, QPlainTextEdit, QWidget

from rpdr_core import __version__
from rpdr_core.errors import Bug, Cancelled, RpdrError
from rpdr_desk.views.dialogs import make_dialog

_OURS = ("rpdr_desk", "rpdr_core")


def report_text(error: BaseException) -> str:
    """The redacted report."""
    lines = [
        f"RPDR Desk {__version__}, Python {platform.python_version()}, Qt for Python {PySide6.__version__}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
        "",
    ]
    one: BaseException | None = error
    while one is not None:
        lines.append(type(one).__name__ + (f" [{one.code}]" if isinstance(one, RpdrError) else ""))
        lines += _frames(one.__traceback__)
        one = one.__cause__ or one.__context__
    return "\n".join(lines)


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace):
        path = Path(frame.filename)
        # Whose folder it lies in is nobody's business: from the package on is enough.
        start = next((number for number, part in enumerate(path.parts) if part in _OURS), len(path.parts) - 1)
        yield f"  {'/'.join(path.parts[start:])}:{frame.lineno} {frame.name}"


def install_excepthook(window: QWidget) -> None:
    """Show what escapes from a slot; Qt itself carries on."""
    open_: list[QDialog] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        elif not issubclass(kind, Cancelled) and not open_:
            dialog = error_dialog(window, error)
            open_.append(dialog)
            dialog.finished.connect(lambda _code: open_.clear())
            dialog.open()

    sys.excepthook = hook


def error_dialog(parent: QWidget, error: BaseException) -> QDialog:
    """Message, cure, and the report for reading and saving."""
    say = QCoreApplication.translate
    dialog, column = make_dialog(parent, say("errors", "Something went wrong"), wide=620)
    known = isinstance(error, RpdrError) and not isinstance(error, Bug)
    text = str(error) if known else say("errors", "An unexpected error. Your decisions are saved as you made them.")
    message = QLabel(text, dialog)
    message.setWordWrap(True)
    advice = QLabel(
        say("errors", "If it happens again, save this report and send it with the steps that lead here. It holds no "
            "mention text; read it before you send it."),
        dialog,
    )  # fmt: skip
    advice.setWordWrap(True)
    advice.setProperty("dim", True)
    report = QPlainTextEdit(report_text(error), dialog)
    report.setReadOnly(True)
    report.setAccessibleName(say("errors", "Report"))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    buttons.accepted.connect(lambda: _save(dialog, report.toPlainText()))
    for widget in (message, advice, report, buttons):
        column.addWidget(widget)
    dialog.resize(660, 440)
    return dialog


def _save(dialog: QDialog, text: str) -> None:
    name, _ = QFileDialog.getSaveFileName(
        dialog, QCoreApplication.translate("errors", "Save the report"), "rpdr-desk-report.txt"
    )
    if name:
        Path(name).write_text(text + "\n", encoding="utf-8")
        dialog.accept()
