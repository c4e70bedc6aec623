"""Nothing comes from the cluster: is there one at work, is there no room, or is a node lost whose work has no other?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rpdr_core.errors import HostError
from rpdr_core.workflow.linking_ray.nodes import Node

PATIENCE = 60.0
"""Seconds in which nobody works, though there is work, after which something is said."""
_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Stand:
    """How the shelf stands: ids of nodes whose devices open the knowledge base or link a chunk, and whether chunks lie
    there.
    """

    working: frozenset[str]
    lying: bool


class Watch:
    """Asked again and again while no result comes. `alive`: ids of the nodes that are there; `need`: what a device
    takes, in words; `tell`: for a line to a person. A slow chunk is waited for, however long it takes.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        need: str,
        stand: Callable[[], Stand],
        alive: Callable[[], frozenset[str]],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._nodes, self._need = nodes, need
        self._stand, self._alive, self._tell = stand, alive, tell
        self._clock = clock
        self._told = False
        self._since = self._looked = clock()

    def moved(self) -> None:
        """A result has come."""
        self._since = self._clock()
        self._told = False

    def look(self) -> None:
        """Raises `HostError` where a node is lost and nobody has worked for a minute; tells, once, that it waits where
        none is.
        """
        now = self._clock()
        if now - self._looked < _EVERY:
            return
        self._looked = now
        stand, alive = self._stand(), self._alive()
        if not stand.lying or stand.working & alive:
            self.moved()
            return
        if now - self._since < PATIENCE:
            return
        if lost := [node.name for node in self._nodes if node.id not in alive]:
            hint = "what is linked is kept; the same command goes on from there with the nodes that are left"
            raise HostError(f"lost, and no room for its work on the others: {', '.join(lost)}", hint=hint)
        if not self._told:
            names = ", ".join(node.name for node in self._nodes)
            self._tell(f"waiting until the cluster has room: {self._need} on one of {names}")
            self._told = True
