"""Which of a release's vocabularies come along: a list to tick."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rpdr_desk.fonts import tall

HIGH = 132


class VocabularyList(QListWidget):
    """`ticked`: another choice. Space ticks or unticks the current row."""

    ticked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("plain", True)
        self.setUniformItemSizes(True)
        self.itemChanged.connect(lambda _item: self.ticked.emit())

    def show_offered(self, offered: tuple[tuple[str, str], ...], chosen: tuple[str, ...]) -> None:
        """Values with their titles; the chosen ones are ticked."""
        with QSignalBlocker(self):
            self.clear()
            for value, title in offered:
                item = QListWidgetItem(title if title == value else f"{value}   {title}")
                item.setData(Qt.ItemDataRole.UserRole, value)
                item.setFlags(
                    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
                )
                item.setCheckState(Qt.CheckState.Checked if value in chosen else Qt.CheckState.Unchecked)
                self.addItem(item)
            self.setCurrentRow(0)
        # As high as its rows, up to a limit.
        self.ensurePolished()
        rows = self.count() * self.sizeHintForRow(0) + 2 * self.frameWidth() + 4
        self.setFixedHeight(min(rows, tall(HIGH, 4)))

    def chosen(self) -> tuple[str, ...]:
        items = [self.item(row) for row in range(self.count())]
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() == Qt.CheckState.Checked
        )
