"""What a device asks for, and what an actor is made from, without a cluster."""

from __future__ import annotations

import pytest

pytest.importorskip("ray")

from rpdr_core.workflow.linking_ray import device, engine
from rpdr_core.workflow.linking_ray.device import LinkActor
from rpdr_core.workflow.linking_ray.shelf import Asker, Shelf


class Calls:
    """An actor's handle: what was called remotely, and with what, is kept."""

    def __init__(self) -> None:
        self.made: list[tuple[str, tuple[object, ...]]] = []

    def __getattr__(self, name: str) -> _Call:
        return _Call(self, name)


class _Call:
    def __init__(self, calls: Calls, name: str) -> None:
        self._calls, self._name = calls, name

    def remote(self, *given: object) -> Calls:
        self._calls.made.append((self._name, given))
        return self._calls

    def options(self, **_: object) -> _Call:
        return self


def test_a_device_on_a_node_nobody_agreed_to_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_own", lambda: Asker("b2", "actor"))
    shelf = Calls()
    actor = LinkActor(shelf, frozenset(("a1",)))
    told = actor._outcome(0).error
    assert told is not None
    assert "joined the cluster after texts were agreed to" in told.message
    assert shelf.made == []


def test_the_task_is_told_to_the_shelf_and_not_to_who_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an actor is made from goes to the cluster's head, whoever that is."""
    made = Calls()
    monkeypatch.setattr("ray.remote", lambda kind: _Call(made, kind.__name__))
    monkeypatch.setattr("ray.get", lambda found: found)
    task = object()
    engine._shelf("00" * 28, task)  # type: ignore[arg-type]
    assert made.made == [(Shelf.__name__, ()), ("lay", (task,))]
