"""The card that says where the teacher is: profile, host, model, key, and what the environment would change."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.teach_state import Endpoints, EndpointState
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.teach import words
from rpdr_desk.views.model.teach.notes import Note


class EndpointCard(Card):
    """`chosen` carries a profile's name; `add_asked`, `edit_asked`, `remove_asked` concern the shown one."""

    chosen = Signal(str)
    add_asked = Signal()
    edit_asked = Signal()
    remove_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._endpoints = Endpoints()
        self.profiles = QComboBox(self)
        self.profiles.activated.connect(lambda _at: self.chosen.emit(str(self.profiles.currentData())))
        self.host = Heading(self, 1.3)
        self.host.setWordWrap(True)
        self.host.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts = Facts(self)
        self.redirect = Note(self, alert=True)
        self._empty = dim_label("", self)
        self.add, self.edit, self.remove = QPushButton(self), QPushButton(self), QPushButton(self)
        self.add.clicked.connect(lambda _checked=False: self.add_asked.emit())
        self.edit.clicked.connect(lambda _checked=False: self.edit_asked.emit())
        self.remove.clicked.connect(lambda _checked=False: self.remove_asked.emit())
        for widget in (self._empty, self.profiles, self.host, self.facts, self.redirect):
            self.column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        for button in (self.add, self.edit, self.remove):
            button.setProperty("small", True)
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.retranslate()

    def show_endpoints(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self.profiles.clear()
        for one in endpoints.known:
            self.profiles.addItem(one.name, one.name)
        self.profiles.setCurrentIndex(self.profiles.findData(endpoints.chosen))
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.set_title(self.tr("Endpoint"))
        self.profiles.setAccessibleName(self.tr("Endpoint profile"))
        self._empty.setText(
            self.tr("No endpoint yet. Add one: where the teacher is reached, and which model it is. A model on this "
                    "machine will do.")
        )  # fmt: skip
        self.edit.setText(self.tr("Edit ..."))
        self.remove.setText(self.tr("Remove"))
        self._render()

    def _render(self) -> None:
        current = self._endpoints.current
        self._empty.setVisible(not self._endpoints.known)
        for widget in (self.profiles, self.host, self.facts, self.edit, self.remove):
            widget.setVisible(current is not None)
        self.add.setText(self.tr("New ...") if current is not None else self.tr("Add an endpoint ..."))
        self.redirect.say(self._redirect_words())
        if current is not None:
            self.host.setText(current.host)
            self.host.setAccessibleName(current.host)
            self.facts.show_lines(self._lines(current))

    def _lines(self, current: EndpointState) -> list[tuple[str, str]]:
        where = self.tr("on this machine") if current.local else self.tr("outside this machine")
        return [
            (self.tr("Model"), current.model or "–"),
            (self.tr("Key"), words.key_text(current.key)),
            (self.tr("Where"), where),
        ]

    def _redirect_words(self) -> str:
        if not self._endpoints.redirects:
            return ""
        one = self.tr("Set in the environment, and not obeyed: %1. Requests go to the address above and nowhere else.")
        named = (f"{it.variable} = {it.shown}" if it.shown else it.variable for it in self._endpoints.redirects)
        return wording.fill(one, self.tr(", ").join(named))
