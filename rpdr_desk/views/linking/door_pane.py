"""Where a file to link is chosen, what came of the last one, and what was not finished."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.operations.link_state import LinkResult, Unfinished
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.files.layouts import in_the_middle
from rpdr_desk.views.linking import words
from rpdr_desk.views.linking.linked_card import LinkedCard
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.heading import Heading

WIDTH = 760
SHOWN = 4


class LinkDoor(QScrollArea):
    """`file_asked`: choose one. `go_on_asked` and `discard_asked` carry an `Unfinished`."""

    file_asked = Signal()
    go_on_asked = Signal(object)
    discard_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.linked, self._unfinished = LinkedCard(self), Card(self)
        self._waiting: tuple[Unfinished, ...] = ()
        self._rows = [_Row(self._unfinished) for _ in range(SHOWN)]
        for at, row in enumerate(self._rows):
            row.go_on.clicked.connect(partial(self._go_on, at))
            row.discard.clicked.connect(partial(self._discard, at))
            self._unfinished.column.addWidget(row)
        self._title, self._lead = Heading(self, 1.4), dim_label("", self)
        self._title.setWordWrap(True)
        self.file, self._formats = QPushButton(self), dim_label("", self)
        self.file.clicked.connect(lambda _checked=False: self.file_asked.emit())
        self._result: LinkResult | None = None
        self._lay_out()
        self._retranslate()

    def show_result(self, result: LinkResult | None) -> None:
        """What came of the file that was linked last."""
        self._result = result
        self.linked.show_result(result)
        self._retranslate()
        if result is not None:
            self.verticalScrollBar().setValue(0)

    def show_unfinished(self, waiting: tuple[Unfinished, ...]) -> None:
        self._waiting = waiting[:SHOWN]
        self._retranslate()

    def first(self) -> QPushButton:
        """Where work goes on."""
        if self._result is not None:
            return self.linked.folder
        return self._rows[0].go_on if self._waiting else self.file

    def _go_on(self, at: int, _checked: bool = False) -> None:
        self.go_on_asked.emit(self._waiting[at])

    def _discard(self, at: int, _checked: bool = False) -> None:
        self.discard_asked.emit(self._waiting[at])

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self._inner.setMaximumWidth(grown(WIDTH))
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Link a file"))
        self._title.setText(self.tr("Link a file"))
        self._lead.setText(
            self.tr(
                "Every row of a file gets a code, its confidence and the runner-up, offline and in the order of the "
                "rows. The project itself does not change. You can close the window or cancel at any time: it goes on "
                "where it stopped."
            )
        )
        self.file.setText(self.tr("Choose a file ..."))
        self._formats.setText(
            self.tr(
                "CSV, TSV, Excel, Parquet, JSON Lines, plain lists; or drop the file here. Millions of rows are fine."
            )
        )
        # What only stands in for the primary button of the moment keeps its colour for itself.
        self.file.setProperty("primary", self.first() is self.file)
        self.file.style().polish(self.file)
        self._unfinished.set_title(self.tr("Not finished"))
        self._unfinished.setVisible(bool(self._waiting))
        for row, one in zip(self._rows, (*self._waiting, *[None] * SHOWN), strict=False):
            row.show_one(one)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.file)
        buttons.addStretch(1)
        self._inner = inner = QWidget()
        inner.setMaximumWidth(grown(WIDTH))
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        for card in (self.linked, self._unfinished):
            column.addWidget(card)
            column.addSpacing(theme.GAP)
        column.addWidget(self._title)
        column.addWidget(self._lead)
        column.addSpacing(theme.GAP)
        column.addLayout(buttons)
        column.addWidget(self._formats)
        self.setWidget(in_the_middle(inner))


class _Row(QWidget):
    """An unfinished file: how far it is, and what to do with it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self.discard, self.go_on = QPushButton(self), QPushButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self._words, 1)
        row.addWidget(self.discard)
        row.addWidget(self.go_on)

    def show_one(self, one: Unfinished | None) -> None:
        self.setVisible(one is not None)
        self.discard.setText(self.tr("Discard"))
        self.go_on.setText(self.tr("Go on where it stopped"))
        if one is not None:
            self._words.setText(words.unfinished_text(one))
            for button in (self.discard, self.go_on):
                button.setAccessibleName(f"{button.text()}: {one.wish.source.name}")
