"""The worker's stderr: its own JSON log lines go to `logging`, the last lines are kept for an error message."""

from __future__ import annotations

import logging
from collections import deque
from typing import IO

import msgspec
from msgspec import Struct

_LOG = logging.getLogger("rpdr.worker")
_KEPT = 20
_LONGEST = 500


class LogLine(Struct, frozen=True):
    """One log line of the worker. `at` is ISO 8601 in UTC."""

    at: str
    level: str
    logger: str
    message: str


def forward(stream: IO[bytes], tail: deque[str]) -> None:
    """Read `stream` to its end. Lines that are not the worker's log are kept in `tail` only, not logged:
    what a library prints may hold anything.
    """
    for line in stream:
        try:
            entry = msgspec.json.decode(line, type=LogLine)
        except (ValueError, RecursionError):
            tail.append(line.decode("utf-8", "replace").strip()[:_LONGEST])
            continue
        tail.append(f"{entry.level} {entry.logger}: {entry.message}"[:_LONGEST])
        # Without a handler, logging would print to the terminal by itself.
        if _LOG.hasHandlers():
            level = logging.getLevelNamesMapping().get(entry.level, logging.WARNING)
            _LOG.log(level, "%s: %s", entry.logger, entry.message)


def new_tail() -> deque[str]:
    """Room for the last lines."""
    return deque(maxlen=_KEPT)
