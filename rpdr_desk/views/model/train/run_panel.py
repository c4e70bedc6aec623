"""One run as it goes: how far it is, its two curves, what it needs and what it said."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.train_state import Run
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.model.card import Facts
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.plot import Plot
from rpdr_desk.views.model.train.words import bytes_text, headline, host_text, state_text

_REMARKS = 4
RESUMABLE = ("paused", "cancelled", "failed", "lost")


class RunPanel(QWidget):
    """`asked` carries pause, resume or cancel; `compare_asked`: the run's student is to be judged."""

    asked = Signal(str)
    compare_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self.setProperty("surface", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title, self._state = Heading(self, 1.4), QLabel(self)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._head = dim_label("", self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self.loss, self.accuracy = Plot(self), Plot(self, dots=True, share=True)
        self._facts = Facts(self)
        self._empty = dim_label("", self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pause, self.cancel, self.compare = QPushButton(self), QPushButton(self), QPushButton(self)
        self.compare.setProperty("primary", True)
        self.pause.clicked.connect(lambda _checked=False: self.asked.emit(self._wish()))
        self.cancel.clicked.connect(lambda _checked=False: self.asked.emit("cancel"))
        self.compare.clicked.connect(lambda _checked=False: self.compare_asked.emit())
        self._lay_out()
        self._render()

    def show_run(self, run: Run | None) -> None:
        self._run = run
        self._render()

    def _wish(self) -> str:
        return "resume" if self._run is not None and self._run.state in RESUMABLE else "pause"

    def _render(self) -> None:
        run = self._run
        self.loss.set_title(self.tr("Loss"))
        self.accuracy.set_title(self.tr("acc@1 on the validation rows"))
        self._empty.setText(
            self.tr("No run yet.\nStart one on the left; it shows its course here and goes on when the window closes.")
        )
        for widget in (self._title, self._state, self._head, self._bar, self.loss, self.accuracy, self._facts):
            widget.setVisible(run is not None)
        self._empty.setVisible(run is None)
        for button in (self.pause, self.cancel, self.compare):
            button.setVisible(False)
        if run is not None:
            self._show(run)

    def _show(self, run: Run) -> None:
        self._title.setText(run.name)
        self._state.setText(state_text(run.state))
        self._head.setText(headline(run))
        self._bar.setVisible(not run.ended)
        self._bar.setRange(0, run.steps)
        self._bar.setValue(run.step)
        # A run that stopped early fills the plot with what there is.
        last = 0 if run.ended else run.steps
        self.loss.show_points([(point.step, point.loss) for point in run.curve], last)
        measured = [(point.step, point.accuracy) for point in run.curve if point.accuracy is not None]
        self.accuracy.show_points(measured, last)
        self._facts.show_lines(self._lines(run))
        self.pause.setText(self.tr("Resume") if run.state in RESUMABLE else self.tr("Pause"))
        self.pause.setVisible(run.state == "running" or run.state in RESUMABLE)
        self.cancel.setText(self.tr("Cancel"))
        self.cancel.setVisible(run.state in ("preparing", "queued", "running", "paused"))
        self.compare.setText(self.tr("Compare with the student in use"))
        self.compare.setVisible(run.state == "done" and bool(run.adapter_id))

    def _lines(self, run: Run) -> list[tuple[str, str]]:
        lines = [(self.tr("Machine"), host_text(run.host)), (self.tr("Recipe"), run.recipe)]
        if run.memory:
            lines.append((self.tr("Memory, peak"), bytes_text(run.memory)))
        if run.gpu_memory:
            lines.append((self.tr("GPU memory, peak"), bytes_text(run.gpu_memory)))
        if run.checkpoint:
            words = wording.fill(self.tr("after step %1"), wording.number(run.checkpoint))
            lines.append((self.tr("Last checkpoint"), words))
        for remark in run.remarks[-_REMARKS:]:
            lines.append(
                (wording.fill(self.tr("At %1 s"), wording.number(round(remark.seconds))), in_language(remark.words))
            )
        return [(label, value) for label, value in lines if value]

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.GAP)
        top.addWidget(self._title)
        top.addSpacing(theme.GAP)
        top.addWidget(self._state, 0, Qt.AlignmentFlag.AlignBaseline)
        top.addStretch(1)
        for button in (self.pause, self.cancel, self.compare):
            top.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE - 4, theme.WIDE, theme.MARGIN)
        column.setSpacing(theme.GAP)
        column.addLayout(top)
        for widget in (self._head, self._bar):
            column.addWidget(widget)
        column.addWidget(self.loss, 3)
        column.addWidget(self.accuracy, 3)
        column.addWidget(self._facts)
        column.addWidget(self._empty, 1)
        self._state.setProperty("caption", True)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
