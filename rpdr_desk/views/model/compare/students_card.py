"""The students of the project, and the steps that can be taken with the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED
from rpdr_desk.operations.compare_state import StudentLine, Students
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.compare.words import student_text

_SHOWN = 8


class StudentsCard(Card):
    """`chosen` carries a student's id; `compare_asked` too; `promote_asked` and `roll_back_asked` are steps."""

    chosen = Signal(str)
    compare_asked = Signal(str)
    promote_asked = Signal(str)
    roll_back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._students = Students()
        self._none = dim_label("", self)
        self.list = QListWidget(self)
        self.list.setProperty("plain", True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._facts = Facts(self)
        self.compare, self.promote, self.roll_back = QPushButton(self), QPushButton(self), QPushButton(self)
        self.promote.setProperty("primary", True)
        self.list.currentItemChanged.connect(lambda _now, _before: self._choose())
        self.compare.clicked.connect(lambda _checked=False: self.compare_asked.emit(self.current()))
        self.promote.clicked.connect(lambda _checked=False: self.promote_asked.emit(self.current()))
        self.roll_back.clicked.connect(lambda _checked=False: self.roll_back_asked.emit())
        for widget in (self._none, self.list, self._facts, self.compare, self.promote, self.roll_back):
            self.column.addWidget(widget)
        self.column.insertSpacing(4, theme.UNIT)
        self._compared = ""
        self._busy = False
        self._render()

    def show_students(self, students: Students, chosen: str) -> None:
        self._students = students
        with QSignalBlocker(self.list):
            self.list.clear()
            for one in students.known:
                item = QListWidgetItem(student_text(one))
                item.setData(Qt.ItemDataRole.UserRole, one.id)
                item.setToolTip(one.id)
                self.list.addItem(item)
                if one.id == chosen:
                    self.list.setCurrentItem(item)
        self._fit()
        self._show_chosen()

    def _fit(self) -> None:
        """As high as its rows, up to some."""
        rows = min(_SHOWN, max(1, self.list.count()))
        row = max(self.list.sizeHintForRow(0), self.list.fontMetrics().height() + theme.GAP)
        high = rows * row + 2 * self.list.frameWidth() + 2
        if high != self.list.maximumHeight():
            self.list.setFixedHeight(high)

    def show_compared(self, student: str, *, busy: bool) -> None:
        """Which student the figures on the right belong to: only that one may be promoted."""
        self._compared, self._busy = student, busy
        self._show_chosen()

    def current(self) -> str:
        chosen = self.list.selectedItems()
        return str(chosen[0].data(Qt.ItemDataRole.UserRole)) if chosen else ""

    def _choose(self) -> None:
        self._show_chosen()
        if self.current():
            self.chosen.emit(self.current())

    def _show_chosen(self) -> None:
        student = next((one for one in self._students.known if one.id == self.current()), None)
        there = bool(self._students.known)
        self._none.setVisible(not there)
        for widget in (self.list, self._facts, self.compare, self.promote):
            widget.setVisible(there)
        self._facts.show_lines(self._lines(student) if student else [])
        self.compare.setEnabled(student is not None and not self._busy)
        self.promote.setEnabled(
            student is not None and not student.in_use and not self._busy and self._compared == student.id
        )
        self.roll_back.setVisible(self._students.can_roll_back)
        self.roll_back.setEnabled(not self._busy)
        before = next((one.name for one in self._students.known if one.id == self._students.before), "")
        to = before or self.tr("no student")
        self.roll_back.setText(wording.fill(self.tr("Roll back to %1"), to))

    def _lines(self, student: StudentLine) -> list[tuple[str, str]]:
        return [
            (self.tr("Id"), student.id),
            (self.tr("Recipe"), student.recipe),
            (self.tr("Learned from"), wording.fill(self.tr("%1 rows"), wording.number(student.rows))),
            (self.tr("Trained"), wording.moment(student.registered_at)),
        ]

    def _render(self) -> None:
        self.set_title(self.tr("Students"))
        self.list.setAccessibleName(self.tr("Students"))
        self._none.setText(self.tr("None yet. Train one on the Train page; it is listed here when it is done."))
        self.compare.setText(self.tr("Compare"))
        self.promote.setText(self.tr("Put in use"))
        for row, one in enumerate(self._students.known[: self.list.count()]):
            self.list.item(row).setText(student_text(one))
        self._show_chosen()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
        if event.type() in TEXT_CHANGED:
            # Once the list itself has heard of it.
            QTimer.singleShot(0, self, self._fit)
