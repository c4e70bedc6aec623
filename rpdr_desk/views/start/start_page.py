"""The page without a project: the ways to begin, and the projects of late."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.start.card import Card

WIDTH = 760


class StartPage(QWidget):
    """`project_asked` carries the path of a recent project."""

    project_asked = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Heading(self, 2.4)
        self._line = QLabel(self)
        self._line.setProperty("dim", True)
        self._line.setWordWrap(True)
        self._recent_title = QLabel(self)
        self._recent_title.setProperty("caption", True)
        self._busy = QLabel(self)
        self._busy.setProperty("dim", True)
        self._cards = [
            (Card(actions["open_sample"], "sample", self), self._sample_words),
            (Card(actions["new_project"], "file_add", self), self._new_words),
            (Card(actions["open_project"], "folder", self), self._open_words),
        ]
        self.shelf = QPushButton(self)
        self._shelf_words = dim_label("", self)
        self.shelf.clicked.connect(lambda _checked=False: actions["terminologies"].trigger())
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._paths: tuple[str, ...] = ()
        self._lay_out()
        self.retranslate()

    def show_recent(self, paths: tuple[str, ...]) -> None:
        self._paths = tuple(path for path in paths if Path(path).exists())
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for path in self._paths:
            self._recent.addWidget(self._recent_row(path))
        self._recent_title.setVisible(bool(self._paths))

    @property
    def is_busy(self) -> bool:
        """A project is being opened."""
        return bool(self._busy.text())

    def show_busy(self, words: str) -> None:
        """What is being opened; empty ends it."""
        self._busy.setText(words)
        for card, _ in self._cards:
            card.setEnabled(not words)
        self.shelf.setEnabled(not words)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in TEXT_CHANGED:
            self._inner.setMaximumWidth(grown(WIDTH))
        elif event.type() == QEvent.Type.PaletteChange:
            self.show_recent(self._paths)
        super().changeEvent(event)

    def retranslate(self) -> None:
        self._title.setText("RPDR Desk")
        self._line.setText(
            self.tr("Map free-text diagnoses to ICD-10-CM and other terminologies. All on this machine.")
        )
        self._recent_title.setText(self.tr("Recent projects"))
        for card, words in self._cards:
            card.set_words(*words())
        self.shelf.setText(self.tr("Terminologies ..."))
        self._shelf_words.setText(self.tr("Import SNOMED CT, ICD-10, OMOP, OBO or a list of your own"))

    def _sample_words(self) -> tuple[str, str]:
        return self.tr("Open the sample"), self.tr("150 invented mentions from an eye clinic, in English and Chinese")

    def _new_words(self) -> tuple[str, str]:
        return self.tr("New project from a file"), self.tr("CSV, TSV or Excel with one mention per row")

    def _open_words(self) -> tuple[str, str]:
        return self.tr("Open a project"), self.tr("A .rpdr file on this machine")

    def _recent_row(self, path: str) -> QWidget:
        """Name and folder: projects of one name are told apart by where they lie."""
        line = QWidget(self)
        button = QPushButton(Path(path).stem, line)
        button.setFlat(True)
        button.setIcon(icons.icon("chevron", theme.dim(self.palette())))
        button.setIconSize(QSize(14, 14))
        button.setStyleSheet("text-align: left; border: none; background: transparent; padding: 6px 0;")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        action = QAction(button)
        action.triggered.connect(lambda: self.project_asked.emit(path))
        button.clicked.connect(action.trigger)
        folder = QLabel(str(Path(path).parent), line)
        folder.setProperty("dim", True)
        folder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line.setToolTip(path)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.MARGIN)
        row.addWidget(button)
        row.addWidget(folder, 1)
        return line

    def _lay_out(self) -> None:
        self._inner = inner = QFrame(self)
        inner.setMaximumWidth(grown(WIDTH))
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inner)
        column.setSpacing(theme.GAP)
        column.addWidget(self._title)
        column.addWidget(self._line)
        column.addSpacing(theme.WIDE)
        row = QHBoxLayout()
        row.setSpacing(theme.MARGIN)
        for card, _ in self._cards:
            row.addWidget(card, 1)
        column.addLayout(row)
        column.addSpacing(theme.GAP)
        beside = QHBoxLayout()
        beside.setSpacing(theme.MARGIN)
        beside.addWidget(self.shelf)
        beside.addWidget(self._shelf_words, 1)
        column.addLayout(beside)
        column.addWidget(self._busy)
        column.addSpacing(theme.GAP)
        column.addWidget(self._recent_title)
        column.addLayout(self._recent)
        across = QHBoxLayout()
        across.addStretch(1)
        # Ten thousand parts to one: the whole width up to its maximum, in the middle beyond that.
        across.addWidget(inner, 10_000)
        across.addStretch(1)
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE)
        page.addStretch(2)
        page.addLayout(across)
        page.addStretch(3)
