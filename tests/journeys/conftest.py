from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from helpers.forking_worker import nursery

from rpdr_core.protocol import process


@pytest.fixture(scope="session")
def forked_worker() -> Iterator[list[str]]:
    """The command of a real worker that is forked, with its training runs, from a process that has loaded torch."""
    with nursery() as command:
        yield command


@pytest.fixture
def quick_workers(forked_worker: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers on this machine are such ones, also those that commands start."""
    real = process.worker_command

    def command(prefix: Sequence[str] = ()) -> list[str]:
        return real(prefix) if prefix or not forked_worker else forked_worker

    monkeypatch.setattr(process, "worker_command", command)
