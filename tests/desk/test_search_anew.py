"""An encoder put in use while the worker is opening with the one before: the new one serves, then it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from helpers.desk_parts import STATE, Rig, wait_until

from rpdr_core.errors import NotAllowedError, RpdrError, WorkerLostError
from rpdr_core.protocol.messages import OpenRetrieval, RetrievalState
from rpdr_desk.operations import retrieving

pytestmark = pytest.mark.gui


class Shelf:
    """Which encoder is in use; what the worker was asked to open, and what was told meanwhile."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rig, self.in_use, self.told = rig, "old", list[str]()
        self.meanwhile: Callable[[], None] = lambda: None
        monkeypatch.setattr(retrieving, "encoder_folder", lambda *_: self.in_use)
        rig.worker.answers["retrieval.open"] = self._open

    def open_anew(self) -> None:
        self.rig.worker.become("starting")
        self.rig.worker.become("ready")

    def put_in_use(self, name: str) -> None:
        self.in_use = name
        self.rig.workspace.retrieval.search_anew(
            lambda: self.told.append("serves"), lambda error: self.told.append(str(error))
        )

    def _open(self, params: OpenRetrieval, *_: object) -> RetrievalState:
        self.told.append(params.encoder)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return STATE


@pytest.fixture
def shelf(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    wait_until(lambda: rig.workspace.retrieval.ready)
    return Shelf(rig, monkeypatch)


def test_what_is_opened_with_the_encoder_of_before_is_opened_again(shelf: Shelf) -> None:
    shelf.meanwhile = lambda: shelf.put_in_use("new")
    shelf.open_anew()
    wait_until(lambda: "serves" in shelf.told)
    assert shelf.told == ["old", "new", "serves"]


def test_what_is_opened_with_it_already_is_not(shelf: Shelf) -> None:
    shelf.meanwhile = lambda: shelf.put_in_use("old")
    shelf.open_anew()
    wait_until(lambda: shelf.rig.workspace.retrieval.ready)
    assert shelf.told == ["old", "serves"]


@pytest.mark.parametrize("error", [NotAllowedError("not enough memory"), WorkerLostError("gone")])
def test_who_waits_for_it_is_told_where_the_opening_fails(shelf: Shelf, error: RpdrError) -> None:
    def fail() -> None:
        shelf.put_in_use("new")
        raise error

    shelf.meanwhile = fail
    shelf.open_anew()
    wait_until(lambda: len(shelf.told) > 1)
    lost = isinstance(error, WorkerLostError)
    assert shelf.told == ["old", "serves" if lost else "not enough memory"]
