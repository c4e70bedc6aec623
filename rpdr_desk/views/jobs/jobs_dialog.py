"""The list of jobs: what runs, how far it is, how it ended."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.operations.jobs import Job, Jobs
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.dialogs import dim_label, make_dialog, size_dialog
from rpdr_desk.views.jobs.job_words import job_end, job_title


def show_jobs(parent: QWidget, workspace: Workspace | None) -> QDialog:
    """Open the list; it follows the jobs while it is open."""
    say = QCoreApplication.translate
    dialog, column = make_dialog(parent, say("jobs", "Jobs"), wide=560)
    if workspace is None or not workspace.jobs.all():
        column.addWidget(dim_label(say("jobs", "No job was started since the project was opened."), dialog))
        column.addStretch(1)
    else:
        column.addWidget(_scrolling(JobList(workspace.jobs, dialog)), 1)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    size_dialog(dialog, 600, 420)
    dialog.open()
    return dialog


class JobList(QWidget):
    """Newest first."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._rows: dict[int, JobRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, theme.GAP, 0)
        self._column.setSpacing(theme.GAP)
        self._column.addStretch(1)
        for job in jobs.all():
            self._show(job)
        jobs.changed.connect(self._show)

    def _show(self, job: Job) -> None:
        row = self._rows.get(job.id)
        if row is None:
            row = self._rows[job.id] = JobRow(self._jobs, job.id, self)
            self._column.insertWidget(0, row)
        row.show_job(job)


class JobRow(QFrame):
    def __init__(self, jobs: Jobs, id: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._title = QLabel(self)
        self._end = dim_label("", self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._cancel.clicked.connect(lambda _checked=False: jobs.cancel(id))
        self._cancel.setAutoDefault(False)
        self._can_cancel = jobs.can_cancel
        words = QVBoxLayout()
        words.addWidget(self._title)
        words.addWidget(self._bar)
        words.addWidget(self._end)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GAP + 2, theme.MARGIN, theme.GAP + 2)
        row.addLayout(words, 1)
        row.addWidget(self._cancel)

    def show_job(self, job: Job) -> None:
        self._title.setText(job_title(job))
        self._end.setText(job_end(job))
        self._bar.setVisible(job.state == "running")
        self._bar.setRange(0, job.total)
        self._bar.setValue(job.done)
        self._cancel.setVisible(self._can_cancel(job.id))


def _scrolling(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(inside)
    return area
