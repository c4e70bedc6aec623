"""Training a student: what it learns from, then the run itself."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk.operations.jobs import Job
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog
from rpdr_desk.views.jobs.curve import Curve
from rpdr_desk.views.jobs.job_words import job_end


def show_training(parent: QWidget, workspace: Workspace) -> QDialog:
    """Open the dialog; the run goes on when it is closed."""
    page = TrainingPanel(parent, workspace)
    page.dialog.open()
    return page.dialog


class TrainingPanel(QWidget):
    """Follows the newest training job of the window."""

    def __init__(self, parent: QWidget, workspace: Workspace) -> None:
        super().__init__(parent)
        self.hide()
        self._workspace = workspace
        lead = self.tr(
            "The student learns to re-rank from your decisions and from the teacher's rankings. It runs on this "
            "machine; no text leaves. You can go on reviewing meanwhile."
        )
        self.dialog, column = make_dialog(parent, self.tr("Train a student"), lead, wide=620)
        self.setParent(self.dialog)
        self.rows = QLabel(self.dialog)
        self.curve = Curve(self.dialog)
        self.state = QLabel(self.dialog)
        self.state.setWordWrap(True)
        self.go = QPushButton(self.tr("Train"), self.dialog)
        self.go.setDefault(True)
        self.stop = QPushButton(self.tr("Stop"), self.dialog)
        close = QPushButton(self.tr("Close"), self.dialog)
        for button in (self.stop, close):
            button.setAutoDefault(False)
        self.go.clicked.connect(lambda _checked=False: workspace.students.train(self._failed))
        self.stop.clicked.connect(lambda _checked=False: self._stop())
        close.clicked.connect(self.dialog.close)
        for widget in (self.rows, self.curve, self.state):
            column.addWidget(widget)
        column.addLayout(button_row(close, self.stop, self.go))
        workspace.jobs.changed.connect(self._follow)
        workspace.students.count_training_rows(self._counted)
        self.stop.setEnabled(False)
        for job in workspace.jobs.all():
            self._follow(job)

    def _counted(self, train: int, validation: int) -> None:
        words = self.tr("%1 rows to learn from, %2 rows to measure on")
        self.rows.setText(wording.fill(words, wording.number(train), wording.number(validation)))
        self.go.setEnabled(train > 0 and not self._workspace.jobs.is_running("train"))

    def _follow(self, job: Job) -> None:
        if job.kind != "train":
            return
        running = job.state == "running"
        self.go.setEnabled(not running)
        self.stop.setEnabled(running)
        self.curve.show_points(job.curve, job.total)
        self.state.setText(job_end(job))

    def _stop(self) -> None:
        for job in self._workspace.jobs.running():
            if job.kind == "train":
                self._workspace.jobs.cancel(job.id)

    def _failed(self, error: RpdrError) -> None:
        self.state.setText(str(error))
