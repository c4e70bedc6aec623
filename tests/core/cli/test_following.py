"""Watching a run over a connection that breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rpdr_core.cli import following
from rpdr_core.errors import HostError, HostKeyError, WorkerLostError
from rpdr_core.protocol.run_messages import RunEvent, RunState

RUN = "20261121-101112-abcdef"


class Line:
    """A host whose connection breaks after each `events` of the record; `silent`: it cannot be reached at all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, breaks: int, silent: bool = False) -> None:
        self.breaks, self.silent = breaks, silent
        self.offsets: list[int] = []
        self.pauses: list[float] = []
        monkeypatch.setattr(following, "worker_on", self._worker)
        monkeypatch.setattr(following, "follow", self._follow)
        monkeypatch.setattr(following.time, "sleep", self.pauses.append)

    @contextmanager
    def _worker(self, _host: str) -> Iterator[None]:
        if self.silent:
            raise HostError("host lab cannot be reached")
        yield None

    def _follow(self, _worker: None, run: str, show: Callable[[RunEvent], None], offset: int) -> RunState:
        self.offsets.append(offset)
        if len(self.offsets) > self.breaks:
            return RunState(run, "n", "done")
        show(RunEvent(offset + 10, 1.0, "state", state="running"))
        raise WorkerLostError("the worker is gone")


def test_a_long_run_may_lose_its_connection_any_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(monkeypatch, breaks=40)
    assert following.watch("lab", RUN).state == "done"
    assert line.offsets == list(range(0, 410, 10))
    assert set(line.pauses) == {1.0}, "each time it came back, the pauses begin anew"


def test_a_host_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(monkeypatch, breaks=0, silent=True)
    with pytest.raises(HostError):
        following.watch("lab", RUN)
    assert line.pauses == [1.0, 2.0, 5.0, 10.0, 20.0]


def test_another_key_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(monkeypatch, breaks=0)

    def other(_host: str) -> None:
        raise HostKeyError("another key")

    monkeypatch.setattr(following, "worker_on", other)
    with pytest.raises(HostKeyError):
        following.watch("lab", RUN)
    assert line.pauses == []
