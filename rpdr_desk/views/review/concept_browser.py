"""A page of rich text whose links are reached with the arrow keys.

Tab comes and goes: no long way through all links. Return follows the link under the mark and never reaches anybody
else, so that nothing is decided from here.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QTextBrowser, QWidget

_DOWN = (Qt.Key.Key_Down, Qt.Key.Key_Right)
_UP = (Qt.Key.Key_Up, Qt.Key.Key_Left)
_FOLLOW = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_TAKEN = (*_FOLLOW, *_DOWN, *_UP, Qt.Key.Key_Backspace)


class ConceptBrowser(QTextBrowser):
    """`followed` carries a link's address. `back_asked`: to what was shown before."""

    followed = Signal(str)
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._links: list[tuple[int, int, str]] = []
        self._at = -1
        self.setOpenLinks(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.anchorClicked.connect(lambda link: self.followed.emit(_address(link)))

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses of all links, from top to bottom."""
        return tuple(link for _, _, link in self._links)

    @property
    def marked(self) -> str:
        """The address of the link that Return follows; empty for none."""
        return self._links[self._at][2] if 0 <= self._at < len(self._links) else ""

    def show_page(self, html: str, *, anew: bool) -> None:
        """`anew`: another subject, read from the top; else the mark and the place stay."""
        place, marked = self.verticalScrollBar().value(), "" if anew else self.marked
        self.setHtml(html)
        self._links = _links(self)
        self._at = next((at for at, (_, _, link) in enumerate(self._links) if link == marked), -1) if marked else -1
        self._mark(self.hasFocus())
        self.verticalScrollBar().setValue(0 if anew else place)

    def event(self, event: QEvent) -> bool:
        # Claim what is ours before any shortcut sees it.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _is_ours(event):
            super().keyPressEvent(event)
        elif event.key() in _DOWN:
            self._step(1)
        elif event.key() in _UP:
            self._step(-1)
        elif event.key() == Qt.Key.Key_Backspace:
            self.back_asked.emit()
        elif self.marked:
            self.followed.emit(self.marked)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._at < 0 and self._links:
            self._at = 0
        self._mark(shown=True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._mark(shown=False)

    def focusNextPrevChild(self, next: bool) -> bool:
        # Not from link to link, as the base does: the arrows do that.
        return QWidget.focusNextPrevChild(self, next)

    def _step(self, by: int) -> None:
        if self._links:
            self._at = min(max(0, self._at + by), len(self._links) - 1)
            self._mark(shown=True)
            self.ensureCursorVisible()

    def _mark(self, shown: bool) -> None:
        cursor = QTextCursor(self.document())
        if shown and self.marked:
            start, end, _ = self._links[self._at]
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        place = self.verticalScrollBar().value()
        self.setTextCursor(cursor)
        if not shown:
            self.verticalScrollBar().setValue(place)


def _is_ours(event: QKeyEvent) -> bool:
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    return plain and event.key() in _TAKEN


def _address(link: QUrl) -> str:
    return link.toString()


def _links(browser: QTextBrowser) -> list[tuple[int, int, str]]:
    """Where each link begins and ends; one that is set in several fonts is still one."""
    found: list[tuple[int, int, str]] = []
    block = browser.document().begin()
    while block.isValid():
        parts = block.begin()
        while not parts.atEnd():
            piece = parts.fragment()
            link = piece.charFormat().anchorHref()
            start, end = piece.position(), piece.position() + piece.length()
            if link and found and found[-1][1:] == (start, link):
                found[-1] = (found[-1][0], end, link)
            elif link:
                found.append((start, end, link))
            parts += 1
        block = block.next()
    return found
