"""A worker's session in this process, for clients that need one to talk to."""

from __future__ import annotations

from collections.abc import Callable

from helpers.messages import INFO

from rpdr_core.errors import Cancelled
from rpdr_core.protocol.events import CancelRequest, Reply, Request
from rpdr_core.protocol.messages import Initialized
from rpdr_core.protocol.server_session import ServerSession
from rpdr_core.protocol.transport import MemoryTransport

Answer = Callable[[ServerSession, Request], bytes]


class FarSide:
    """Answers each request with `answer`'s lines; a cancelled request that is still open fails as `Cancelled`."""

    def __init__(self, answer: Answer, info: Initialized = INFO) -> None:
        self._session = ServerSession(info)
        self._answer = answer
        self.asked: list[Request] = []
        self.cancelled: list[int] = []

    def __call__(self, data: bytes, transport: MemoryTransport) -> None:
        for event in self._session.receive(data):
            match event:
                case Reply(line):
                    transport.deliver(line)
                case CancelRequest(number):
                    self.cancelled.append(number)
                    transport.deliver(self._session.failure(number, Cancelled("stopped on request")))
                case Request():
                    self.asked.append(event)
                    transport.deliver(self._answer(self._session, event))
