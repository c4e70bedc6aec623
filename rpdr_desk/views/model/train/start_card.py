"""How and where: recipe, base model, machine, and the button that starts a run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.train_state import HostLine, RecipeChoice, TrainChoice
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.train.words import host_text


class StartCard(Card):
    """`started` carries a `TrainChoice`; `hosts_asked`: add or test machines."""

    started = Signal(object)
    hosts_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hosts: tuple[HostLine, ...] = ()
        self._own_recipe = ""
        self._labels = [QLabel(self) for _ in range(3)]
        self.recipe, self.host = QComboBox(self), QComboBox(self)
        self.base = QLineEdit(self)
        self.note, self.why = dim_label("", self), dim_label("", self)
        self.more = QPushButton(self)
        self.file = QPushButton(self)
        self.go = QPushButton(self)
        self.go.setProperty("primary", True)
        for label, field in zip(self._labels, (self.recipe, self.base, self.host), strict=True):
            label.setProperty("caption", True)
            label.setBuddy(field)
        self._lay_out()
        self.host.currentIndexChanged.connect(lambda _at: self._show_note())
        self.more.clicked.connect(lambda _checked=False: self.hosts_asked.emit())
        self.file.clicked.connect(lambda _checked=False: self._choose_recipe())
        self.go.clicked.connect(lambda _checked=False: self.started.emit(self.choice()))
        self._render()

    def show_recipes(self, recipes: Sequence[RecipeChoice]) -> None:
        chosen = self.recipe.currentData()
        self.recipe.clear()
        for one in recipes:
            self.recipe.addItem(one.title, one.reference)
        if self._own_recipe:
            self.recipe.addItem(self._own_recipe.rpartition("/")[2], self._own_recipe)
        self.recipe.setCurrentIndex(max(0, self.recipe.findData(chosen)))

    def show_hosts(self, hosts: Sequence[HostLine]) -> None:
        chosen = self.host.currentData()
        self._hosts = tuple(hosts)
        with QSignalBlocker(self.host):
            self.host.clear()
            for one in hosts:
                self.host.addItem(host_text(one.name), one.name)
            self.host.setCurrentIndex(max(0, self.host.findData(chosen)))
        self._show_note()

    def choice(self) -> TrainChoice:
        return TrainChoice(
            str(self.recipe.currentData() or ""), self.base.text().strip(), str(self.host.currentData() or "")
        )

    def set_ready(self, why_not: str) -> None:
        """Empty: a run may start."""
        self.go.setEnabled(not why_not)
        self.why.setText(why_not)
        self.why.setVisible(bool(why_not))

    def _choose_recipe(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("A recipe of your own"), "", self.tr("Recipes (*.toml)"))
        if name:
            self.use_recipe(name)

    def use_recipe(self, path: str) -> None:
        """A recipe file, kept at the end of the list while the page is there."""
        if self._own_recipe:
            self.recipe.removeItem(self.recipe.findData(self._own_recipe))
        self._own_recipe = path
        self.recipe.addItem(path.rpartition("/")[2], path)
        self.recipe.setCurrentIndex(self.recipe.count() - 1)

    def _show_note(self) -> None:
        name = self.host.currentData()
        self.note.setText(next((one.note for one in self._hosts if one.name == name), ""))
        self.note.setVisible(bool(self.note.text()))

    def _lay_out(self) -> None:
        for place, field in enumerate((self.recipe, self.base, self.host)):
            self.column.addWidget(self._labels[place])
            self.column.addLayout(_row(field, *[(self.file,), (), (self.more,)][place]))
        self.column.addWidget(self.note)
        self.column.addSpacing(theme.UNIT)
        self.column.addWidget(self.go)
        self.column.addWidget(self.why)
        for box in (self.recipe, self.host):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)

    def _render(self) -> None:
        self.set_title(self.tr("How and where"))
        names = (self.tr("Recipe"), self.tr("Base model"), self.tr("Machine"))
        for label, field, name in zip(self._labels, (self.recipe, self.base, self.host), names, strict=True):
            label.setText(name)
            field.setAccessibleName(name)
        self.base.setPlaceholderText(self.tr("the recipe's own"))
        self.base.setToolTip(self.tr("Folder or hub name of the model on the machine that trains"))
        self.more.setText(self.tr("Machines ..."))
        self.file.setText(self.tr("File ..."))
        self.go.setText(self.tr("Start training"))
        self.show_hosts(self._hosts)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)


def _row(field: QWidget, *buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.GAP)
    row.addWidget(field, 1)
    for button in buttons:
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
    return row
