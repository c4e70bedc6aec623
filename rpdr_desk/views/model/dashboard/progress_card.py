"""How far the project is, in mentions and in occurrences."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QWidget

from rpdr_core.records import Progress
from rpdr_desk import theme
from rpdr_desk.views import wording
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.dashboard import words

_PARTS = 10_000


class ProgressCard(Card):
    """Two bars, each with its figures in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: Progress | None = None
        self.mentions, self.occurrences = QLabel(self), QLabel(self)
        self._bars = tuple(QProgressBar(self) for _ in range(2))
        self._rest = Facts(self, figures=True)
        for label, bar in zip((self.mentions, self.occurrences), self._bars, strict=True):
            bar.setTextVisible(False)
            bar.setFixedHeight(8)
            bar.setRange(0, _PARTS)
            label.setWordWrap(True)
            self.column.addWidget(label)
            self.column.addWidget(bar)
            self.column.addSpacing(theme.UNIT)
        self.column.addWidget(self._rest)
        self.column.addStretch(1)
        self._render()

    def show_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._render()

    def _render(self) -> None:
        self.set_title(self.tr("Progress"))
        found = self._progress or Progress(0, 0, 0, 0, 0, 0, 0)
        pairs = ((found.decided, found.mentions), (found.occurrences_decided, found.occurrences))
        names = (self.tr("Mentions: %1"), self.tr("Occurrences: %1"))
        for label, bar, name, pair in zip((self.mentions, self.occurrences), self._bars, names, pairs, strict=True):
            label.setText(wording.fill(name, words.done_text(*pair)))
            bar.setValue(_PARTS * pair[0] // pair[1] if pair[1] else 0)
            bar.setAccessibleName(label.text())
        rest = (
            (self.tr("Unreviewed"), found.unreviewed),
            (self.tr("Deferred"), found.deferred),
            (self.tr("Flagged"), found.flagged),
        )
        self._rest.show_lines([(name, wording.number(count)) for name, count in rest])

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
