"""The course of a training run: loss as a line, accuracy as points. Painted here: two curves need no library."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import figures, scaled
from rpdr_desk.operations.jobs import Point
from rpdr_desk.views.review import painting


class Curve(QWidget):
    """Loss against the left edge, accuracy at 1 against the right one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[Point, ...] = ()
        self._steps = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Loss and accuracy"))

    def show_points(self, points: tuple[Point, ...], steps: int) -> None:
        self._points, self._steps = points, max(1, steps)
        if points:
            self.setAccessibleDescription(f"{points[-1].loss:.3f}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 220)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = figures(scaled(self.font(), 0.88))
        area = QRectF(self.rect()).adjusted(46, 12, -50, -24)
        painter.setPen(QPen(theme.line(palette), 1))
        for part in range(5):
            level = area.top() + area.height() * part / 4
            painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))
        top = max((point.loss for point in self._points), default=1.0) or 1.0
        painter.setFont(small)
        painter.setPen(theme.dim(palette))
        painter.drawText(QRectF(0, area.top() - 8, 40, 16), painting.RIGHT, f"{top:.2f}")
        painter.drawText(QRectF(0, area.bottom() - 8, 40, 16), painting.RIGHT, "0")
        painter.drawText(QRectF(area.right() + 8, area.top() - 8, 44, 16), painting.LEFT, "100%")
        painter.drawText(QRectF(area.left(), area.bottom() + 4, 200, 18), painting.LEFT, self.tr("loss (line)"))
        painter.drawText(
            QRectF(area.right() - 260, area.bottom() + 4, 260, 18), painting.RIGHT, self.tr("accuracy at 1 (points)")
        )
        self._draw(painter, area, top)

    def _draw(self, painter: QPainter, area: QRectF, top: float) -> None:
        line = QPolygonF([self._at(area, point.step, point.loss / top) for point in self._points])
        painter.setPen(QPen(theme.dim(self.palette()), 1.6))
        painter.drawPolyline(line)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Base), 1.5))
        painter.setBrush(theme.accent(self.palette()))
        for point in self._points:
            if point.accuracy is not None:
                painter.drawEllipse(self._at(area, point.step, point.accuracy), 5, 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _at(self, area: QRectF, step: int, share: float) -> QPointF:
        return QPointF(
            area.left() + area.width() * min(1.0, step / self._steps), area.bottom() - area.height() * min(1.0, share)
        )
