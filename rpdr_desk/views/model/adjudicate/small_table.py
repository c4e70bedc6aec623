"""A small table of figures: as high as its rows, as wide as the pane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from rpdr_desk.fonts import TEXT_CHANGED
from rpdr_desk.views.model.figure_table import FigureTable

_AIR = 14


@dataclass(frozen=True, slots=True)
class Cell:
    """`below` in small print; `told` explains it."""

    words: str
    below: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row; a strong one is bold."""

    cells: tuple[Cell, ...]
    strong: bool = False


class SmallTable(FigureTable):
    """As high as its rows: the page scrolls, not the table. The first column takes what is left."""

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(columns, parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWordWrap(False)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def set_titles(self, titles: Sequence[tuple[str, str]]) -> None:
        """A heading and what explains it, for each column."""
        for column, (title, told) in enumerate(titles):
            self.set_title(column, title, told)
        self._measure()

    def show_lines(self, lines: Sequence[Line]) -> None:
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for column in range(self.columnCount()):
                cell = line.cells[column] if column < len(line.cells) else Cell("")
                # The first column may be cut, the others never are.
                told = cell.told or (cell.words if column == 0 else "")
                self.put(row, column, cell.words, cell.below, told, strong=line.strong)
        self._measure()

    def _measure(self) -> None:
        row = self.row_height()
        self.verticalHeader().setDefaultSectionSize(row)
        for column in range(1, self.columnCount()):
            self.setColumnWidth(column, self.widest(column) + 2 * _AIR)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + row * self.rowCount() + 4)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in TEXT_CHANGED:
            self._measure()
