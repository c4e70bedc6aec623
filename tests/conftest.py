"""Fixtures for the whole suite: a home of its own per test, and no socket beyond this machine."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.terminologies import icd10cm, shared_home
from hypothesis import settings

__all__ = ["icd10cm", "shared_home"]

# A machine that is busy with something else makes no property false.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


# Tests that share something dear to make: a cluster, a trained student, torch itself.
_TOGETHER = (
    ("tests/journeys/test_link_ray.py", "tests/journeys/test_link_ray.py"),
    ("tests/worker/distillation/", "torch"),
    ("tests/worker/ranking/", "torch"),
    ("tests/worker/retrieval/", "torch"),
    ("tests/core/cli/test_lint_command.py", "tests/core/cli/test_lint_command.py"),
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """`--dist loadgroup`, with the groups by folder: xdist's own mark does not reach pytest 9's node ids.

    Groups go first, as whole; every other test goes to the process that is free.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for start, group in _TOGETHER if nodeid.startswith(start)), nodeid)

    return Together(config, log)


def pytest_collection_finish() -> None:
    """Thousands of collected tests are no garbage: they are not looked through again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def rpdr_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test keeps its files under its own folder."""
    home = tmp_path / "rpdr-home"
    monkeypatch.setenv("RPDR_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connect outside loopback fails the test."""
    real_connect = socket.socket.connect

    def guarded(sock: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if sock.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host!r}")
        real_connect(sock, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl+C means a KeyboardInterrupt here and in children, also where the suite was started with it ignored (`&`)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
