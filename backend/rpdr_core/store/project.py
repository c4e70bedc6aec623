"""The project file: one SQLite database, one writer (`Project`), any number of readers (`ProjectReader`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rpdr_core.records import (
    Changes,
    Decision,
    KnowledgeBaseInfo,
    MemoryTerm,
    Mention,
    NewDecision,
    NewMention,
    Progress,
    Ranking,
    Status,
)

Order = Literal["import", "frequent", "least_sure", "disagreement", "text"]


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Which mentions, in which order. Empty `statuses` means all; `text` filters by substring of the mention."""

    statuses: frozenset[Status] = frozenset()
    flagged: bool | None = None
    text: str = ""
    order: Order = "import"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file that mentions came from. `sha256` of its bytes; `columns` is the mapping used, as JSON."""

    name: str
    sha256: str
    format: str
    encoding: str
    columns: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`rows` read, of which `added` became new mentions and `merged` raised the count of known ones."""

    rows: int
    added: int
    merged: int
    changes: Changes


class ProjectReader:
    """Reads of a project through a read-only connection of its own; may live in another thread than the writer."""

    def close(self) -> None: ...
    def queue(self, query: QueueQuery) -> array[int]:
        """Ids of the mentions of a queue, in its order, as one snapshot (`array('q')`)."""
        raise NotImplementedError

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        """Mentions by id, in the order asked; ids that do not exist are left out."""
        raise NotImplementedError

    def rankings(self, mention_id: int) -> list[Ranking]:
        """The newest ranking of each ranker: retriever, then teacher, then students."""
        raise NotImplementedError

    def decision(self, mention_id: int) -> Decision | None:
        """The decision in force, if any."""
        raise NotImplementedError

    def decisions(self) -> Iterable[Decision]:
        """All decisions in force, by mention id (streams)."""
        raise NotImplementedError

    def mapped_here(self, code: str, limit: int = 20) -> tuple[int, list[Mention]]:
        """How many mentions are mapped to `code`, and the most frequent of them."""
        raise NotImplementedError

    def memory(self) -> list[MemoryTerm]:
        """Memory terms in force (from accept / correct decisions)."""
        raise NotImplementedError

    def progress(self) -> Progress:
        raise NotImplementedError

    def setting(self, key: str, default: str = "") -> str:
        raise NotImplementedError

    def knowledge_base(self) -> KnowledgeBaseInfo:
        raise NotImplementedError

    def unranked(self, ranker: str, limit: int) -> array[int]:
        """Ids of undecided mentions that `ranker` has not ranked yet, most frequent first."""
        raise NotImplementedError

    def undo_text(self) -> str:
        """What undo would take back, in a few words; empty if nothing."""
        raise NotImplementedError

    def redo_text(self) -> str:
        raise NotImplementedError


class Project(ProjectReader):
    """The writer. Each change is one transaction with its audit row, durable when the call returns."""

    path: Path

    @classmethod
    def create(cls, path: Path, *, name: str, knowledge_base: KnowledgeBaseInfo) -> Project:
        """Create a new project file; refuses to overwrite."""
        raise NotImplementedError

    @classmethod
    def open(cls, path: Path) -> Project:
        """Open, check, migrate. Takes the single-writer lock; a second writer gets a clear error."""
        raise NotImplementedError

    def reader(self) -> ProjectReader:
        """A new read-only connection to the same file."""
        raise NotImplementedError

    def add_mentions(self, source: SourceFile, rows: Iterable[NewMention]) -> ImportResult:
        """Import in one transaction: all rows or none. Equal (text, context) merge into one mention's count."""
        raise NotImplementedError

    def record_rankings(self, rankings: Iterable[Ranking]) -> Changes:
        """Store rankings; refreshes each mention's confidence and disagreement columns."""
        raise NotImplementedError

    def decide(self, decision: NewDecision, *, reviewer: str = "") -> Changes:
        """Store a decision as one undoable step."""
        raise NotImplementedError

    def set_flag(self, mention_id: int, flagged: bool) -> Changes:
        raise NotImplementedError

    def set_comment(self, mention_id: int, comment: str) -> Changes:
        raise NotImplementedError

    def set_setting(self, key: str, value: str) -> Changes:
        """A project setting; not undoable, audited."""
        raise NotImplementedError

    def undo(self) -> Changes:
        """Take back the newest step that is in force; works after a restart. Empty changes if there is none."""
        raise NotImplementedError

    def redo(self) -> Changes:
        raise NotImplementedError

    def backup(self, folder: Path) -> Path:
        """A verified copy by SQLite's backup API, named by time; old copies are thinned."""
        raise NotImplementedError
