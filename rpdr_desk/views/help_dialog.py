"""Help with pictures: short pages in the language of the window, found by any word in them. Nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from rpdr_core.resources import resource_path
from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import grown
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, furnish, size_dialog

WIDEST_PICTURE = 900
_KEY = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Page:
    """`text` is Markdown with the keys of the moment in it."""

    title: str
    text: str


def help_pages(language: str, actions: Actions) -> tuple[Page, ...]:
    """All pages in their order. `{action}` in a file stands for that action's first key."""
    folder = resource_path("help", language if language == "zh_CN" else "en")
    return tuple(_page(path, actions) for path in sorted(folder.glob("*.md")))


def _page(path: Path, actions: Actions) -> Page:
    text = _KEY.sub(lambda found: actions.key_text(found[1]) or "–", path.read_text(encoding="utf-8"))
    return Page(text.partition("\n")[0].removeprefix("# "), text)


def show_help(parent: QWidget, actions: Actions) -> HelpDialog:
    """Open the help in the language that the window speaks."""
    spoken = "zh_CN" if wording.locale().language() == QLocale.Language.Chinese else "en"
    dialog = HelpDialog(parent, actions, spoken)
    dialog.open()
    return dialog


class HelpDialog(QDialog):
    """Titles on the left, the page on the right. What is typed keeps the pages that hold every word of it."""

    def __init__(self, parent: QWidget, actions: Actions, language: str) -> None:
        super().__init__(parent)
        say = QCoreApplication.translate
        self._pages = help_pages(language, actions)
        self._shown: tuple[Page, ...] = ()
        column = furnish(self, say("help", "Help with pictures"), wide=760)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(say("help", "Search the help"))
        self.search.setAccessibleName(say("help", "Search the help"))
        self.search.textChanged.connect(lambda _text: self._fill())
        self.search.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setProperty("plain", True)
        self.list.setAccessibleName(say("help", "Pages"))
        self.list.setMaximumWidth(grown(200))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._show)
        self.page = _PageView(resource_path("help", "pictures", language if language == "zh_CN" else "en"), self)
        self.page.setAccessibleName(say("help", "Page"))
        # Later, and once: a page that is set while another is being set stands there twice.
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(lambda: self._show(self.list.currentRow()))
        self.page.resized.connect(self._again.start)
        left = QVBoxLayout()
        left.setSpacing(theme.GAP)
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.MARGIN)
        row.addLayout(left)
        row.addWidget(self.page, 1)
        column.addLayout(row, 1)
        close = QPushButton(say("help", "Close"), self)
        # Return in the search line goes to the next place of its words, and closes nothing.
        close.setAutoDefault(False)
        close.clicked.connect(lambda _checked=False: self.accept())
        column.addLayout(button_row(close))
        size_dialog(self, 1080, 760)
        self._fill()
        self.list.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # From the search line to the pages and to the next place of the words, without leaving the line.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._find()
                return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        words = self.search.text().casefold().split()
        before = self._current()
        self._shown = tuple(page for page in self._pages if all(word in page.text.casefold() for word in words))
        self.list.clear()
        self.list.addItems([page.title for page in self._shown])
        self.list.setCurrentRow(self._shown.index(before) if before in self._shown else 0)
        if not self._shown:
            self.page.setMarkdown(QCoreApplication.translate("help", "No page holds these words."))
        elif words:
            self._find()

    def _show(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            self.page.setMarkdown(self._shown[row].text)
            self._find()

    def _find(self) -> None:
        """The next place of the first word; from the end round to the beginning."""
        words = self.search.text().split()
        if words and not self.page.find(words[0]):
            self.page.moveCursor(self.page.textCursor().MoveOperation.Start)
            self.page.find(words[0])

    def _current(self) -> Page | None:
        row = self.list.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None


class _PageView(QTextBrowser):
    """Pictures as wide as the page has room; links lead nowhere. `resized`: they want to be made anew."""

    resized = Signal()

    def __init__(self, pictures: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setProperty("surface", True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        # Always there, so that the room for pictures does not depend on how long the page is with them.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.document().setDocumentMargin(theme.MARGIN)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        picture = self._pictures / Path(QUrl(name).path()).name
        if kind != QTextDocument.ResourceType.ImageResource.value or not picture.is_file():
            return None
        room = min(WIDEST_PICTURE, self.viewport().width() - 3 * theme.MARGIN)
        found = QImage(str(picture))
        return found.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation) if room > 0 else found

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.resized.emit()
