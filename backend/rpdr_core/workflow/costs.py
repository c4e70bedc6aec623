"""What the teacher has cost a project, by its ledger."""

from __future__ import annotations

from dataclasses import dataclass

from rpdr_core.store import ProjectReader


@dataclass(frozen=True, slots=True)
class TeacherCost:
    """`money` and `seconds` (of requests, one after the other) for the rankings of `mentions`.

    `seconds` is None where no request was timed.
    """

    money: float
    currency: str
    mentions: int
    seconds: float | None = None


def teacher_cost(reader: ProjectReader) -> TeacherCost | None:
    """From all answered requests, mentions counted once; None where nothing was answered or a price is unknown.

    A request that nobody answered costs, too, where the endpoint counted it.
    """
    money = seconds = 0.0
    currencies: set[str] = set()
    mentions: set[int] = set()
    for row in reader.ledger():
        if row.end is None or row.end.fate != "answered":
            money += (row.end.cost or 0.0) if row.end else 0.0
            continue
        if row.end.cost is None:
            return None
        money += row.end.cost
        # A batch takes hours whatever it holds: that is not how long a ranking takes.
        seconds += 0.0 if row.send.lines else row.end.seconds
        currencies.add(row.send.currency)
        mentions.update([line.mention_id for line in row.send.lines] or [row.mention_id])
    mentions.discard(0)
    if not mentions or len(currencies) != 1:
        return None
    return TeacherCost(money, currencies.pop(), len(mentions), seconds or None)
