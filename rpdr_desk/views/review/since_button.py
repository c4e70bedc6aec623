"""Since when the queue of changes counts: a button with its menu, and a dialog for any day."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, QEvent, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QDialog, QDialogButtonBox, QMenu, QToolButton, QWidget

from rpdr_desk.operations.asked import SINCE, Since
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import furnish
from rpdr_desk.views.review import queue_words


class SinceButton(QToolButton):
    """Since when the queue of changes counts; there only while that queue is."""

    chosen = Signal(str)
    day_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._since: Since = "closed"
        self._day = ""
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet(
            "QToolButton { margin: 0 0 6px 10px; padding: 3px 6px; } QToolButton::menu-indicator { image: none; }"
        )
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.hide()

    def show_since(self, since: Since, day: str, *, there: bool) -> None:
        self._since, self._day = since, day
        words = queue_words.since_text(since, day)
        self.setText(f"{words}  ▼")
        self.setAccessibleName(words)
        self.setVisible(there)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.show_since(self._since, self._day, there=not self.isHidden())
        super().changeEvent(event)

    def _fill(self) -> None:
        self._menu.clear()
        for since in SINCE:
            action = self._menu.addAction(queue_words.since_text(since))
            action.setCheckable(True)
            action.setChecked(since == self._since)
            if since == "day":
                action.triggered.connect(lambda _checked=False: self._choose_day())
            else:
                action.triggered.connect(lambda _checked=False, one=since: self.chosen.emit(one))

    def _choose_day(self) -> None:
        """Any day up to today; the one chosen before is offered again."""
        dialog = QDialog(self)
        column = furnish(dialog, self.tr("Changed since which day?"), wide=380)
        field = QDateEdit(QDate.fromString(self._day, Qt.DateFormat.ISODate), dialog)
        if not self._day:
            field.setDate(QDate.currentDate().addDays(-7))
        field.setMaximumDate(QDate.currentDate())
        field.setLocale(wording.locale())
        field.setDisplayFormat(QCoreApplication.translate("words", "d MMM yyyy"))
        field.setAccessibleName(self.tr("Day"))
        buttons = QDialogButtonBox(dialog)
        take = buttons.addButton(self.tr("Show"), QDialogButtonBox.ButtonRole.AcceptRole)
        take.setDefault(True)
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        column.addWidget(field)
        column.addWidget(buttons)
        buttons.rejected.connect(dialog.reject)
        buttons.accepted.connect(dialog.accept)
        dialog.accepted.connect(lambda: self.day_chosen.emit(field.date().toString(Qt.DateFormat.ISODate)))
        dialog.open()
        field.setFocus()
