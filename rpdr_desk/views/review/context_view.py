"""The sentence around a mention: in the middle of its band when short, scrolled to the mention when long."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from rpdr_core.records import Mention
from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, scaled, text_font

LINES = 2.45
"""How many lines the band holds: the half line says that there is more below."""
FEWER, LARGE = 2.1, 150
"""Large text leaves less room: so many lines from so many per cent on."""
LEADING = 130
SIZE = 1.2
REACH = 4_000


class ContextView(QTextEdit):
    """Read-only; its height is that of `LINES` lines, whatever it shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mention: Mention | None = None
        self._words = ""
        self._place = 0
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self._dress()
        self._fit()

    def show_context(self, mention: Mention | None, without: str = "") -> None:
        """The mention's context, or the words `without` where it came without one."""
        self._mention, self._words = mention, without
        self._write()

    def mark_is_visible(self) -> bool:
        """Whether the mention's first letter is inside the band."""
        return self.viewport().rect().contains(self.cursorRect(self._mark()).center())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in TEXT_CHANGED:
            self._dress()
            self._fit()
        if event.type() in (*TEXT_CHANGED, QEvent.Type.PaletteChange):
            self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def _dress(self) -> None:
        wanted = scaled(text_font(), SIZE)
        if self.font() != wanted:
            self.setFont(wanted)

    def _fit(self) -> None:
        line = QFontMetricsF(self.font()).lineSpacing() * LEADING / 100
        self.setFixedHeight(round((LINES if grown(100) < LARGE else FEWER) * line))

    def _write(self) -> None:
        self.clear()
        cursor, plain = self.textCursor(), QTextCharFormat()
        plain.setForeground(self.palette().color(QPalette.ColorRole.Text))
        lines = QTextBlockFormat()
        lines.setLineHeight(LEADING, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.setBlockFormat(lines)
        mention = self._mention
        if mention is None or not mention.context:
            plain.setForeground(theme.dim(self.palette()))
            cursor.insertText(self._words if mention is not None else "", plain)
        else:
            self._write_context(cursor, mention, plain)
        self._settle()

    def _write_context(self, cursor: QTextCursor, mention: Mention, plain: QTextCharFormat) -> None:
        text, start, end = _flat(mention.context), mention.start, mention.end
        if start is None or end is None:
            self._place = 0
            cursor.insertText(text[: 2 * REACH] + (" …" if len(text) > 2 * REACH else ""), plain)
            return
        first, last = max(0, start - REACH), min(len(text), end + REACH)
        marked = QTextCharFormat(plain)
        marked.setBackground(theme.tint(self.palette(), 0.2))
        marked.setFontWeight(QFont.Weight.DemiBold)
        cursor.insertText(("… " if first else "") + text[first:start], plain)
        self._place = cursor.position()
        # The thin no-break spaces give the mark air without letting a line break into it.
        cursor.insertText(f"\u202f{text[start:end]}\u202f", marked)
        cursor.insertText(text[end:last] + (" …" if last < len(text) else ""), plain)

    def _mark(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(self._place, max(0, self.document().characterCount() - 1)))
        return cursor

    def _settle(self) -> None:
        """A short text in the middle of the band's height, a long one scrolled to where the mention stands."""
        room, frame = self.viewport().height(), self.document().rootFrame()
        look = frame.frameFormat()
        written = self.document().size().height() - look.topMargin()
        air = max(0.0, (room - written) / 2)
        if abs(look.topMargin() - air) >= 1:
            look.setTopMargin(air)
            frame.setFrameFormat(look)
        self.verticalScrollBar().setValue(round(self._line_before_mark()) if air == 0 else 0)

    def _line_before_mark(self) -> float:
        """Where to scroll to: whole lines from the top on, the one before the mention first."""
        layout, mark = self.document().firstBlock().layout(), self._mark()
        line = layout.lineForTextPosition(mark.positionInBlock())
        if not line.isValid():
            return 0.0
        return layout.lineAt(max(0, line.lineNumber() - 1)).y()


def _flat(text: str) -> str:
    """Line breaks as spaces, one for one, so that offsets hold."""
    return text.translate({10: " ", 13: " ", 0x2028: " ", 0x2029: " "})
