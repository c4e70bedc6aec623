"""Reading a project: queries only, on a connection of its own."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from rpdr_core.errors import NotFoundError
from rpdr_core.records import (
    Decision,
    Document,
    Draw,
    KnowledgeBaseInfo,
    MemoryTerm,
    Mention,
    Opinion,
    OpinionStage,
    Progress,
    Ranking,
    Reviewer,
    ReviewPlan,
)
from rpdr_core.store import (
    answers,
    audit,
    counting,
    decisions,
    documents,
    facets,
    files,
    given,
    history,
    in_force,
    ledger,
    lint_notes,
    memory_origin,
    opinions,
    pool,
    queue,
    rankings,
    reviewers,
    runs,
    stretch,
    students,
    times,
    traces,
    undo,
    upgrades,
)
from rpdr_core.store.audit import AuditCheck
from rpdr_core.store.database import (
    CACHE_KIBIBYTES,
    FEW_STOPS,
    SMALL_CACHE_KIBIBYTES,
    Connection,
    Row,
    is_small,
    quick_check,
)
from rpdr_core.store.facets import Facets
from rpdr_core.store.history import PastDecision, Sureness
from rpdr_core.store.ledger import LedgerRow, Spent
from rpdr_core.store.lint_notes import Dismissal
from rpdr_core.store.mentions import SourceFile
from rpdr_core.store.pool import Askable
from rpdr_core.store.queue import Order, QueueQuery
from rpdr_core.store.runs import StoredRun
from rpdr_core.store.stretch import Stretch
from rpdr_core.store.students import Promotion, StoredAdapter

__all__ = ["KNOWLEDGE_BASE", "MentionRow", "Order", "ProjectReader", "QueueQuery", "StoredSource", "open_reader"]

KNOWLEDGE_BASE = "knowledge_base"

_MENTION_COLUMNS = (
    "id, text, context, span_start, span_end, count, department, status, flagged, comment, code, name, confidence,"
    " disagreement, more, reviewer, reason, relation, guess, margin, verdict, quarrel, review, flag_reason, changed_at"
)
_ROW_COLUMNS = "mention_id, row_number, row_key, count, code, document_id, doc_start, doc_end, annotation"
_PAGE = 500


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A file that was imported, with its number of rows and the time (UTC)."""

    id: int
    file: SourceFile
    rows: int
    imported_at: str


@dataclass(frozen=True, slots=True)
class MentionRow:
    """One row of an imported file, the mention it became, and the code that the file gave (empty if none).

    Of a row that lies in a document: the document's id, `start` and `end` in its text in code points, and what else the
    format says of it (JSON).
    """

    mention_id: int
    row: int
    key: str
    count: int
    code: str
    document_id: int | None = None
    start: int | None = None
    end: int | None = None
    annotation: str = ""


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

    def queue(self, query: QueueQuery, stop: Callable[[], bool] | None = None) -> array[int]:
        """Ids of the mentions of a queue, in its order, as one snapshot (`array('q')`); `stop` ends it: `Cancelled`."""
        with self._connection.stoppable(stop, FEW_STOPS):
            return queue.ids(self._connection, query)

    def stretch(self, query: QueueQuery, around: int = 0) -> Stretch | None:
        """Some rows of a queue around a mention, from the top where it is not in it; None where that takes as long as
        the whole queue. In time for what is on screen.
        """
        return stretch.stretch(self._connection, query, around)

    def facets(self, query: QueueQuery, stop: Callable[[], bool] | None = None) -> Facets:
        """For each facet the values that occur, with their mentions under the query's other conditions; `stop` ends
        it: `Cancelled`.
        """
        with self._connection.stoppable(stop, FEW_STOPS):
            return facets.facets(self._connection, query)

    def count(self, query: QueueQuery) -> int:
        """How many mentions a queue holds; cheaper than listing them."""
        with self._connection.errors():
            return counting.count(self._connection, query)

    def targets(self, query: QueueQuery, stop: Callable[[], bool] | None = None) -> list[tuple[str, int]]:
        """Codes that are decided, else guessed, with their mentions under the query's other conditions; most first.
        `stop` ends it: `Cancelled`.
        """
        with self._connection.stoppable(stop, FEW_STOPS):
            return queue.targets(self._connection, query)

    def same_text(self, mention_id: int) -> array[int]:
        """Ids of the other mentions whose text is the same but for case, width and white space, in order of import."""
        return queue.same_text(self._connection, mention_id)

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        """Mentions by id, in the order asked; ids that do not exist are left out."""
        found: dict[int, Mention] = {}
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            marks = ", ".join("?" * len(page))
            sql = f"SELECT {_MENTION_COLUMNS} FROM mention WHERE id IN ({marks})"  # noqa: S608
            found |= {row[0]: _mention(self._connection, row) for row in self._connection.rows(sql, *page)}
        return [found[id_] for id_ in ids if id_ in found]

    def rankings(self, mention_id: int) -> list[Ranking]:
        """The newest ranking of each ranker: retriever, then teacher, then students."""
        with self._connection.errors():
            return rankings.newest(self._connection, mention_id)

    def decision(self, mention_id: int) -> Decision | None:
        """The decision in force, if any (a reopened mention has none)."""
        return in_force.decision(self._connection, mention_id)

    def decisions(self) -> Iterator[Decision]:
        """All decisions in force, by mention id (streams)."""
        for row in self._connection.stream(f"{in_force.SQL} ORDER BY d.mention_id"):
            yield in_force.read(self._connection, row)

    def decision_history(self, mention_id: int) -> list[Decision]:
        """Every decision ever made about a mention, oldest first, undone ones too."""
        sql = f"SELECT {in_force.COLUMNS} FROM decision d WHERE mention_id = ? ORDER BY id"  # noqa: S608
        return [in_force.read(self._connection, row) for row in self._connection.rows(sql, mention_id)]

    def mention_of_decision(self, decision_id: int) -> Mention:
        """The mention that a decision is about."""
        return self.mentions([traces.mention_of(self._connection, decision_id)])[0]

    def waiting_here(self, code: str, reviewer: str) -> array[int]:
        """Ids of the mentions that somebody else has mapped to `code` and that wait for a second answer."""
        return traces.waiting_here(self._connection, code, reviewer)

    def propagated_from(self, decision_id: int) -> list[Decision]:
        """The decisions in force that were carried over from this one to identical mentions, by mention."""
        return decisions.propagated_from(self._connection, decision_id)

    def opinions(self, mention_id: int) -> list[Opinion]:
        """Every opinion about a mention, oldest first, undone ones too."""
        return opinions.of_mention(self._connection, mention_id)

    def all_opinions(self, stage: OpinionStage | Literal[""] = "") -> Iterator[Opinion]:
        """Every opinion that is not undone, of one stage where given, oldest first (streams)."""
        return opinions.all_of(self._connection, stage)

    def opinion_shown(self, opinion_id: int) -> tuple[Ranking, ...]:
        """The rankings that were on screen when an opinion was given."""
        with self._connection.errors():
            return opinions.shown(self._connection, opinion_id)

    def reviewers(self) -> list[Reviewer]:
        """The roster, by name; empty where nobody was entered."""
        return reviewers.reviewers(self._connection)

    def review_plan(self) -> ReviewPlan:
        """What two reviewers decide blind, and what is answered before rankings."""
        return reviewers.plan(self._connection)

    def drawn(self, mention_id: int) -> Draw:
        """What the plan has drawn a mention for; the same on every machine, today and tomorrow."""
        found = self._connection.row("SELECT key FROM mention WHERE id = ?", mention_id)
        if found is None:
            raise NotFoundError(f"mention {mention_id} is not in this project")
        return reviewers.drawn(self.review_plan(), found[0])

    def shown(self, decision_id: int) -> tuple[Ranking, ...]:
        """The rankings that were on screen when a decision was made."""
        with self._connection.errors():
            return decisions.shown(self._connection, decision_id)

    def decided_together(self) -> frozenset[int]:
        """Ids of the decisions that were made for several mentions in one step."""
        return decisions.made_together(self._connection)

    def histories(self) -> Iterator[list[PastDecision]]:
        """The decisions of each mention that has any, oldest first, undone ones too (streams)."""
        return history.histories(self._connection)

    def last_decision(self) -> int:
        """Id of the newest decision, 0 where there is none."""
        return history.last_decision(self._connection)

    def sureness(self) -> list[Sureness]:
        """How sure the ranker that counts is of the unreviewed, unflagged mentions that it has an answer for. One pass
        over the mentions.
        """
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
        return int(total), [_mention(self._connection, row) for row in self._connection.rows(sql, code, limit)]

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
        """Ids of undecided mentions that `ranker` has not ranked yet, most frequent first. What was retrieved against
        another knowledge base, or under another scope, counts as not retrieved.

        The cost is that of one pass over the mentions: ask for many at once and rank them in batches.
        """
        return rankings.unranked(self._connection, ranker, limit, self.knowledge_base().fingerprint)

    def askable(self) -> Iterator[Askable]:
        """Undecided mentions without a teacher's ranking, in order of import (streams)."""
        yield from pool.askable(self._connection)

    def answered_texts(self) -> frozenset[str]:
        """Search keys (`folded`) of the texts that were decided or ranked by a teacher, in whatever context."""
        return pool.answered_texts(self._connection)

    def given_codes(self, mention_ids: Sequence[int]) -> dict[int, frozenset[str]]:
        """The codes that imported files gave these mentions; those without one are left out."""
        return given.given_codes(self._connection, mention_ids)

    def sources(self) -> list[StoredSource]:
        """The imported files, in order of import."""
        sql = "SELECT name, sha256, format, encoding, columns, id, row_count, imported_at FROM source ORDER BY id"
        return [StoredSource(row[5], SourceFile(*row[:5]), row[6], row[7]) for row in self._connection.rows(sql)]

    def source_rows(self, source_id: int) -> Iterator[MentionRow]:
        """The rows of an imported file, in its order (streams)."""
        sql = f"SELECT {_ROW_COLUMNS} FROM mention_row WHERE source_id = ? ORDER BY row_number, id"  # noqa: S608
        for row in self._connection.stream(sql, source_id):
            yield MentionRow(*row)

    def document_count(self, source_id: int) -> int:
        """How many documents came with an imported file."""
        return documents.count(self._connection, source_id)

    def documents(self, source_id: int) -> Iterator[Document]:
        """The documents of an imported file, in its order (streams)."""
        yield from documents.of_source(self._connection, source_id)

    def document(self, document_id: int) -> Document | None:
        """A document by its id in this project; None where there is none."""
        return documents.by_id(self._connection, document_id)

    def document_rows(self, document_id: int) -> list[MentionRow]:
        """The rows of a file that lie in a document, in the file's order."""
        sql = f"SELECT {_ROW_COLUMNS} FROM mention_row WHERE document_id = ? ORDER BY row_number, id"  # noqa: S608
        return [MentionRow(*row) for row in self._connection.rows(sql, document_id)]

    def collection_structure(self, source_id: int) -> str:
        """What an imported file's format says of its documents as a whole, JSON; empty where it says nothing."""
        return documents.structure_of(self._connection, source_id)

    def memory_origin(self, text: str, code: str, reviewer: str) -> Decision | None:
        """The newest decision that mapped this text to this code and that `reviewer` may know of."""
        return memory_origin.memory_origin(self._connection, text, code, reviewer)

    def lint_dismissals(self) -> dict[str, Dismissal]:
        """Findings of map lint that somebody will not hear of again, by the finding's key."""
        return lint_notes.dismissals(self._connection)

    def shared_records(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Row keys that several mapped mentions of one source share, with the mentions' ids (streams).

        The cost is one pass over all imported rows.
        """
        return lint_notes.shared_records(self._connection)

    def stale_lists(self, lost: Collection[str]) -> Iterator[tuple[int, int]]:
        """Newest lists of undecided mentions that name one of these codes: (ranking, mention) ids (streams)."""
        return upgrades.stale_lists(self._connection, lost)

    def second_answers(self, lost: Collection[str]) -> Iterator[Opinion]:
        """Second answers about decisions in force that name one of these codes (streams)."""
        return upgrades.second_answers(self._connection, lost)

    def requeued(self) -> list[int]:
        """Ids of the mentions that upgrades have reopened and nobody has decided since, by frequency."""
        return upgrades.requeued(self._connection)

    def undo_mentions(self) -> tuple[int, ...]:
        """Ids of the mentions that undo would change; empty if there is nothing to undo."""
        step = undo.next_undo(self._connection)
        return undo.mentions_of(self._connection, step) if step else ()

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

    def was_checked(self) -> bool:
        """Whether the file is so small that opening it has checked it whole."""
        return is_small(self._connection)

    def check_file(self, stop: Callable[[], bool] | None = None) -> None:
        """Raise `DamagedFileError` unless every page of the file is sound. Opening checks small files only: for a large
        one this takes seconds, so ask it beside other work; `stop` ends it with `Cancelled`. Backups check their copy.
        """
        quick_check(self._connection, stop)

    def verify_audit(self) -> AuditCheck:
        """Check the audit's chain and every decision against it."""
        with self._connection.errors():
            return audit.check(self._connection)


def open_reader(path: Path, *, small: bool = False) -> ProjectReader:
    """A read-only connection to a project; beside a writer, or alone where the file is of this schema.

    A `small` one keeps few pages in memory: for single rows, and for reading through a file once.
    """
    return ProjectReader(files.connect_reader(path, SMALL_CACHE_KIBIBYTES if small else CACHE_KIBIBYTES))


def _mention(connection: Connection, row: Row) -> Mention:
    relation, guess, margin, *rest, changed_at = row[17:]
    said = (answers.relation_of(connection, relation), guess, None if margin is None else margin / 1000)
    return Mention(*(*row[:8], bool(row[8]), *row[9:17], *said, *rest, times.iso(changed_at)))
