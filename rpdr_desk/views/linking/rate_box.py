"""An error rate in per cent: chosen by arrows, or typed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QWidget

from rpdr_desk import theme
from rpdr_desk.views import wording

LEAST, MOST, USUAL = 0.1, 50.0, 2.0
"""As the command line allows, in per cent."""


class RateBox(QDoubleSpinBox):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(1)
        self.setRange(LEAST, MOST)
        self.setSingleStep(1.0)
        self.setValue(USUAL)
        for edit in self.findChildren(QLineEdit):
            edit.setTextMargins(theme.GAP, 0, 0, 0)
        self._dress()

    @property
    def rate(self) -> float:
        """As a share of 1."""
        return round(self.value() / 100, 4)

    def textFromValue(self, value: float) -> str:
        return wording.decimal(value, 0 if value == round(value) else 1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.setLocale(wording.locale())
        self.setSuffix(QCoreApplication.translate("words", "%1%").replace("%1", ""))
        self.setAccessibleName(self.tr("Error rate, per cent"))
