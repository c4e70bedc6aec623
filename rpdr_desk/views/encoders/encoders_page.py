"""The page that teaches the search: on the left a lesson, on the right the encoders, and what became of the last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from rpdr_core.errors import Cancelled, RpdrError, UserInputError
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED
from rpdr_desk.operations.encoder_state import BUNDLED, EncoderLine, EncoderList, Learned, Lesson, LessonChoice
from rpdr_desk.operations.encoders import lesson_recipe
from rpdr_desk.operations.following import Moved
from rpdr_desk.operations.train_state import Run
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.encoders import words
from rpdr_desk.views.encoders.lesson_card import LessonCard
from rpdr_desk.views.encoders.lesson_strip import LessonStrip
from rpdr_desk.views.files.files_page import FilesPage
from rpdr_desk.views.files.plain_table import PlainTable
from rpdr_desk.views.model.card import Card, column_of
from rpdr_desk.views.model.heading import Heading

LEFT = 416
ROWS = 8
"""Encoders that are seen at once."""


class EncodersPage(FilesPage):
    """A lesson goes on while other pages are on screen, and when the window is closed."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(actions, "encoders", parent)
        self._workspace = workspace
        self._about = workspace.knowledge_base
        self._found = EncoderList(())
        self._learned: Learned | None = None
        self._run: Run | None = None
        self.lesson, self.strip = LessonCard(), LessonStrip(self)
        self._title, self._lead = Heading(self, 1.25), dim_label("", self)
        self._title.setWordWrap(True)
        self.outcome, self._outcome = Card(self), QLabel(self)
        self._outcome.setWordWrap(True)
        self.outcome.column.addWidget(self._outcome)
        self.outcome.wrap_title()
        self.outcome.hide()
        self.table = PlainTable(self, pick=True)
        self._detail, self._gone = QLabel(self), QLabel(self)
        self._detail.setWordWrap(True)
        self._gone.setWordWrap(True)
        self.remove, self.use = QPushButton(self), QPushButton(self)
        self._lay_out()
        self._connect()
        self._retranslate()

    def entered(self) -> None:
        encoders, lessons = self._workspace.encoders, self._workspace.lessons
        encoders.terminologies(self.lesson.show_terminologies, self.banner.show_error)
        lessons.read_hosts(lambda hosts: self.lesson.show_hosts(hosts), self.banner.show_error)
        lessons.refresh(self.banner.show_error)
        self._read()
        self._follow()
        (self.lesson.go if self.lesson.go.isEnabled() else self.table).setFocus()

    def choose(self, lesson: Lesson) -> None:
        """A lesson that was asked for elsewhere."""
        self.lesson.choose(lesson)
        self.lesson.lessons[lesson == "decisions"].setFocus()

    # What there is

    def _read(self) -> None:
        encoders = self._workspace.encoders
        encoders.lessons(self._about, self.lesson.show_lessons, self.banner.show_error)
        encoders.read(self._about, self._listed, self.banner.show_error)

    def _read_about(self, info: KnowledgeBaseInfo) -> None:
        self._about = info
        self._retranslate()
        self._read()

    def _listed(self, found: EncoderList) -> None:
        self._found = found
        self._render()

    def _changed(self) -> None:
        if not self._workspace.encoders.busy:
            self.strip.show_index(None)
        self._ready()
        self._workspace.encoders.read(self._about, self._listed, self.banner.show_error)

    def _current(self) -> EncoderLine | None:
        row = self.table.currentIndex().row()
        return self._found.lines[row] if 0 <= row < len(self._found.lines) else None

    def _render(self) -> None:
        self.table.show_rows(words.headings(), [words.row(line) for line in self._found.lines], words.FIGURES)
        self._measure()
        gone = self.tr("The encoder in use (%1) is not here any more; the bundled one serves. Choose one of these.")
        self._gone.setText(wording.fill(gone, self._found.gone))
        self._gone.setVisible(bool(self._found.gone))
        self._ready()

    def _ready(self) -> None:
        line, busy = self._current(), self._workspace.encoders.busy
        alone = line is not None and line.name == BUNDLED and len(self._found.lines) == 1
        more = self.tr("There is no other yet: teach one on the left.") if alone else ""
        self._detail.setText(wording.sentences(words.detail(line), more) if line is not None else "")
        self.use.setEnabled(line is not None and not line.in_use and not busy)
        self.remove.setEnabled(line is not None and line.name != BUNDLED and not line.in_use and not busy)
        going = self._run is not None and not self._run.ended
        self.lesson.set_busy(on=going or busy)

    # Lessons

    def _begin(self, choice: LessonChoice) -> None:
        self.banner.hide()
        self.outcome.hide()
        self._workspace.lessons.start(choice, self._failed)
        self._follow()
        self.strip.cancel.setFocus()

    def _follow(self, _run: object = None) -> None:
        runs = self._workspace.lessons.all()
        self._run = runs[0] if runs else None
        self.strip.show_run(self._run)
        self._ready()

    def _end(self, wish: str) -> None:
        if self._workspace.encoders.busy:
            self._workspace.encoders.cancel()
        elif self._run is not None:
            self._workspace.lessons.control(self._run.id, wish, self._failed)

    def _hear(self, learned: Learned) -> None:
        self._learned = learned
        self._show_outcome()
        if self.isVisible():
            announce(self, words.notice(learned))

    def _show_outcome(self) -> None:
        self.outcome.setVisible(self._learned is not None)
        if self._learned is not None:
            self.outcome.set_title(words.outcome_title(self._learned))
            self._outcome.setText(words.outcome_text(self._learned))

    def _name_recipe(self, path: str) -> None:
        recipe = lesson_recipe(Path(path), path)
        if recipe is None:
            hint = self.tr("its kind must be self-alignment or retriever")
            self.banner.show_error(UserInputError(self.tr("this is no recipe for the search"), hint=hint, file=path))
        else:
            self.lesson.use_recipe(recipe)

    def _failed(self, error: RpdrError) -> None:
        if isinstance(error, Cancelled):
            self.banner.show_text(self.tr("Cancelled. The old encoder serves as before."))
        else:
            self.banner.show_error(error)
        self._ready()

    # The shelf

    def _use(self) -> None:
        line = self._current()
        if line is not None:
            self.banner.hide()
            self._workspace.encoders.use(self._about, line.name, self._failed)

    def _remove(self) -> None:
        line = self._current()
        if line is None:
            return
        words_ = self.tr("Remove %1? It can be taught again, which takes as long as before.")
        answer = QMessageBox.question(self, self.tr("Remove an encoder"), wording.fill(words_, line.name))
        if answer == QMessageBox.StandardButton.Yes:
            self._workspace.encoders.remove(line.name, self.banner.show_error)

    def _connect(self) -> None:
        encoders, lessons = self._workspace.encoders, self._workspace.lessons
        encoders.changed.connect(self._changed)
        encoders.learned.connect(self._hear)
        encoders.moved.connect(self._moved)
        lessons.changed.connect(self._follow)
        self.lesson.started.connect(self._begin)
        self.lesson.about_chosen.connect(self._read_about)
        self.lesson.recipe_named.connect(self._name_recipe)
        self.strip.asked.connect(self._end)
        self.table.chosen.connect(lambda _row: self._ready())
        self.table.entered.connect(lambda _row: self.use.click())
        self.use.clicked.connect(lambda _checked=False: self._use())
        self.remove.clicked.connect(lambda _checked=False: self._remove())

    def _moved(self, moved: Moved) -> None:
        self.strip.show_index(moved)

    def _measure(self) -> None:
        """As high as its rows, up to a number: what can be done with one stands right below."""
        table, rows = self.table, min(ROWS, max(2, len(self._found.lines)))
        frame = table.horizontalHeader().sizeHint().height() + 2 * table.frameWidth() + 2
        bar = table.horizontalScrollBar().sizeHint().height()
        table.setFixedHeight(rows * table.verticalHeader().defaultSectionSize() + frame + bar)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            QTimer.singleShot(0, self, self._measure)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._title.setText(wording.fill(self.tr("How %1 is searched"), words.title_of(self._about)))
        self._lead.setText(
            self.tr(
                "An encoder turns names and mentions into vectors, so that what means the same stands together. A new "
                "one takes over only if it finds more of the names held out; until then, and while its index is "
                "made, everything is searched with the old one."
            )
        )
        self.table.setAccessibleName(self.tr("Encoders on this machine"))
        self.use.setText(self.tr("Use"))
        self.remove.setText(self.tr("Remove ..."))
        self._show_outcome()
        self._render()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        buttons.addStretch(1)
        buttons.addWidget(self.remove)
        buttons.addWidget(self.use)
        right = QVBoxLayout()
        right.setContentsMargins(theme.WIDE, theme.MARGIN, theme.WIDE, theme.MARGIN)
        right.setSpacing(theme.GAP + 2)
        for widget in (self._title, self._lead, self.strip, self.outcome, self._gone):
            right.addWidget(widget)
        right.addWidget(self.table)
        right.addWidget(self._detail)
        right.addLayout(buttons)
        right.addStretch(1)
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(column_of(self.lesson, width=LEFT))
        across.addLayout(right, 1)
        self.body.addLayout(across, 1)
