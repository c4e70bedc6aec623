"""What the mentions in sight can be narrowed by: values with their counts under headings, to be ticked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_desk.operations.facets import Facet, FacetGroup, FacetValue, Pick

Kind = Literal["heading", "value", "more"]
SHOWN = 8
"""Values of a facet that are listed at once; the rest waits behind one row."""
ROW = Qt.ItemDataRole.UserRole
NO_VALUE = FacetValue("", 0)
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class FacetRow:
    """A heading, a value that may be ticked, or the row that shows the rest."""

    kind: Kind
    facet: Facet
    value: FacetValue = NO_VALUE
    picked: bool = False
    hidden: int = 0

    @property
    def pick(self) -> Pick:
        return Pick(self.facet, self.value.value)

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.kind, self.facet, self.value.value)


@dataclass(frozen=True, slots=True)
class FacetWords:
    """How the model says things: the name of a facet, a value of it, "12 more", a count."""

    facet: Callable[[Facet], str]
    value: Callable[[Facet, FacetValue], str]
    more: Callable[[int], str]
    count: Callable[[int], str]


class FacetModel(QAbstractListModel):
    """Counts that change move no row; only other values do."""

    def __init__(self, words: FacetWords, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._groups: tuple[FacetGroup, ...] = ()
        self._picks: frozenset[Pick] = frozenset()
        self._open: set[Facet] = set()
        self._rows: tuple[FacetRow, ...] = ()

    @property
    def rows(self) -> tuple[FacetRow, ...]:
        return self._rows

    def row_of(self, key: tuple[str, str, str]) -> int:
        return next((number for number, row in enumerate(self._rows) if row.key == key), -1)

    def show(self, groups: Sequence[FacetGroup], picks: frozenset[Pick]) -> None:
        self._groups, self._picks = tuple(groups), picks
        self._refresh()

    def show_all(self, facet: Facet) -> None:
        """Show the values of a facet that were left out."""
        self._open.add(facet)
        self._refresh()

    def count_text(self, row: FacetRow) -> str:
        return self._words.count(row.value.count) if row.kind == "value" else ""

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._text(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (self._text(row), self.count_text(row)) if part)
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return self._words.facet(row.facet)
            case Qt.ItemDataRole.CheckStateRole if row.kind == "value":
                return Qt.CheckState.Checked if row.picked else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        kind = self._rows[index.row()].kind
        if kind == "heading":  # off, so that the arrows pass over it
            return Qt.ItemFlag.ItemNeverHasChildren
        ticks = Qt.ItemFlag.ItemIsUserCheckable if kind == "value" else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren | Qt.ItemFlag.ItemIsSelectable | ticks

    def _text(self, row: FacetRow) -> str:
        match row.kind:
            case "heading":
                return self._words.facet(row.facet)
            case "more":
                return self._words.more(row.hidden)
            case "value":
                return self._words.value(row.facet, row.value)

    def _refresh(self) -> None:
        rows = tuple(row for group in self._groups for row in self._rows_of(group))
        if [row.key for row in rows] == [row.key for row in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def _rows_of(self, group: FacetGroup) -> list[FacetRow]:
        """The first few values, and those that are ticked wherever they stand."""
        rows = [
            FacetRow("value", group.facet, value, Pick(group.facet, value.value) in self._picks)
            for value in group.values
        ]
        shown = [row for place, row in enumerate(rows) if place < SHOWN or row.picked or group.facet in self._open]
        hidden = len(rows) - len(shown)
        rest = [FacetRow("more", group.facet, hidden=hidden)] if hidden else []
        return [FacetRow("heading", group.facet), *shown, *rest]
