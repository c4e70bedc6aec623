"""What would change: mentions whose first candidate is another one with this student."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from rpdr_desk.operations.compare_state import Flip
from rpdr_desk.views.model.compare.words import NONE, effect_text

SURE = 3
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
MOST = 500
"""Rows shown; the export has all."""


class FlipsTable(QTableWidget):
    """`asked` carries a mention's id: Return or a double click opens it in the review."""

    asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 5, parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column in (3, 4):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.itemActivated.connect(lambda item: self.asked.emit(int(item.data(Qt.ItemDataRole.UserRole))))
        self.retranslate()

    def show_flips(self, flips: Sequence[Flip]) -> None:
        shown = flips[:MOST]
        self.setRowCount(len(shown))
        for row, flip in enumerate(shown):
            sure = NONE if flip.confidence is None else f"{flip.confidence:.0%}"
            decided = effect_text(flip.effect)
            cells = (flip.text, _entity(flip.before, flip.before_name), _entity(flip.after, flip.after_name))
            for column, words in enumerate((*cells, sure, decided)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                item.setData(Qt.ItemDataRole.UserRole, flip.mention_id)
                if column == SURE:
                    item.setTextAlignment(RIGHT)
                self.setItem(row, column, item)

    def retranslate(self) -> None:
        self.setHorizontalHeaderLabels(
            [self.tr("Mention"), self.tr("First now"), self.tr("First then"), self.tr("Sure"), self.tr("Decision")]
        )
        title = self.horizontalHeaderItem(SURE)
        if title is not None:
            title.setTextAlignment(RIGHT)
        self.setAccessibleName(self.tr("What would change"))


def _entity(code: str, name: str) -> str:
    return f"{code}  {name}".strip() or NONE
