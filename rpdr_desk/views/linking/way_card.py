"""How a file is linked: by whom, and with what memory."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.link_state import Ranker, Readiness
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.linking import words
from rpdr_desk.views.model.card import Card


class WayCard(Card):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Readiness | None = None
        self._wished: Ranker | None = None
        self._label, self.ranker = QLabel(self), QComboBox(self)
        self._label.setBuddy(self.ranker)
        self.ranker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.memory = QCheckBox(self)
        self.memory.setChecked(True)
        self._index = dim_label("", self)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self._label)
        row.addWidget(self.ranker)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self.memory)
        self.column.addWidget(self._index)
        self._retranslate()

    def show_readiness(self, found: Readiness) -> None:
        first = self._found is None
        self._found = found
        chosen = None if first else self.chosen()
        self._show_rankers()
        if chosen is None:
            # As the review ranks: with the student, where one is in use.
            self.ranker.setCurrentIndex(self.ranker.count() - 1)
        if self._wished is not None:
            # A run was shown before it was known who can rank.
            self.ranker.setCurrentIndex(max(0, self.ranker.findData(self._wished)))
            self._wished = None
        self._retranslate()

    def show_wish(self, ranker: Ranker, memory: bool) -> None:
        """As an earlier run was begun."""
        self.memory.setChecked(memory)
        self._wished = ranker if self._found is None else None
        self.ranker.setCurrentIndex(max(0, self.ranker.findData(ranker)))

    def chosen(self) -> Ranker:
        return "student" if self.ranker.currentData() == "student" else "retriever"

    def _show_rankers(self) -> None:
        at = self.ranker.currentData()
        self.ranker.clear()
        self.ranker.addItem(self.tr("The retriever: fast"), "retriever")
        if self._found is not None and self._found.student:
            self.ranker.addItem(self.tr("The student in use, where the retriever is unsure"), "student")
        self.ranker.setCurrentIndex(max(0, self.ranker.findData(at)))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.set_title(self.tr("How it is linked"))
        self._label.setText(self.tr("Ranked by"))
        self.ranker.setAccessibleName(self.tr("Ranked by"))
        self._show_rankers()
        decided = self._found.decided if self._found is not None else 0
        remembered = self.tr("Know this project's decisions (%1)")
        self.memory.setText(wording.fill(remembered, wording.number(decided)))
        note = words.index_text(self._found) if self._found is not None else ""
        self._index.setText(note)
        self._index.setVisible(bool(note))
