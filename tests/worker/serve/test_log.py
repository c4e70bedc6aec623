"""The log: JSON lines, and no mention in them."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from rpdr_core.protocol.stderr_log import forward, new_tail
from rpdr_worker.serve.log import JsonLines, places

MENTION = "blurry vision R eye"


def line(name: str, message: str, *args: object, error: BaseException | None = None) -> dict[str, Any]:
    info = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord(name, logging.WARNING, "/lib/place.py", 12, message, args, info)
    text = JsonLines().format(record)
    assert "\n" not in text
    assert text.isascii()
    entry: dict[str, Any] = json.loads(text)
    return entry


def test_our_own_messages_are_whole() -> None:
    entry = line("rpdr.worker", "built %d of %s", 3, "索引")
    assert (entry["level"], entry["logger"], entry["message"]) == ("WARNING", "rpdr.worker", "built 3 of 索引")


def test_a_librarys_message_is_its_template() -> None:
    assert line("transformers", "tokens of %s are cut", MENTION)["message"] == "tokens of %s are cut (place.py:12)"


@pytest.mark.parametrize("name", ["transformers", "py.warnings", "rpdrx", "root"])
def test_a_librarys_ready_text_is_only_its_place(name: str) -> None:
    assert line(name, f"cannot tokenize {MENTION}")["message"] == "message at place.py:12"


def test_an_exception_is_its_type_and_its_places() -> None:
    try:
        raise ValueError(MENTION)
    except ValueError as error:
        entry = line("rpdr.worker", "retrieve failed", error=error)
        assert "ValueError at test_log.py" in entry["message"]
        assert MENTION not in entry["message"]
    assert places(KeyError(MENTION)) == "KeyError"


def test_the_near_side_understands_it(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("rpdr.worker", logging.INFO, "p", 1, "ready", (), None)
    caplog.set_level(logging.INFO, "rpdr.worker")
    forward(io.BytesIO(JsonLines().format(record).encode() + b"\n"), new_tail())
    assert [entry.getMessage() for entry in caplog.records] == ["rpdr.worker: ready"]
