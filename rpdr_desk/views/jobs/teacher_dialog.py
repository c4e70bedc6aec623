"""Before the teacher is asked: how many mentions, to which address, and the exact first request."""

from __future__ import annotations

import json

from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QPushButton, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk.operations.secrets import Secrets
from rpdr_desk.operations.teaching import TeacherPreview
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog, make_spin_box

FIRST = 200


def ask_teacher(parent: QWidget, workspace: Workspace) -> QDialog:
    """Open the dialog."""
    panel = TeacherPanel(parent, workspace)
    panel.dialog.open()
    return panel.dialog


class TeacherPanel(QWidget):
    """Nothing is sent before `send` is pressed; the preview is made by the worker and stays on this machine."""

    def __init__(self, parent: QWidget, workspace: Workspace) -> None:
        super().__init__(parent)
        self.hide()
        self._workspace = workspace
        lead = self.tr("The text of these mentions and their sentences leave this machine when you press Send.")
        self.dialog, column = make_dialog(parent, self.tr("Rank with the teacher"), lead, wide=680)
        self.setParent(self.dialog)
        self._secrets = Secrets(self)
        self.dialog.finished.connect(lambda _code: self._secrets.close())
        self.state = QLabel(self.tr("Preparing the first request ..."), self.dialog)
        self.state.setWordWrap(True)
        self.count = make_spin_box(self.dialog)
        self.count.setAccessibleName(self.tr("How many mentions to send"))
        self.count.setPrefix(self.tr("Mentions to send:") + "  ")
        self.body = QPlainTextEdit(self.dialog)
        self.body.setReadOnly(True)
        self.body.setAccessibleName(self.tr("The first request"))
        self.send = QPushButton(self.tr("Send"), self.dialog)
        self.send.setEnabled(False)
        close = QPushButton(self.tr("Cancel"), self.dialog)
        close.setDefault(True)
        close.clicked.connect(self.dialog.close)
        self.send.clicked.connect(lambda _checked=False: self._read_key())
        for widget in (self.state, self.count, self.body):
            column.addWidget(widget)
        column.addLayout(button_row(close, self.send))
        self.dialog.resize(720, 520)
        workspace.teaching.preview(self._previewed, self._failed)

    def _previewed(self, preview: TeacherPreview) -> None:
        waiting = preview.waiting
        self.count.setRange(1 if waiting else 0, waiting)
        self.count.setValue(min(FIRST, waiting))
        if not waiting:
            self.state.setText(self.tr("The teacher has ranked every mention that has candidates."))
            return
        words = self.tr("%1 mentions wait. They go to %2. This is the first request, word for word:")
        self.state.setText(wording.fill(words, wording.number(waiting), preview.url))
        self.body.setPlainText(_readable(preview.body))
        self.send.setEnabled(True)

    def _read_key(self) -> None:
        self.send.setEnabled(False)
        self._secrets.read(self._workspace.teacher_url(), self._start, self._failed)

    def _start(self, key: str) -> None:
        self._workspace.teaching.rank(key, self.count.value(), self._failed)
        self.dialog.close()

    def _failed(self, error: RpdrError) -> None:
        self.state.setText(str(error))


def _readable(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body
