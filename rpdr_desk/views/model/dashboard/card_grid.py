"""Cards side by side where there is room for two, below each other where there is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown

LEAST = 470


class CardGrid(QWidget):
    """`rows` of one or two cards; a pair shares a row while each gets `LEAST` pixels (more with larger text)."""

    def __init__(self, rows: Sequence[Sequence[QWidget]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = [tuple(row) for row in rows]
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.MARGIN - 4)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self._arrange()
        super().changeEvent(event)

    def _arrange(self) -> None:
        columns = 2 if self.width() >= 2 * grown(LEAST) else 1
        if columns == self._columns:
            return
        self._columns = columns
        for row in self._rows:
            for card in row:
                self._grid.removeWidget(card)
        at = 0
        for row in self._rows:
            for place, card in enumerate(row):
                if columns == 2:
                    self._grid.addWidget(card, at, place, 1, 2 // len(row))
                else:
                    self._grid.addWidget(card, at + place, 0)
            at += 1 if columns == 2 else len(row)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
