"""The worker's log: JSON lines on stderr, without the text of mentions."""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

OWN = "rpdr"


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message.

    Our own messages are written to hold no mention. Of a foreign library's message only the template is shown
    (it is source text), and without one the place in the code: what it formats in may hold anything.
    """

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage() if record.name.partition(".")[0] == OWN else _foreign(record)
        if record.exc_info and record.exc_info[1] is not None:
            message += f" [{places(record.exc_info[1])}]"
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"at": at, "level": record.levelname, "logger": record.name, "message": message})


def places(error: BaseException) -> str:
    """An exception's type and the places it passed, newest last, without its words."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    path = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {path}" if path else type(error).__name__


def log_to_stderr() -> None:
    """Send all logs, warnings and unhandled exceptions to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(OWN).setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = _log_exception
    threading.excepthook = _log_thread_exception


def _foreign(record: logging.LogRecord) -> str:
    place = f"{record.filename}:{record.lineno}"
    return f"{record.msg} ({place})" if record.args and isinstance(record.msg, str) else f"message at {place}"


def _log_exception(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    logging.getLogger("rpdr.worker").critical("unexpected", exc_info=(kind, error, at))


def _log_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_exception(args.exc_type, args.exc_value, args.exc_traceback)
