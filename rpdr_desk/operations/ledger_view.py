"""The ledger as the window shows it: its newest rows, what they come to, whether the chain holds; and as CSV."""

from __future__ import annotations

import csv
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from rpdr_core.errors import WorldError
from rpdr_core.formats.formulas import guard
from rpdr_desk.operations.agreement import host_shown
from rpdr_desk.operations.teach_plan import dated
from rpdr_desk.operations.teach_state import LedgerLine, LedgerPage, Money

if TYPE_CHECKING:
    from rpdr_core.store import LedgerRow, ProjectReader

NEWEST = 10_000
_FIELDS = (
    "row", "time", "run", "mention", "purpose", "host", "model", "bytes", "sha256", "attempt", "masked", "flagged",
    "fate", "http_status", "request_id", "prompt_tokens", "completion_tokens", "cost", "currency", "prices", "who",
)  # fmt: skip


def read_page(reader: ProjectReader) -> LedgerPage:
    """The newest rows first, sums over all, and the chain checked from its first row."""
    newest: deque[LedgerRow] = deque(maxlen=NEWEST)
    requests = sent = 0
    for row in reader.ledger():
        newest.appendleft(row)
        left = row.fate != "not_sent"
        requests += left
        sent += row.send.bytes if left else 0
    spent, check = reader.spent(), reader.verify_ledger()
    last = newest[0].send if newest else None
    cost = Money(spent.cost, last.currency or "USD", dated(last.prices)) if last is not None else Money()
    lines = tuple(_line(row) for row in newest)
    return LedgerPage(lines, check.rows, check.broken_at, requests, sent, cost)


def export_csv(reader: ProjectReader, path: Path) -> int:
    """Every row, oldest first; how many. Cells that a spreadsheet would run get an apostrophe."""
    count = 0
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_FIELDS)
            for row in reader.ledger():
                writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in _cells(row)])
                count += 1
    except OSError as error:
        raise WorldError("the ledger cannot be written", hint="choose another folder", file=str(path)) from error
    return count


def _line(row: LedgerRow) -> LedgerLine:
    send, end = row.send, row.end
    return LedgerLine(
        row.id,
        row.at,
        row.run,
        row.mention_id,
        send.purpose,
        host_shown(send.host),
        send.model,
        send.bytes,
        send.sha256,
        row.fate,
        end.status if end is not None else 0,
        end.prompt_tokens if end is not None else None,
        end.completion_tokens if end is not None else None,
        end.cost if end is not None else None,
    )


def _cells(row: LedgerRow) -> tuple[object, ...]:
    send, end = row.send, row.end
    fate = ("", "", "", "", "") if end is None else (
        end.status or "", end.request_id, _known(end.prompt_tokens), _known(end.completion_tokens), _known(end.cost)
    )  # fmt: skip
    return (
        row.id, row.at, row.run, row.mention_id or "", send.purpose, send.host, send.model, send.bytes, send.sha256,
        send.attempt, send.masked, send.flagged, row.fate, *fate, send.currency, send.prices, row.actor,
    )  # fmt: skip


def _known(value: float | None) -> object:
    return "" if value is None else value
