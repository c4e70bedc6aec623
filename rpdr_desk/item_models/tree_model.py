"""A terminology's hierarchy, read a branch at a time and only where somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_desk.operations.terminology import Twig

TWIG = Qt.ItemDataRole.UserRole
PAGE = 200

Arrived = Callable[[list[Twig]], None]
Fetch = Callable[[str, int, int, Arrived], None]

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(slots=True, eq=False)
class _Node:
    """One place in the tree. `under_way`: its next children have been asked for."""

    twig: Twig
    above: _Node | None
    row: int
    below: list[_Node] = field(default_factory=list)
    under_way: bool = False


class TreeModel(QAbstractItemModel):
    """`fetch(code, start, most, arrived)` answers with children, later and in this thread. `describe`: for a reader."""

    def __init__(self, fetch: Fetch, describe: Callable[[Twig], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch, self._describe = fetch, describe
        self._top: list[_Node] = []
        self._waiting: dict[int, list[Callable[[], None]]] = {}

    def set_roots(self, roots: Sequence[Twig]) -> None:
        self.beginResetModel()
        self._top = [_Node(twig, None, row) for row, twig in enumerate(roots)]
        self._waiting.clear()
        self.endResetModel()

    def find(self, path: Sequence[str], done: Callable[[QModelIndex], None]) -> None:
        """The place at the end of a path of codes from a root, read as far as needed; the last that is there."""
        self._follow(None, list(path), done)

    def _follow(self, node: _Node | None, path: list[str], done: Callable[[QModelIndex], None]) -> None:
        if not path:
            done(self._index(node))
            return
        below = self._top if node is None else node.below
        found = next((one for one in below if one.twig.code == path[0]), None)
        if found is not None:
            self._follow(found, path[1:], done)
        elif node is not None and self.canFetchMore(self._index(node), under_way=True):
            self._ask(node, lambda: self._follow(node, path, done))
        else:
            done(self._index(node))

    def _ask(self, node: _Node, then: Callable[[], None] | None = None) -> None:
        if then is not None:
            self._waiting.setdefault(id(node), []).append(then)
        if node.under_way:
            return
        node.under_way = True
        top = self._top
        self._fetch(node.twig.code, len(node.below), PAGE, lambda found: self._arrived(top, node, found))

    def _arrived(self, top: list[_Node], node: _Node, found: list[Twig]) -> None:
        if top is not self._top:
            return  # of a tree that is gone
        start = len(node.below)
        if found:
            self.beginInsertRows(self._index(node), start, start + len(found) - 1)
            node.below += [_Node(twig, node, start + number) for number, twig in enumerate(found)]
            self.endInsertRows()
        else:
            # Fewer than announced: nothing more will come.
            node.twig = Twig(node.twig.code, node.twig.name, node.twig.assignable, node.twig.active, start)
        node.under_way = False
        for then in self._waiting.pop(id(node), []):
            then()

    # Qt's questions

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        node = self._node(parent)
        below = self._top if node is None else node.below
        if column != 0 or not 0 <= row < len(below):
            return QModelIndex()
        return self.createIndex(row, 0, below[row])

    def parent(self, child: _Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        node = self._node(child)
        return self._index(node.above) if node is not None else QModelIndex()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        node = self._node(parent)
        return len(self._top if node is None else node.below)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        del parent
        return 1

    def hasChildren(self, parent: _Index = _NOWHERE) -> bool:
        node = self._node(parent)
        return bool(self._top) if node is None else node.twig.children > 0

    def canFetchMore(self, parent: _Index, *, under_way: bool = False) -> bool:
        node = self._node(parent)
        return node is not None and len(node.below) < node.twig.children and (under_way or not node.under_way)

    def fetchMore(self, parent: _Index) -> None:
        node = self._node(parent)
        if node is not None and self.canFetchMore(parent):
            self._ask(node)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        node = self._node(index)
        if node is None:
            return None
        if role == TWIG:
            return node.twig
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return f"{node.twig.code}  {node.twig.name}"
        return self._describe(node.twig) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def _node(self, index: _Index) -> _Node | None:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, _Node) else None

    def _index(self, node: _Node | None) -> QModelIndex:
        return self.createIndex(node.row, 0, node) if node is not None else QModelIndex()
