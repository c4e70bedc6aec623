"""The one dialog for errors: what happened, how to cure it, and a report that the user reads before saving it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from rpdr_core.errors import Bug, RpdrError
from rpdr_desk import icons, theme
from rpdr_desk.fonts import fixed, grown, text_font
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.dialogs import dim_label, furnish, size_dialog
from rpdr_desk.views.error_words import message_of

REPORTS = 20
"""More of them say nothing new."""


class ErrorDialog(QDialog):
    """Details are closed at first. What was saved or copied is what was on screen, letter by letter."""

    def __init__(self, parent: QWidget | None, title: str = "") -> None:
        super().__init__(parent)
        self._count = 0
        self._reports: list[str] = []
        column = furnish(self, title or self.tr("Something went wrong"), wide=560)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cure = dim_label("", self)
        self.cure.setTextFormat(Qt.TextFormat.PlainText)
        self.more = dim_label("", self)
        self.advice = dim_label(
            self.tr(
                "The report stays on this machine until you send it. It holds versions and places in the program, no "
                "mention, no code, no name; read it before you send it."
            ),
            self,
        )
        self.report = QPlainTextEdit(self)
        self.report.setReadOnly(True)
        self.report.setFont(fixed(text_font(), 0.92))
        self.report.setAccessibleName(self.tr("Report"))
        self.report.setMinimumHeight(grown(150))
        self.details = QPushButton(self.tr("Details"), self)
        self.copy, self.save = QPushButton(self.tr("Copy"), self), QPushButton(self.tr("Save ..."), self)
        self.close_ = QPushButton(self.tr("Close"), self)
        self.close_.setDefault(True)
        self.details.setCheckable(True)
        self.details.toggled.connect(self._show_details)
        self.copy.clicked.connect(lambda _checked=False: QGuiApplication.clipboard().setText(self.text))
        self.save.clicked.connect(lambda _checked=False: self._save())
        self.close_.clicked.connect(lambda _checked=False: self.accept())
        head = QHBoxLayout()
        head.setSpacing(theme.MARGIN)
        self._mark = mark = QLabel(self)
        mark.setPixmap(icons.pixmap("warning", theme.alert(self.palette()), grown(28), self.devicePixelRatioF()))
        head.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.message, 1)
        column.addLayout(head)
        for widget in (self.cure, self.more, self.advice):
            column.addWidget(widget)
        column.addWidget(self.report, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        for button in (self.details, self.copy, self.save):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.close_)
        column.addLayout(row)
        self._show_details(False)

    @property
    def text(self) -> str:
        return self.report.toPlainText()

    def add(self, error: BaseException, report: str) -> None:
        """The first error has the words; of those that follow the report tells."""
        self._count += 1
        if len(self._reports) < REPORTS and report not in self._reports:
            self._reports.append(report)
            self.report.setPlainText("\n\n".join(self._reports))
        if self._count == 1:
            message, cure = self._words(error)
            self.message.setText(message)
            self.cure.setText(cure)
            self.cure.setVisible(bool(cure))
            announce(self, f"{message} {cure}".strip())
        else:
            self.more.setText(wording.fill(self.tr("It happened again: %1 times in all."), self._count))
        self.more.setVisible(self._count > 1)

    def tell(self, message: str, cure: str, report: str) -> None:
        """Words and a report without an error: what earlier runs and this one left. Without a cure there is no harm."""
        self._mark.setVisible(bool(cure))
        self.message.setText(message)
        self.cure.setText(cure)
        self.cure.setVisible(bool(cure))
        self.report.setPlainText(report)
        self.more.hide()
        self._show_details(True)

    def _words(self, error: BaseException) -> tuple[str, str]:
        if isinstance(error, RpdrError) and not isinstance(error, Bug):
            return message_of(error)
        return (
            self.tr("An unexpected error. Your decisions are saved as you made them."),
            self.tr("Go on working. If it happens again, save the report and send it with the steps that lead here."),
        )

    def _show_details(self, shown: bool) -> None:
        for widget in (self.advice, self.report, self.copy, self.save):
            widget.setVisible(shown)
        self.details.setChecked(shown)
        if shown:
            size_dialog(self, 660, 460)
        else:
            self.adjustSize()

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the report"), "rpdr-desk-report.txt")
        if not name:
            return
        try:
            Path(name).write_text(self.text + "\n", encoding="utf-8")
        except OSError:
            self.more.setText(self.tr("The report could not be written there. Choose another folder."))
            self.more.show()
            announce(self, self.more.text())
