"""Errors on the wire: numbers for any client, codes for ours."""

from __future__ import annotations

import pytest

from rpdr_core.errors import Bug, NotFoundError, RpdrError, WorldError, from_wire, to_wire
from rpdr_core.protocol.faults import APPLICATION_ERROR, INTERNAL_ERROR, ProtocolError, describe


def every_error(kind: type[RpdrError] = RpdrError) -> list[type[RpdrError]]:
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in every_error(child))]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_crosses_the_wire_as_itself(kind: type[RpdrError]) -> None:
    wire = describe(kind("what", hint="cure"))[1]
    back = from_wire(wire)
    assert type(back) is kind
    assert (back.message, back.hint, back.retryable) == ("what", "cure", kind.retryable)


def test_a_protocol_error_is_the_worlds_fault_and_not_worth_a_second_try() -> None:
    error = ProtocolError("broken", rpc=-1, id=4)
    assert isinstance(error, WorldError)
    assert (error.retryable, error.rpc, error.id) == (False, -1, 4)
    assert describe(error) == (-1, to_wire(error))


def test_our_own_errors_share_a_number_and_foreign_ones_another() -> None:
    assert describe(NotFoundError("x"))[0] == APPLICATION_ERROR
    rpc, wire = describe(ValueError("a mention"))
    assert (rpc, wire.code) == (INTERNAL_ERROR, Bug.code)
    assert "a mention" not in wire.message
