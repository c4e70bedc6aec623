"""What the search is taught: for which terminology, from what, by which recipe, where, and about how long."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk import theme
from rpdr_desk.operations.encoder_estimates import estimated
from rpdr_desk.operations.encoder_state import USUAL, Lesson, LessonChoice, LessonRecipe, Lessons
from rpdr_desk.operations.train_state import HostLine
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.encoders import words
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.train.words import host_text
from rpdr_desk.views.review.flow_layout import FlowLayout

LESSONS: tuple[Lesson, ...] = ("names", "decisions")


class LessonCard(Card):
    """`started` carries a `LessonChoice`, `about_chosen` a `KnowledgeBaseInfo`; `recipe_named` the path of a recipe."""

    started = Signal(object)
    about_chosen = Signal(object)
    recipe_named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._infos: tuple[KnowledgeBaseInfo, ...] = ()
        self._hosts: tuple[HostLine, ...] = ()
        self._found = Lessons()
        self._own: list[LessonRecipe] = []
        self._lesson: Lesson = "names"
        self._busy = False
        self._labels = [QLabel(self) for _ in range(4)]
        self.about, self.recipe, self.host = QComboBox(self), QComboBox(self), QComboBox(self)
        self.lessons = [QPushButton(self) for _ in LESSONS]
        self._group = QButtonGroup(self)
        self.file, self.go = QPushButton(self), QPushButton(self)
        self.go.setProperty("primary", True)
        self._material, self._time = dim_label("", self), QLabel(self)
        self._time.setWordWrap(True)
        self._lay_out()
        self.about.activated.connect(lambda at: self.about_chosen.emit(self._infos[at]))
        self.recipe.currentIndexChanged.connect(lambda _at: self._tell())
        self.file.clicked.connect(lambda _checked=False: self._ask_recipe())
        self.go.clicked.connect(lambda _checked=False: self.started.emit(self.choice()))
        self._retranslate()

    def show_terminologies(self, infos: tuple[KnowledgeBaseInfo, ...]) -> None:
        """The project's own first; the chosen one stays chosen."""
        at = self.about.currentIndex()
        chosen = self._infos[at].fingerprint if 0 <= at < len(self._infos) else ""
        self._infos = infos
        self.about.clear()
        self.about.addItems([words.title_of(info) for info in infos])
        self.about.setCurrentIndex(
            next((at for at, info in enumerate(infos) if info.fingerprint == chosen), 0) if infos else -1
        )

    def show_lessons(self, found: Lessons) -> None:
        self._found = found
        self._show_recipes()

    def show_hosts(self, hosts: tuple[HostLine, ...]) -> None:
        chosen = self.host.currentData()
        self._hosts = hosts
        self.host.clear()
        for one in hosts:
            self.host.addItem(host_text(one.name), one.name)
        self.host.setCurrentIndex(max(0, self.host.findData(chosen)))
        self._labels[3].setVisible(len(hosts) > 1)
        self.host.setVisible(len(hosts) > 1)

    def choose(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self.lessons[LESSONS.index(lesson)].setChecked(True)
        self._show_recipes()

    def use_recipe(self, recipe: LessonRecipe) -> None:
        """A recipe file of the user's own; it says itself which lesson it is for."""
        self._own = [one for one in self._own if one.reference != recipe.reference] + [recipe]
        self.choose(recipe.lesson)
        self.recipe.setCurrentIndex(self.recipe.findData(recipe.reference))

    def set_busy(self, *, on: bool) -> None:
        """A lesson is under way."""
        self._busy = on
        self._tell()

    def choice(self) -> LessonChoice:
        at = self.about.currentIndex()
        about = self._infos[at] if 0 <= at < len(self._infos) else None
        recipe = str(self.recipe.currentData() or USUAL[self._lesson])
        return LessonChoice(recipe, "", str(self.host.currentData() or ""), lesson=self._lesson, about=about)

    def _show_recipes(self) -> None:
        chosen = self.recipe.currentData()
        with QSignalBlocker(self.recipe):
            self.recipe.clear()
            for one in (*self._found.recipes, *self._own):
                if one.lesson == self._lesson:
                    self.recipe.addItem(words.recipe_text(one), one.reference)
            self.recipe.setCurrentIndex(max(0, self.recipe.findData(chosen)))
        self._tell()

    def _tell(self) -> None:
        found = self._found
        self._material.setText(words.material(self._lesson, found))
        units = min(found.entities, max(0, found.strings - found.entities)) if self._lesson == "names" else found.rows
        recipe = next((one for one in (*found.recipes, *self._own) if one.reference == self.recipe.currentData()), None)
        known = recipe is not None and units > 0
        self._time.setVisible(known)
        if recipe is not None and known:
            self._time.setText(words.estimate_text(estimated(recipe, units, found.strings)))
        self.go.setEnabled(known and not self._busy)

    def _ask_recipe(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("A recipe of your own"), "", self.tr("Recipes (*.toml)"))
        if name:
            self.recipe_named.emit(name)

    def _choose(self, lesson: Lesson, _checked: bool = False) -> None:
        self.choose(lesson)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.set_title(self.tr("Teach the search"))
        names = (self.tr("Terminology"), self.tr("From"), self.tr("Recipe"), self.tr("Machine"))
        for label, name in zip(self._labels, names, strict=True):
            label.setText(name)
        for box, name in ((self.about, names[0]), (self.recipe, names[2]), (self.host, names[3])):
            box.setAccessibleName(name)
        for lesson, button in zip(LESSONS, self.lessons, strict=True):
            button.setText(words.lesson_text(lesson))
        self.file.setText(self.tr("File ..."))
        self.go.setText(self.tr("Start teaching"))
        self.show_hosts(self._hosts)
        self._show_recipes()

    def _lay_out(self) -> None:
        choice, recipe = QWidget(self), QHBoxLayout()
        segments = FlowLayout(choice, theme.UNIT)
        segments.setContentsMargins(0, 0, 0, 0)
        for lesson, button in zip(LESSONS, self.lessons, strict=True):
            button.setCheckable(True)
            button.setProperty("segment", True)
            self._group.addButton(button)
            button.clicked.connect(partial(self._choose, lesson))
            segments.addWidget(button)
        self.lessons[0].setChecked(True)
        recipe.setSpacing(theme.GAP)
        recipe.addWidget(self.recipe, 1)
        recipe.addWidget(self.file)
        for label, field in zip(self._labels, (self.about, None, self.recipe, self.host), strict=True):
            label.setProperty("caption", True)
            if field is not None:
                label.setBuddy(field)
                field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                field.setMinimumContentsLength(12)
        self.column.addWidget(self._labels[0])
        self.column.addWidget(self.about)
        self.column.addWidget(self._labels[1])
        self.column.addWidget(choice)
        self.column.addWidget(self._material)
        self.column.addWidget(self._labels[2])
        self.column.addLayout(recipe)
        self.column.addWidget(self._labels[3])
        self.column.addWidget(self.host)
        self.column.addWidget(self._time)
        self.column.addSpacing(theme.UNIT)
        self.column.addWidget(self.go)
