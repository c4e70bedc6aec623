"""Sets of mentions as one byte for each id, for a second pass over another index: no sorting, no look-up one by one.

Searching a million texts costs more than all the rest of a list, so two threads do it, each on its half of the index;
SQLite lets go of the interpreter while it searches.
"""

from __future__ import annotations

import re
import threading
from array import array
from collections.abc import Sequence

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.store.database import DAMAGED_HINT, SMALL_CACHE_KIBIBYTES, Connection

_MENTIONS_AT_MOST = 1 << 28
_WORTH_TWO_THREADS = 50_000
_SAMPLE = 64
# GLOB looks for a pattern's first letter as memchr does, in two thirds of the time that `instr` takes. It ends at a
# NUL, which no import lets in.
_FROM = "SELECT id FROM mention INDEXED BY mention_text WHERE folded >= ? AND folded GLOB ?"
_BELOW = "SELECT id FROM mention INDEXED BY mention_text WHERE folded < ? AND folded GLOB ?"
_LONG = "SELECT id FROM mention INDEXED BY mention_text WHERE instr(folded, ?) > 0"
_LONGEST_PATTERN = 1_000
_MEANT = re.compile(r"[*?\[]")
# Each in a query of its own, or the count and the greatest are found by a scan.
_STATE = """
SELECT (SELECT count(*) FROM mention), (SELECT max(id) FROM mention), (SELECT max(id) FROM source),
    (SELECT max(imported_at) FROM source)
"""
_HAVING_TARGET = "SELECT id FROM mention INDEXED BY mention_target WHERE target IN (SELECT value FROM json_each(?))"


def column_of_ids(connection: Connection, sql: str, parameters: Sequence[object]) -> array[int]:
    """A column `id` as JSON: three times faster than a million rows one by one."""
    return array("q", _listed(connection, sql, parameters))


def marks(connection: Connection, sql: str, parameters: Sequence[object]) -> bytes:
    """One byte for each id from 1: 1 where it is in a column `id`."""
    return _marked(connection, [_listed(connection, sql, parameters)])


def numbers(marked: bytes) -> list[int]:
    """The ids that are marked; for few."""
    found, at = list[int](), marked.find(1)
    while at >= 0:
        found.append(at + 1)
        at = marked.find(1, at + 1)
    return found


def text_marks(connection: Connection, text: str) -> bytes:
    """One byte for each id from 1: 1 where the mention's search key has `text` in it.

    The newest answer is kept: the queues, their counts and the facets ask for the same. Texts never change; mentions
    come with a file.
    """
    if connection.database.conn.in_transaction:
        return _search(connection, text)
    state = (text, *(connection.row(_STATE) or ()))
    kept, found = connection.kept.get("text", ((), b""))
    if kept != state:
        found = _search(connection, text)
        connection.kept["text"] = (state, found)
    return found


def code_marks(connection: Connection, codes: frozenset[str]) -> bytes:
    """One byte for each id from 1: 1 where the mention is mapped, or would be, to one of these codes.

    The newest answer is kept until the file changes, by whomever.
    """
    asked = (msgspec.json.encode(sorted(codes)).decode(),)
    if connection.database.conn.in_transaction:  # what is rolled back leaves no trace in the moment
        return marks(connection, _HAVING_TARGET, asked)
    state = (codes, connection.value("PRAGMA data_version"), connection.value("SELECT total_changes()"))
    kept, found = connection.kept.get("codes", ((), b""))
    if kept != state:
        found = marks(connection, _HAVING_TARGET, asked)
        connection.kept["codes"] = (state, found)
    return found


def _search(connection: Connection, text: str) -> bytes:
    greatest = _greatest(connection)
    if len(text) > _LONGEST_PATTERN or "\0" in text:
        return _marked(connection, [_listed(connection, _LONG, (text,))])
    pattern = "*" + _MEANT.sub(r"[\g<0>]", text) + "*"
    # What a transaction has not committed yet, no other connection sees.
    if greatest < _WORTH_TWO_THREADS or connection.database.conn.in_transaction:
        return _marked(connection, [_listed(connection, _FROM, ("", pattern))])
    middle = _middle(connection, greatest)
    with Connection(connection.path, write=False, cache_kibibytes=SMALL_CACHE_KIBIBYTES) as beside:
        other = _Search(beside, _FROM, (middle, pattern))
        other.start()
        try:
            below = _listed(connection, _BELOW, (middle, pattern))
        finally:
            other.join()
        return _marked(connection, [below, other.found()])


class _Search(threading.Thread):
    """A column of ids, asked in a thread of its own."""

    def __init__(self, connection: Connection, sql: str, parameters: Sequence[object]) -> None:
        super().__init__(name="text search", daemon=True)
        self._asked = (connection, sql, parameters)
        self._found: list[int] = []
        self._failed: Exception | None = None

    def run(self) -> None:
        try:
            self._found = _listed(*self._asked)
        except Exception as error:  # noqa: BLE001 - raised again where it was asked for
            self._failed = error

    def found(self) -> list[int]:
        if self._failed is not None:
            raise self._failed
        return self._found


def _listed(connection: Connection, sql: str, parameters: Sequence[object]) -> list[int]:
    text = connection.value(f"SELECT json_group_array(id) FROM ({sql})", *parameters)  # noqa: S608
    with connection.errors():
        return msgspec.json.decode(text, type=list[int])


def _marked(connection: Connection, columns: Sequence[list[int]]) -> bytes:
    # Asked last: two connections may see a file that grows meanwhile.
    made = bytearray(_greatest(connection) + 1)
    for ids in columns:
        for id_ in ids:
            made[id_] = 1
    return bytes(made[1:])


def _greatest(connection: Connection) -> int:
    greatest = int(connection.value("SELECT coalesce(max(id), 0) FROM mention"))
    if greatest > _MENTIONS_AT_MOST:
        raise DamagedFileError("mentions are numbered beyond all reason", hint=DAMAGED_HINT, file=connection.path.name)
    return greatest


def _middle(connection: Connection, greatest: int) -> str:
    """A search key with about half of the mentions on each side."""
    ids = msgspec.json.encode([greatest * part // _SAMPLE + 1 for part in range(_SAMPLE)]).decode()
    rows = connection.rows("SELECT folded FROM mention WHERE id IN (SELECT value FROM json_each(?))", ids)
    keys = sorted(folded for (folded,) in rows)
    return str(keys[len(keys) // 2]) if keys else ""
