"""What a session makes of the bytes that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rpdr_core.errors import RpdrError
from rpdr_core.protocol.messages import Initialized, ProgressEvent


@dataclass(frozen=True, slots=True)
class Ready:
    """The handshake is done."""

    worker: Initialized


@dataclass(frozen=True, slots=True)
class Progress:
    id: int
    event: ProgressEvent


@dataclass(frozen=True, slots=True)
class Partial:
    """`value` has the method's `partial` type."""

    id: int
    value: Any


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a request; `value` has the method's `result` type."""

    id: int
    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """The other end of a request."""

    id: int
    error: RpdrError


@dataclass(frozen=True, slots=True)
class Noise:
    """A line before the handshake that is not the worker's: a login banner, for instance."""

    line: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """The end of the session; a `Failure` for each open request came before it."""

    error: RpdrError


ClientEvent = Ready | Progress | Partial | Result | Failure | Noise | Closed


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request; `params` has the method's `params` type."""

    id: int
    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class CancelRequest:
    id: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A line that the session itself answers: send it as it is."""

    line: bytes


ServerEvent = Request | CancelRequest | Reply
