"""The ledger: what left this machine. A row before each request, committed before the socket opens; a row for its fate.

Append-only, each row sealed with the SHA-256 of its content and of the row before, as the audit is. The last seal is
also kept in a setting, so that rows cut off at the end are missed too. A row holds hashes, counts and names of hosts
and models; no text of the project. A `send` without an `end` may have been sent: the program died in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from rpdr_core.errors import Bug, NotFoundError
from rpdr_core.store import audit, files
from rpdr_core.store.audit import AuditCheck
from rpdr_core.store.database import Connection, Row

HEAD = "ledger.head"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of an uploaded batch: whose it is, which of its orders, SHA-256 and length of its body."""

    mention_id: int
    order: int
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class SendEntry:
    """What is known before a request leaves. `estimate` is what it probably costs, `reserved` what it costs at most,
    both in `currency` by the price table `prices`; None where there is no price. `masked` and `flagged` count the
    spans that were masked in its text, and those left for a person to read.
    """

    purpose: str
    host: str
    model: str
    sha256: str
    bytes: int
    number: int
    attempt: int = 1
    order: int = 0
    masked: int = 0
    flagged: int = 0
    tokens: int = 0
    estimate: float | None = None
    reserved: float | None = None
    currency: str = ""
    prices: str = ""
    lines: tuple[LedgerLine, ...] = ()


@dataclass(frozen=True, slots=True)
class EndEntry:
    """What became of a request. `cost` is by the endpoint's own count of tokens, or the reserved amount where it gave
    none (`counted` False); None where there is no price, or nobody counted a batch.
    """

    fate: Literal["answered", "refused", "no_answer", "unreached", "not_sent"]
    status: int = 0
    request_id: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0
    cost: float | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One request: its entry before, its entry after (None: maybe sent). `mention_id` 0: several or none."""

    id: int
    run: str
    mention_id: int
    at: str
    actor: str
    send: SendEntry
    end: EndEntry | None = None
    ended_at: str = ""

    @property
    def fate(self) -> str:
        return self.end.fate if self.end is not None else "maybe_sent"


@dataclass(frozen=True, slots=True)
class Spent:
    """Sums over a run, or over all. `cost` holds what is known, `open` what is reserved for requests without an end."""

    requests: int = 0
    answered: int = 0
    maybe_sent: int = 0
    not_sent: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    open: float = 0.0
    unpriced: int = 0


def open_send(connection: Connection, run: str, mention_id: int, entry: SendEntry, actor: str) -> int:
    """Commit the row of a request that is about to leave; its id. Only after this may the request leave."""
    with connection.transaction():
        return _append(connection, "send", None, run, mention_id or None, actor, entry)


def end_send(connection: Connection, send_id: int, entry: EndEntry) -> int:
    """Commit the fate of a request; the row's id."""
    with connection.transaction():
        sent = connection.row("SELECT run, mention_id, actor FROM ledger WHERE id = ? AND entry = 'send'", send_id)
        if sent is None:
            raise NotFoundError(f"the ledger has no request {send_id}")
        if connection.row("SELECT 1 FROM ledger WHERE send_id = ?", send_id) is not None:
            raise Bug(f"request {send_id} has ended already")
        return _append(connection, "end", send_id, sent[0], sent[1], sent[2], entry)


def rows(connection: Connection, run: str = "", mention_id: int = 0) -> Iterator[LedgerRow]:
    """Requests in order (streams); of one run, or about one mention, where given: also those that uploaded it in a
    batch.
    """
    sql = (
        "SELECT s.id, s.run, coalesce(s.mention_id, 0), s.at, s.actor, s.detail, e.detail, coalesce(e.at, '')"
        " FROM ledger s LEFT JOIN ledger e ON e.send_id = s.id"
        " WHERE s.entry = 'send' AND (?1 = '' OR s.run = ?1) AND (?2 = 0 OR s.mention_id = ?2 OR s.mention_id IS NULL)"
        " ORDER BY s.id"
    )
    for id_, of_run, mention, at, actor, sent, ended, ended_at in connection.stream(sql, run, mention_id):
        with connection.errors():
            send = msgspec.json.decode(sent, type=SendEntry)
            end = None if ended is None else msgspec.json.decode(ended, type=EndEntry)
        if mention_id not in (0, mention) and all(line.mention_id != mention_id for line in send.lines):
            continue
        yield LedgerRow(id_, of_run, mention, at, actor, send, end, ended_at)


def spent(connection: Connection, run: str = "") -> Spent:
    """What a run (or all of them) came to."""
    requests = answered = maybe = not_sent = prompt = completion = unpriced = 0
    cost = open_ = 0.0
    for row in rows(connection, run):
        requests += row.fate != "not_sent"
        not_sent += row.fate == "not_sent"
        answered += row.fate == "answered"
        maybe += row.end is None
        if row.end is None:
            open_ += row.send.reserved or 0.0
            unpriced += row.send.reserved is None
            continue
        prompt += row.end.prompt_tokens or 0
        completion += row.end.completion_tokens or 0
        cost += row.end.cost or 0.0
        unpriced += row.end.cost is None and row.fate == "answered"
    return Spent(requests, answered, maybe, not_sent, prompt, completion, cost, open_, unpriced)


def check(connection: Connection) -> AuditCheck:
    """Verify the chain from the first row to the last that was written."""
    before, number = "", 0
    for row in connection.stream("SELECT * FROM ledger ORDER BY id"):
        number += 1
        if row[0] != number or row[-1] != _seal(before, row[:-1]):
            return AuditCheck(number, broken_at=number)
        before = row[-1]
    head = connection.row("SELECT value FROM setting WHERE key = ?", HEAD)
    expected = str(head[0]) if head is not None else _head(0, "")
    return AuditCheck(number, broken_at=0 if expected == _head(number, before) else number + 1)


def _append(
    connection: Connection,
    entry: Literal["send", "end"],
    send_id: int | None,
    run: str,
    mention_id: int | None,
    actor: str,
    detail: SendEntry | EndEntry,
) -> int:
    last = connection.row("SELECT id, chain FROM ledger ORDER BY id DESC LIMIT 1")
    number, before = (int(last[0]) + 1, str(last[1])) if last else (1, "")
    text = msgspec.json.encode(detail).decode()
    row = (number, entry, send_id, run, mention_id, audit.now(), actor, text)
    chain = _seal(before, row)
    connection.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row, chain)
    files.store_setting(connection, HEAD, _head(number, chain))
    return number


def _seal(before: str, row: Row) -> str:
    return hashlib.sha256(before.encode() + msgspec.json.encode(row)).hexdigest()


def _head(number: int, chain: str) -> str:
    return f"{number}:{chain}"
