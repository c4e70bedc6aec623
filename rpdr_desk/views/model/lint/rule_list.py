"""The rules at the left: mark, name, count."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, Cuts, grown
from rpdr_desk.item_models.rule_model import ROW, RuleModel, RuleRow
from rpdr_desk.operations.lint_state import RuleName
from rpdr_desk.views import lint_words, wording
from rpdr_desk.views.review import painting
from rpdr_desk.views.review.queue_delegate import row_background

_Index = QModelIndex | QPersistentModelIndex
_AIR = 16


class RuleList(QListView):
    """`chosen`: another rule is current. `entered`: Return or Right, go to its findings."""

    chosen = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rules = RuleModel(self._describe, self)
        self.setModel(self.rules)
        self.setItemDelegate(_Rows(self))
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.selectionModel().currentRowChanged.connect(lambda _now, _before: self.chosen.emit())
        self.activated.connect(lambda _index: self.entered.emit())
        self._retranslate()

    def current(self) -> RuleRow | None:
        row = self.currentIndex().data(ROW)
        return row if isinstance(row, RuleRow) else None

    def stand_on(self, rule: RuleName | None) -> None:
        """On this rule, or on the first where it has nothing any more."""
        if self.rules.rowCount():
            self.setCurrentIndex(self.rules.index(max(0, self.rules.row_of(rule))))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self.scheduleDelayedItemsLayout()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Rules that have found something"))
        self.viewport().update()

    def _describe(self, row: RuleRow) -> str:
        return self.tr("Dismissed") if row.rule is None else lint_words.rule_text(row.rule)


class _Rows(QStyledItemDelegate):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del index
        return QSize(40, max(theme.QUEUE_ROW, option.fontMetrics.height() + _AIR))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row, palette = index.data(ROW), option.palette
        if not isinstance(row, RuleRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_background(painter, option)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        box = option.rect.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        left = _mark(painter, box, row, option)
        small = self._cuts.of(option.font, 0.92, tabular=True)
        count = wording.number(row.count)
        wide = painting.width(count, small)
        painting.text(painter, box, count, small, theme.dim(palette), painting.RIGHT)
        area = QRect(left, box.top(), box.right() - wide - theme.GAP - left, box.height())
        font = self._cuts.of(option.font, bold=chosen)
        ink = theme.dim(palette) if row.rule is None else palette.color(QPalette.ColorRole.Text)
        painting.text(painter, area, str(index.data()), font, ink)
        painter.restore()


def _mark(painter: QPainter, box: QRect, row: RuleRow, option: QStyleOptionViewItem) -> int:
    """The grade's icon; returns where the name begins."""
    size = grown(17)
    if row.grade is not None:
        ink = theme.alert(option.palette) if row.grade == "error" else theme.dim(option.palette)
        picture = icons.cached(lint_words.grade_icon(row.grade), ink.name(), size, painter.device().devicePixelRatioF())
        painter.drawPixmap(box.left(), box.center().y() - size // 2, picture)
    return box.left() + size + theme.GAP
