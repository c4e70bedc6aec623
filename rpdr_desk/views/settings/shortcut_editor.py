"""The keys of every action, with conflicts shown before they are saved."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.actions import Actions, Spec
from rpdr_desk.fonts import grown
from rpdr_desk.settings import Settings
from rpdr_desk.shortcuts import Claim, Conflict, conflicts, normal
from rpdr_desk.views import wording


class ShortcutEditor(QWidget):
    """Pick an action, press its new key. A key that is taken is refused, and the editor says by whom."""

    def __init__(self, settings: Settings, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._actions = actions
        self._shown: list[str] = []
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter actions"))
        self.filter.textChanged.connect(lambda _text: self._fill())
        self.table = QTableWidget(0, 2, self)
        self.table.setHorizontalHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, grown(200))
        self.edit = QKeySequenceEdit(self)
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(self.tr("New key"))
        self.edit.installEventFilter(self)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self._set = QPushButton(self.tr("Set"), self)
        self._reset = QPushButton(self.tr("Reset"), self)
        self._reset_all = QPushButton(self.tr("Reset all"), self)
        self._set.clicked.connect(lambda _checked=False: self.set_key())
        self._reset.clicked.connect(lambda _checked=False: self.reset())
        self._reset_all.clicked.connect(lambda _checked=False: self.reset_all())
        for button in (self._set, self._reset, self._reset_all):
            button.setAutoDefault(False)
        self._lay_out()
        self._fill()

    def select(self, id: str) -> None:
        if id in self._shown:
            self.table.selectRow(self._shown.index(id))

    def set_key(self) -> None:
        """Give the selected action the key in the field, unless that key is taken."""
        spec = self._selected()
        key = self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if spec is None or not key:
            return
        clash = self._clash(spec, key)
        if clash is not None:
            other = clash.first if clash.second == spec.id else clash.second
            words = self.tr("%1 is taken by: %2")
            self.message.setText(wording.fill(words, key, self._actions.spec(other).text()))
            return
        alternatives = [one for one in self._actions.keys(spec.id)[1:] if one != normal(key)]
        self._save({spec.id: [normal(key), *alternatives]})
        self.message.setText(wording.fill(self.tr("%1 is set."), key))

    def reset(self) -> None:
        spec = self._selected()
        if spec is not None:
            kept = {one: keys for one, keys in self._settings.values.shortcuts.items() if one != spec.id}
            self._settings.change(shortcuts=kept)
            self._fill()

    def reset_all(self) -> None:
        self._settings.change(shortcuts={})
        self.message.setText(self.tr("All keys are as they were."))
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Return sets the key that was pressed before it; it is no way out of the field with Tab alone.
        if watched is self.edit and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self.message.clear()
        return super().eventFilter(watched, event)

    def _clash(self, spec: Spec, key: str) -> Conflict | None:
        claims = [
            Claim(spec.id, spec.scope, (key,)) if claim.action == spec.id else claim for claim in self._actions.claims()
        ]
        return next((one for one in conflicts(claims) if spec.id in (one.first, one.second)), None)

    def _save(self, changed: dict[str, list[str]]) -> None:
        self._settings.change(shortcuts={**self._settings.values.shortcuts, **changed})
        self._fill()

    def _selected(self) -> Spec | None:
        row = self.table.currentRow()
        return self._actions.spec(self._shown[row]) if 0 <= row < len(self._shown) else None

    def _fill(self) -> None:
        before = self._selected()
        query = self.filter.text().casefold()
        shown = [spec for spec in self._actions.specs if query in spec.text().casefold()]
        self._shown = [spec.id for spec in shown]
        self.table.setRowCount(len(shown))
        for row, spec in enumerate(shown):
            name = QTableWidgetItem(spec.text().removesuffix(" ..."))
            self.table.setItem(row, 0, name)
            self.table.setItem(row, 1, QTableWidgetItem("   ".join(_native(self._actions.keys(spec.id)))))
        self.table.selectRow(0)
        if before is not None:
            self.select(before.id)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.MARGIN, 0, 0)
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        for widget in (QLabel(self.tr("New key"), self), self.edit, self._set, self._reset, self._reset_all):
            row.addWidget(widget)
        column.addLayout(row)
        column.addWidget(self.message)


def _native(keys: tuple[str, ...]) -> tuple[str, ...]:
    """As the platform writes them in the language of the window, where two may have one name."""
    native = QKeySequence.SequenceFormat.NativeText
    return tuple(dict.fromkeys(QKeySequence(one).toString(native) for one in keys))
