"""The panel of facets: opens beside the list, over the middle, so that no pane changes its width."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import icons, theme
from rpdr_desk.fonts import grown
from rpdr_desk.item_models.facet_model import ROW, FacetModel, FacetRow, FacetWords
from rpdr_desk.operations.facets import FacetGroup, Pick
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.review.facet_delegate import FacetDelegate

WIDTH = 330
_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_TICK = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FacetPanel(QFrame):
    """`toggled` carries a pick that was ticked or unticked. `closed`: the reviewer is done with it."""

    toggled = Signal(object)
    closed = Signal()

    def __init__(self, words: FacetWords, beside: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self._beside, self._page = beside, parent
        self.model = FacetModel(words, self)
        self.view = _FacetView(self.model, self)
        self._title = Heading(self, 1.1)
        self.total = QLabel(self)
        self.total.setProperty("dim", True)
        self._close = QToolButton(self)
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.clicked.connect(lambda _checked=False: self.closed.emit())
        self.view.toggled.connect(self.toggled)
        self.view.left.connect(self.closed)
        self._lay_out()
        self.retranslate()
        beside.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        self._follow()
        self.show()
        self.raise_()
        self.view.stand_somewhere()
        self.view.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_groups(self, groups: Sequence[FacetGroup], picks: frozenset[Pick], total: str) -> None:
        """New counts; the row that was current stays so, wherever it stands now."""
        self.view.keep_place(lambda: self.model.show(groups, picks))
        self.total.setText(total)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._beside and event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._follow()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self._title.setText(self.tr("Narrow the list"))
        self.view.setAccessibleName(self.tr("Narrow the list"))
        self._close.setAccessibleName(self.tr("Close"))
        self._close.setToolTip(self.tr("Close (Esc)"))
        self._tint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QPen(theme.line(self.palette()), 1))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())

    def _tint(self) -> None:
        self._close.setIcon(icons.icon("close", theme.dim(self.palette()), grown(18)))
        self._close.setIconSize(QSize(grown(18), grown(18)))

    def _follow(self) -> None:
        page = self._page
        corner = self._beside.mapTo(page, QPoint(self._beside.width() + 1, 0))
        wide = min(grown(WIDTH), page.width() - corner.x() - theme.WIDE)
        self.setGeometry(QRect(corner.x(), corner.y(), max(200, wide), self._beside.height()))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.MARGIN, theme.GAP, theme.GAP, 0)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.total)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.UNIT, 1, 0)
        column.setSpacing(theme.UNIT)
        column.addLayout(head)
        column.addWidget(self.view, 1)


class _FacetView(QListView):
    """Space, Return or a click ticks; letters seek a value. No key in here reaches the review."""

    toggled = Signal(object)
    left = Signal()

    def __init__(self, model: FacetModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(FacetDelegate(model, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.clicked.connect(self._use)

    def stand_somewhere(self) -> None:
        """On the row where it stood, else on the first that can be ticked."""
        if not self.currentIndex().isValid():
            first = next((n for n, row in enumerate(self._model.rows) if row.kind != "heading"), -1)
            if first >= 0:
                self.setCurrentIndex(self._model.index(first))

    def keep_place(self, change: Callable[[], None]) -> None:
        row, top = self.currentIndex().data(ROW), self.verticalScrollBar().value()
        change()
        if isinstance(row, FacetRow) and (found := self._model.row_of(row.key)) >= 0:
            self.setCurrentIndex(self._model.index(found))
            self.verticalScrollBar().setValue(top)
        else:
            self.stand_somewhere()

    def event(self, event: QEvent) -> bool:
        mine = isinstance(event, QKeyEvent) and not event.modifiers() & _COMMAND
        if mine and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in _TICK:
            self._use(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _use(self, index: QModelIndex) -> None:
        row = index.data(ROW)
        if not isinstance(row, FacetRow):
            return
        if row.kind == "value":
            self.toggled.emit(row.pick)
        elif row.kind == "more":
            place = index.row()
            self._model.show_all(row.facet)
            self.setCurrentIndex(self._model.index(place))
