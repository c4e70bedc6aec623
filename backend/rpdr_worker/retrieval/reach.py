"""What may be proposed: a scope, and never a retired entity, as flags over entities and over a segment's strings."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from rpdr_core.knowledge_base.scope import parse_scope
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Terminology, TermTable

Bools = npt.NDArray[np.bool_]


class Reach:
    """`allowed[i]`: entity i may be proposed. `reachable[i]`: it or one of its extensions may, so its strings count.

    Strings are looked through once for each segment and kept as long as the segment is.
    """

    def __init__(self, terminology: Terminology, allowed: Bools) -> None:
        self.allowed = allowed
        self.reachable = _with_parents(terminology, allowed)
        self._strings: weakref.WeakKeyDictionary[Segment, tuple[Bools | None]] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def strings(self, segment: Segment) -> Bools | None:
        """Which strings name an entity within reach, shape (strings,); None where all of them do."""
        with self._lock:
            known = self._strings.get(segment)
        if known is None:
            inside = _owned(segment.table, self.reachable)
            known = (None if inside.all() else inside,)
            with self._lock:
                self._strings[segment] = known
        return known[0]


class Reaches:
    """The reach of each scope that was asked for of one terminology; of several the newest are kept."""

    _KEPT = 4

    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology
        self._active = np.fromiter((entity.active for entity in terminology.entities), np.bool_)
        self._everything = None if self._active.all() else Reach(terminology, self._active)
        self._known: dict[str, Reach] = {}
        self._lock = threading.Lock()

    def of(self, scope: str) -> Reach | None:
        """The reach of a scope; of an empty one: whatever is active, None where that is all.

        Raises what reading and evaluating a scope raise (`rpdr_core.knowledge_base.scope`).
        """
        if not scope:
            return self._everything
        with self._lock:
            if scope not in self._known:
                flags = parse_scope(scope).flags(self._terminology.entities)
                self._known[scope] = Reach(self._terminology, np.frombuffer(flags, np.bool_))
                for older in list(self._known)[: -self._KEPT]:
                    del self._known[older]
            return self._known[scope]


def _with_parents(terminology: Terminology, allowed: Bools) -> Bools:
    """Extensions have no strings of their own: they are found by their parents' (see `Terminology.official_rows`)."""
    reachable = allowed.copy()
    waiting = [at for at in terminology.extensions if _any(terminology.extensions[at], allowed)]
    reachable[waiting] = True
    return reachable


def _any(entities: Iterable[int], allowed: Bools) -> bool:
    return any(allowed[entity] for entity in entities)


def _owned(table: TermTable, reachable: Bools) -> Bools:
    inside = reachable.tolist()
    return np.fromiter((any(inside[owner.entity] for owner in owners) for owners in table.owners), np.bool_)
