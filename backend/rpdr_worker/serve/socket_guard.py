"""Puts the egress gate before the functions of `socket` by which Python code looks up names and reaches addresses.

`asyncio`, `ssl` and every HTTP client in Python go through them. Not covered: programs that the worker starts,
libraries in C with sockets of their own, and `asyncio`'s proactor on Windows when it is given a numeric address.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

from rpdr_worker.egress import GATE, Gate

_MISSING = object()


def install(gate: Gate = GATE) -> Callable[[], None]:
    """Guard this process. Returns a function that takes the guard away again, for tests."""
    undo = [
        _replace(socket, "getaddrinfo", lambda real: _guarded_resolver(gate, real)),
        _replace(socket, "gethostbyname", lambda real: _guarded_lookup(gate, real)),
        _replace(socket, "gethostbyname_ex", lambda real: _guarded_lookup(gate, real)),
        _replace(socket, "socketpair", lambda real: _guarded_pair(gate, real)),
        _replace(socket.socket, "connect", lambda real: _guarded_reach(gate, real, _last)),
        _replace(socket.socket, "connect_ex", lambda real: _guarded_reach(gate, real, _last)),
        _replace(socket.socket, "sendto", lambda real: _guarded_reach(gate, real, _last)),
    ]
    if hasattr(socket.socket, "sendmsg"):
        undo.append(_replace(socket.socket, "sendmsg", lambda real: _guarded_reach(gate, real, _fourth)))

    def uninstall() -> None:
        for step in reversed(undo):
            step()

    return uninstall


def _replace(owner: Any, name: str, wrap: Callable[[Any], Any]) -> Callable[[], None]:
    own = vars(owner).get(name, _MISSING)
    setattr(owner, name, wrap(getattr(owner, name)))

    def put_back() -> None:
        if own is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, own)

    return put_back


def _guarded_resolver(gate: Gate, real: Any) -> Any:
    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        gate.check_name(host)
        answers = real(host, *args, **kwargs)
        gate.learn(host, answers)
        return answers

    return getaddrinfo


def _guarded_lookup(gate: Gate, real: Any) -> Any:
    def lookup(host: Any) -> Any:
        gate.check_name(host)
        return real(host)

    return lookup


def _guarded_pair(gate: Gate, real: Any) -> Any:
    # Without AF_UNIX (Windows) the standard library connects the pair over loopback; asyncio needs it.
    def socketpair(*args: Any, **kwargs: Any) -> Any:
        with gate.aside():
            return real(*args, **kwargs)

    return socketpair


def _guarded_reach(gate: Gate, real: Any, address_in: Callable[[Sequence[Any]], object]) -> Any:
    def reach(sock: socket.socket, *args: Any) -> Any:
        address = address_in(args)
        if address is not None:
            gate.check_address(sock.family, address)
        return real(sock, *args)

    return reach


def _last(args: Sequence[Any]) -> object:
    return args[-1] if args else None


def _fourth(args: Sequence[Any]) -> object:
    """`sendmsg(buffers, ancillary, flags, address)`; on a connected socket without an address."""
    return args[3] if len(args) > 3 else None
