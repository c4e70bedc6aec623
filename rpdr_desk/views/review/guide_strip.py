"""The line that guides through the first three mentions: one sentence, the key it is about, and how far it is."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.views.banner import announce


class GuideStrip(QFrame):
    """Never takes the focus: the keys that it speaks of go where they always go."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self._step: tuple[int, int, str, tuple[str, ...], str] | None = None
        self.dots = _Dots(self)
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.leave = QPushButton(self)
        self.leave.setProperty("small", True)
        self.leave.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.leave.clicked.connect(lambda _checked=False: self.left.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.WIDE, theme.GAP + 2, theme.MARGIN, theme.GAP + 2)
        row.setSpacing(theme.MARGIN)
        row.addWidget(self.dots)
        row.addWidget(self.text, 1)
        row.addWidget(self.leave)
        self.hide()

    def show_step(self, step: int, steps: int, words: str, keys: tuple[str, ...], leave: str) -> None:
        """`words` has a place %1, %2 ... for each of `keys`; they are painted like keys."""
        self._step = (step, steps, words, keys, leave)
        self.dots.show_step(step, steps)
        plain, rich = words, escape(words)
        for place, key in enumerate(keys, 1):
            plain = plain.replace(f"%{place}", key)
            rich = rich.replace(f"%{place}", self._cap(key))
        self.text.setText(rich)
        self.leave.setText(leave)
        self.show()
        if plain != self._words:
            self._words = plain
            self.setAccessibleName(plain)
            announce(self, plain)

    @property
    def words(self) -> str:
        """What it says, without the looks."""
        return self._words

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self.dots.updateGeometry()
        elif event.type() == QEvent.Type.PaletteChange and self._step is not None and self.isVisible():
            self.show_step(*self._step)
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.tint(self.palette(), 0.10))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.tint(self.palette(), 0.3))

    def _cap(self, key: str) -> str:
        ground = theme.accent(self.palette()).name()
        ink = self.palette().highlightedText().color().name()
        return f'<span style="background-color:{ground}; color:{ink}; font-weight:600">&nbsp;{escape(key)}&nbsp;</span>'


class _Dots(QWidget):
    """One mark a step: filled when done, ringed while it is this one's turn. The words beside them say the step."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._step, self._steps = 0, 4
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_step(self, step: int, steps: int) -> None:
        self._step, self._steps = step, steps
        self.setAccessibleName(f"{min(step + 1, steps)} / {steps}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._steps * grown(16), grown(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, step = grown(9), grown(16)
        for number in range(self._steps):
            area = QRectF(number * step + 1, (self.height() - size) / 2, size, size)
            done = number < self._step
            ink = theme.accent(palette) if number <= self._step else theme.dim(palette)
            painter.setPen(ink)
            painter.setBrush(ink if done else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(area)
            if number == self._step:
                painter.setBrush(ink)
                painter.drawEllipse(area.adjusted(size / 3, size / 3, -size / 3, -size / 3))
