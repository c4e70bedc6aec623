"""Reading a project: queries only, on a connection of its own."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from rpdr_core.errors import Bug
from rpdr_core.folding import fold
from rpdr_core.records import (
    Decision,
    KnowledgeBaseInfo,
    MemoryTerm,
    Mention,
    Progress,
    Ranking,
    Status,
)
from rpdr_core.store import audit, decisions, files, history, ledger, pool, rankings, runs, students, undo
from rpdr_core.store.audit import AuditCheck
from rpdr_core.store.database import Connection, Row
from rpdr_core.store.history import PastDecision, Sureness
from rpdr_core.store.ledger import LedgerRow, Spent
from rpdr_core.store.mentions import SourceFile
from rpdr_core.store.pool import Askable
from rpdr_core.store.runs import StoredRun
from rpdr_core.store.students import Promotion, StoredAdapter

Order = Literal["import", "frequent", "least_sure", "disagreement", "text"]

KNOWLEDGE_BASE = "knowledge_base"

_MENTION_COLUMNS = (
    "id, text, context, span_start, span_end, count, department, status, flagged, comment, code, name, confidence,"
    " disagreement"
)
_PAGE = 500

# Each is served by one index, so the order costs nothing.
_ORDER_BY: dict[Order, str] = {
    "import": "id",
    "frequent": "count DESC, id",
    "least_sure": "coalesce(confidence, 2), count DESC, id",
    "disagreement": "disagreement DESC, count DESC, id",
    "text": "folded, id",
}


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Which mentions, in which order. Empty `statuses` means all; `text` filters by substring of the mention."""

    statuses: frozenset[Status] = frozenset()
    flagged: bool | None = None
    text: str = ""
    order: Order = "import"


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A file that was imported, with its number of rows and the time (UTC)."""

    id: int
    file: SourceFile
    rows: int
    imported_at: str


@dataclass(frozen=True, slots=True)
class MentionRow:
    """One row of an imported file, the mention it became, and the code that the file gave (empty if none)."""

    mention_id: int
    row: int
    key: str
    count: int
    code: str


class ProjectReader:
    """Reads of a project through a read-only connection of its own; may live in another thread than the writer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.path = connection.path

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> ProjectReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def queue(self, query: QueueQuery) -> array[int]:
        """Ids of the mentions of a queue, in its order, as one snapshot (`array('q')`)."""
        where, parameters = _conditions(query)
        sql = f"SELECT id FROM mention WHERE {where} ORDER BY {_ORDER_BY[query.order]}"  # noqa: S608
        return self._ids(sql, parameters)

    def _ids(self, sql: str, parameters: Sequence[object]) -> array[int]:
        """A column of ids as JSON: three times faster than a million rows one by one."""
        text = self._connection.value(f"SELECT json_group_array(id) FROM ({sql})", *parameters)  # noqa: S608
        with self._connection.errors():
            return array("q", msgspec.json.decode(text, type=list[int]))

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        """Mentions by id, in the order asked; ids that do not exist are left out."""
        found: dict[int, Mention] = {}
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            marks = ", ".join("?" * len(page))
            sql = f"SELECT {_MENTION_COLUMNS} FROM mention WHERE id IN ({marks})"  # noqa: S608
            found |= {row[0]: _mention(row) for row in self._connection.rows(sql, *page)}
        return [found[id_] for id_ in ids if id_ in found]

    def rankings(self, mention_id: int) -> list[Ranking]:
        """The newest ranking of each ranker: retriever, then teacher, then students."""
        with self._connection.errors():
            return rankings.newest(self._connection, mention_id)

    def decision(self, mention_id: int) -> Decision | None:
        """The decision in force, if any (a reopened mention has none)."""
        row = self._connection.row(f"{decisions.IN_FORCE_SQL} AND d.mention_id = ?", mention_id)
        return _decision(row) if row else None

    def decisions(self) -> Iterator[Decision]:
        """All decisions in force, by mention id (streams)."""
        for row in self._connection.stream(f"{decisions.IN_FORCE_SQL} ORDER BY d.mention_id"):
            yield _decision(row)

    def decision_history(self, mention_id: int) -> list[Decision]:
        """Every decision ever made about a mention, oldest first, undone ones too."""
        sql = f"SELECT {decisions.COLUMNS} FROM decision WHERE mention_id = ? ORDER BY id"  # noqa: S608
        return [_decision(row) for row in self._connection.rows(sql, mention_id)]

    def shown(self, decision_id: int) -> tuple[Ranking, ...]:
        """The rankings that were on screen when a decision was made."""
        with self._connection.errors():
            return decisions.shown(self._connection, decision_id)

    def decided_together(self) -> frozenset[int]:
        """Ids of the decisions that were made for several mentions in one step."""
        return decisions.made_together(self._connection)

    def histories(self) -> Iterator[tuple[PastDecision, ...]]:
        """The decisions of each mention that has any, oldest first, undone ones too (streams)."""
        return history.histories(self._connection)

    def last_decision(self) -> int:
        """Id of the newest decision, 0 where there is none."""
        return history.last_decision(self._connection)

    def sureness(self) -> list[Sureness]:
        """How sure the ranker that counts is of the unreviewed, unflagged mentions. One pass over the mentions."""
        return history.sureness(self._connection)

    def surest(self, threshold: float, limit: int) -> list[int]:
        """Unreviewed, unflagged mentions with an answer of at least this confidence (0..1), surest first."""
        return history.surest(self._connection, threshold, limit)

    def runs(self) -> list[StoredRun]:
        """The training runs, newest first, as they were seen last."""
        return runs.runs(self._connection)

    def adapters(self) -> list[StoredAdapter]:
        """The registered students, oldest first."""
        return students.adapters(self._connection)

    def promotions(self) -> list[Promotion]:
        """Every promotion and rollback, oldest first; the newest says which student is in use."""
        return students.promotions(self._connection)

    def promoted(self) -> str | None:
        """Id of the student in use, empty after a rollback to none; None where none was ever promoted."""
        return students.promoted(self._connection)

    def mapped_here(self, code: str, limit: int = 20) -> tuple[int, list[Mention]]:
        """How many mentions are mapped to `code`, and the most frequent of them."""
        if not code:
            return 0, []
        total = self._connection.value("SELECT count(*) FROM mention WHERE code = ? AND code <> ''", code)
        sql = (
            f"SELECT {_MENTION_COLUMNS} FROM mention WHERE code = ? AND code <> ''"  # noqa: S608
            " ORDER BY count DESC, id LIMIT ?"
        )
        return int(total), [_mention(row) for row in self._connection.rows(sql, code, limit)]

    def memory(self) -> list[MemoryTerm]:
        """Memory terms in force (from accept / correct decisions), by decision id."""
        return [MemoryTerm(*row) for row in self._connection.rows(f"{decisions.MEMORY_SQL} ORDER BY d.id")]

    def progress(self) -> Progress:
        """Read from running tallies: the cost does not grow with the project."""
        rows = self._connection.rows("SELECT status, flagged, mentions, occurrences FROM tally")
        decided = ("accepted", "corrected", "no_match")
        return Progress(
            mentions=sum(row[2] for row in rows),
            decided=sum(row[2] for row in rows if row[0] in decided),
            occurrences=sum(row[3] for row in rows),
            occurrences_decided=sum(row[3] for row in rows if row[0] in decided),
            unreviewed=sum(row[2] for row in rows if row[0] == "unreviewed"),
            deferred=sum(row[2] for row in rows if row[0] == "deferred"),
            flagged=sum(row[2] for row in rows if row[1]),
        )

    def setting(self, key: str, default: str = "") -> str:
        found = self._connection.row("SELECT value FROM setting WHERE key = ?", key)
        return str(found[0]) if found else default

    def knowledge_base(self) -> KnowledgeBaseInfo:
        with self._connection.errors():
            return msgspec.json.decode(self.setting(KNOWLEDGE_BASE), type=KnowledgeBaseInfo)

    def unranked(self, ranker: str, limit: int) -> array[int]:
        """Ids of undecided mentions that `ranker` has not ranked yet, most frequent first.

        The cost is that of one pass over the mentions: ask for many at once and rank them in batches.
        """
        return self._ids(rankings.unranked_sql(), (ranker, limit))

    def askable(self) -> Iterator[Askable]:
        """Undecided mentions without a teacher's ranking, in order of import (streams)."""
        yield from pool.askable(self._connection)

    def answered_texts(self) -> frozenset[str]:
        """Search keys (`folded`) of the texts that were decided or ranked by a teacher, in whatever context."""
        return pool.answered_texts(self._connection)

    def sources(self) -> list[StoredSource]:
        """The imported files, in order of import."""
        sql = "SELECT name, sha256, format, encoding, columns, id, row_count, imported_at FROM source ORDER BY id"
        return [StoredSource(row[5], SourceFile(*row[:5]), row[6], row[7]) for row in self._connection.rows(sql)]

    def source_rows(self, source_id: int) -> Iterator[MentionRow]:
        """The rows of an imported file, in its order (streams)."""
        sql = (
            "SELECT mention_id, row_number, row_key, count, code FROM mention_row WHERE source_id = ?"
            " ORDER BY row_number, id"
        )
        for row in self._connection.stream(sql, source_id):
            yield MentionRow(*row)

    def undo_text(self) -> str:
        """What undo would take back, in a few words; empty if nothing. Holds mention text: never log it."""
        step = undo.next_undo(self._connection)
        return step.summary if step else ""

    def redo_text(self) -> str:
        """What redo would do again; as `undo_text`."""
        step = undo.next_redo(self._connection)
        return step.summary if step else ""

    def ledger(self, run: str = "", mention_id: int = 0) -> Iterator[LedgerRow]:
        """Requests that left this machine, oldest first (streams); of one run or about one mention, where given."""
        return ledger.rows(self._connection, run, mention_id)

    def spent(self, run: str = "") -> Spent:
        """What a run came to, or all of them. The cost is one pass over the ledger."""
        return ledger.spent(self._connection, run)

    def verify_ledger(self) -> AuditCheck:
        """Check the ledger's chain, and that its last row is the last that was written."""
        with self._connection.errors():
            return ledger.check(self._connection)

    def verify_audit(self) -> AuditCheck:
        """Check the audit's chain and every decision against it."""
        with self._connection.errors():
            return audit.check(self._connection)


def open_reader(path: Path) -> ProjectReader:
    """A read-only connection to a project; beside a writer, or alone where the file is of this schema."""
    return ProjectReader(files.connect_reader(path))


def _conditions(query: QueueQuery) -> tuple[str, list[object]]:
    if query.order not in _ORDER_BY:
        raise Bug(f"unknown order {query.order!r}")
    conditions, parameters = ["1"], list[object]()
    if query.statuses:
        conditions.append(f"status IN ({', '.join('?' * len(query.statuses))})")
        parameters += sorted(query.statuses)
    if query.flagged is not None:
        conditions.append("flagged = ?")
        parameters.append(int(query.flagged))
    if text := fold(query.text):
        # The index on the text holds all that is looked at; the table's long rows are not read.
        conditions.append("id IN (SELECT id FROM mention INDEXED BY mention_text WHERE instr(folded, ?) > 0)")
        parameters.append(text)
    return " AND ".join(conditions), parameters


def _mention(row: Row) -> Mention:
    return Mention(*(*row[:8], bool(row[8]), *row[9:]))


def _decision(row: Row) -> Decision:
    return Decision(*(*row[:-1], bool(row[-1])))
