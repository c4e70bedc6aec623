"""The list of disputes: the mention, and below it what kind of disagreement it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, Cuts
from rpdr_desk.item_models.dispute_model import CASE, DisputeModel
from rpdr_desk.operations.adjudicate_state import Case
from rpdr_desk.views import wording
from rpdr_desk.views.model.adjudicate.words import kind_text
from rpdr_desk.views.review import painting
from rpdr_desk.views.review.queue_delegate import row_background


class DisputeList(QListView):
    """`chosen` carries the case that was moved to, None where there is none."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model_ = DisputeModel(described, self)
        self._empty = ""
        self.setModel(self.model_)
        self.setItemDelegate(_Rows(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(lambda now, _before: self.chosen.emit(now.data(CASE)))

    def current(self) -> Case | None:
        found = self.currentIndex().data(CASE)
        return found if isinstance(found, Case) else None

    def go_to(self, row: int) -> None:
        """Stand on a row, or on the last one where there are fewer."""
        count = self.model_.rowCount()
        if count:
            self.setCurrentIndex(self.model_.index(max(0, min(row, count - 1))))

    def set_empty_text(self, words: str) -> None:
        self._empty = words
        self.viewport().update()

    def keyboardSearch(self, search: str) -> None:
        """Letters are the page's keys; none of them looks for a mention's first letter."""
        del search

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._empty and not self.model_.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.dim(self.palette()))
            box = self.viewport().rect().adjusted(theme.MARGIN, theme.MARGIN, -theme.MARGIN, -theme.MARGIN)
            painter.drawText(box, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, self._empty)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self.scheduleDelayedItemsLayout()
        super().changeEvent(event)


def described(case: Case) -> str:
    """A dispute in one line for screen readers."""
    parts = (case.mention.text, wording.occurrences(case.mention.count), kind_text(case.kind))
    return ", ".join((*parts, case.first.code, case.second.code)).strip(", ")


class _Rows(QStyledItemDelegate):
    """Two lines: the mention with its count, the kind of disagreement. A material one is told by weight too."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        del index
        return QSize(120, 2 * option.fontMetrics.height() + 2 * theme.GAP + 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        case = index.data(CASE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_background(painter, option)
        if isinstance(case, Case):
            self._paint(painter, option, case)
        painter.restore()

    def _paint(self, painter: QPainter, option: QStyleOptionViewItem, case: Case) -> None:
        palette, line = option.palette, option.fontMetrics.height()
        box = option.rect.adjusted(theme.MARGIN, theme.GAP, -theme.MARGIN, -theme.GAP)
        small = self._cuts.of(option.font, 0.9, tabular=True)
        count = wording.number(case.mention.count)
        upper = QRect(box.left(), box.top(), box.width(), line)
        painting.text(painter, upper, count, small, theme.dim(palette), painting.RIGHT)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        name = upper.adjusted(0, 0, -painting.width(count, small) - theme.GAP, 0)
        font = self._cuts.of(option.font, bold=selected)
        painting.text(painter, name, case.mention.text, font, palette.color(QPalette.ColorRole.Text))
        lower = QRect(box.left(), box.bottom() - line + 1, box.width(), line)
        material = case.kind == "material"
        ink = palette.color(QPalette.ColorRole.Text) if material else theme.dim(palette)
        codes = "  ".join((case.first.code or "∅", "≠" if case.first.code != case.second.code else "=",
                           case.second.code or "∅"))  # fmt: skip
        # Where both do not fit, the codes stay whole.
        wide = painting.width(codes, small)
        painting.text(painter, lower, codes, small, theme.dim(palette), painting.RIGHT)
        painting.text(painter, lower.adjusted(0, 0, -wide - theme.GAP, 0), kind_text(case.kind), small, ink)
