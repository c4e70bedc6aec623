"""The schema of a project file, one function per version. A released migration is never edited."""

from __future__ import annotations

from rpdr_core.store import schema_3, schema_4
from rpdr_core.store.driver import Database, Migrations

APPLICATION_ID = 0x52504452
"""`RPDR` in ASCII, in the file's header (https://www.sqlite.org/fileformat.html, offset 68)."""

SCHEMA_VERSION = 4
SUFFIX = ".rpdr"

migrations = Migrations("rpdr.project")


@migrations()
def version_1(db: Database) -> None:
    for statement in (*_TABLES, *_INDEXES, *_TALLY_TRIGGERS, *_APPEND_ONLY_TRIGGERS):
        db.conn.execute(statement)
    db.conn.executemany(
        "INSERT INTO tally VALUES (?, ?, 0, 0)",
        [(status, flagged) for status in _STATUSES for flagged in (0, 1)],
    )
    db.conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.conn.execute("PRAGMA user_version=1")


@migrations()
def version_2(db: Database) -> None:
    """What leaves the machine (ledger), what was trained and where (run, adapter), what is in use (promotion)."""
    for statement in (*_TABLES_2, *_INDEXES_2, *_APPEND_ONLY_TRIGGERS_2):
        db.conn.execute(statement)
    db.conn.execute("PRAGMA user_version=2")


@migrations()
def version_3(db: Database) -> None:
    """What a review desk asks of a mention; decisions that say more; opinions, reviewers."""
    schema_3.bring_about(db)


@migrations()
def version_4(db: Database) -> None:
    """Documents, where in one an occurrence lies, and decisions taken over from a file."""
    schema_4.bring_about(db)


_STATUSES = ("unreviewed", "accepted", "corrected", "no_match", "deferred")
_STATUS_CHECK = "CHECK (status IN ('unreviewed', 'accepted', 'corrected', 'no_match', 'deferred'))"
_FLAG_CHECK = "CHECK (flagged IN (0, 1))"

_TABLES = (
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE source (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, format TEXT NOT NULL,
        encoding TEXT NOT NULL, columns TEXT NOT NULL, row_count INTEGER NOT NULL, imported_at TEXT NOT NULL
    ) STRICT""",
    # Short columns first: reading or changing them never touches the overflow pages of a long context.
    f"""CREATE TABLE mention (
        id INTEGER PRIMARY KEY,
        key BLOB NOT NULL UNIQUE,
        status TEXT NOT NULL DEFAULT 'unreviewed' {_STATUS_CHECK},
        flagged INTEGER NOT NULL DEFAULT 0 {_FLAG_CHECK},
        count INTEGER NOT NULL CHECK (count > 0),
        confidence REAL,
        disagreement INTEGER NOT NULL DEFAULT 0,
        code TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL DEFAULT '',
        department TEXT NOT NULL,
        span_start INTEGER,
        span_end INTEGER,
        comment TEXT NOT NULL DEFAULT '',
        text TEXT NOT NULL,
        folded TEXT NOT NULL,
        context TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE mention_row (
        id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id),
        mention_id INTEGER NOT NULL REFERENCES mention(id), row_number INTEGER NOT NULL, row_key TEXT NOT NULL,
        count INTEGER NOT NULL, code TEXT NOT NULL
    ) STRICT""",
    f"""CREATE TABLE tally (
        status TEXT NOT NULL {_STATUS_CHECK}, flagged INTEGER NOT NULL {_FLAG_CHECK},
        mentions INTEGER NOT NULL, occurrences INTEGER NOT NULL, PRIMARY KEY (status, flagged)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE provenance (
        id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, ranker TEXT NOT NULL, model TEXT NOT NULL,
        knowledge_base TEXT NOT NULL, parameters TEXT NOT NULL, prompt TEXT NOT NULL, worker TEXT NOT NULL,
        recorded INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE ranking (
        id INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL REFERENCES mention(id), ranker TEXT NOT NULL,
        newest INTEGER NOT NULL CHECK (newest IN (0, 1)), answer TEXT NOT NULL, confidence REAL,
        verdict TEXT NOT NULL, provenance_id INTEGER NOT NULL REFERENCES provenance(id), made_at TEXT NOT NULL,
        candidates TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE decision (
        id INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL REFERENCES mention(id),
        kind TEXT NOT NULL CHECK (kind IN ('accept', 'correct', 'no_match', 'defer', 'reopen')),
        undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
        code TEXT NOT NULL, name TEXT NOT NULL, term TEXT NOT NULL, reason TEXT NOT NULL, comment TEXT NOT NULL,
        reviewer TEXT NOT NULL, made_at TEXT NOT NULL, seconds REAL, shown TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL CHECK (state IN ('done', 'undone')),
        summary TEXT NOT NULL, reviewer TEXT NOT NULL, made_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE event_change (
        event_id INTEGER NOT NULL REFERENCES event(id) ON DELETE CASCADE, position INTEGER NOT NULL,
        table_name TEXT NOT NULL, row_id INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
        PRIMARY KEY (event_id, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        detail TEXT NOT NULL, chain TEXT NOT NULL
    ) STRICT""",
)

# Each order of the queue has an index that also holds what the queue filters by: no row of the table is read.
_INDEXES = (
    "CREATE INDEX mention_import ON mention (id, status, flagged)",
    "CREATE INDEX mention_frequent ON mention (count DESC, id, status, flagged)",
    # Unknown confidence (0..1) comes last.
    "CREATE INDEX mention_least_sure ON mention (coalesce(confidence, 2), count DESC, id, status, flagged)",
    "CREATE INDEX mention_disagreement ON mention (disagreement DESC, count DESC, id, status, flagged)",
    "CREATE INDEX mention_text ON mention (folded, id, status, flagged)",
    "CREATE INDEX mention_code ON mention (code, count DESC, id) WHERE code <> ''",
    "CREATE INDEX mention_row_source ON mention_row (source_id, row_number)",
    "CREATE INDEX mention_row_mention ON mention_row (mention_id)",
    "CREATE UNIQUE INDEX ranking_newest ON ranking (mention_id, ranker) WHERE newest = 1",
    "CREATE INDEX ranking_mention ON ranking (mention_id)",
    "CREATE INDEX decision_in_force ON decision (mention_id, id) WHERE undone = 0",
    "CREATE INDEX decision_mention ON decision (mention_id)",
    "CREATE INDEX event_state ON event (state, id)",
)

_TALLY_TRIGGERS = (
    """CREATE TRIGGER tally_added AFTER INSERT ON mention BEGIN
        UPDATE tally SET mentions = mentions + 1, occurrences = occurrences + NEW.count
        WHERE status = NEW.status AND flagged = NEW.flagged;
    END""",
    """CREATE TRIGGER tally_changed AFTER UPDATE OF status, flagged, count ON mention BEGIN
        UPDATE tally SET mentions = mentions - 1, occurrences = occurrences - OLD.count
        WHERE status = OLD.status AND flagged = OLD.flagged;
        UPDATE tally SET mentions = mentions + 1, occurrences = occurrences + NEW.count
        WHERE status = NEW.status AND flagged = NEW.flagged;
    END""",
)

_APPEND_ONLY_TRIGGERS = (
    "CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_complete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    """CREATE TRIGGER decision_kept BEFORE UPDATE OF
        id, mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown ON decision
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER decision_complete BEFORE DELETE ON decision
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
)

_TABLES_2 = (
    # One row before each request leaves (`send`), one when its fate is known (`end`, which names its send).
    """CREATE TABLE ledger (
        id INTEGER PRIMARY KEY, entry TEXT NOT NULL CHECK (entry IN ('send', 'end')),
        send_id INTEGER REFERENCES ledger(id), run TEXT NOT NULL, mention_id INTEGER, at TEXT NOT NULL,
        actor TEXT NOT NULL, detail TEXT NOT NULL, chain TEXT NOT NULL,
        CHECK ((entry = 'end') = (send_id IS NOT NULL))
    ) STRICT""",
    """CREATE TABLE run (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL, created_at TEXT NOT NULL,
        finished_at TEXT NOT NULL DEFAULT '', adapter_id TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',
        spec TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE adapter (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, folder TEXT NOT NULL, run_id TEXT NOT NULL DEFAULT '',
        registered_at TEXT NOT NULL, actor TEXT NOT NULL, info TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # The newest row says which student is in use; an empty adapter_id: none. A rollback is a row of its own.
    """CREATE TABLE promotion (
        id INTEGER PRIMARY KEY, adapter_id TEXT NOT NULL, made_at TEXT NOT NULL, reviewer TEXT NOT NULL,
        reason TEXT NOT NULL CHECK (reason IN ('promote', 'rollback')), report TEXT NOT NULL
    ) STRICT""",
)

_INDEXES_2 = (
    "CREATE UNIQUE INDEX ledger_end ON ledger (send_id) WHERE send_id IS NOT NULL",
    "CREATE INDEX ledger_run ON ledger (run, id)",
    "CREATE INDEX ledger_mention ON ledger (mention_id) WHERE mention_id IS NOT NULL",
)

_APPEND_ONLY_TRIGGERS_2 = tuple(
    f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table}"
    f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in ("ledger", "promotion")
    for event in ("UPDATE", "DELETE")
)
