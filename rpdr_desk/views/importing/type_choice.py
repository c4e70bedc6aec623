"""Annotations of which types become mentions: a list to tick, where a file has several."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.views import wording
from rpdr_desk.views.terminologies.vocabulary_list import VocabularyList

CALM_MS = 500
"""After the last tick the file is looked at again."""


class TypeChoice(QWidget):
    """`chosen`: another choice was made. Hidden where there is nothing to choose."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: tuple[str, ...] = ()
        self._label, self.list = QLabel(self), VocabularyList(self)
        self._label.setProperty("caption", True)
        self._label.setBuddy(self.list)
        self._later = QTimer(self, singleShot=True, interval=CALM_MS)
        self._later.timeout.connect(self.chosen)
        self.list.ticked.connect(self._later.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        column.addWidget(self._label)
        column.addWidget(self.list)
        self._retranslate()

    def show_types(self, types: tuple[tuple[str, int], ...]) -> None:
        """Each with its number. What was chosen among the same types stays chosen."""
        names = tuple(name for name, _ in types)
        if names != self._offered:
            self._offered = names
            titles = ((name, wording.number(count)) for name, count in types)
            self.list.show_offered(tuple(titles), names)
        self.setVisible(len(names) > 1)

    def forget(self) -> None:
        """Another file."""
        self._later.stop()
        self._offered = ()
        self.list.clear()
        self.hide()

    def types(self) -> tuple[str, ...]:
        """Those that are wanted; empty for all."""
        chosen = self.list.chosen()
        return () if chosen == self._offered else chosen

    @property
    def is_none(self) -> bool:
        """Nothing is wanted, of which nothing can be made."""
        return bool(self._offered) and not self.list.chosen()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._label.setText(self.tr("Annotations that become mentions"))
        self.list.setAccessibleName(self.tr("Annotations that become mentions"))
