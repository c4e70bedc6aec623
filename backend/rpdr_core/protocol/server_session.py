"""The worker's side of the wire: bytes -> checked requests, answers -> lines. Pure, one thread at a time."""

from __future__ import annotations

from msgspec import UNSET

from rpdr_core.errors import RpdrError
from rpdr_core.protocol import codec
from rpdr_core.protocol.codec import Envelope
from rpdr_core.protocol.events import CancelRequest, Reply, Request, ServerEvent
from rpdr_core.protocol.faults import METHOD_NOT_FOUND, NOT_INITIALIZED, ProtocolError, describe, version_mismatch
from rpdr_core.protocol.lines import MAX_LINE, LineBuffer
from rpdr_core.protocol.messages import METHODS, PROTOCOL_VERSION, Initialize, Initialized, ProgressEvent


class ServerSession:
    """Answers the handshake and every broken line itself (`Reply`), hands on the rest.

    Ids must rise, so that none is used twice. A request is open from its `Request` to its `result` or `failure`;
    lines for a request that is not open are empty.
    """

    def __init__(self, info: Initialized, *, max_line: int = MAX_LINE) -> None:
        self._info = info
        self._lines = LineBuffer(max_line)
        self._open: dict[int, str] = {}
        self._last_id = 0
        self._ready = False

    def receive(self, data: bytes) -> list[ServerEvent]:
        """What `data` asks for, in order. Bytes may be split anywhere; nothing that arrives raises."""
        events: list[ServerEvent] = []
        for line in self._lines.feed(data):
            try:
                event = self._read(line)
            except RpdrError as error:
                request = error.id if isinstance(error, ProtocolError) else self._last_id
                events.append(Reply(codec.error_line(request or None, *describe(error))))
            else:
                events += [event] if event is not None else []
        return events

    def progress(self, id: int, event: ProgressEvent) -> bytes:
        return codec.progress_line(id, event) if id in self._open else b""

    def partial(self, id: int, value: object) -> bytes:
        """A part of the result, of the method's `partial` type."""
        if id not in self._open:
            return b""
        kind = METHODS[self._open[id]].partial
        if kind is None or type(value) is not kind:
            raise TypeError(f"{self._open[id]} sends no partial {type(value).__name__}")
        return codec.partial_line(id, value)

    def result(self, id: int, value: object) -> bytes:
        """The end of a request, of the method's `result` type. The request stays open if the value cannot be sent."""
        if id not in self._open:
            return b""
        if type(value) is not METHODS[self._open[id]].result:
            raise TypeError(f"{self._open[id]} does not return {type(value).__name__}")
        line = codec.result_line(id, value)
        del self._open[id]
        return line

    def failure(self, id: int, error: BaseException) -> bytes:
        """The other end of a request."""
        if self._open.pop(id, None) is None:
            return b""
        return codec.error_line(id, *describe(error))

    def _read(self, line: bytes | None) -> ServerEvent | None:
        if line is None:
            raise ProtocolError("a line is over the size limit", hint="send it in smaller parts")
        if not line.strip():
            return None
        envelope = codec.read_envelope(line)
        if envelope.result is not UNSET or envelope.error is not UNSET or not isinstance(envelope.method, str):
            raise ProtocolError("a client sends requests and cancel notifications only")
        if envelope.id is UNSET:
            return self._read_notice(envelope)
        return self._read_request(envelope, envelope.method, envelope.id)

    def _read_notice(self, envelope: Envelope) -> CancelRequest | None:
        if envelope.method != codec.CANCEL:
            raise ProtocolError("unknown notification", rpc=METHOD_NOT_FOUND)
        notice = codec.read_value(envelope.params, codec.CancelNotice)
        # A request that has just ended is cancelled too late, and nobody did wrong.
        return CancelRequest(notice.id) if notice.id in self._open else None

    def _read_request(self, envelope: Envelope, method: str, id: object) -> Request | Reply:
        if not isinstance(id, int) or id <= self._last_id:
            raise ProtocolError("a request's id is a whole number above the last one")
        self._last_id = id
        if method not in METHODS:
            raise ProtocolError("unknown method", rpc=METHOD_NOT_FOUND, id=id)
        if not self._ready and method != "initialize":
            raise ProtocolError("initialize comes first", rpc=NOT_INITIALIZED, id=id)
        if method == "initialize":
            return self._initialize(id, envelope)
        kind: type[object] = METHODS[method].params
        params = codec.read_value(envelope.params, kind, id=id)
        self._open[id] = method
        return Request(id, method, params)

    def _initialize(self, id: int, envelope: Envelope) -> Reply:
        if self._ready:
            raise ProtocolError("initialize comes once", id=id)
        theirs = codec.read_value(envelope.params, codec.SpokenProtocol, id=id).protocol
        if theirs != PROTOCOL_VERSION:
            raise version_mismatch(PROTOCOL_VERSION, theirs)
        codec.read_value(envelope.params, Initialize, id=id)
        self._ready = True
        return Reply(codec.result_line(id, self._info))
