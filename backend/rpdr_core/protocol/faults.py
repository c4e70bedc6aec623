"""What goes wrong between the two sides of the wire, with JSON-RPC's own numbers."""

from __future__ import annotations

from typing import ClassVar

from rpdr_core.errors import Cancelled, NotAllowedError, RpdrError, WireError, WorldError, to_wire

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
CANCELLED = -32800
APPLICATION_ERROR = -32000


class ProtocolError(WorldError):
    """A line that breaks the protocol. `rpc` is JSON-RPC's number, `id` the request it concerns, 0 if unknown.

    The message names types, fields and positions, never values: a value may hold a mention.
    """

    code: ClassVar[str] = "world.protocol"
    retryable: ClassVar[bool] = False

    def __init__(
        self, message: str, *, hint: str = "", file: str = "", line: int = 0, rpc: int = INVALID_REQUEST, id: int = 0
    ) -> None:
        super().__init__(message, hint=hint, file=file, line=line)
        self.rpc = rpc
        self.id = id


def describe(error: BaseException) -> tuple[int, WireError]:
    """JSON-RPC's number and the typed error to send for any exception."""
    if isinstance(error, ProtocolError):
        return error.rpc, to_wire(error)
    if isinstance(error, Cancelled):
        return CANCELLED, to_wire(error)
    if isinstance(error, RpdrError):
        return APPLICATION_ERROR, to_wire(error)
    return INTERNAL_ERROR, to_wire(error)


def version_mismatch(worker: int, client: int) -> NotAllowedError:
    return NotAllowedError(
        f"the worker speaks protocol {worker}, its client speaks {client}",
        hint="install the same release of rpdr-desk on both machines",
    )
