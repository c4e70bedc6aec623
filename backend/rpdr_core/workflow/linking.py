"""Link a whole mention file offline: distinct mentions go to the worker, rows come back with code and confidence.

Work done is kept in a journal beside the output. Stopped and started again, linking goes on where it was; the
journal's head says what it belongs to, and another input, knowledge base or model is refused.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import NotAllowedError
from rpdr_core.formats.formulas import guard
from rpdr_core.records import Candidate, NewMention, Ranking

COLUMNS = (
    "row", "id", "mention", "count", "code", "name", "confidence", "matched", "matched_source",
    "runner_up_code", "runner_up_name", "ranker", "model", "knowledge_base",
)  # fmt: skip
_BATCH = 256

Linker = Callable[[list[NewMention]], list[Ranking]]


@dataclass(frozen=True, slots=True)
class Head:
    """What a journal belongs to. All parts must be equal for a restart.

    `model` names ranker and encoder; `memory` what retrieval had besides (`RetrievalState.inputs`).
    """

    input: str
    knowledge_base: str
    model: str
    memory: str
    format: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One distinct mention's result. `key` hashes text and context."""

    key: str
    candidates: tuple[Candidate, ...]
    confidence: float | None
    ranker: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Counts of a finished run; `resumed` distinct mentions came from the journal of an earlier one."""

    rows: int
    distinct: int
    resumed: int
    unlinked: int


def link_file(
    mentions: Callable[[], Iterator[NewMention]],
    output: Path,
    head: Head,
    link: Linker,
    *,
    restart: bool = False,
    on_progress: Callable[[int, int], object],
) -> Linked:
    """Link every row that `mentions()` yields (it is called twice) and write `output` (CSV, UTF-8) in one swap."""
    journal = Journal(output.with_name(output.name + ".journal"), head, restart=restart)
    resumed = len(journal.entries)
    distinct = {key_of(mention): mention for mention in mentions()}
    missing = [mention for key, mention in distinct.items() if key not in journal.entries]
    on_progress(len(distinct) - len(missing), len(distinct))
    try:
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            journal.add(batch, link(batch))
            on_progress(len(journal.entries), len(distinct))
    finally:
        journal.close()
    rows, unlinked = _write(mentions(), output, head, journal.entries)
    journal.path.unlink()
    return Linked(rows, len(distinct), resumed, unlinked)


def key_of(mention: NewMention) -> str:
    """Identity of a distinct mention: 32 hex digits."""
    return hashlib.sha256(f"{mention.text}\0{mention.context}".encode()).hexdigest()[:32]


class Journal:
    """Append-only results, each batch on disk before the next begins. A torn last line is dropped."""

    def __init__(self, path: Path, head: Head, *, restart: bool = False) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        if restart:
            path.unlink(missing_ok=True)
        sound = self._read(head) if path.is_file() else 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("r+b" if sound else "wb")
        self._stream.truncate(sound)
        self._stream.seek(sound)
        if not sound:
            self._append(msgspec.json.encode(head) + b"\n")

    def add(self, mentions: Iterable[NewMention], rankings: Iterable[Ranking]) -> None:
        """Keep the rankings of a batch; durable when this returns."""
        entries = [
            Entry(key_of(mention), ranking.candidates[:2], ranking.confidence, ranking.ranker)
            for mention, ranking in zip(mentions, rankings, strict=True)
        ]
        self._append(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
        self.entries |= {entry.key: entry for entry in entries}

    def close(self) -> None:
        self._stream.close()

    def _append(self, data: bytes) -> None:
        self._stream.write(data)
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _read(self, head: Head) -> int:
        """Take up the entries; returns the length in bytes of the sound part (0: begin anew)."""
        lines = self.path.read_bytes().splitlines(keepends=True)
        if not lines or not lines[0].endswith(b"\n"):
            return 0
        if _head(lines[0]) != head:
            raise NotAllowedError(
                "an unfinished run with another input, knowledge base or model is in the way",
                hint="finish it with the same arguments, or begin anew with --restart",
                file=str(self.path),
            )
        sound = len(lines[0])
        for line in lines[1:]:
            try:
                entry = msgspec.json.decode(line, type=Entry)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                break
            if not line.endswith(b"\n"):
                break
            self.entries[entry.key] = entry
            sound += len(line)
        return sound


def _head(line: bytes) -> Head | None:
    try:
        return msgspec.json.decode(line, type=Head)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _write(mentions: Iterator[NewMention], output: Path, head: Head, entries: dict[str, Entry]) -> tuple[int, int]:
    temporary = output.with_name(f"{output.name}.{os.getpid()}.tmp")
    try:
        counts = _write_rows(mentions, temporary, head, entries)
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)
    return counts


def _write_rows(mentions: Iterator[NewMention], path: Path, head: Head, entries: dict[str, Entry]) -> tuple[int, int]:
    rows = unlinked = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for mention in mentions:
            entry = entries[key_of(mention)]
            writer.writerow([guard(cell) for cell in _row(mention, entry, head)])
            rows += 1
            unlinked += not entry.candidates
        stream.flush()
        os.fsync(stream.fileno())
    return rows, unlinked


def _row(mention: NewMention, entry: Entry, head: Head) -> Iterator[str]:
    none = Candidate("", "")
    first, second = (*entry.candidates, none, none)[:2]
    yield from (str(mention.row.row), mention.row.key, mention.text, str(mention.count), first.code, first.name)
    yield "" if entry.confidence is None else f"{entry.confidence:.4f}"
    yield from (first.matched, first.source if first.code else "", second.code, second.name)
    yield from (entry.ranker, head.model, head.knowledge_base)
