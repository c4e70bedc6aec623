"""The bottom line: progress, what leaves this machine, the worker, the running job."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from rpdr_core.records import Progress
from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, tall
from rpdr_desk.operations.jobs import Job
from rpdr_desk.operations.worker_link import WorkerState
from rpdr_desk.views import wording
from rpdr_desk.views.jobs.job_words import job_title
from rpdr_desk.views.review import painting

_EMPTY = Progress(0, 0, 0, 0, 0, 0, 0)


class StatusStrip(QFrame):
    """`cancel_asked` carries a job's id; `jobs_asked`: show the list of jobs."""

    cancel_asked = Signal(int)
    jobs_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = _EMPTY
        self._worker: WorkerState = "stopped"
        self._teacher = self._reviewer = ""
        self._job: Job | None = None
        self._index = ""
        self._bar = _ThinBar(self)
        self._figures = QLabel(self)
        self._offline = _IconLabel(self)
        self._machine = _IconLabel(self)
        self._job_bar = _ThinBar(self)
        self._job_words = QToolButton(self)
        self._job_words.clicked.connect(self.jobs_asked)
        self._cancel = QToolButton(self)
        self._cancel.clicked.connect(self._ask_cancel)
        for button in (self._job_words, self._cancel):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lay_out()
        self._render()

    def show_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._render()

    def show_reviewer(self, name: str) -> None:
        """Whose decisions these are; empty for somebody without a name."""
        self._reviewer = name
        self._render()

    def show_worker(self, state: WorkerState) -> None:
        self._worker = state
        self._render()

    def show_index(self, dense: str) -> None:
        """How far the dense index is, as `RetrievalState.dense`; empty says nothing."""
        self._index = dense
        self._render()

    def show_teacher(self, address: str) -> None:
        """The host that this project may send to; empty means that nothing can leave this machine."""
        self._teacher = address
        self._render()

    def show_job(self, job: Job | None) -> None:
        self._job = job
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self.setFixedHeight(tall(36))
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange, *TEXT_CHANGED):
            self._render()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        self.setFixedHeight(tall(36))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        row.setSpacing(theme.GAP + 4)
        row.addWidget(self._bar)
        row.addWidget(self._figures)
        row.addStretch(1)
        for widget in (self._job_words, self._job_bar, self._cancel, self._machine, self._offline):
            row.addWidget(widget)

    def _render(self) -> None:
        done, all_ = self._progress.occurrences_decided, self._progress.occurrences
        self._bar.set_share(done / all_ if all_ else 0.0)
        words = self.tr("%1 of %2 mentions   ·   %3% of occurrences")
        share = f"{100 * done / all_:.0f}" if all_ else "0"
        numbers = (wording.number(self._progress.decided), wording.number(self._progress.mentions))
        figures = wording.fill(words, *numbers, share)
        self._figures.setText("   ·   ".join(part for part in (self._reviewer, figures) if part))
        self._bar.setAccessibleName(self._figures.text())
        if self._teacher:
            self._offline.show_state("cloud", wording.fill(self.tr("Teacher: %1"), self._teacher))
            self._offline.setToolTip(
                self.tr(
                    "This project may send to this host. It sends only when you press the button on the Teach page."
                )
            )
        else:
            self._offline.show_state("shield", self.tr("Offline"))
            self._offline.setToolTip(self.tr("Sending is off for this project: no text leaves this machine."))
        words, index = self._worker_words(), self._index_words()
        self._machine.show_state("worker", f"{words}  ·  {index}" if index and self._worker == "ready" else words)
        self._render_job()
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where the line is too short the bars go: the figures beside them say the same. At last the worker's state."""
        self._bar.setVisible(True)
        self._job_bar.setVisible(self._job is not None)
        self._machine.setVisible(True)
        for part in (self._job_bar, self._bar, self._machine):
            if self._needed() > self.width():
                part.setVisible(False)

    def _needed(self) -> int:
        layout = self.layout()
        if layout is None:
            return 0
        layout.invalidate()
        return layout.sizeHint().width()

    def _render_job(self) -> None:
        job = self._job
        for widget in (self._job_words, self._job_bar, self._cancel):
            widget.setVisible(job is not None)
        if job is None:
            return
        percent = f"{100 * job.done / job.total:.0f}%" if job.total else ""
        parts = (job_title(job), percent, wording.time_left(job.seconds_left))
        self._job_words.setText("   ".join(part for part in parts if part))
        self._job_bar.set_share(job.done / job.total if job.total else 0.0)
        self._cancel.setIcon(icons.icon("close", theme.dim(self.palette()), grown(18)))
        self._cancel.setIconSize(QSize(grown(18), grown(18)))
        self._cancel.setToolTip(self.tr("Cancel this job"))
        self._cancel.setAccessibleName(self.tr("Cancel this job"))

    def _ask_cancel(self) -> None:
        if self._job is not None:
            self.cancel_asked.emit(self._job.id)

    def _index_words(self) -> str:
        words = {
            "": "",
            "absent": self.tr("no dense index"),
            "partial": self.tr("dense index in part"),
            "ready": self.tr("dense index ready"),
            "unavailable": self.tr("letters only"),
        }
        return words[self._index]

    def _worker_words(self) -> str:
        match self._worker:
            case "stopped":
                return self.tr("Worker off")
            case "starting":
                return self.tr("Worker starts")
            case "ready":
                return self.tr("Worker ready")
            case "restarting":
                return self.tr("Worker restarts")
            case "failed":
                return self.tr("Worker failed")


class _ThinBar(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_share(self, share: float) -> None:
        self._share = share
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(130, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painting.bar(painter, QRectF(0, 1.5, self.width(), 5), self._share, self.palette(), strong=True)


class _IconLabel(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._words = QLabel(self)
        self._words.setProperty("dim", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 0, 0, 0)
        row.setSpacing(theme.UNIT + 1)
        row.addWidget(self._icon)
        row.addWidget(self._words)

    def show_state(self, icon: str, words: str) -> None:
        colour = theme.dim(self.palette())
        self._icon.setPixmap(icons.pixmap(icon, colour, grown(16), self.devicePixelRatioF()))
        self._words.setText(words)
        self.setAccessibleName(words)
