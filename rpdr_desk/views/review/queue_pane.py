"""The left side: the queues with their counts, a filter, and the mentions of the queue."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.fonts import figures, scaled
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.operations.queues import QUEUES, Counts, QueueName
from rpdr_desk.views import wording
from rpdr_desk.views.review import painting
from rpdr_desk.views.review.mention_list import MentionList
from rpdr_desk.views.review.queue_delegate import row_background

FILTER_DELAY_MS = 200
COUNT = Qt.ItemDataRole.UserRole + 1


class QueuePane(QFrame):
    """`queue_changed`: another queue or filter was asked for. `mention_chosen`: a row became current by hand."""

    queue_changed = Signal()
    mention_chosen = Signal(int)

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self.queues = _QueueList(self)
        self.filter = QLineEdit(self)
        self.filter.setClearButtonEnabled(True)
        self.list = MentionList(model, self)
        self._model = model
        self._by_hand = True
        self._later = QTimer(self, singleShot=True, interval=FILTER_DELAY_MS)
        self._later.timeout.connect(self.queue_changed)
        self.filter.textChanged.connect(lambda _text: self._later.start())
        self.filter.returnPressed.connect(self._leave_filter)
        self.queues.currentRowChanged.connect(lambda _row: self.queue_changed.emit())
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self._lay_out()
        self.retranslate()

    @property
    def queue(self) -> QueueName:
        return QUEUES[max(0, self.queues.currentRow())]

    @property
    def filter_text(self) -> str:
        return self.filter.text().strip()

    def set_queue(self, queue: QueueName) -> None:
        self.queues.setCurrentRow(QUEUES.index(queue))

    def show_snapshot(self, ids: array[int], current: int) -> None:
        """Put a queue's rows in and stand on row `current`, without calling that a choice by hand."""
        self._by_hand = False
        self._model.set_snapshot(ids)
        self._by_hand = True
        self.list.set_empty_text(self._empty_text() if not ids else "")
        if ids:
            self.go_to(current)

    def go_to(self, row: int) -> None:
        """Stand on a row. It scrolls only when the row is out of sight, so that the list does not jump."""
        self._by_hand = False
        self.list.go_to(row)
        self._by_hand = True

    def show_counts(self, counts: Counts) -> None:
        for row, queue in enumerate(QUEUES):
            self.queues.item(row).setData(COUNT, wording.number(counts.by_queue[queue]))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.filter.setPlaceholderText(self.tr("Filter mentions"))
        self.filter.setAccessibleName(self.tr("Filter mentions"))
        self.queues.setAccessibleName(self.tr("Queues"))
        self.list.setAccessibleName(self.tr("Mentions of the queue"))
        for row, queue in enumerate(QUEUES):
            text, tip = self._named(queue)
            self.queues.item(row).setText(text)
            self.queues.item(row).setToolTip(tip)
        if not self._model.rowCount():
            self.list.set_empty_text(self._empty_text())

    def queue_name(self, queue: QueueName) -> str:
        return self._named(queue)[0]

    def _named(self, queue: QueueName) -> tuple[str, str]:
        names: dict[QueueName, Callable[[], tuple[str, str]]] = {
            "unreviewed": lambda: (self.tr("Unreviewed"), self.tr("In the order of the import")),
            "disagreement": lambda: (self.tr("Disagreement"), self.tr("Rankers disagree most first")),
            "least_sure": lambda: (self.tr("Least sure"), self.tr("Lowest confidence first")),
            "most_frequent": lambda: (self.tr("Most frequent"), self.tr("Most occurrences first")),
            "deferred": lambda: (self.tr("Deferred"), self.tr("Put off for later")),
            "flagged": lambda: (self.tr("Flagged"), self.tr("Marked for discussion")),
            "decided": lambda: (self.tr("Decided"), self.tr("Accepted, corrected, or without a match")),
            "all": lambda: (self.tr("All"), self.tr("Every mention of the project")),
        }
        return names[queue]()

    def _empty_text(self) -> str:
        if self.filter_text:
            return self.tr("No mention holds this text.")
        return self.tr("This queue is empty.")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GAP, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.queues)
        box = QVBoxLayout()
        box.setContentsMargins(theme.MARGIN, theme.GAP + 2, theme.MARGIN, theme.GAP + 2)
        box.addWidget(self.filter)
        column.addLayout(box)
        column.addWidget(self.list, 1)

    def _leave_filter(self) -> None:
        self._later.stop()
        self.queue_changed.emit()
        self.list.setFocus()

    def _current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        if self._by_hand and now.isValid():
            self.mention_chosen.emit(now.row())


class _QueueList(QListWidget):
    """As high as its rows: eight queues, always in sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setItemDelegate(_QueueNameDelegate(self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for _ in QUEUES:
            self.addItem(QListWidgetItem(""))
        self.setCurrentRow(0)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)

    def _fit(self) -> None:
        self.setFixedHeight(len(QUEUES) * (self.fontMetrics().height() + 13) + 2)


class _QueueNameDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        del index
        return QSize(100, option.fontMetrics.height() + 13)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        painter.save()
        row_background(painter, option)
        palette, box = option.palette, option.rect.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        font = scaled(option.font, 1.0, QFont.Weight.DemiBold if selected else None)
        count = str(index.data(COUNT) or "")
        small = figures(scaled(option.font, 0.9))
        painting.text(painter, box, count, small, theme.dim(palette), painting.RIGHT)
        area = QRect(box.left(), box.top(), box.width() - painting.width(count, small) - theme.GAP, box.height())
        painting.text(painter, area, str(index.data()), font, palette.color(QPalette.ColorRole.Text))
        painter.restore()
