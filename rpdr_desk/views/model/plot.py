"""A line over the steps of a run. pyqtgraph, and numpy with it, are loaded when the first plot is made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, scaled, text_font

_LEAST = 120
_TITLE = 30


def plot_library() -> Any:
    """pyqtgraph. The program's start blocks numpy, which sqlite-utils would load for nothing; here it is wanted."""
    if sys.modules.get("numpy", sys) is None:
        del sys.modules["numpy"]
    import pyqtgraph

    # Without it slanted lines are stairs.
    pyqtgraph.setConfigOptions(antialias=True)
    return pyqtgraph


class Plot(QWidget):
    """One curve in the theme's colours. `dots`: also mark each measurement; `share`: the values are shares of 1."""

    def __init__(self, parent: QWidget | None = None, *, dots: bool = False, share: bool = False) -> None:
        super().__init__(parent)
        pyqtgraph = plot_library()
        self._dots = dots
        self._plot = pyqtgraph.PlotWidget(self)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(False, False)
        self._plot.hideButtons()
        if share:
            self._plot.setYRange(0.0, 1.0, padding=0.02)
        self._curve = self._plot.plot([], [])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self._tint()

    def set_title(self, words: str) -> None:
        """What the curve is; also its accessible name."""
        self._words = words
        size = f"{text_font().pointSizeF():.1f}pt"
        self._plot.setTitle(words, color=theme.dim(self.palette()), size=size, justify="left")
        item = self._plot.getPlotItem()
        item.titleLabel.setMaximumHeight(grown(_TITLE))
        item.layout.setRowFixedHeight(0, grown(_TITLE))
        self.setAccessibleName(words)

    def show_points(self, points: Sequence[tuple[float, float]], last: float = 0.0) -> None:
        """(step, value) pairs. `last`: the step at which the run will end, so that the curve fills what is done."""
        self._curve.setData([x for x, _ in points], [y for _, y in points])
        self._plot.setXRange(0.0, max(last, points[-1][0] if points else 0.0, 1.0), padding=0.01)
        newest = f"{points[-1][1]:.3f}" if points else "-"
        self.setAccessibleDescription(newest)

    def points(self) -> list[tuple[float, float]]:
        """What is shown."""
        xs, ys = self._curve.getData()
        return [] if xs is None else [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, *TEXT_CHANGED):
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        palette = self.palette()
        self._plot.setBackground(palette.color(QPalette.ColorRole.Base))
        pen = QPen(theme.accent(palette), 2)
        pen.setCosmetic(True)
        self._curve.setPen(pen)
        if self._dots:
            self._curve.setSymbol("o")
            self._curve.setSymbolSize(7)
            self._curve.setSymbolBrush(theme.accent(palette))
            self._curve.setSymbolPen(None)
        self._plot.setMinimumHeight(grown(_LEAST))
        small = scaled(text_font(), 0.85)
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setTickFont(small)
            axis.setPen(theme.line(palette))
            axis.setTextPen(theme.dim(palette))
        if hasattr(self, "_words"):
            self.set_title(self._words)
