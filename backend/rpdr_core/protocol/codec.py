"""JSON-RPC 2.0 in one ASCII-escaped object per line: typed values -> lines, lines -> typed values. No I/O.

Reading is strict: an unknown field, a wrong type or broken JSON is a `ProtocolError` and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import is_dataclass
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from rpdr_core.errors import WireError
from rpdr_core.protocol.faults import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, ProtocolError
from rpdr_core.protocol.lines import MAX_LINE
from rpdr_core.protocol.messages import ProgressEvent

PROGRESS = "$/progress"
PARTIAL = "$/partial"
CANCEL = "$/cancel"

T = TypeVar("T")
Id = Annotated[int, Meta(ge=1, le=2**53 - 1)]


class RpcError(Struct, frozen=True, forbid_unknown_fields=True):
    """JSON-RPC's error object; `data` is a `WireError`."""

    code: int
    message: str
    data: Raw | UnsetType = UNSET


class Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    """Any line, its payload not yet read."""

    jsonrpc: Literal["2.0"]
    id: Id | UnsetType | None = UNSET
    method: str | UnsetType = UNSET
    params: Raw | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    error: RpcError | UnsetType = UNSET


class SpokenProtocol(Struct, frozen=True):
    """All that is read of a handshake before the versions are known to agree."""

    protocol: int


class CancelNotice(Struct, frozen=True, forbid_unknown_fields=True):
    id: Id


class PartialNotice(Struct, frozen=True, forbid_unknown_fields=True):
    id: Id
    value: Raw


class ProgressNotice(Struct, frozen=True, forbid_unknown_fields=True):
    id: Id
    done: int
    total: int
    seconds_left: float | None = None
    note: str = ""

    def event(self) -> ProgressEvent:
        return ProgressEvent(self.done, self.total, self.seconds_left, self.note)


def request_line(id: int, method: str, params: object) -> bytes:
    return _line({"id": id, "method": method, "params": params})


def result_line(id: int, value: object) -> bytes:
    return _line({"id": id, "result": value})


def error_line(id: int | None, rpc: int, error: WireError) -> bytes:
    """`id` is None where the request's own id could not be read."""
    return _line({"id": id, "error": {"code": rpc, "message": error.message, "data": error}})


def cancel_line(id: int) -> bytes:
    return _line({"method": CANCEL, "params": CancelNotice(id)})


def partial_line(id: int, value: object) -> bytes:
    return _line({"method": PARTIAL, "params": {"id": id, "value": value}})


def progress_line(id: int, event: ProgressEvent) -> bytes:
    notice = ProgressNotice(id, event.done, event.total, event.seconds_left, event.note)
    return _line({"method": PROGRESS, "params": notice})


def read_envelope(line: bytes) -> Envelope:
    """Read a line's frame. Raises `ProtocolError`."""
    try:
        return msgspec.json.decode(line, type=Envelope)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"not a JSON-RPC 2.0 message: {_plain(error)}", rpc=INVALID_REQUEST) from None
    except (ValueError, RecursionError):
        raise ProtocolError("not a line of JSON", rpc=PARSE_ERROR) from None


def read_value(raw: Raw | UnsetType, kind: type[T], *, id: int = 0, rpc: int = INVALID_PARAMS) -> T:
    """Read a payload as `kind`, a frozen dataclass or Struct. Raises `ProtocolError` with `rpc` and `id`."""
    try:
        found = msgspec.json.decode(b"{}" if raw is UNSET else raw)
        value = msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"not a {kind.__name__}: {_plain(error)}", rpc=rpc, id=id) from None
    except (ValueError, RecursionError):
        raise ProtocolError(f"not a {kind.__name__}: not JSON in UTF-8", rpc=rpc, id=id) from None
    if (check := _field_check(cast(Hashable, kind))) is not None and (unknown := check(found, "$")):
        raise ProtocolError(f"not a {kind.__name__}: unknown field {unknown}", rpc=rpc, id=id)
    return value


def read_partial(raw: Raw | UnsetType) -> PartialNotice:
    """Read a `$/partial`, its value not yet read. Raises `ProtocolError`."""
    try:
        return msgspec.json.decode(b"{}" if raw is UNSET else raw, type=PartialNotice)
    except (ValueError, RecursionError):
        raise ProtocolError("not a partial result with its id", rpc=INVALID_PARAMS) from None


def _line(frame: dict[str, object]) -> bytes:
    try:
        plain = msgspec.to_builtins({"jsonrpc": "2.0", **frame})
        line = json.dumps(plain, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
        # A lone surrogate passes ensure_ascii as \udXXX, and no reader of strict JSON takes it.
        if b"\\ud" in line:
            msgspec.json.decode(line)
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"cannot be sent: {type(error).__name__} while encoding") from None
    if len(line) > MAX_LINE:
        raise ProtocolError(
            f"a message of {len(line):,} bytes is over the limit of {MAX_LINE:,}", hint="send it in smaller parts"
        )
    return line + b"\n"


def _plain(error: msgspec.ValidationError) -> str:
    # msgspec quotes the value of a wrong Literal, and that may be a mention.
    text = str(error)
    return "wrong value" + text[text.rfind(" - at ") :] if text.startswith("Invalid enum value") else text


Check = Callable[[Any, str], str]
"""Takes a plain value and its path; returns the path of its first unknown field, or an empty string."""


@lru_cache(maxsize=256)
def _field_check(kind: Any) -> Check | None:
    """msgspec drops unknown fields of a dataclass in silence; this finds them. None where there is nothing to find."""
    if is_dataclass(kind):
        return _dataclass_check({name: _field_check(hint) for name, hint in get_type_hints(kind).items()})
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _each(_field_check(args[0]))
    if origin in (Union, UnionType):
        return next((check for arg in args if (check := _field_check(arg)) is not None), None)
    return None


def _dataclass_check(fields: dict[str, Check | None]) -> Check:
    nested = {name: check for name, check in fields.items() if check is not None}

    def check(value: Any, path: str) -> str:
        if value is None:
            return ""
        for name in value:
            if name not in fields:
                return f"{path}.{ascii(name[:40])[1:-1]}"
        found = (inner(value[name], f"{path}.{name}") for name, inner in nested.items() if name in value)
        return next(filter(None, found), "")

    return check


def _each(inner: Check | None) -> Check | None:
    if inner is None:
        return None
    # A sequence that may be absent comes as None.
    return lambda values, path: next(
        filter(None, (inner(value, f"{path}[{place}]") for place, value in enumerate(values or ()))), ""
    )
