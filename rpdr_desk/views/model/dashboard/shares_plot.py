"""Shares of 1 as marks with their intervals, joined by lines. Rankers differ in mark and line, not in colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, scaled, text_font
from rpdr_desk.operations.dashboard_state import Role
from rpdr_desk.views.model.plot import plot_library

_HIGH = 250
_BELOW = -0.13
"""Room for the counts, in shares of the axis at the left."""

_MARK = 9
_STYLES: dict[Role, tuple[str, Qt.PenStyle]] = {
    "student": ("o", Qt.PenStyle.SolidLine),
    "teacher": ("s", Qt.PenStyle.DashLine),
    "retriever": ("t1", Qt.PenStyle.DotLine),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A share (0..1) at a place on the axis, with its interval."""

    at: float
    value: float
    low: float
    high: float


def colour_of(role: Role, palette: QPalette) -> QColor:
    """The accent for the student; text and secondary text for the others: they also differ in lightness."""
    if role == "student":
        return theme.accent(palette)
    return palette.color(QPalette.ColorRole.Text) if role == "teacher" else theme.dim(palette)


class SharesPlot(QWidget):
    """One line of marks for each ranker. `diagonal`: where confidence and share right are equal."""

    def __init__(self, parent: QWidget | None = None, *, diagonal: bool = False) -> None:
        super().__init__(parent)
        self._library = plot_library()
        self._diagonal = diagonal
        self._lines: dict[Role, tuple[Mark, ...]] = {}
        self._items: list[Any] = []
        self._ticks: list[tuple[float, str]] = []
        self._counts: tuple[tuple[float, str], ...] = ()
        self._axes = ("", "")
        self._plot = self._library.PlotWidget(self)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(False, False)
        self._plot.hideButtons()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The plot's own wheel would keep the page from being scrolled.
        self._plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self._draw()

    def show_axes(self, below: str, left: str) -> None:
        """What the axes measure."""
        self._axes = (below, left)
        self._draw()

    def show_lines(
        self,
        lines: dict[Role, tuple[Mark, ...]],
        ticks: Sequence[tuple[float, str]],
        counts: Sequence[tuple[float, str]] = (),
    ) -> None:
        """`ticks` label places on the axis below; `counts` are written above it."""
        self._lines, self._ticks, self._counts = dict(lines), list(ticks), tuple(counts)
        self._draw()

    def marks(self, role: Role) -> tuple[Mark, ...]:
        """What is shown of a ranker."""
        return self._lines.get(role, ())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, *TEXT_CHANGED):
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        palette = self.palette()
        for item in self._items:
            self._plot.removeItem(item)
        self._items = []
        self._plot.setMinimumHeight(grown(_HIGH))
        self._plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self._draw_axes(palette)
        if self._diagonal:
            pen = QPen(theme.mix(theme.line(palette), theme.dim(palette), 0.5), 1.5, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            self._add(self._library.PlotDataItem([0, 1], [0, 1], pen=pen))
        for role, marks in self._lines.items():
            self._draw_line(role, marks, colour_of(role, palette))
        for at, words in self._counts:
            label = self._library.TextItem(words, color=theme.dim(palette), anchor=(0.5, 1))
            label.setFont(scaled(text_font(), 0.85))
            label.setPos(at, _BELOW)
            self._add(label)

    def _draw_line(self, role: Role, marks: Sequence[Mark], colour: QColor) -> None:
        if not marks:
            return
        mark, style = _STYLES[role]
        pen = QPen(colour, 1.8, style)
        pen.setCosmetic(True)
        thin = QPen(theme.mix(colour, self.palette().color(QPalette.ColorRole.Base), 0.5), 1)
        thin.setCosmetic(True)
        for one in marks:
            self._add(self._library.PlotDataItem([one.at, one.at], [one.low, one.high], pen=thin))
        self._add(
            self._library.PlotDataItem(
                [one.at for one in marks],
                [one.value for one in marks],
                pen=pen,
                symbol=mark,
                symbolSize=grown(_MARK),
                symbolBrush=colour,
                symbolPen=None,
            )
        )

    def _draw_axes(self, palette: QPalette) -> None:
        small = scaled(text_font(), 0.85)
        for side, words in (("bottom", self._axes[0]), ("left", self._axes[1])):
            axis = self._plot.getAxis(side)
            axis.setPen(theme.line(palette))
            axis.setTextPen(theme.dim(palette))
            axis.setTickFont(small)
            axis.setStyle(tickTextOffset=6)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(words, **{"color": theme.dim(palette).name(), "font-size": f"{small.pointSizeF():.1f}pt"})
            axis.setStyle(hideOverlappingLabels=False)
        least = self._least()
        steps = (0.0, 0.25, 0.5, 0.75, 1.0) if least < 0.5 else (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
        left = self._plot.getAxis("left")
        left.setTicks([[(step, f"{step:.0%}") for step in steps if step >= least]])
        left.setWidth(grown(58))
        self._plot.setYRange(_BELOW if self._counts else least, 1.0, padding=0.03)
        self._plot.getAxis("bottom").setHeight(grown(44))
        self._plot.getAxis("bottom").setTicks([self._ticks])
        places = [mark.at for marks in self._lines.values() for mark in marks]
        if self._diagonal:
            self._plot.setXRange(0.0, 1.0, padding=0.05)
        elif places:
            self._plot.setXRange(min(places) - 0.5, max(places) + 0.5, padding=0.0)

    def _least(self) -> float:
        """Where the axis at the left begins: shares that are all high are told apart better without the rest."""
        lows = [mark.low for marks in self._lines.values() for mark in marks]
        return 0.0 if self._diagonal or not lows else min(0.5, int(4 * min(lows)) / 4)

    def _add(self, item: Any) -> None:
        self._plot.addItem(item)
        self._items.append(item)


class MarkSample(QWidget):
    """A ranker's mark and line, for the legend."""

    def __init__(self, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(grown(34), grown(16))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self.setFixedSize(grown(34), grown(16))
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = colour_of(self._role, self.palette())
        middle, half = QPointF(self.width() / 2, self.height() / 2), grown(_MARK) / 2
        painter.setPen(QPen(colour, 1.8, _STYLES[self._role][1]))
        painter.drawLine(QPointF(0, middle.y()), QPointF(self.width(), middle.y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colour))
        match self._role:
            case "student":
                painter.drawEllipse(middle, half, half)
            case "teacher":
                painter.drawRect(round(middle.x() - half), round(middle.y() - half), grown(_MARK), grown(_MARK))
            case "retriever":
                up = [QPointF(-half, half), QPointF(half, half), QPointF(0.0, -half)]
                painter.drawPolygon(QPolygonF([middle + one for one in up]))
