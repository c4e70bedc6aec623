"""Hypothesis strategies for everything that the wire carries."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from rpdr_core.errors import WireError
from rpdr_core.protocol.messages import METHODS, PROTOCOL_VERSION, Initialize, Initialized, ProgressEvent

SAFE = 2**53 - 1

CARRIED: list[type] = sorted(
    {kind for row in METHODS.values() for kind in (row.params, row.result, row.partial) if kind is not None}
    | {WireError, ProgressEvent},
    key=lambda kind: kind.__name__,
)
"""Each type that is a params, result, partial result, progress or error of some message."""

HELLO = Initialize(PROTOCOL_VERSION, "test")
INFO = Initialized(PROTOCOL_VERSION, "0.0", tuple(METHODS), ("cpu",), ("retriever",))


@cache
def instances(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type as the messages use them; every field is drawn, also those with a default."""
    if is_dataclass(kind):
        fields = {name: instances(hint) for name, hint in get_type_hints(kind).items()}
        return st.builds(kind, **fields)
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, UnionType):
        return st.one_of(*map(instances, args))
    if origin is tuple:
        return st.lists(instances(args[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(st.text(max_size=8), instances(args[1]), max_size=3)
    return {
        int: st.integers(-SAFE, SAFE),
        float: st.floats(allow_nan=False, allow_infinity=False),
        str: st.text(max_size=9),
        bool: st.booleans(),
        type(None): st.none(),
    }[kind]


def cuts(data: bytes, places: list[int]) -> list[bytes]:
    """`data` in portions, cut at `places` (taken modulo its length)."""
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
