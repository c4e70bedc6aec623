"""No way out: the worker opens no network connection but the teacher's, and that only while its permit is open.

`serve.socket_guard` asks the gate before each connection. Loopback is not exempt: a model server on this machine
is an endpoint like any other.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

from rpdr_core.errors import NotAllowedError

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def go_offline(environment: MutableMapping[str, str] = os.environ) -> None:
    """Tell the libraries to stay offline. They read it once, at import: call this before any of them."""
    environment.update(OFFLINE)


class EgressRefusedError(NotAllowedError, ConnectionError):
    """A connection without a permit. A `ConnectionError` too, so that a library takes it for being offline."""

    code: ClassVar[str] = "input.not_allowed.egress"

    def __init__(self, message: str, *, hint: str = "", file: str = "", line: int = 0) -> None:
        NotAllowedError.__init__(self, message, hint=hint, file=file, line=line)


class Gate:
    """Which hosts may be reached now. Thread-safe; permits nest and add up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._permits: Counter[tuple[str, int]] = Counter()
        self._addresses: dict[tuple[str, int], set[str]] = {}
        self._refused = 0
        self._local = threading.local()

    @property
    def refused(self) -> int:
        """How many attempts were refused since the start."""
        with self._lock:
            return self._refused

    @contextmanager
    def allow_host(self, host: str, port: int) -> Iterator[None]:
        """Let this host be reached at this port until the block ends. Open connections are not cut."""
        key = (_plain_name(host), port)
        with self._lock:
            self._permits[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._permits[key] -= 1
                if not self._permits[key]:
                    del self._permits[key]
                    self._addresses.pop(key, None)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let this thread through: for a pair of sockets that the standard library connects to each other."""
        self._local.through = True
        try:
            yield
        finally:
            self._local.through = False

    def check_name(self, host: object) -> None:
        """Before a name is looked up: asking a name server about it is a way out, too."""
        name = _plain_name(host)
        if _is_numeric(name):
            return
        with self._lock:
            if any(name == allowed for allowed, _ in self._permits):
                return
        self._refuse(name)

    def learn(self, host: object, answers: list[Any]) -> None:
        """The addresses that a permitted name stands for are permitted with it."""
        name = _plain_name(host)
        with self._lock:
            for key in self._permits:
                if key[0] == name:
                    self._addresses.setdefault(key, set()).update(str(answer[4][0]) for answer in answers)

    def check_address(self, family: int, address: object) -> None:
        """Before a socket reaches out. Other families (pipes within the machine) pass."""
        if family not in (socket.AF_INET, socket.AF_INET6) or getattr(self._local, "through", False):
            return
        host, port = (_plain_name(address[0]), address[1]) if isinstance(address, tuple) else ("", 0)
        with self._lock:
            for key in self._permits:
                if key[1] == port and (key[0] == host or host in self._addresses.get(key, ())):
                    return
        self._refuse(f"{host}:{port}")

    def _refuse(self, target: str) -> None:
        with self._lock:
            self._refused += 1
        raise EgressRefusedError(f"the worker may not connect to {target}", hint="it works offline")


GATE = Gate()
"""One per process, as sockets are."""


def allow_host(host: str, port: int) -> AbstractContextManager[None]:
    """For the teacher alone: permit `host` (name or number) at `port` while the block runs."""
    return GATE.allow_host(host, port)


def refusals() -> int:
    """How many attempts to connect were refused since the worker started."""
    return GATE.refused


def _plain_name(host: object) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    return text.lower().rstrip(".").partition("%")[0]


def _is_numeric(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return not name
    return True
