"""The near side of the wire: requests -> lines, bytes -> events. Pure, one thread at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec import UNSET

from rpdr_core.errors import Bug, RpdrError, WireError, from_wire
from rpdr_core.protocol import codec
from rpdr_core.protocol.codec import Envelope, RpcError
from rpdr_core.protocol.events import ClientEvent, Closed, Failure, Noise, Partial, Progress, Ready, Result
from rpdr_core.protocol.faults import ProtocolError, version_mismatch
from rpdr_core.protocol.lines import MAX_LINE, LineBuffer
from rpdr_core.protocol.messages import METHODS, PROTOCOL_VERSION, Initialize, Initialized

MAX_NOISE = 64 * 1024
"""Bytes that may come before the handshake's answer: what a login shell prints."""


class ClientSession:
    """Send `initialize()` first; after `Ready`, `request` and `cancel`. Feed all that arrives to `receive`.

    Each request ends with exactly one `Result` or `Failure`. A line that breaks the protocol ends the session.
    """

    def __init__(self, client: str, *, parent_pid: int = 0, max_line: int = MAX_LINE) -> None:
        self._hello = Initialize(PROTOCOL_VERSION, client, parent_pid)
        self._lines = LineBuffer(max_line)
        self._ids = itertools.count(1)
        self._open: dict[int, str] = {}
        self._handshake = 0
        self._ready = False
        self._noise = 0
        self._closed = False

    @property
    def ready(self) -> bool:
        return self._ready and not self.closed

    @property
    def closed(self) -> bool:
        return self._closed

    def initialize(self) -> bytes:
        """The handshake's line; its answer is `Ready` or `Closed`."""
        if self._handshake:
            raise Bug("initialize is sent once")
        self._handshake, line = self._ask("initialize", self._hello)
        return line

    def request(self, method: str, params: object) -> tuple[int, bytes]:
        """A new request's id and line. Raises `ProtocolError` when `params` are over the size limit."""
        if not self.ready:
            raise Bug(f"{method} before the handshake or after the end")
        known = METHODS.get(method)
        if known is None or type(params) is not known.params or method == "initialize":
            raise Bug(f"{method} with {type(params).__name__} is not in the table of methods")
        return self._ask(method, params)

    def cancel(self, id: int) -> bytes:
        """The line that asks to stop request `id`; its end still follows. Empty when it has ended already."""
        return codec.cancel_line(id) if id in self._open else b""

    def receive(self, data: bytes) -> list[ClientEvent]:
        """What `data` brings, in order. Bytes may be split anywhere."""
        if self._closed:
            return []
        events: list[ClientEvent] = []
        for line in self._lines.feed(data):
            try:
                events.extend(self._read(line))
            except ProtocolError as error:
                return events + self.close(error)
            if self.closed:
                return events
        if not self._ready and self._noise + self._lines.held > MAX_NOISE:
            events += self.close(_too_noisy())
        return events

    def close(self, error: RpdrError) -> list[ClientEvent]:
        """End the session for this reason: a `Failure` for each open request, then `Closed`. Once."""
        if self._closed:
            return []
        self._closed = True
        failures = [Failure(request, error) for request in self._open if request != self._handshake]
        self._open.clear()
        return [*failures, Closed(error)]

    def _ask(self, method: str, params: object) -> tuple[int, bytes]:
        request = next(self._ids)
        line = codec.request_line(request, method, params)
        self._open[request] = method
        return request, line

    def _read(self, line: bytes | None) -> Iterator[ClientEvent]:
        if line is None:
            raise ProtocolError("the worker sent a line over the size limit")
        if not line.strip():
            return
        try:
            envelope = codec.read_envelope(line)
        except ProtocolError:
            if self._ready:
                raise
            yield self._tolerate(line)
            return
        if envelope.method is UNSET:
            yield from self._read_end(envelope)
        else:
            yield self._read_notice(envelope)

    def _tolerate(self, line: bytes) -> Noise:
        self._noise += len(line) + 1
        if self._noise > MAX_NOISE:
            raise _too_noisy()
        return Noise(line)

    def _read_notice(self, envelope: Envelope) -> Progress | Partial:
        if envelope.method == codec.PROGRESS:
            notice = codec.read_value(envelope.params, codec.ProgressNotice)
            self._method_of(notice.id)
            return Progress(notice.id, notice.event())
        if envelope.method == codec.PARTIAL:
            partial = codec.read_partial(envelope.params)
            method = self._method_of(partial.id)
            kind = METHODS[method].partial
            if kind is None:
                raise ProtocolError(f"{method} has no partial results", id=partial.id)
            return Partial(partial.id, codec.read_value(partial.value, kind, id=partial.id))
        raise ProtocolError("the worker sent an unknown notification")

    def _read_end(self, envelope: Envelope) -> Iterator[ClientEvent]:
        if (envelope.result is UNSET) == (envelope.error is UNSET):
            raise ProtocolError("an answer has either a result or an error")
        if not isinstance(envelope.id, int):
            raise _error_of(envelope.error)
        request, method = envelope.id, self._method_of(envelope.id)
        if request == self._handshake:
            yield from self._end_handshake(envelope)
        elif isinstance(envelope.error, RpcError):
            error = _error_of(envelope.error)
            del self._open[request]
            yield Failure(request, error)
        else:
            kind: type[object] = METHODS[method].result
            value = codec.read_value(envelope.result, kind, id=request)
            del self._open[request]
            yield Result(request, value)

    def _end_handshake(self, envelope: Envelope) -> list[ClientEvent]:
        if isinstance(envelope.error, RpcError):
            return self.close(_error_of(envelope.error))
        theirs = codec.read_value(envelope.result, codec.SpokenProtocol).protocol
        if theirs != PROTOCOL_VERSION:
            return self.close(version_mismatch(theirs, PROTOCOL_VERSION))
        worker = codec.read_value(envelope.result, Initialized)
        del self._open[self._handshake]
        self._ready = True
        return [Ready(worker)]

    def _method_of(self, id: int) -> str:
        try:
            return self._open[id]
        except KeyError:
            raise ProtocolError(f"the worker answers request {id}, which is not open", id=id) from None


def _error_of(error: object) -> RpdrError:
    if not isinstance(error, RpcError):
        return ProtocolError("the worker answered without an id")
    if error.data is UNSET:
        return ProtocolError(error.message, rpc=error.code)
    wire = codec.read_value(error.data, WireError)
    return ProtocolError(wire.message, rpc=error.code) if wire.code == ProtocolError.code else from_wire(wire)


def _too_noisy() -> ProtocolError:
    return ProtocolError(
        "the command prints other text than the worker's handshake",
        hint="check the command, and that the login shell prints little without a terminal",
    )
