"""The left side: queues and saved filters with their counts, what narrows them, and the mentions in sight."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.item_models.shelf_model import ShelfModel, ShelfRow
from rpdr_desk.operations.asked import Asked, QueueName, Since, obeyed
from rpdr_desk.operations.facets import Pick, toggled
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.views.review import queue_words
from rpdr_desk.views.review.chips import Chips
from rpdr_desk.views.review.mention_list import MentionList
from rpdr_desk.views.review.queue_list import QueueList
from rpdr_desk.views.review.rest_of_list import RestOfList
from rpdr_desk.views.review.since_button import SinceButton

FILTER_DELAY_MS = 200


class QueuePane(QFrame):
    """`asked` is what is to be in sight, `saved` the name of the filter it came from (empty for a queue). `given`: a
    list from another page, which stands in for it until something is asked for.

    `queue_changed`: something else is asked for. `mention_chosen`: a row became current by hand. `queue_wanted`: a row
    of the shelf was chosen. `facets_wanted`: the panel.
    """

    queue_changed = Signal()
    mention_chosen = Signal(int)
    queue_wanted = Signal(object)
    facets_wanted = Signal()

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self.asked, self.saved = Asked(), ""
        self.given: GivenList | None = None
        self._names: Mapping[str, str] = {}
        self.shelf = ShelfModel(self)
        self.queues = QueueList(self.shelf, self)
        self.filter = QLineEdit(self)
        self.filter.setClearButtonEnabled(True)
        self.facets = QToolButton(self)
        self.facets.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.since = SinceButton(self)
        self.chips = Chips(self)
        self.list = MentionList(model, self)
        self.rest = RestOfList(self)
        self._model = model
        self._by_hand = True
        self._awaited = self._entering = False
        self._later = QTimer(self, singleShot=True, interval=FILTER_DELAY_MS)
        self._connect()
        self._lay_out()
        self.retranslate()

    @property
    def queue(self) -> QueueName:
        return self.asked.queue

    @property
    def filter_text(self) -> str:
        return self.filter.text().strip()

    def ask(self, asked: Asked, saved: str = "") -> None:
        """Ask for something else; all controls follow. What is in sight is what the chips say, and no less."""
        asked = obeyed(asked)
        changed = asked != self.asked or self.given is not None
        self.asked, self.saved, self.given = asked, saved, None
        if self.filter_text != asked.text:
            self.filter.blockSignals(True)
            self.filter.setText(asked.text)
            self.filter.blockSignals(False)
        self._later.stop()
        self._follow()
        if changed:
            self._awaited = True
            self.queue_changed.emit()

    def set_queue(self, queue: QueueName) -> None:
        """Another queue. What narrows it stays, unless it belongs to the saved filter that is left."""
        since, day = self.asked.since, self.asked.day
        self.ask(Asked(queue, since=since, day=day) if self.saved else replace(self.asked, queue=queue))

    def toggle(self, pick: Pick) -> None:
        self.ask(replace(self.asked, picks=toggled(self.asked.picks, pick)), self.saved)

    def clear(self) -> None:
        """Take away the text and all picks."""
        self.ask(replace(self.asked, text="", picks=frozenset()), "")

    def show_given(self, given: GivenList) -> None:
        """Put a list from another page in the place of the queue."""
        self.given = given
        self._later.stop()
        self._follow()
        self.queue_changed.emit()

    def show_shelf(self, rows: Sequence[ShelfRow]) -> None:
        self.shelf.show(rows)
        self._stand()

    def show_names(self, names: Mapping[str, str]) -> None:
        """Names of chapters, for the chips."""
        self._names = {**self._names, **names}
        self._show_chips()

    def show_snapshot(self, ids: array[int], current: int, offset: int | None = None, *, whole: bool = True) -> None:
        """Put a queue's rows in and stand on row `current`, without calling that a choice by hand.

        `offset`: where that row is to be, in pixels below the list's upper edge; None where it does not matter. Not
        `whole`: more rows are to come.
        """
        self.rest.follow(awaited=not whole)
        # Who has scrolled on while the rest was read is not pulled back.
        in_sight = self._model.whole or not whole
        self._by_hand = False
        self._model.set_snapshot(ids, whole=whole)
        self._by_hand = True
        entering, self._awaited, self._entering = self._entering, False, False
        if entering:
            self.list.setFocus()
        self.list.set_empty_text(self._empty_text() if not ids else "")
        if ids:
            self.go_to(current, offset, in_sight=in_sight)

    def go_to(self, row: int, offset: int | None = None, *, in_sight: bool = True) -> None:
        """Stand on a row, without calling that a choice by hand."""
        self._by_hand = False
        if offset is None:
            self.list.go_to(row)
        else:
            self.list.go_to_at(row, offset, in_sight=in_sight)
        self._by_hand = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.queues.give_room(self.height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange or event.type() in TEXT_CHANGED:
            self._tint()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.filter.setPlaceholderText(self.tr("Filter mentions"))
        self.filter.setAccessibleName(self.tr("Filter mentions"))
        self.queues.setAccessibleName(self.tr("Queues"))
        self.list.setAccessibleName(self.tr("Mentions of the queue"))
        self.facets.setAccessibleName(self.tr("Narrow the list"))
        self._show_chips()
        self._tint()
        if not self._model.rowCount():
            self.list.set_empty_text(self._empty_text())

    def set_facets_hint(self, words: str) -> None:
        """The action's words and key, for the button."""
        self.facets.setToolTip(words)

    def _connect(self) -> None:
        self._later.timeout.connect(self._filtered)
        self.filter.textChanged.connect(self._typed)
        self.filter.returnPressed.connect(self._leave_filter)
        self.facets.clicked.connect(lambda _checked=False: self.facets_wanted.emit())
        self.queues.chosen.connect(self.queue_wanted)
        self.since.chosen.connect(self._ask_since)
        self.since.day_chosen.connect(lambda day: self._ask_since("day", day))
        self.chips.removed.connect(self._take_away)
        self.chips.cleared.connect(self.clear)
        self.list.selectionModel().currentChanged.connect(self._current_changed)

    def _follow(self) -> None:
        self.since.show_since(self.asked.since, self.asked.day, there=self.asked.queue == "changed")
        self._show_chips()
        self._stand()

    def _stand(self) -> None:
        row = self.shelf.row_of("saved", self.saved) if self.saved else self.shelf.row_of("queue", self.asked.queue)
        if row >= 0:
            self.queues.stand_on(row)

    def _show_chips(self) -> None:
        if self.given is not None:
            self.chips.show_picks([(self.given, self.given.title)])
            self.facets.setChecked(False)
            return
        picks = sorted(self.asked.picks)
        self.chips.show_picks([(one, queue_words.chip_text(one, self._names.get(one.value, ""))) for one in picks])
        self.facets.setChecked(bool(picks))

    def _empty_text(self) -> str:
        if self.asked.picks:
            return self.tr("No mention is left with all of this. Take a condition away.")
        if self.asked.text:
            return self.tr("No mention holds this text.")
        return self.tr("This queue is empty.")

    def _tint(self) -> None:
        size = grown(18)
        self.facets.setIcon(icons.icon("facets", theme.dim(self.palette()), size))
        self.facets.setIconSize(QSize(size, size))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GAP, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.queues)
        line = QHBoxLayout()
        line.setContentsMargins(theme.MARGIN, theme.GAP + 2, theme.GAP + 2, theme.GAP + 2)
        line.setSpacing(theme.UNIT)
        line.addWidget(self.filter, 1)
        line.addWidget(self.facets)
        column.addLayout(line)
        column.addWidget(self.since)
        column.addWidget(self.chips)
        column.addWidget(self.list, 1)
        column.addWidget(self.rest)

    def _take_away(self, one: Pick | GivenList) -> None:
        if isinstance(one, GivenList):
            self.ask(self.asked, self.saved)
        else:
            self.toggle(one)

    def _ask_since(self, since: Since, day: str = "") -> None:
        self.ask(replace(self.asked, since=since, day=day), self.saved)

    def _filtered(self) -> None:
        self.ask(replace(self.asked, text=self.filter_text), self.saved)

    def _typed(self, _text: str) -> None:
        self._entering = False
        self._later.start()

    def _leave_filter(self) -> None:
        """To the list that was asked for: until it is there no key is to decide about a mention of the one before."""
        self._filtered()
        self._entering = self._awaited
        if not self._awaited:
            self.list.setFocus()

    def _current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        if self._by_hand and now.isValid():
            self.mention_chosen.emit(now.row())
