from __future__ import annotations

from typing import Any

import httpx2
import pytest
from helpers.teacher_server import teacher_server

from rpdr_core.protocol.messages import Endpoint
from rpdr_worker.ranking.connection import Connection


@pytest.mark.parametrize(("timeout", "connect"), [(60.0, 10.0), (2.0, 2.0)])
def test_a_server_that_is_not_there_is_given_up_sooner_than_a_slow_one(
    monkeypatch: pytest.MonkeyPatch, timeout: float, connect: float
) -> None:
    seen: list[dict[str, float]] = []
    send = httpx2.Client.send

    def noting(self: httpx2.Client, request: httpx2.Request, **more: Any) -> httpx2.Response:
        seen.append(request.extensions["timeout"])
        return send(self, request, **more)

    monkeypatch.setattr(httpx2.Client, "send", noting)
    with teacher_server() as server:
        connection = Connection(Endpoint(server.base_url, "m", timeout=timeout), "k")
        assert connection.exchange("POST", "/chat/completions", b'{"messages": [{"content": "x"}]}').fate == "answered"
        connection.close()
    assert [(one["connect"], one["read"]) for one in seen] == [(connect, timeout)]
