"""The command palette: type a few letters of a command, Return runs it."""

from __future__ import annotations

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog,
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
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import scaled
from rpdr_desk.views.dialogs import size_dialog
from rpdr_desk.views.review import painting

ACTION = Qt.ItemDataRole.UserRole
KEY = Qt.ItemDataRole.UserRole + 1


def show_palette(parent: QWidget, actions: Actions) -> QDialog:
    """Open it over the top of the window."""
    dialog = Palette(parent, actions)
    corner = parent.mapToGlobal(QPoint((parent.width() - dialog.width()) // 2, 72))
    dialog.move(corner)
    dialog.open()
    return dialog


def matches(query: str, text: str) -> bool:
    """Every word typed occurs in the text, in any order."""
    folded = text.casefold()
    return all(word in folded for word in query.casefold().split())


class Palette(QDialog):
    """Enabled actions only; the letters of the query decide, not the menus."""

    def __init__(self, parent: QWidget, actions: Actions) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText(QCoreApplication.translate("palette", "Type a command"))
        self.edit.setAccessibleName(QCoreApplication.translate("palette", "Type a command"))
        self.list = QListWidget(self)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.edit.textChanged.connect(self._fill)
        self.edit.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._run())
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        column.addWidget(self.edit)
        column.addWidget(self.list)
        size_dialog(self, 560, 420)
        self._fill("")
        self.edit.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)

    def _fill(self, query: str) -> None:
        self.list.clear()
        for spec in self._actions.specs:
            words = self._actions[spec.id].text()
            if self._actions[spec.id].isEnabled() and matches(query, words):
                item = QListWidgetItem(words.removesuffix(" ..."))
                item.setData(ACTION, spec.id)
                item.setData(KEY, self._actions.key_text(spec.id))
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self) -> None:
        item = self.list.currentItem()
        self.close()
        if item is not None:
            self._actions[str(item.data(ACTION))].trigger()


class _Rows(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        del index
        return QSize(100, option.fontMetrics.height() + 16)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tint(option.palette, 0.14))
            painter.drawRoundedRect(option.rect, theme.RADIUS, theme.RADIUS)
        box = option.rect.adjusted(theme.GAP + 4, 0, -theme.GAP - 4, 0)
        key, small = str(index.data(KEY) or ""), scaled(option.font, 0.9)
        painting.text(painter, box, key, small, theme.dim(option.palette), painting.RIGHT)
        area = QRect(box.left(), box.top(), box.width() - painting.width(key, small) - theme.GAP, box.height())
        painting.text(painter, area, str(index.data()), option.font, option.palette.color(QPalette.ColorRole.Text))
        painter.restore()
