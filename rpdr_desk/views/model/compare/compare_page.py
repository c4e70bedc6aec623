"""The Compare page: students on the left, what the chosen one is worth on the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk.actions import Actions
from rpdr_desk.operations.compare_state import Comparison, Students
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.model.card import column_of
from rpdr_desk.views.model.compare.report import Report
from rpdr_desk.views.model.compare.students_card import StudentsCard
from rpdr_desk.views.model.pages import ModelPage

LEFT = 384


class ComparePage(ModelPage):
    """A student is put in use only after its figures were on screen."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._actions = workspace, actions
        self._comparison: Comparison | None = None
        self._kept: dict[str, Comparison] = {}
        self._chosen = ""
        self._busy = False
        self.banner = Banner(self)
        self.students, self.report = StudentsCard(), Report(self)
        self._lay_out()
        comparing = workspace.comparing
        comparing.students_changed.connect(self._show_students)
        comparing.progressed.connect(self._progressed)
        self.students.chosen.connect(self._choose)
        self.students.compare_asked.connect(self._compare)
        self.students.promote_asked.connect(self._promote)
        self.students.roll_back_asked.connect(lambda: comparing.roll_back(self._failed))
        self.report.stop_asked.connect(comparing.stop)
        self.report.export_asked.connect(self._export)
        self.report.mention_asked.connect(self._review)

    def entered(self) -> None:
        self._workspace.comparing.read(self._failed)
        self.students.list.setFocus()

    def _show_students(self, students: Students) -> None:
        ids = [one.id for one in students.known]
        if self._chosen not in ids:
            self._chosen = ids[0] if ids else ""
        self._kept = {one.student: one for one in students.reports}
        self.students.show_students(students, self._chosen)
        if self._comparison is None and not self._busy:
            self.report.show_comparison(self._kept.get(self._chosen))

    def _choose(self, id: str) -> None:
        self._chosen = id
        if self._busy or (self._comparison is not None and self._comparison.student == id):
            return
        self._comparison = None
        self.report.show_comparison(self._kept.get(id))
        self.students.show_compared("", busy=False)

    def _compare(self, id: str) -> None:
        self._busy = True
        self.banner.hide()
        self.report.show_progress(0, 0)
        self.students.show_compared("", busy=True)
        self._workspace.comparing.compare(id, self._compared, self._not_compared)

    def _progressed(self, done: int, total: int) -> None:
        self.report.show_progress(done, total)

    def _compared(self, comparison: Comparison) -> None:
        self._busy = False
        self._comparison = comparison
        self.report.show_comparison(comparison)
        self.students.show_compared(comparison.student, busy=False)

    def _not_compared(self, error: RpdrError) -> None:
        self._busy = False
        self._comparison = None
        self.report.show_comparison(self._kept.get(self._chosen))
        self.students.show_compared("", busy=False)
        self._failed(error)

    def _promote(self, id: str) -> None:
        if self._comparison is not None and self._comparison.worse and not self._sure():
            return
        self._workspace.comparing.promote(id, self._failed)

    def _sure(self) -> bool:
        answer = QMessageBox.question(
            self,
            self.tr("It is not better"),
            self.tr("On the held-out decisions this student is worse than what is in use. Put it in use all the same?"),
        )
        return answer == QMessageBox.StandardButton.Yes

    def _export(self) -> None:
        if self._comparison is None:
            return
        name, _ = QFileDialog.getSaveFileName(self, self.tr("What would change"), "changes.csv", "CSV (*.csv)")
        if name:
            self._workspace.comparing.export(Path(name), self._failed)

    def _review(self, mention_id: int) -> None:
        self._workspace.mention_asked.emit(mention_id)

    def _failed(self, error: RpdrError) -> None:
        self.banner.show_error(error)

    def _lay_out(self) -> None:
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(column_of(self.students, width=LEFT))
        body.addWidget(self.report, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addLayout(body, 1)
