"""The history of a mention: every word that was ever said about it, and what was on screen then."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from rpdr_core.records import Ranking
from rpdr_desk import theme
from rpdr_desk.fonts import Cuts, grown, scaled, text_font
from rpdr_desk.item_models.history_model import ENTRY, HistoryModel
from rpdr_desk.operations.history import Entry, History
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label, size_dialog
from rpdr_desk.views.review import history_words, painting
from rpdr_desk.views.review.queue_delegate import row_background

_Index = QModelIndex | QPersistentModelIndex
ROW = 54
Shown = Callable[[Entry, Callable[[tuple[Ranking, ...]], None]], None]


class HistoryDialog(QDialog):
    """`shown` asks for the rankings that an entry was made with. `revoke_asked` carries the decision to take back
    wherever it was carried over to.
    """

    revoke_asked = Signal(int)

    def __init__(self, parent: QWidget, history: History, shown: Shown) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = QCoreApplication.translate("history", "History of “%1”")
        self._title = wording.fill(words, history.mention.text)
        self.setWindowTitle(self._title)
        self._shown = shown
        self._entry: Entry | None = None
        self._rankings: tuple[Ranking, ...] = ()
        self.model = HistoryModel(history, history_words.described, self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Entries(self.list))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(QCoreApplication.translate("history", "Decisions and answers, newest first"))
        self.page = QTextBrowser(self)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page.setAccessibleName(QCoreApplication.translate("history", "What was decided, and what was shown"))
        self.revoke = QPushButton(self)
        self.revoke.setAutoDefault(False)
        self.revoke.clicked.connect(lambda _checked=False: self._revoke())
        self._lay_out(history)
        self.list.selectionModel().currentChanged.connect(lambda now, _before: self._show(now))
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))
        else:
            self._label()
        size_dialog(self, 900, 560)
        self.list.setFocus()

    def done(self, result: int) -> None:
        """Answers that come later find nobody."""
        self._entry = None
        super().done(result)

    def _show(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY)
        if isinstance(entry, Entry):
            self._entry, self._rankings = entry, ()
            self._render()
            self._shown(entry, lambda rankings: self._fill(entry, rankings))

    def _fill(self, entry: Entry, rankings: tuple[Ranking, ...]) -> None:
        if self._entry is entry:
            self._rankings = rankings
            self._render()

    def _render(self) -> None:
        if self._entry is not None:
            palette = self.palette()
            dim, tint = theme.dim(palette).name(), theme.tint(palette, 0.14).name()
            self.page.setHtml(history_words.page(self._entry, self._rankings, dim, tint))
        self._label()

    def _label(self) -> None:
        """The button says how many mentions it reopens; without any there is no button."""
        count = self._carried()[1]
        self.revoke.setVisible(count > 0)
        words = QCoreApplication.translate("history", "Revoke from %1")
        self.revoke.setText(wording.fill(words, wording.mentions(count)))

    def _carried(self) -> tuple[int, int]:
        """The decision that was carried over, and how many mentions still have it from there."""
        entry = self._entry
        return (entry.carried_id, entry.carried) if entry is not None else (0, 0)

    def _revoke(self) -> None:
        origin, count = self._carried()
        if count:
            self.accept()
            self.revoke_asked.emit(origin)

    def _lay_out(self, history: History) -> None:
        say = QCoreApplication.translate
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE - 4, theme.WIDE, theme.MARGIN)
        column.setSpacing(theme.GAP + 4)
        heading = QLabel(self._title, self)
        heading.setFont(scaled(text_font(), 1.4, QFont.Weight.DemiBold))
        heading.setWordWrap(True)
        column.addWidget(heading)
        if history.withheld:
            column.addWidget(dim_label(say("history", "More is shown once you have answered yourself."), self))
        elif not history.entries:
            column.addWidget(dim_label(say("history", "Nothing was decided yet."), self))
        halves = QHBoxLayout()
        halves.setSpacing(theme.MARGIN)
        halves.addWidget(self.list, 2)
        halves.addWidget(self.page, 3)
        column.addLayout(halves, 1)
        close = QPushButton(say("history", "Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = button_row(close)
        row.insertWidget(0, self.revoke)
        column.addLayout(row)


class _Entries(QStyledItemDelegate):
    """What was said on the first line, who and when below it; what does not count is dimmed and says so."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del option, index
        return QSize(200, grown(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry = index.data(ENTRY)
        if not isinstance(entry, Entry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_background(painter, option)
        palette, box = option.palette, option.rect.adjusted(theme.GAP + 4, 4, -theme.GAP, -4)
        high, small = box.height() // 2, self._cuts.of(option.font, 0.9, tabular=True)
        fate = history_words.fate(entry)
        colour = palette.color(QPalette.ColorRole.Text) if entry.in_force else theme.dim(palette)
        top = QRect(box.left(), box.top(), box.width(), high)
        left = painting.badge(painter, top.right(), top, fate, small, palette, strong=entry.in_force)
        area = QRect(top.left(), top.top(), left - theme.GAP - top.left(), high)
        painting.text(painter, area, history_words.what(entry), self._cuts.of(option.font, bold=True), colour)
        below = QRect(box.left(), box.top() + high, box.width(), high)
        who = f"{history_words.who(entry)}   {wording.moment(entry.said.made_at)}"
        painting.text(painter, below, who, small, theme.dim(palette))
        painter.restore()
