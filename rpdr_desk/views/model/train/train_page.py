"""The Train page: on the left what is learned, how and where, and the runs; on the right the chosen run."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk.actions import Actions
from rpdr_desk.operations.train_state import RowsSummary, Run, TrainChoice
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.model.card import column_of
from rpdr_desk.views.model.pages import ModelPage
from rpdr_desk.views.model.train.rows_card import RowsCard
from rpdr_desk.views.model.train.run_panel import RunPanel
from rpdr_desk.views.model.train.runs_card import RunsCard
from rpdr_desk.views.model.train.start_card import StartCard

LEFT = 384


class TrainPage(ModelPage):
    """Follows the runs of the workspace; shows the newest unless another was chosen."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._actions = workspace, actions
        self._runs: tuple[Run, ...] = ()
        self._current = ""
        self._trainable = False
        self.banner = Banner(self)
        self.rows, self.start, self.earlier = RowsCard(), StartCard(), RunsCard()
        self.panel = RunPanel(self)
        self._lay_out()
        runs = workspace.runs
        runs.changed.connect(self._follow)
        self.start.started.connect(self._begin)
        self.start.hosts_asked.connect(self._show_hosts)
        self.earlier.chosen.connect(self._choose)
        self.panel.asked.connect(lambda wish: runs.control(self._current, wish, self._failed))
        self.panel.compare_asked.connect(lambda: actions["go_compare"].trigger())
        self.start.show_recipes(runs.recipes())
        self._follow()

    def entered(self) -> None:
        self.rows.show_rows(None)
        self._workspace.runs.count_rows(self._counted, self._failed)
        self._workspace.runs.read_hosts(self.start.show_hosts, self._failed)
        self._workspace.runs.refresh(self._failed)
        (self.start.go if self.start.go.isEnabled() else self.start.recipe).setFocus()

    def _counted(self, rows: RowsSummary) -> None:
        self.rows.show_rows(rows)
        self._trainable = rows.train > 0
        self._ready()

    def _ready(self) -> None:
        if not self._trainable:
            self.start.set_ready(self.tr("There is nothing to learn from yet."))
        elif any(not run.ended and run.host == "" for run in self._runs) and self.start.choice().host == "":
            self.start.set_ready(self.tr("This machine is training already."))
        else:
            self.start.set_ready("")

    def _begin(self, choice: TrainChoice) -> None:
        self._current = ""
        self.banner.hide()
        self._workspace.runs.start(choice, self._failed)

    def _follow(self, _run: object = None) -> None:
        self._runs = self._workspace.runs.all()
        if not any(run.id == self._current for run in self._runs):
            self._current = self._runs[0].id if self._runs else ""
        self.earlier.show_runs(self._runs, self._current)
        self._show()
        self._ready()

    def _choose(self, id: str) -> None:
        self._current = id
        self._show()

    def _show(self) -> None:
        run = next((run for run in self._runs if run.id == self._current), None)
        self.panel.show_run(run)
        if run is not None:
            self._workspace.runs.read(run.id, self._failed)

    def _show_hosts(self) -> None:
        from rpdr_desk.views.model.train.hosts_dialog import show_hosts

        dialog = show_hosts(self, self._workspace)
        dialog.finished.connect(lambda _code: self._workspace.runs.read_hosts(self.start.show_hosts, self._failed))

    def _failed(self, error: RpdrError) -> None:
        self.banner.show_error(error)

    def _lay_out(self) -> None:
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(column_of(self.rows, self.start, self.earlier, width=LEFT))
        body.addWidget(self.panel, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addLayout(body, 1)
