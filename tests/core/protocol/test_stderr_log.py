"""The worker's stderr: log lines are logged, everything else is only kept for the last words."""

from __future__ import annotations

import io
import json
import logging

import pytest

from rpdr_core.protocol.stderr_log import forward, new_tail


def entry(message: str, level: str = "WARNING") -> bytes:
    line = {"at": "2026-01-01T00:00:00", "level": level, "logger": "rpdr.worker", "message": message}
    return json.dumps(line).encode() + b"\n"


def test_log_lines_keep_their_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rpdr.worker")
    tail = new_tail()
    forward(io.BytesIO(entry("slow", "WARNING") + entry("ready", "INFO") + entry("odd", "SHOUT")), tail)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "rpdr.worker: slow"),
        ("INFO", "rpdr.worker: ready"),
        ("WARNING", "rpdr.worker: odd"),
    ]
    assert tail[0] == "WARNING rpdr.worker: slow"


@pytest.mark.parametrize(
    "line", [b"blurry vision R eye\n", b'{"message":"blurry vision R eye"}\n', b"\xff\xfe\n", b"[" * 9000 + b"\n", b"1"]
)
def test_other_lines_are_not_logged(line: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tail = new_tail()
    forward(io.BytesIO(line), tail)
    assert caplog.records == []
    assert len(tail) == 1


def test_the_tail_is_short() -> None:
    tail = new_tail()
    forward(io.BytesIO(b"".join(b"%d " % number + b"x" * 5000 + b"\n" for number in range(100))), tail)
    assert len(tail) == 20
    assert tail[0].startswith("80 ")
    assert max(map(len, tail)) == 500
