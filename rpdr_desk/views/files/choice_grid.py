"""Which column of a table holds what: one chooser for each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from rpdr_desk import theme

ACROSS = 3
LEAST = 9
"""Letters that a closed chooser shows at least."""


class ChoiceGrid(QWidget):
    """`chosen`: the user has named another column for a field. `label` words a field."""

    chosen = Signal()

    def __init__(
        self, fields: Sequence[str], label: Callable[[str], str], parent: QWidget | None = None, *, across: int = ACROSS
    ) -> None:
        super().__init__(parent)
        self._label = label
        self._headers: tuple[str, ...] = ()
        self._shown: dict[str, str] = {}
        self.boxes = {name: self._box() for name in fields}
        self._labels = {name: QLabel(self) for name in fields}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.MARGIN)
        grid.setVerticalSpacing(theme.UNIT)
        for number, name in enumerate(fields):
            row, place = divmod(number, across)
            self._labels[name].setProperty("caption", True)
            self._labels[name].setBuddy(self.boxes[name])
            grid.addWidget(self._labels[name], 2 * row, place)
            grid.addWidget(self.boxes[name], 2 * row + 1, place)
            grid.setColumnStretch(place, 1)
        self._retranslate()

    def show_choices(self, headers: Sequence[str], chosen: Mapping[str, str]) -> None:
        """`chosen`: the header of each field; empty or missing where the file has none."""
        self._headers, self._shown = tuple(headers), dict(chosen)
        for name, box in self.boxes.items():
            box.clear()
            box.addItem(self.tr("none"), "")
            for header in headers:
                box.addItem(header, header)
            box.setCurrentIndex(max(0, box.findData(chosen.get(name, ""))))

    def choices(self) -> dict[str, str]:
        """Header by field; empty for none."""
        return {name: str(box.currentData() or "") for name, box in self.boxes.items()}

    def _box(self) -> QComboBox:
        box = QComboBox(self)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(LEAST)
        box.activated.connect(lambda _row: self.chosen.emit())
        return box

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        for name, box in self.boxes.items():
            self._labels[name].setText(self._label(name))
            box.setAccessibleName(self._label(name))
        if self._headers:
            self.show_choices(self._headers, self._shown)
