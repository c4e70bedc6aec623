"""The terminology as a tree: look around, find, and show a concept among the candidates. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QTreeView, QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Entity
from rpdr_desk import theme
from rpdr_desk.item_models.tree_model import TWIG, Arrived, TreeModel
from rpdr_desk.operations.terminology import Hit, Twig
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label, furnish, size_dialog
from rpdr_desk.views.error_words import told
from rpdr_desk.views.review.tree_delegate import TreeDelegate

T = TypeVar("T")
DELAY_MS = 150
_CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class TreeDialog(QDialog):
    """`chosen` carries the `Entity` that is wanted among the candidates; then the dialog is gone."""

    chosen = Signal(object)

    def __init__(self, workspace: Workspace, path: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._open = True
        self._hits: list[Hit] = []
        self._hit = 0
        column = furnish(self, self.tr("Tree of the terminology"), wide=760)
        self.line = _Find(self)
        self.line.setPlaceholderText(self.tr("Type to find: code, word, part of it, Chinese, pinyin"))
        self.line.setAccessibleName(self.tr("Find in the tree"))
        self.note = QLabel(self)
        self.note.setProperty("dim", True)
        self.model = TreeModel(self._fetch, self._describe, self)
        self.tree = _Tree(self)
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(TreeDelegate(self.tree))
        self.tree.setAccessibleName(self.tr("Tree of the terminology"))
        self.take = QPushButton(self.tr("Show as a candidate"), self)
        self.take.setProperty("primary", True)
        leave = QPushButton(self.tr("Close"), self)
        for button in (self.take, leave):
            button.setAutoDefault(False)
        hint = self.tr(
            "Space or Return shows the concept among the candidates and decides nothing. Arrows open and close, "
            "letters find, Esc closes."
        )
        for widget in (self.line, self.note, self.tree):
            column.addWidget(widget, int(widget is self.tree))
        column.addWidget(dim_label(hint, self))
        column.addLayout(button_row(leave, self.take))
        self._later = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._later.timeout.connect(self._search)
        self.line.textEdited.connect(lambda _text: self._later.start())
        self.line.stepped.connect(self._step)
        self.line.entered.connect(self.tree.setFocus)
        self.tree.typed.connect(self._type)
        self.tree.wanted.connect(self._choose)
        self.tree.doubleClicked.connect(lambda _index: self._choose())
        self.take.clicked.connect(lambda _checked=False: self._choose())
        leave.clicked.connect(self.reject)
        size_dialog(self, 820, 640)
        # Its smallest size is known before the window system hears of it, not changed while it opens.
        column.activate()
        workspace.terminology.roots(self._while_open(lambda roots: self._begin(roots, path)), self._failed)
        self.tree.setFocus()

    def current(self) -> Twig | None:
        twig = self.tree.currentIndex().data(TWIG)
        return twig if isinstance(twig, Twig) else None

    def done(self, result: int) -> None:
        """Answers that come later find nobody."""
        self._open = False
        super().done(result)

    def _while_open(self, answer: Callable[[T], None]) -> Callable[[T], None]:
        return lambda found: answer(found) if self._open else None

    def _fetch(self, code: str, start: int, most: int, arrived: Arrived) -> None:
        self._workspace.terminology.twigs(code, start, most, self._while_open(arrived))

    def _begin(self, roots: list[Twig], path: list[str]) -> None:
        self.model.set_roots(roots)
        self.model.find(path, self._reveal)
        if not path and roots:
            self.tree.setCurrentIndex(self.model.index(0, 0))

    def _reveal(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        above = index.parent()
        while above.isValid():
            self.tree.expand(above)
            above = above.parent()
        self.tree.expand(index)
        self.tree.setCurrentIndex(index)
        self.tree.scrollTo(index, QTreeView.ScrollHint.PositionAtCenter)

    # Finding

    def _type(self, text: str) -> None:
        """A letter typed on the tree goes on in the line."""
        self.line.setFocus()
        self.line.insert(text)
        self._later.start()

    def _search(self) -> None:
        text = self.line.text().strip()
        if text:
            self._workspace.terminology.search(text, self._while_open(self._found), self._failed)
        else:
            self.note.clear()

    def _found(self, hits: list[Hit]) -> None:
        self._hits, self._hit = hits, 0
        self._show_hit()

    def _step(self, by: int) -> None:
        if self._hits:
            self._hit = (self._hit + by) % len(self._hits)
            self._show_hit()

    def _show_hit(self) -> None:
        if not self._hits:
            self.note.setText(self.tr("Nothing in the knowledge base matches."))
            return
        hit = self._hits[self._hit]
        words = self.tr("%1 of %2: %3. Up and Down go to the others, Return to the tree.")
        matched = f"{hit.code} {hit.matched}" if hit.matched != hit.code else f"{hit.code} {hit.name}"
        self.note.setText(wording.fill(words, self._hit + 1, len(self._hits), matched))

        def reveal(path: list[str]) -> None:
            self.model.find(path, self._reveal)

        self._workspace.terminology.path(hit.code, self._while_open(reveal))

    # Choosing

    def _choose(self) -> None:
        twig = self.current()
        if twig is not None:
            entity = Entity(twig.code, twig.name, active=twig.active, assignable=twig.assignable)
            self.accept()
            self.chosen.emit(entity)

    def _failed(self, error: RpdrError) -> None:
        if self._open:
            self.note.setText(told(error))

    def _describe(self, twig: Twig) -> str:
        words = f"{twig.code} {twig.name}"
        if not twig.active:
            return f"{words}, " + self.tr("inactive")
        return words if twig.assignable else f"{words}, " + self.tr("not billable")


class _Tree(QTreeView):
    """`wanted`: Space or Return. `typed`: a character, which is looked for and decides nothing."""

    wanted = Signal()
    typed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        """The whole selected row in our tint, branches too, which no delegate paints."""
        wanted = theme.tint(QApplication.palette(), 0.16)
        made = self.palette()
        if made.color(QPalette.ColorRole.Highlight) != wanted:
            made.setColor(QPalette.ColorRole.Highlight, wanted)
            self.setPalette(made)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if event.key() in _CHOOSE:
            self.wanted.emit()
        elif plain and event.text().strip() and event.text().isprintable() and event.text() not in "+-*":
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)


class _Find(QLineEdit):
    """Up and Down go through what was found, Return to the tree: nothing is chosen from here."""

    stepped = Signal(int)
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)
