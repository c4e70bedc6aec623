"""The findings of one rule: the mention, what is wrong, what would cure it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, Cuts, grown
from rpdr_desk.item_models.finding_model import LINE, Column, FindingModel
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.views.review import painting

_Index = QModelIndex | QPersistentModelIndex
_INDENT = theme.MARGIN
"""Where the heading of a section begins."""
_SHARES = {Column.MENTION: 0.30, Column.FINDING: 0.42, Column.CURE: 0.28}


class FindingsTable(QTableView):
    """Not editable, one row selected. `selected`: another row is current; `asked`: a row was double-clicked."""

    selected = Signal()
    asked = Signal()

    def __init__(self, model: FindingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = ""
        self.setProperty("wide", True)
        self.setModel(model)
        self.setItemDelegate(_Cells(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.selectionModel().currentRowChanged.connect(lambda _now, _before: self.selected.emit())
        self.doubleClicked.connect(lambda _index: self.asked.emit())
        self._dress()

    def current(self) -> FindingLine | None:
        line = self.currentIndex().data(LINE)
        return line if isinstance(line, FindingLine) else None

    def stand_on(self, row: int) -> None:
        """On this row, or on the last where there are fewer by now."""
        count = self.model().rowCount()
        if count:
            self.selectRow(min(max(0, row), count - 1))

    def set_empty_text(self, words: str) -> None:
        """What the table says while it has no rows."""
        self._empty = words
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.model().rowCount() and self._empty:
            painter = QPainter(self.viewport())
            painter.setPen(theme.dim(self.palette()))
            box = self.viewport().rect().adjusted(theme.WIDE, 0, -theme.WIDE, 0)
            area = QRect(box.left(), box.top(), box.width(), min(box.height(), grown(220)))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.viewport().width()
        for column, share in _SHARES.items():
            self.setColumnWidth(column, round(room * share))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.verticalHeader().setDefaultSectionSize(max(theme.ROW, 2 * self.fontMetrics().height() + 14))
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Findings"))
        self.model().headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        self.viewport().update()


class _Cells(QStyledItemDelegate):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del index
        return QSize(40, max(theme.ROW, 2 * option.fontMetrics.height() + 14))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        palette, column = option.palette, Column(index.column())
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, theme.tint(palette, 0.13))
            if column is Column.MENTION:
                bar = QRect(option.rect.left(), option.rect.top(), 3, option.rect.height())
                painter.fillRect(bar, theme.accent(palette))
        line = theme.mix(palette.color(QPalette.ColorRole.Base), theme.line(palette), 0.6)
        painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), line)
        box = option.rect.adjusted(_INDENT, 0, -theme.GAP, 0)
        font = self._cuts.of(option.font, bold=column is Column.MENTION)
        ink = palette.color(QPalette.ColorRole.Text) if column is not Column.CURE else theme.accent(palette)
        painting.two_lines(painter, box, str(index.data() or ""), font, ink)
        painter.restore()
