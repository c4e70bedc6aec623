"""The Dashboard page: seven cards, read anew when the page is shown and when something changes while it is."""

from __future__ import annotations

from array import array
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes
from rpdr_desk.actions import Actions
from rpdr_desk.operations.dashboard_state import Dashboard, Preview
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.model.card import column_of
from rpdr_desk.views.model.dashboard import words
from rpdr_desk.views.model.dashboard.accept_dialog import AcceptDialog
from rpdr_desk.views.model.dashboard.acceptance_card import AcceptanceCard
from rpdr_desk.views.model.dashboard.accuracy_card import AccuracyCard
from rpdr_desk.views.model.dashboard.calibration_card import CalibrationCard
from rpdr_desk.views.model.dashboard.card_grid import CardGrid
from rpdr_desk.views.model.dashboard.cost_card import CostCard
from rpdr_desk.views.model.dashboard.leeches_card import LeechesCard
from rpdr_desk.views.model.dashboard.pace_card import PaceCard
from rpdr_desk.views.model.dashboard.progress_card import ProgressCard
from rpdr_desk.views.model.pages import ModelPage

CALM_MS = 300
"""Changes that follow each other closely are read together."""

_TOLD = frozenset(("mentions", "decisions", "rankings", "ledger", "settings", "adapters"))


class DashboardPage(ModelPage):
    """Figures are shown as they arrive; what changes is asked for and told on the banner."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._actions = workspace, actions
        self.banner = Banner(self)
        self.progress, self.pace = ProgressCard(), PaceCard()
        self.accuracy, self.calibration = AccuracyCard(), CalibrationCard()
        self.acceptance, self.cost, self.leeches = AcceptanceCard(), CostCard(), LeechesCard()
        self.grid = CardGrid(
            (
                (self.progress, self.pace),
                (self.accuracy, self.calibration),
                (self.acceptance, self.cost),
                (self.leeches,),
            )
        )
        self.accepting: AcceptDialog | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(CALM_MS)
        self._later.timeout.connect(self._read)
        self.area = column_of(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.area, 1)
        self._connect()

    def entered(self) -> None:
        self.leeches.show_key(self._actions.key_text("put_aside"))
        self._read()
        self.area.setFocus()

    def leave(self) -> None:
        self._later.stop()

    def showEvent(self, event: QShowEvent) -> None:
        self._actions.watch_dashboard(on=True)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._actions.watch_dashboard(on=False)
        self._later.stop()
        super().hideEvent(event)

    def _connect(self) -> None:
        workspace = self._workspace
        workspace.overview.measured.connect(self._show)
        workspace.store.changed.connect(self._changed)
        self.addAction(self._actions["put_aside"])
        self._actions.on("put_aside", self.leeches.ask_aside)
        self.leeches.mention_asked.connect(workspace.mention_asked)
        self.leeches.aside_asked.connect(self._put_aside)
        self.leeches.back_asked.connect(self._take_back)
        self.acceptance.draw_asked.connect(self._draw)
        self.acceptance.check_asked.connect(self._answer_check)
        self.acceptance.review_asked.connect(self._review_above)
        self.acceptance.accept_asked.connect(self._ask_accept)

    def _read(self) -> None:
        self._workspace.overview.read(self._failed)

    def _changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds & _TOLD:
            self._later.start()

    def _show(self, found: Dashboard) -> None:
        self.progress.show_progress(found.progress)
        self.pace.show_pace(found.pace, found.progress)
        self.accuracy.show_accuracy(found.accuracy)
        self.calibration.show_reliability(found.reliability)
        self.acceptance.show_safety(found.safety, found.progress.unreviewed)
        self.cost.show_cost(found.cost, found.timings)
        self.leeches.show_leeches(found.leeches, found.aside, found.put_aside)

    # Steps

    def _put_aside(self, ids: list[int]) -> None:
        self._workspace.overview.put_aside(ids, self._was_put_aside, self._failed)

    def _was_put_aside(self, changes: Changes) -> None:
        said = self.tr("%1 put aside for discussion. They wait in the queue Flagged until they are taken back.")
        self.banner.show_text(wording.fill(said, wording.number(len(changes.mention_ids))))

    def _take_back(self, ids: list[int]) -> None:
        self._workspace.overview.take_back(ids, self._was_taken_back, self._failed)

    def _was_taken_back(self, changes: Changes) -> None:
        said = self.tr("%1 taken back into their queues.")
        self.banner.show_text(wording.fill(said, wording.number(len(changes.mention_ids))))

    def _draw(self, size: int) -> None:
        self._workspace.overview.draw(size, lambda _changes: self._answer_check(), self._failed)

    def _answer_check(self) -> None:
        self._workspace.overview.check(partial(self._review, self.tr("Random check")), self._failed)

    def _review_above(self, threshold: float) -> None:
        title = wording.fill(self.tr("Confidence from %1 on"), words.percent(threshold, 0))
        self._workspace.overview.above(threshold, partial(self._review, title), self._failed)

    def _review(self, title: str, ids: array[int]) -> None:
        self._workspace.list_asked.emit(GivenList(title, ids))

    def _ask_accept(self, threshold: float, alpha: float) -> None:
        def show(preview: Preview) -> None:
            if not preview.ids:
                self.banner.show_text(self.tr("Nothing is left to accept at this confidence."))
                return
            accept = partial(self._accept, preview, threshold)
            self.accepting = AcceptDialog(self, preview, threshold, alpha, accept)

        self._workspace.overview.preview(threshold, show, self._failed)

    def _accept(self, preview: Preview, threshold: float) -> None:
        self._workspace.overview.accept(preview.ids, threshold, self._was_accepted, self._failed)

    def _was_accepted(self, changes: Changes) -> None:
        said = self.tr("%1 mentions accepted. Undo takes all of them back at once.")
        self.banner.show_text(wording.fill(said, wording.number(len(changes.mention_ids))))

    def _failed(self, error: RpdrError) -> None:
        self.banner.show_error(error)
