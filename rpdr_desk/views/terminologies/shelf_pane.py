"""Which terminologies are here, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.shelf import Held
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.files.plain_table import PlainTable
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.terminologies import words
from rpdr_desk.views.terminologies.scope_card import ScopeCard


class ShelfPane(QWidget):
    """`file_asked`, `folder_asked`: import another. `use_asked`, `remove_asked` carry a `Held`. `reopened_asked`: go to
    what the last upgrade has reopened. `used`: fingerprint of the project's own; empty where no project is open.
    """

    file_asked = Signal()
    folder_asked = Signal()
    use_asked = Signal(object)
    remove_asked = Signal(object)
    reopened_asked = Signal()

    def __init__(self, used: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._used = used
        self._held: tuple[Held, ...] = ()
        self._title, self._lead = Heading(self, 1.25), dim_label("", self)
        self.table = PlainTable(self, pick=True)
        self.scope = ScopeCard(self)
        self._told = QLabel(self)
        self._told.setProperty("dim", True)
        self._told.setWordWrap(True)
        self._reopened = 0
        self.reopened = QPushButton(self)
        self.reopened.hide()
        self.scope.setVisible(bool(used))
        self._told.setVisible(bool(used))
        self.reopened.clicked.connect(lambda _checked=False: self.reopened_asked.emit())
        self.file, self.folder = QPushButton(self), QPushButton(self)
        self.use, self.remove = QPushButton(self), QPushButton(self)
        self.file.setProperty("primary", True)
        self.file.clicked.connect(lambda _checked=False: self.file_asked.emit())
        self.folder.clicked.connect(lambda _checked=False: self.folder_asked.emit())
        self.use.clicked.connect(lambda _checked=False: self._ask(self.use_asked.emit))
        self.remove.clicked.connect(lambda _checked=False: self._ask(self.remove_asked.emit))
        self.table.chosen.connect(lambda _row: self._enable())
        self._lay_out()
        self._retranslate()

    def show_held(self, held: tuple[Held, ...], used: str, prefer: str = "") -> None:
        """`used`: fingerprint of the project's own. `prefer`: stand on this one."""
        first = not self._held
        self._held, self._used = held, used
        self._render()
        wanted = [at for at, one in enumerate(held) if one.info.fingerprint == (prefer or used)]
        if wanted and (prefer or first):
            self.table.stand_on(wanted[0])
        self._enable()

    def show_reopened(self, count: int) -> None:
        """So many decisions were reopened by the last upgrade and wait still."""
        self._reopened = count
        words_ = self.tr("Review 1 reopened decision") if count == 1 else self.tr("Review %1 reopened decisions")
        self.reopened.setText(wording.fill(words_, wording.number(count)))
        self.reopened.setVisible(count > 0)

    def current(self) -> Held | None:
        row = self.table.currentIndex().row()
        return self._held[row] if 0 <= row < len(self._held) else None

    def _ask(self, say: Callable[[Held], None]) -> None:
        held = self.current()
        if held is not None:
            say(held)

    def _enable(self) -> None:
        held = self.current()
        used = held is not None and bool(self._used) and held.info.fingerprint == self._used
        # One that comes with the program is made when it is first used.
        self.use.setEnabled(held is not None and not used)
        self.remove.setEnabled(held is not None and bool(held.info.fingerprint) and not used)

    def _render(self) -> None:
        # Without a project there is nothing to say of its use.
        shown = None if self._used else -1
        rows = [words.shelf_row(one, self._used)[:shown] for one in self._held]
        self.table.show_rows(words.shelf_headings()[:shown], rows, words.SHELF_FIGURES)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._title.setText(self.tr("Terminologies on this machine"))
        self._lead.setText(self.tr("Releases of one terminology lie side by side. Each project keeps to its own."))
        self.table.setAccessibleName(self.tr("Terminologies on this machine"))
        self.file.setText(self.tr("Import a file ..."))
        self.folder.setText(self.tr("Import a folder ..."))
        self.use.setText(self.tr("Use for this project ...") if self._used else self.tr("Use for a new project ..."))
        self.remove.setText(self.tr("Remove ..."))
        self.show_reopened(self._reopened)
        self._told.setText(
            self.tr("Before a project moves to another release you see which decisions that touches, and how.")
        )
        self._render()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        for button in (self.file, self.folder, self.reopened):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.remove, self.use):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.MARGIN, theme.WIDE, theme.MARGIN)
        column.setSpacing(theme.GAP + 2)
        for widget in (self._title, self._lead):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addWidget(self._told)
        column.addLayout(buttons)
        column.addSpacing(theme.UNIT)
        column.addWidget(self.scope)
