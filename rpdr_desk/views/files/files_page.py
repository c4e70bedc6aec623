"""The frame of the pages for files: which of them is on screen, a banner, and the page's own contents."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.dialogs import rule
from rpdr_desk.views.model.pages import ModelPage

SECTIONS = ("terminologies", "encoders", "import", "export", "link_file")


class FilesPage(ModelPage):
    """Put the contents into `body`. `section` is one of `SECTIONS`."""

    def __init__(self, actions: Actions, section: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner(self)
        self.sections = SectionBar(actions, section, self)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.sections)
        column.addWidget(rule(self))
        column.addWidget(self.banner)
        column.addLayout(self.body, 1)


class SectionBar(QWidget):
    """One button for each page of the tab; the keys are those of the actions."""

    def __init__(self, actions: Actions, here: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self._actions, self._here = actions, here
        self.buttons = {name: self._button(name, actions[name]) for name in SECTIONS}
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.GAP)
        row.setSpacing(theme.UNIT)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        self._retranslate()

    def _button(self, name: str, action: QAction) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("segment", True)
        button.setCheckable(True)
        button.setChecked(name == self._here)
        button.clicked.connect(lambda _checked=False: self._go(name))
        action.changed.connect(self._retranslate)
        return button

    def _go(self, name: str) -> None:
        # A click does not change which page this is.
        self.buttons[name].setChecked(name == self._here)
        if name != self._here:
            self._actions[name].trigger()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        for name, button in self.buttons.items():
            button.setText(self._actions.spec(name).text())
            button.setToolTip(self._actions.key_text(name))
