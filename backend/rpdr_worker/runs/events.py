"""The record of a run: one JSON line an event, appended, addressed by bytes."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rpdr_core.protocol.run_messages import RunEvent
from rpdr_worker.runs.folder import EVENTS


class EventLog:
    """The writer's end; for one process at a time, for any of its threads."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._stream = (folder / EVENTS).open("ab", buffering=0)
        self._mend(folder / EVENTS)

    def add(self, kind: str, **fields: Any) -> None:
        """Append an event of the kind, with the peak memory of now. It is the system's when the call returns."""
        event = {"at": round(time.time(), 3), "kind": kind, **fields, **_peaks()}
        with self._lock:
            self._stream.write(msgspec.json.encode(event) + b"\n")

    def close(self) -> None:
        with self._lock:
            if not self._stream.closed:
                os.fsync(self._stream.fileno())
                self._stream.close()

    def _mend(self, path: Path) -> None:
        """A power cut may have left half a line: the next event must not become its other half."""
        size = path.stat().st_size
        if size:
            with path.open("rb") as stream:
                stream.seek(size - 1)
                if stream.read(1) != b"\n":
                    self._stream.write(b"\n")


def read_events(folder: Path, offset: int = 0) -> Iterator[RunEvent]:
    """The whole events from byte `offset` on. A line that is none (a torn one) is passed over."""
    try:
        stream = (folder / EVENTS).open("rb")
    except FileNotFoundError:
        return
    with stream:
        stream.seek(offset)
        for line in stream:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            try:
                yield msgspec.convert({**msgspec.json.decode(line), "offset": offset}, RunEvent)
            except (msgspec.MsgspecError, TypeError):
                continue


def size_of(folder: Path) -> int:
    """Bytes of the record so far."""
    try:
        return (folder / EVENTS).stat().st_size
    except FileNotFoundError:
        return 0


def _peaks() -> dict[str, int]:
    found: dict[str, int] = {}
    if sys.platform != "win32":
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found["memory"] = peak if sys.platform == "darwin" else peak * 1024
    # Asking must not be what loads torch, or what opens the device.
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "cuda") and torch.cuda.is_initialized():
        found["gpu_memory"] = max(torch.cuda.max_memory_reserved(place) for place in range(torch.cuda.device_count()))
    return found
