"""`rpdr ledger`: what left this machine for a project, request by request."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import DamagedFileError
from rpdr_core.store import LedgerRow, ProjectReader, Spent, open_reader


@click.command("ledger")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Check that no row was changed, removed or put in.")
@click.option("--run", default="", help="One run only.")
@click.option("--mention", default=0, help="Requests about one mention only.")
@JSON
def ledger_command(project: Path, verify: bool, run: str, mention: int, as_json: bool) -> None:
    """Print PROJECT's ledger: a row for each request, written before it left. Rows hold hashes and counts, no text."""
    with open_reader(project) as reader:
        if verify:
            _verify(reader, project, as_json)
            return
        rows = list(reader.ledger(run, mention))
        spent = reader.spent(run)
    if as_json:
        print_json({"rows": [{**asdict(row), "fate": row.fate} for row in rows], "spent": asdict(spent)})
        return
    for row in rows:
        click.echo(_line(row))
    if not mention:
        click.echo(_sum(spent))


def _verify(reader: ProjectReader, project: Path, as_json: bool) -> None:
    check = reader.verify_ledger()
    if as_json:
        print_json({"ok": check.ok, "rows": check.rows, "broken_at": check.broken_at})
    elif check.ok:
        click.echo(f"{check.rows:,} rows, all as they were written")
    if not check.ok:
        hint = "compare it with a backup"
        raise DamagedFileError(f"the ledger does not hold from row {check.broken_at}", hint=hint, file=project.name)


def _line(row: LedgerRow) -> str:
    send, end = row.send, row.end
    cost = "" if end is None or end.cost is None else f"{end.cost:.6f} {send.currency}".rstrip()
    about = f"mention {row.mention_id}" if row.mention_id else f"{len(send.lines):,} lines" if send.lines else ""
    fate = row.fate.replace("_", " ") + (f" {end.status}" if end is not None and end.status else "")
    parts = (row.at, send.host, send.model, send.purpose, about, f"{send.bytes:,} bytes", send.sha256[:12], fate, cost)
    return "  ".join(part for part in parts if part)


def _sum(spent: Spent) -> str:
    tokens = f"{spent.prompt_tokens:,} tokens in, {spent.completion_tokens:,} out"
    words = f"{spent.requests:,} requests, {spent.answered:,} answered, {tokens}, cost {spent.cost:.4f}"
    words += f" and {spent.unpriced:,} requests without a known price" if spent.unpriced else ""
    return words + (f"; {spent.maybe_sent:,} maybe sent" if spent.maybe_sent else "")
