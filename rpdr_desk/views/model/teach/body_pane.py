"""One request, byte for byte: address, body, hash, length."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication, QTextCursor, QTextOption
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, fixed
from rpdr_desk.operations.teach_state import BodyKind, ExactBody, RequestBody
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.teach import words

_KINDS: tuple[BodyKind, ...] = ("asked", "shuffled", "plain", "plain_shuffled")
SMALL = 0.9
_QUESTION = '{"role":"user"'


class BodyPane(QWidget):
    """Read-only; `Copy` takes the exact bytes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._body: RequestBody | None = None
        self._exact: ExactBody | None = None
        self._title, self.address = Heading(self), QLabel(self)
        self.hash = Heading(self, 0.92, QFont.Weight.Normal)
        for label in (self.address, self.hash):
            label.setProperty("dim", True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setMinimumWidth(40)
        self.hash.setWordWrap(True)
        self.kinds = [QPushButton(self) for _ in _KINDS]
        group = QButtonGroup(self)
        for at, button in enumerate(self.kinds):
            button.setCheckable(True)
            button.setProperty("segment", True)
            group.addButton(button, at)
            button.hide()
        group.idClicked.connect(self._show)
        self.copy = QPushButton(self)
        self.copy.setProperty("small", True)
        self.copy.clicked.connect(lambda _checked=False: self._copy())
        self.bytes = _Bytes(self)
        self.bytes.setReadOnly(True)
        self.bytes.setTabChangesFocus(True)
        self.bytes.setProperty("bytes", True)
        self.bytes.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.bytes.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._lay_out()
        self.retranslate()

    def show_body(self, body: RequestBody | None) -> None:
        if body == self._body and body is not None:
            return
        self._body = body
        kinds = [one.kind for one in body.bodies] if body is not None else []
        for button, kind in zip(self.kinds, _KINDS, strict=True):
            button.setVisible(len(kinds) > 1 and kind in kinds)
        self.kinds[0].setChecked(True)
        self._show(0)

    def _show(self, at: int) -> None:
        """One of the bodies: 0 is the first that is sent."""
        found = [one for one in self._body.bodies if one.kind == _KINDS[at]] if self._body is not None else []
        self._exact = found[0] if found else None
        self.bytes.setPlainText(self._exact.body if self._exact is not None else "")
        self._point_out_question()
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self._point_out_question()
        elif event.type() in TEXT_CHANGED:
            # Once the bytes are laid out in their new size.
            QTimer.singleShot(0, self, self._point_out_question)
        super().changeEvent(event)

    def retranslate(self) -> None:
        self._title.setText(self.tr("The request, byte for byte"))
        self.bytes.setAccessibleName(self.tr("The request, byte for byte"))
        self.copy.setText(self.tr("Copy"))
        shuffled = self.tr("The same question with its candidates in another order")
        refused = self.tr("What follows where the server refuses to be told the form of the answer")
        faces = (
            (self.tr("As asked"), ""),
            (self.tr("Shuffled"), shuffled),
            (self.tr("If refused"), refused),
            (self.tr("If refused, shuffled"), refused),
        )
        for button, (text, tip) in zip(self.kinds, faces, strict=True):
            button.setText(text)
            button.setToolTip(tip)
        self._render()

    def _render(self) -> None:
        exact = self._exact
        self.copy.setEnabled(exact is not None)
        self.address.setText(f"POST {self._body.url}" if self._body is not None else "")
        self.hash.setText(f"{words.size(exact.bytes)}   ·   SHA-256 {exact.sha256}" if exact is not None else "")
        self.hash.setAccessibleName(self.hash.text())

    def _point_out_question(self) -> None:
        """Instructions and examples are the same in every request; what is asked stands at the end."""
        at = self.bytes.toPlainText().rfind(_QUESTION)
        marked = []
        if at >= 0:
            cursor = self.bytes.textCursor()
            cursor.setPosition(at)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            look = QTextEdit.ExtraSelection()
            look.cursor = cursor
            look.format.setBackground(theme.tint(self.palette(), 0.1))
            marked.append(look)
        self.bytes.setExtraSelections(marked)
        bar = self.bytes.verticalScrollBar()
        bar.setValue(bar.maximum() if at >= 0 else 0)

    def _copy(self) -> None:
        if self._exact is not None:
            QGuiApplication.clipboard().setText(self._exact.body)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.MARGIN)
        head.addWidget(self._title)
        head.addWidget(self.address, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        for button in (*self.kinds, self.copy):
            row.addWidget(button)
        head.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.GAP, theme.WIDE, theme.GAP)
        column.setSpacing(theme.UNIT + 2)
        column.addLayout(head)
        column.addWidget(self.bytes, 1)
        column.addWidget(self.hash)


class _Bytes(QPlainTextEdit):
    """In a fixed-width font that follows the size of the text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        wanted = fixed(QApplication.font(), SMALL)
        if self.font() != wanted:
            self.setFont(wanted)
