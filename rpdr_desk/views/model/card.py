"""What the model pages are built of: cards with a title, lines of label and value, a scrolling column."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.views.model.heading import Heading

MOST_ASIDE = 0.42
"""The share of the window that a column beside the page's main part may take."""


class Card(QFrame):
    """A titled frame. Put its content into `column`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._title = Heading(self, 1.06)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.MARGIN, theme.MARGIN - 4, theme.MARGIN, theme.MARGIN)
        self.column.setSpacing(theme.GAP)
        self.column.addWidget(self._title)

    def wrap_title(self) -> None:
        """A title that is a sentence takes as many lines as it needs."""
        self._title.setWordWrap(True)

    def set_title(self, words: str) -> None:
        self._title.setText(words)
        self.setAccessibleName(words)


class Facts(QWidget):
    """Lines of a dim label and a value; values wrap and can be copied. `figures`: short values at the right edge,
    where it is the labels that wrap.
    """

    def __init__(self, parent: QWidget | None = None, *, figures: bool = False) -> None:
        super().__init__(parent)
        self._figures = figures
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.MARGIN)
        self._grid.setVerticalSpacing(theme.UNIT + 2)
        self._grid.setColumnStretch(0 if figures else 1, 1)
        self._lines: list[tuple[QLabel, QLabel]] = []

    def show_lines(self, lines: list[tuple[str, str]]) -> None:
        """Labels with their values, in this order; earlier lines go."""
        while len(self._lines) < len(lines):
            self._lines.append(self._line(len(self._lines)))
        for (label, value), shown in zip(self._lines, [*lines, *[("", "")] * len(self._lines)], strict=False):
            label.setText(shown[0])
            value.setText(shown[1])
            label.setVisible(bool(shown[0]))
            value.setVisible(bool(shown[0]))

    def _line(self, row: int) -> tuple[QLabel, QLabel]:
        label, value = QLabel(self), QLabel(self)
        label.setProperty("dim", True)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        (label if self._figures else value).setWordWrap(True)
        if self._figures:
            # In the middle of its label, whose letters may be taller than figures are.
            value.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1)
        return label, value


def column_of(*widgets: QWidget, width: int = 0) -> QScrollArea:
    """Widgets below each other, scrolling where they do not fit. `width` at a text size of 100 %; 0 for free."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
    column.setSpacing(theme.MARGIN - 4)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    area = _SideColumn(width) if width else QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


class _SideColumn(QScrollArea):
    """As wide as its words need, which grows with the text; it gives way only to what its own contents need."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMaximumWidth(grown(width))

    def sizeHint(self) -> QSize:
        return QSize(self._wanted(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        inside = self.widget()
        least = inside.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width() if inside else 0
        return QSize(min(least, self._wanted()), super().minimumSizeHint().height())

    def _wanted(self) -> int:
        return min(grown(self._width), max(self._width, round(MOST_ASIDE * self.window().width())))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self.setMaximumWidth(grown(self._width))
            self.updateGeometry()
        super().changeEvent(event)
