"""The journal of a linking run: a head, then the results of whole chunks in order, each chunk durable and closed by
the number of results so far. Whatever follows the last closed chunk is torn and dropped. A journal has one writer: it
is locked from when it is opened until it is closed, and the system frees it if we die.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from rpdr_core import __version__
from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Ranking
from rpdr_core.store.lock import try_lock

CALIBRATION = "2faef4"
"""Names the constants by which the retriever says how sure it is. Confidences by others do not mean the same."""

_LOCKED_BYTE = 1 << 40
_PATIENCE = 1.0
_PAUSE = 0.02


class Head(msgspec.Struct, frozen=True):
    """What a journal belongs to. All parts must be equal for a restart.

    `model` names ranker and encoder; `memory` what retrieval had besides (`RetrievalState.inputs`); `chunk` how many
    mentions went to the worker together, for an encoder's last digits depend on what is in a batch. `program` and
    `calibration`: another version may rank otherwise, or say otherwise how sure it is.
    """

    input: str
    knowledge_base: str
    model: str
    memory: str
    chunk: int = 0
    format: int = 3
    program: str = __version__
    calibration: str = CALIBRATION


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """The result of one distinct mention: first candidate, runner-up, and how sure the first is."""

    code: str = ""
    name: str = ""
    matched: str = ""
    source: str = ""
    confidence: float | None = None
    second_code: str = ""
    second_name: str = ""
    ranker: str = ""


def entry_of(ranking: Ranking) -> Entry:
    if not ranking.candidates:
        return Entry(confidence=ranking.confidence, ranker=ranking.ranker)
    first = ranking.candidates[0]
    second = ranking.candidates[1] if len(ranking.candidates) > 1 else None
    return Entry(
        first.code,
        first.name,
        first.matched,
        first.source,
        ranking.confidence,
        second.code if second else "",
        second.name if second else "",
        ranking.ranker,
    )


class Journal:
    """Results by number. Memory: eight bytes each; the rest is read from disk."""

    def __init__(self, path: Path, head: Head, *, restart: bool = False) -> None:
        self.path = path
        self._ends = array("Q")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(Entry)
        self._stream: BinaryIO = _locked(path)
        try:
            if restart:
                self._stream.truncate(0)
            self._take_up(head)
        except BaseException:
            self._stream.close()
            raise

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, rankings: Sequence[Ranking]) -> None:
        """Keep the results of a chunk; durable when this returns."""
        at, parts = self._end, []
        for ranking in rankings:
            line = self._encoder.encode(entry_of(ranking)) + b"\n"
            at += len(line)
            parts.append(line)
            self._ends.append(at)
        parts.append(b"%d\n" % len(self))
        self._append(b"".join(parts))

    def entry(self, number: int) -> Entry:
        """One result."""
        end = self._ends[number]
        # Before the first line of a chunk stands what closed the one before.
        start = max(self._begin, self._ends[number - 1]) if number else self._begin
        self._stream.seek(start)
        return self._decoder.decode(self._stream.read(end - start).rpartition(b"\n")[0].rpartition(b"\n")[2])

    def close(self) -> None:
        self._stream.close()

    def remove(self) -> None:
        # While it is locked, where the system allows it: nobody else's journal is removed.
        if os.name != "nt":
            self.path.unlink()
        self.close()
        if os.name == "nt":
            self.path.unlink()

    def _append(self, data: bytes) -> None:
        self._stream.seek(self._end)
        self._stream.write(data)
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._end += len(data)

    def _take_up(self, head: Head) -> None:
        first = self._stream.readline()
        self._begin = self._end = len(first)
        if not first.endswith(b"\n"):
            self._stream.truncate(0)
            self._begin = self._end = 0
            self._append(msgspec.json.encode(head) + b"\n")
            self._begin = self._end
            return
        if _head(first) != head:
            raise NotAllowedError(
                "an unfinished run with another input, knowledge base, model or version is in the way",
                hint="finish it with the same arguments, or begin anew with --restart",
                file=str(self.path),
            )
        self._read_chunks()
        self._stream.truncate(self._end)

    def _read_chunks(self) -> None:
        at, whole = self._begin, 0
        for line in self._stream:
            if not line.endswith(b"\n"):
                break
            at += len(line)
            if line.startswith(b"["):
                try:
                    self._decoder.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    break
                self._ends.append(at)
            elif line == b"%d\n" % len(self._ends):
                whole, self._end = len(self._ends), at
            else:
                break
        del self._ends[whole:]


def is_being_linked(journal: Path) -> bool:
    """Whether a run writes this journal now, here or in another process."""
    try:
        descriptor = os.open(journal, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except OSError:
        return False
    try:
        return not try_lock(descriptor, _LOCKED_BYTE)
    finally:
        os.close(descriptor)


def refuse_being_linked(journal: Path) -> None:
    """Raises `NotAllowedError` while another run writes this journal."""
    if is_being_linked(journal):
        raise _other_run(journal)


def _locked(path: Path) -> BinaryIO:
    """The journal, ours alone. It is looked at again and again for a moment: somebody may only ask whose it is."""
    end = time.monotonic() + _PATIENCE
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        if try_lock(descriptor, _LOCKED_BYTE):
            # The former writer may have removed the file between our open and our lock.
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                return os.fdopen(descriptor, "r+b")
        elif time.monotonic() > end:
            os.close(descriptor)
            raise _other_run(path)
        os.close(descriptor)
        time.sleep(_PAUSE)


def _other_run(journal: Path) -> NotAllowedError:
    return NotAllowedError(
        "this file is being linked by another run",
        hint="wait for it, or end it first",
        file=journal.name.removesuffix(".journal"),
    )


def _head(line: bytes) -> Head | None:
    try:
        return msgspec.json.decode(line, type=Head)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
