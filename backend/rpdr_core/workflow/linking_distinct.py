"""Which rows of a file are the same mention: numbers for distinct (text, context), in a few bytes each."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from rpdr_core.errors import NotAllowedError
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.records import NewMention

_KEY = 16
_EVERY = 20_000


def key_of(mention: NewMention) -> bytes:
    """Identity of a distinct mention: 16 bytes. Two of ten million differ but share one with a chance of 2^-82."""
    return hashlib.blake2b(f"{mention.text}\0{mention.context}".encode(), digest_size=_KEY).digest()


class KeyTable:
    """Numbers keys from 0 in order of arrival. Some 25 bytes a key: an open-addressed table over one array of bytes."""

    def __init__(self) -> None:
        self._keys = bytearray()
        self._slots = array("I", bytes(4 << 10))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def key(self, number: int) -> bytes:
        return bytes(self._keys[number * _KEY : (number + 1) * _KEY])

    def number(self, key: bytes) -> int:
        """The key's number; a new one where it has not been seen."""
        slots, keys = self._slots, self._keys
        mask = len(slots) - 1
        at = int.from_bytes(key[:8], "little") & mask
        while held := slots[at]:
            if keys[(held - 1) * _KEY : held * _KEY] == key:
                return held - 1
            at = (at + 1) & mask
        self._count += 1
        slots[at] = self._count
        keys += key
        if self._count * 3 > len(slots) * 2:
            self._grow()
        return self._count - 1

    def _grow(self) -> None:
        size = len(self._slots) * 4
        slots, mask = array("I", bytes(4 * size)), size - 1
        view = memoryview(self._keys)
        for number in range(self._count):
            at = int.from_bytes(view[number * _KEY : number * _KEY + 8], "little") & mask
            while slots[at]:
                at = (at + 1) & mask
            slots[at] = number + 1
        view.release()
        self._slots = slots


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first pass over a file found. `of_row[i]`: number of the distinct mention that row i holds. `size`: bytes
    of all distinct texts and contexts in UTF-8.
    """

    of_row: array[int]
    table: KeyTable
    size: int = 0

    @property
    def rows(self) -> int:
        return len(self.of_row)

    @property
    def distinct(self) -> int:
        return len(self.table)

    def firsts(self, mentions: Iterator[NewMention], done: int) -> Iterator[NewMention]:
        """The distinct mentions from number `done` on, where each comes first."""
        known = 0
        for number, mention in self.numbered(mentions):
            if number == known:
                known += 1
                if number >= done:
                    yield mention

    def numbered(self, mentions: Iterator[NewMention]) -> Iterator[tuple[int, NewMention]]:
        """The rows again, each with its number. Raises `NotAllowedError` where they are not those of the survey."""
        row = 0
        for mention in mentions:
            if row >= self.rows or self.table.key(number := self.of_row[row]) != key_of(mention):
                raise _changed()
            yield number, mention
            row += 1
        if row != self.rows:
            raise _changed()


def survey(mentions: Iterator[NewMention], on_stage: Watch = unwatched) -> Survey:
    """Read a file once. `on_stage` hears every now and then how far it is."""
    of_row, table, size = array("I"), KeyTable(), 0
    for mention in mentions:
        known = len(table)
        of_row.append(table.number(key_of(mention)))
        if len(table) > known:
            size += len(mention.text.encode()) + len(mention.context.encode())
        if len(of_row) % _EVERY == 0:
            on_stage("reading rows", len(of_row), 0)
    return Survey(of_row, table, size)


def _changed() -> NotAllowedError:
    return NotAllowedError("the file has changed while it was being linked", hint="link it again with --restart")
