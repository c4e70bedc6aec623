"""The project file: one SQLite database, one writer (`Project`), any number of readers (`ProjectReader`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from rpdr_core.records import (
    AnnotatedDocument,
    Changed,
    Changes,
    FlagReason,
    KnowledgeBaseInfo,
    NewDecision,
    NewMention,
    NewOpinion,
    Ranking,
    Reviewer,
    ReviewPlan,
)
from rpdr_core.store import (
    audit,
    decisions,
    documents,
    files,
    ledger,
    marking,
    mentions,
    opinions,
    rankings,
    reviewers,
    runs,
    students,
    taking,
    undo,
    upgrades,
)
from rpdr_core.store.backup import back_up
from rpdr_core.store.database import Connection
from rpdr_core.store.ledger import EndEntry, SendEntry
from rpdr_core.store.lock import WriterLock
from rpdr_core.store.mentions import ImportResult, SourceFile
from rpdr_core.store.reader import KNOWLEDGE_BASE, ProjectReader, open_reader
from rpdr_core.store.runs import StoredRun
from rpdr_core.store.students import StoredAdapter
from rpdr_core.store.taking import Taken, Taking
from rpdr_core.store.undo import Side
from rpdr_core.store.upgrades import Upgrade

_NOTHING = Changes(frozenset())
_KINDS: dict[str, Changed] = {
    "mention": "mentions",
    "decision": "decisions",
    "opinion": "opinions",
    "ranking": "rankings",
    "setting": "settings",
}


class Project(ProjectReader):
    """The writer. Each change is one transaction with its audit row, durable when the call returns."""

    def __init__(self, connection: Connection, lock: WriterLock) -> None:
        super().__init__(connection)
        self._lock = lock

    @classmethod
    def create(cls, path: Path, *, name: str, knowledge_base: KnowledgeBaseInfo) -> Project:
        """Create a new project file; refuses to overwrite."""
        lock = files.lock_new(path)
        try:
            settings = {"name": name, "created_at": audit.now(), KNOWLEDGE_BASE: _json(knowledge_base)}
            files.write_new(path, settings)
            return cls(files.connect(path), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path) -> Project:
        """Open, check, migrate. Takes the single-writer lock; a second writer gets a clear error."""
        lock = files.lock_existing(path)
        try:
            return cls(files.connect(path), lock)
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close the file and free the lock. Safe to call twice."""
        super().close()
        self._lock.release()

    def __enter__(self) -> Project:
        return self

    def reader(self, *, small: bool = False) -> ProjectReader:
        """A new read-only connection to the same file; as `open_reader`."""
        return open_reader(self.path, small=small)

    def add_mentions(self, source: SourceFile, rows: Iterable[NewMention]) -> ImportResult:
        """Import in one transaction: all rows or none. Equal (text, context) merge into one mention's count."""
        return mentions.add(self._connection, source, rows)

    def add_documents(
        self,
        source: SourceFile,
        found: Iterable[AnnotatedDocument],
        structure: Callable[[], str] = documents.no_structure,
    ) -> ImportResult:
        """Import documents with the mentions in them, in one transaction: all or none.

        `structure`: what the format says of the collection as a whole, JSON, asked once all documents are read.
        """
        return documents.add(self._connection, source, found, structure)

    def take(
        self,
        source: SourceFile,
        rows: Callable[[], Iterable[Taking]],
        *,
        reviewer: str = "",
        replace: bool = False,
        only_look: bool = False,
    ) -> Taken:
        """Take decisions, flags and remarks over from a file, in one transaction and as one undoable step.

        Mentions that are missing are made; they stay when the step is undone. A decision in force is left alone where
        the file says otherwise, unless `replace`. `only_look` counts all that and keeps nothing.
        """
        return taking.take(self._connection, source, rows, reviewer, replace=replace, only_look=only_look)

    def record_rankings(self, rankings_: Iterable[Ranking]) -> Changes:
        """Store rankings; refreshes each mention's confidence and disagreement columns."""
        return rankings.record(self._connection, list(rankings_))

    def decide(self, decision: NewDecision, *, reviewer: str = "") -> Changes:
        """Store a decision as one undoable step."""
        return decisions.decide(self._connection, [decision], reviewer, "")

    def decide_many(self, new: Sequence[NewDecision], *, reviewer: str = "", summary: str = "") -> Changes:
        """Store decisions as one undoable step, all or none. `summary` is what `undo_text` will say of it."""
        return decisions.decide(self._connection, new, reviewer, summary)

    def accept_unseen(self, new: Sequence[NewDecision], *, reviewer: str = "", summary: str = "") -> Changes:
        """Store acceptances of mode `agreed` as one undoable step: a person agreed to all of them, and saw none."""
        return decisions.accept_unseen(self._connection, new, reviewer, summary)

    def revoke(self, origin_id: int, *, reviewer: str = "") -> Changes:
        """Reopen all mentions whose decision in force was propagated from that decision, as one undoable step."""
        return decisions.revoke(self._connection, origin_id, reviewer)

    def give_opinion(self, opinion: NewOpinion, *, reviewer: str) -> Changes:
        """Store an answer beside the decision as one undoable step; a second one says whether two reviewers agree."""
        return opinions.give(self._connection, opinion, reviewer)

    def adjudicate(self, decision: NewDecision, *, reviewer: str) -> Changes:
        """Settle a dispute by a decision, as one undoable step."""
        return opinions.adjudicate(self._connection, decision, reviewer)

    def set_flag(
        self, mention_id: int, flagged: bool, *, reason: FlagReason | Literal[""] = "", reviewer: str = ""
    ) -> Changes:
        """Flag a mention, or take the flag away; a flag may call somebody by its `reason`."""
        return marking.set_flag(self._connection, mention_id, flagged, reason, reviewer)

    def set_flags(
        self, mention_ids: Sequence[int], reason: FlagReason | Literal[""] = "", *, reviewer: str = ""
    ) -> Changes:
        """Flag several mentions for one reason as one undoable step, all or none."""
        return marking.set_flags(self._connection, mention_ids, reason, reviewer)

    def clear_flags(self, mention_ids: Sequence[int], *, reviewer: str = "") -> Changes:
        """Take the flags of several mentions away as one undoable step, all or none."""
        return marking.clear_flags(self._connection, mention_ids, reviewer)

    def set_comment(self, mention_id: int, comment: str, *, reviewer: str = "") -> Changes:
        return marking.set_comment(self._connection, mention_id, comment, reviewer)

    def set_reviewer(self, reviewer: Reviewer, *, actor: str = "") -> Changes:
        """Add somebody to the roster, or change role or activity; not undoable, audited."""
        return reviewers.set_reviewer(self._connection, reviewer, actor)

    def set_review_plan(self, plan: ReviewPlan, *, actor: str = "") -> Changes:
        """Say what two reviewers decide blind, and what is answered before rankings; not undoable, audited."""
        return reviewers.set_plan(self._connection, plan, actor)

    def set_setting(
        self, key: str, value: str, *, actor: str = "", action: str = "setting", detail: object = None
    ) -> Changes:
        """A project setting; not undoable, audited. `detail` goes into the audit word for word: no mention text."""
        told = {"key": key, "sha256": audit.digest_of(value)} | ({} if detail is None else {"detail": detail})
        with self._connection.transaction():
            files.store_setting(self._connection, key, value)
            audit.append(self._connection, action, actor=actor, detail=told)
        return Changes(frozenset(["settings"]))

    def open_send(self, run: str, mention_id: int, entry: SendEntry, *, actor: str = "") -> int:
        """Commit the ledger row of a request that is about to leave; its id. Only then may it leave."""
        return ledger.open_send(self._connection, run, mention_id, entry, actor)

    def end_send(self, send_id: int, entry: EndEntry) -> Changes:
        """Commit what became of a request."""
        ledger.end_send(self._connection, send_id, entry)
        return Changes(frozenset(["ledger"]))

    def register_adapter(self, adapter: StoredAdapter) -> Changes:
        """Add a student to the project, or note where a known one lies now; not undoable, audited."""
        return students.register(self._connection, adapter)

    def promote(self, adapter_id: str, *, report: str = "", reviewer: str = "") -> Changes:
        """Put a registered student in use. `report`: what it was decided on, as JSON, kept for good."""
        return students.promote(self._connection, adapter_id, report, reviewer)

    def roll_back(self, *, reviewer: str = "") -> Changes:
        """Take the newest promotion in force back. Raises `NotAllowedError` where there is none."""
        return students.roll_back(self._connection, reviewer)

    def undo(self, *, reviewer: str = "") -> Changes:
        """Take back the newest step that is in force; works after a restart. Empty changes if there is none."""
        return self._replay("undo", "before", reviewer)

    def redo(self, *, reviewer: str = "") -> Changes:
        """Do again the step that was taken back last. Empty changes if there is none."""
        return self._replay("redo", "after", reviewer)

    def _replay(self, action: str, side: Side, reviewer: str) -> Changes:
        connection = self._connection
        with connection.transaction():
            step = undo.next_undo(connection) if side == "before" else undo.next_redo(connection)
            if step is None:
                return _NOTHING
            tables = undo.tables_of(connection, step)
            mention_ids = undo.mentions_of(connection, step)
            terms = decisions.memory_of(connection, mention_ids) if "decision" in tables else {}
            changes = undo.replay(connection, step, side)
            if "ranking" in tables:
                rankings.reckon(connection, mention_ids)
            audit.append(connection, action, actor=reviewer, detail={"step": step.id, "changes": changes})
            kinds = frozenset(_KINDS[table] for table in tables | {"mention"})
            return decisions.changes_since(connection, terms, mention_ids, step.summary, kinds)

    def upgrade(self, new: Upgrade, *, reviewer: str = "") -> Changes:
        """Move to another release of the knowledge base and reopen what it unsettles, as one undoable step."""
        return upgrades.upgrade(self._connection, new, reviewer)

    def record_run(self, run: StoredRun) -> Changes:
        """Add a training run, or note how it stands now; not undoable, audited when its state changes."""
        return runs.record(self._connection, run)

    def backup(self, folder: Path) -> Path:
        """A verified copy by SQLite's backup API, named by time; old copies are thinned."""
        return back_up(self.path, folder)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
