"""The project's list of names that are masked wherever they stand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from rpdr_desk.views.dialogs import button_row, make_dialog, size_dialog


class NamesDialog:
    """One name a line; blank lines and repetitions are dropped."""

    def __init__(self, parent: QWidget, names: tuple[str, ...], save: Callable[[tuple[str, ...]], None]) -> None:
        say = QCoreApplication.translate
        lead = say("names", "One name a line: patients, colleagues, wards, places. Each is masked wherever it stands "
                            "as a word of its own. The list stays in the project file.")  # fmt: skip
        self.dialog, column = make_dialog(parent, say("names", "Names to mask"), lead, wide=480)
        self._save = save
        self.lines = QPlainTextEdit("\n".join(names), self.dialog)
        self.lines.setAccessibleName(say("names", "Names to mask"))
        self.lines.setTabChangesFocus(True)
        cancel, go = QPushButton(say("names", "Cancel"), self.dialog), QPushButton(say("names", "Save"), self.dialog)
        go.setDefault(True)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.dialog.reject)
        go.clicked.connect(lambda _checked=False: self._accept())
        column.addWidget(self.lines, 1)
        column.addLayout(button_row(cancel, go))
        size_dialog(self.dialog, 520, 440)
        self.dialog.open()
        self.lines.setFocus()

    def _accept(self) -> None:
        lines = (" ".join(line.split()) for line in self.lines.toPlainText().splitlines())
        self._save(tuple(dict.fromkeys(line for line in lines if line)))
        self.dialog.accept()
