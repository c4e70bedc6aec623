"""A file that was linked: what may stand, what was counted, where it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.operations.link_state import LinkResult
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.linking import words
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.heading import Heading

COUNTS = 380
"""No wider: a figure is to be seen beside what it counts."""


class LinkedCard(Card):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: LinkResult | None = None
        self.accepted, self._basis = Heading(self, 1.25), dim_label("", self)
        self.accepted.setWordWrap(True)
        self._sign, self.drift = QLabel(self), QLabel(self)
        self.drift.setWordWrap(True)
        self._where, self._facts = dim_label("", self), Facts(self, figures=True)
        self._facts.setMaximumWidth(grown(COUNTS))
        self.folder = QPushButton(self)
        self.folder.setProperty("primary", True)
        self.folder.clicked.connect(lambda _checked=False: self._open())
        warned, buttons = QHBoxLayout(), QHBoxLayout()
        warned.setSpacing(theme.GAP)
        warned.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        warned.addWidget(self.drift, 1)
        buttons.setSpacing(theme.GAP)
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        for widget in (self.accepted, self._basis):
            self.column.addWidget(widget)
        self.column.addLayout(warned)
        self.column.addWidget(self._facts)
        self.column.addWidget(self._where)
        self.column.addLayout(buttons)
        self.hide()

    def show_result(self, result: LinkResult | None) -> None:
        self._result = result
        self.setVisible(result is not None)
        self._render()

    def _open(self) -> None:
        if self._result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._result.output.parent)))

    def _render(self) -> None:
        self.folder.setText(self.tr("Open the folder"))
        result = self._result
        if result is None:
            return
        self.set_title(wording.fill(self.tr("%1 is linked"), result.source.name))
        accepted = result.accepted
        for widget in (self.accepted, self._basis):
            widget.setVisible(accepted is not None)
        for widget in (self._sign, self.drift):
            widget.setVisible(accepted is not None and accepted.drifts)
        if accepted is not None:
            self.accepted.setText(words.accepted_text(accepted, result.rows))
            self._basis.setText(words.basis_text(accepted))
            self.drift.setText(words.drift_text(accepted))
        self._facts.show_lines(words.facts(result))
        # With its folder: what is read is wrapped, what is copied is whole.
        self._where.setText(wording.fill(self.tr("Written to %1, with what made it beside it."), str(result.output)))
        self._paint()

    def _paint(self) -> None:
        accent = theme.accent(self.palette())
        self._sign.setPixmap(icons.pixmap("warning", accent, grown(20), self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        elif event.type() in (QEvent.Type.PaletteChange, *TEXT_CHANGED):
            self._paint()
            self._facts.setMaximumWidth(grown(COUNTS))
        super().changeEvent(event)
