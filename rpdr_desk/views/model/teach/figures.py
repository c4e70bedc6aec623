"""Figures of a run: a number with its name below, and named bars."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import figures
from rpdr_desk.views import wording
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.review import painting


class Figure(QWidget):
    """A large number, its name below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value, self._name = Heading(self, 1.7), QLabel(self)
        self._name.setProperty("dim", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.value)
        column.addWidget(self._name)

    def tell(self, name: str, value: str) -> None:
        self._name.setText(name)
        self.value.setText(value)
        self.setAccessibleName(f"{name}: {value}")


class Bars(QWidget):
    """Rows of a name, a bar for its share, its number. The first row is the one that is hoped for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: tuple[tuple[str, int], ...]) -> None:
        self._rows = rows
        self.setAccessibleDescription(", ".join(f"{name} {count}" for name, count in rows))
        self.updateGeometry()
        self.update()

    def rows(self) -> tuple[tuple[str, int], ...]:
        return self._rows

    def sizeHint(self) -> QSize:
        return QSize(320, len(self._rows) * self._step)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, font = self.palette(), figures(self.font())
        names = max((painting.width(name, font) for name, _ in self._rows), default=0) + theme.MARGIN
        counts = painting.width("000,000", font)
        total = sum(count for _, count in self._rows)
        for at, (name, count) in enumerate(self._rows):
            box = QRect(0, at * self._step, self.width(), self._step)
            painting.text(painter, box, name, font, palette.color(QPalette.ColorRole.Text))
            painting.text(painter, box, wording.number(count), font, theme.dim(palette), painting.RIGHT)
            room = max(20, self.width() - names - counts - theme.MARGIN)
            area = QRectF(names, box.center().y() - 2, room, 5)
            painting.bar(painter, area, count / total if total else 0, palette, strong=at == 0)

    @property
    def _step(self) -> int:
        return self.fontMetrics().height() + theme.GAP


class ThinBar(QWidget):
    """Progress as a thin line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share, self._strong = 0.0, True
        self.setFixedHeight(10)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_share(self, share: float, words: str, *, strong: bool = True) -> None:
        self._share, self._strong = share, strong
        self.setAccessibleName(words)
        self.update()

    @property
    def share(self) -> float:
        return self._share

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painting.bar(painter, QRectF(0, 2, self.width(), 6), self._share, self.palette(), strong=self._strong)
