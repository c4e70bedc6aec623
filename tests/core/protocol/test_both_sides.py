"""Client and server session against each other: what one asks, the other reads."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.messages import INFO, instances
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.protocol.client_session import ClientSession
from rpdr_core.protocol.events import Partial, Progress, Ready, Reply, Request, Result
from rpdr_core.protocol.messages import METHODS, ProgressEvent
from rpdr_core.protocol.server_session import ServerSession

ASKABLE = [method for method in METHODS if method != "initialize"]


def connected() -> tuple[ClientSession, ServerSession]:
    client, server = ClientSession("test"), ServerSession(INFO)
    [reply] = server.receive(client.initialize())
    assert isinstance(reply, Reply)
    assert client.receive(reply.line) == [Ready(INFO)]
    return client, server


@pytest.mark.parametrize("method", ASKABLE)
@settings(max_examples=15)
@given(data=st.data())
def test_each_method_goes_there_and_back(method: str, data: st.DataObject) -> None:
    client, server = connected()
    row = METHODS[method]
    params, result = data.draw(instances(row.params)), data.draw(instances(row.result))
    step = data.draw(instances(ProgressEvent))
    number, line = client.request(method, params)
    assert server.receive(line) == [Request(number, method, params)]
    sent = [server.progress(number, step)]
    expected: list[Any] = [Progress(number, step)]
    if row.partial is not None:
        part = data.draw(instances(row.partial))
        sent.append(server.partial(number, part))
        expected.append(Partial(number, part))
    sent.append(server.result(number, result))
    assert client.receive(b"".join(sent)) == [*expected, Result(number, result)]


def test_every_type_of_the_table_is_a_frozen_dataclass() -> None:
    for row in METHODS.values():
        for kind in (row.params, row.result, row.partial):
            assert kind is None or kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
