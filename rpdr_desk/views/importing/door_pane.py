"""Nothing chosen yet: what can be imported, where to drop it, and what became of the last file."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.operations.door import Taken
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.files.layouts import in_the_middle
from rpdr_desk.views.importing import words
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.heading import Heading

WIDTH = 720


class DoorPane(QScrollArea):
    """`file_asked`, `folder_asked`: choose what to import. `review_asked`: go on to the mentions."""

    file_asked = Signal()
    folder_asked = Signal()
    review_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._taken: Taken | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._result, self._facts = Card(self), Facts(self, figures=True)
        self._next = dim_label("", self)
        self.review = QPushButton(self)
        self.review.setProperty("primary", True)
        self._title, self._lead = Heading(self, 1.4), dim_label("", self)
        self.file, self.folder = QPushButton(self), QPushButton(self)
        self._kinds = [(Heading(self, 1.0), dim_label("", self)) for _ in words.KINDS]
        self.file.clicked.connect(lambda _checked=False: self.file_asked.emit())
        self.folder.clicked.connect(lambda _checked=False: self.folder_asked.emit())
        self.review.clicked.connect(lambda _checked=False: self.review_asked.emit())
        self._lay_out()
        self._retranslate()

    def show_taken(self, taken: Taken) -> None:
        """What became of the file that was imported last."""
        self._taken = taken
        self._retranslate()

    def first(self) -> QPushButton:
        """Where work goes on."""
        return self.review if self._taken is not None else self.file

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self._inner.setMaximumWidth(grown(WIDTH))
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._title.setText(self.tr("Import a file"))
        self._lead.setText(
            self.tr("Choose a file or drop it here. You see what it would become before anything is changed.")
        )
        self.file.setText(self.tr("Choose a file ..."))
        self.folder.setText(self.tr("Choose a folder ..."))
        for (heading, told), kind in zip(self._kinds, words.KINDS, strict=True):
            heading.setText(words.kind_text(kind))
            told.setText(words.kind_explained(kind))
        self.setAccessibleName(self.tr("Import a file"))
        self._show_taken()

    def _show_taken(self) -> None:
        # What only stands in for the primary button of the moment keeps its colour for itself.
        self.file.setProperty("primary", self._taken is None)
        self.file.style().polish(self.file)
        self._result.setVisible(self._taken is not None)
        if self._taken is None:
            return
        self._result.set_title(words.taken_title(self._taken))
        self._facts.show_lines(words.fact_lines(self._taken.facts))
        warned = [in_language(one) for one in self._taken.warnings]
        self._next.setText("\n".join((*warned, words.next_step(self._taken))))
        self.review.setText(self.tr("Go to the review"))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        for button in (self.file, self.folder):
            buttons.addWidget(button)
        buttons.addStretch(1)
        onward = QHBoxLayout()
        onward.addWidget(self.review)
        onward.addStretch(1)
        self._result.column.addWidget(self._facts)
        self._result.column.addWidget(self._next)
        self._result.column.addLayout(onward)
        self._inner = inner = QWidget()
        inner.setMaximumWidth(grown(WIDTH))
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._result)
        column.addSpacing(theme.GAP)
        column.addWidget(self._title)
        column.addWidget(self._lead)
        column.addSpacing(theme.GAP)
        column.addLayout(buttons)
        for heading, told in self._kinds:
            column.addSpacing(theme.GAP)
            column.addWidget(_spaced(heading, told))
        self.setWidget(in_the_middle(inner))


def _spaced(heading: QLabel, told: QLabel) -> QWidget:
    """A kind of file: its name, and what belongs to it."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(heading)
    column.addWidget(told)
    return both
