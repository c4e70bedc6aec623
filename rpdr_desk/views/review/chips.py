"""What the list is narrowed by, in sight above it: one chip each, one key or click takes it away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import grown, scaled
from rpdr_desk.operations.facets import Pick
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.views.review import painting
from rpdr_desk.views.review.flow_layout import FlowLayout

MARK = 12
_REMOVE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Chips(QWidget):
    """`removed` carries the pick of a chip that was taken away; `cleared`: all of them."""

    removed = Signal(object)
    cleared = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, theme.UNIT + 2)
        self._flow.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.GAP + 2)
        self._chips: list[Chip] = []
        self._shown: tuple[tuple[Pick | GivenList, str], ...] = ()
        self._clear = Chip(self, plain=True)
        self._clear.clicked.connect(lambda _checked=False: self.cleared.emit())
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.retranslate()
        self.hide()

    @property
    def texts(self) -> list[str]:
        return [words for _, words in self._shown]

    def show_picks(self, picks: Sequence[tuple[Pick | GivenList, str]]) -> None:
        """Picks, or a list that a page gave, with words. The focus stays among the chips while there are any."""
        if self._shown == tuple(picks):
            return
        self._shown = tuple(picks)
        focused = next((n for n, chip in enumerate(self._chips) if chip.hasFocus()), -1)
        self._fill()
        if focused >= 0 and self._chips:
            self._chips[min(focused, len(self._chips) - 1)].setFocus()

    def chip(self, number: int) -> Chip:
        return self._chips[number]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self._clear.set_words(self.tr("Clear all"), self.tr("Clear all"))
        for chip, (_, words) in zip(self._chips, self._shown, strict=True):
            chip.set_words(words, self.tr("Remove: %1").replace("%1", words))

    def _fill(self) -> None:
        for old in (*self._chips, self._clear):
            self._flow.removeWidget(old)
        for old in self._chips:
            old.hide()
            old.deleteLater()
        self._chips = [self._chip(pick) for pick, _ in self._shown]
        if len(self._chips) > 1:
            self._flow.addWidget(self._clear)
        self._clear.setVisible(len(self._chips) > 1)
        self.setVisible(bool(self._chips))
        self.retranslate()
        self.updateGeometry()

    def _chip(self, pick: Pick | GivenList) -> Chip:
        chip = Chip(self)
        chip.clicked.connect(lambda _checked=False: self.removed.emit(pick))
        self._flow.addWidget(chip)
        chip.show()
        return chip


class Chip(QAbstractButton):
    """Words in a rounded box with a cross; `plain`: words alone. Space, Return, Delete or a click takes it away."""

    def __init__(self, parent: QWidget, *, plain: bool = False) -> None:
        super().__init__(parent)
        self._plain = plain
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_words(self, words: str, told: str) -> None:
        self.setText(words)
        self.setToolTip(told)
        self.setAccessibleName(told)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        extra = 2 * theme.GAP + (0 if self._plain else grown(MARK) + theme.UNIT)
        return QSize(painting.width(self.text(), self._font()) + extra, self.fontMetrics().height() + 8)

    def event(self, event: QEvent) -> bool:
        # Before the review's own keys: here they mean the chip.
        mine = isinstance(event, QKeyEvent) and event.key() in (*_REMOVE, Qt.Key.Key_Space)
        if mine and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _REMOVE:
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if not self._plain:
            painter.setBrush(theme.tint(palette, 0.2 if self.underMouse() or self.isDown() else 0.12))
        edge = theme.accent(palette) if self.hasFocus() else theme.tint(palette, 0.3)
        painter.setPen(
            QPen(edge, 1.5 if self.hasFocus() else 1) if not self._plain or self.hasFocus() else Qt.PenStyle.NoPen
        )
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        room = 2 * theme.GAP + (0 if self._plain else grown(MARK) + theme.UNIT)
        area = QRect(theme.GAP, 0, self.width() - room, self.height())
        ink = theme.accent(palette) if self._plain else palette.color(QPalette.ColorRole.Text)
        painting.text(painter, area, self.text(), self._font(), ink)
        if not self._plain:
            self._cross(painter, QPointF(self.width() - theme.GAP - grown(MARK) / 2, self.height() / 2))

    def _cross(self, painter: QPainter, centre: QPointF) -> None:
        arm = grown(MARK) / 2 - 2.5
        painter.setPen(QPen(theme.dim(self.palette()), 1.4))
        painter.drawLine(centre + QPointF(-arm, -arm), centre + QPointF(arm, arm))
        painter.drawLine(centre + QPointF(-arm, arm), centre + QPointF(arm, -arm))

    def _font(self) -> QFont:
        return scaled(self.font(), 0.92)
