"""Schema 3: what a review desk needs to know of a mention, decisions that say more, opinions, reviewers.

Part of a released migration: never edited. A column added to `mention` lies behind the context, which may be long, so
whatever a queue filters by is read from indexes alone: the small columns as the one integer `facets`.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from rpdr_core.store.driver import Database
from rpdr_core.store.standing import NEWEST, Newest, standing

_SENTENCES = (
    "('', 'the target means the same as the source', 'the target is broader than the source',"
    " 'the target is narrower than the source', 'the target overlaps the source')"
)
_REVIEWS = "('', 'waiting', 'agreed', 'disputed', 'adjudicated')"
_REASONS = "('', 'not_in_terminology', 'not_retrieved', 'not_a_mention', 'unreadable')"
_FLAG_REASONS = "('', 'guideline', 'source_unclear', 'needs_expert', 'terminology_error')"
_MODES = "('open', 'independent', 'propagated', 'adjudicated', 'agreed')"
_EQUIVALENT = "'the target means the same as the source'"

_MENTION_COLUMNS = (
    # Of the decision in force.
    "more INTEGER NOT NULL DEFAULT 0",
    "reviewer TEXT NOT NULL DEFAULT ''",
    f"reason TEXT NOT NULL DEFAULT '' CHECK (reason IN {_REASONS})",
    f"relation TEXT NOT NULL DEFAULT '' CHECK (relation IN {_SENTENCES})",
    # Of the ranker that counts; the margin in thousandths.
    "guess TEXT NOT NULL DEFAULT ''",
    "margin INTEGER CHECK (margin BETWEEN 0 AND 1000)",
    "verdict TEXT NOT NULL DEFAULT '' CHECK (verdict IN ('', 'exact', 'close', 'none'))",
    "quarrel INTEGER NOT NULL DEFAULT 0 CHECK (quarrel BETWEEN 0 AND 7)",
    f"review TEXT NOT NULL DEFAULT '' CHECK (review IN {_REVIEWS})",
    f"flag_reason TEXT NOT NULL DEFAULT '' CHECK (flag_reason IN {_FLAG_REASONS})",
    # Milliseconds since 1970; 0: never.
    "changed_at INTEGER NOT NULL DEFAULT 0",
    "target TEXT NOT NULL AS (CASE code WHEN '' THEN guess ELSE code END) VIRTUAL",
    "worth INTEGER NOT NULL AS (disagreement * count * (1000 - coalesce(margin, 0))) VIRTUAL",
    # A field lies at bit 0, 3, 4, 6, 9, 12, 15, 18. (Shifts bind as weakly as "|" does, so this multiplies and adds.)
    """facets INTEGER NOT NULL AS (
        CASE status WHEN 'unreviewed' THEN 0 WHEN 'accepted' THEN 1 WHEN 'corrected' THEN 2 WHEN 'no_match' THEN 3
            ELSE 4 END
        + 8 * flagged
        + 16 * CASE verdict WHEN '' THEN 0 WHEN 'exact' THEN 1 WHEN 'close' THEN 2 ELSE 3 END
        + 64 * quarrel
        + 512 * CASE review WHEN '' THEN 0 WHEN 'waiting' THEN 1 WHEN 'agreed' THEN 2 WHEN 'disputed' THEN 3
            ELSE 4 END
        + 4096 * CASE reason WHEN '' THEN 0 WHEN 'not_in_terminology' THEN 1 WHEN 'not_retrieved' THEN 2
            WHEN 'not_a_mention' THEN 3 ELSE 4 END
        + 32768 * CASE relation WHEN '' THEN 0 WHEN 'the target means the same as the source' THEN 1
            WHEN 'the target is broader than the source' THEN 2 WHEN 'the target is narrower than the source' THEN 3
            ELSE 4 END
        + 262144 * CASE flag_reason WHEN '' THEN 0 WHEN 'guideline' THEN 1 WHEN 'source_unclear' THEN 2
            WHEN 'needs_expert' THEN 3 ELSE 4 END
    ) VIRTUAL""",
)

_DECISION_COLUMNS = (
    f"relation TEXT NOT NULL DEFAULT '' CHECK (relation IN {_SENTENCES})",
    "also TEXT NOT NULL DEFAULT '[]'",
    f"mode TEXT NOT NULL DEFAULT 'open' CHECK (mode IN {_MODES})",
    "origin_id INTEGER REFERENCES decision(id)",
    "knowledge_base TEXT NOT NULL DEFAULT ''",
)

_TABLES = (
    f"""CREATE TABLE opinion (
        id INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL REFERENCES mention(id),
        decision_id INTEGER REFERENCES decision(id),
        stage TEXT NOT NULL CHECK (stage IN ('independent', 'second')),
        undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
        kind TEXT NOT NULL CHECK (kind IN ('accept', 'correct', 'no_match')),
        code TEXT NOT NULL, name TEXT NOT NULL, relation TEXT NOT NULL CHECK (relation IN {_SENTENCES}),
        also TEXT NOT NULL, reason TEXT NOT NULL, comment TEXT NOT NULL, reviewer TEXT NOT NULL, made_at TEXT NOT NULL,
        seconds REAL, knowledge_base TEXT NOT NULL, shown TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE reviewer (
        name TEXT PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('reviewer', 'adjudicator', 'lead')),
        active INTEGER NOT NULL CHECK (active IN (0, 1))
    ) STRICT, WITHOUT ROWID""",
)

_REST = "facets, margin, changed_at, department, reviewer"

# Each order of the queue has an index that also holds what the queue filters by: no row of the table is read.
_INDEXES = (
    f"CREATE INDEX mention_import ON mention (id, {_REST})",
    f"CREATE INDEX mention_frequent ON mention (count DESC, id, {_REST})",
    # Unknown confidence (0..1) comes last.
    f"CREATE INDEX mention_least_sure ON mention (coalesce(confidence, 2), count DESC, id, {_REST})",
    f"CREATE INDEX mention_disagreement ON mention (disagreement DESC, count DESC, id, {_REST})",
    f"CREATE INDEX mention_worth ON mention (worth DESC, count DESC, id, {_REST})",
    f"CREATE INDEX mention_recent ON mention (changed_at DESC, id, {_REST})",
    # Every search for a part of a text reads all of this one, so it stays slim.
    "CREATE INDEX mention_text ON mention (folded, id)",
    # Counts for facets and targets come in groups of these, without sorting.
    "CREATE INDEX mention_facets ON mention (facets, department, reviewer, margin, changed_at, id)",
    f"CREATE INDEX mention_target ON mention (target, id, {_REST})",
    "CREATE INDEX decision_origin ON decision (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE INDEX opinion_mention ON opinion (mention_id, id)",
)

_TRIGGERS = (
    """CREATE TRIGGER decision_kept BEFORE UPDATE OF
        id, mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown, relation, also,
        mode, origin_id, knowledge_base ON decision
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER opinion_kept BEFORE UPDATE OF
        id, mention_id, decision_id, stage, kind, code, name, relation, also, reason, comment, reviewer, made_at,
        seconds, knowledge_base, shown ON opinion
        BEGIN SELECT RAISE(ABORT, 'opinions are append-only'); END""",
    """CREATE TRIGGER opinion_complete BEFORE DELETE ON opinion
        BEGIN SELECT RAISE(ABORT, 'opinions are append-only'); END""",
)

_OLD_INDEXES = ("import", "frequent", "least_sure", "disagreement", "text")

_FROM_DECISIONS = f"""UPDATE mention SET
    reviewer = d.reviewer, reason = d.reason, relation = CASE d.code WHEN '' THEN '' ELSE {_EQUIVALENT} END
    FROM decision d
    WHERE d.mention_id = mention.id AND d.undone = 0 AND d.kind <> 'reopen'
    AND d.id = (SELECT max(id) FROM decision WHERE mention_id = d.mention_id AND undone = 0)"""  # noqa: S608

_FROM_STEPS = """UPDATE mention SET changed_at = step.at FROM (
        SELECT c.row_id AS id,
            coalesce(max(CAST(round(unixepoch(e.made_at, 'subsec') * 1000) AS INTEGER)), 0) AS at
        FROM event e JOIN event_change c ON c.event_id = e.id
        WHERE e.state = 'done' AND c.table_name = 'mention' GROUP BY c.row_id
    ) step WHERE mention.id = step.id"""

_NEWEST = f"SELECT mention_id, {NEWEST} FROM ranking WHERE newest = 1 ORDER BY mention_id, id"  # noqa: S608


def bring_about(db: Database) -> None:
    """Add the columns, fill them from decisions, steps and rankings, and make the indexes over what they hold then."""
    run = db.conn.execute
    for column in _MENTION_COLUMNS:
        run(f"ALTER TABLE mention ADD COLUMN {column}")
    for column in _DECISION_COLUMNS:
        run(f"ALTER TABLE decision ADD COLUMN {column}")
    for name in _OLD_INDEXES:
        run(f"DROP INDEX mention_{name}")
    run("DROP TRIGGER decision_kept")
    for statement in _TABLES:
        run(statement)
    run(f"UPDATE decision SET relation = {_EQUIVALENT} WHERE code <> ''")  # noqa: S608
    run(_FROM_DECISIONS)
    run(_FROM_STEPS)
    _from_rankings(db)
    for statement in (*_INDEXES, *_TRIGGERS):
        run(statement)
    run("PRAGMA user_version=3")


def _from_rankings(db: Database) -> None:
    promoted = db.conn.execute("SELECT adapter_id FROM promotion ORDER BY id DESC LIMIT 1").fetchone()
    in_use = None if promoted is None else promoted[0]
    reading = db.conn.cursor()
    rows = groupby(reading.execute(_NEWEST), key=itemgetter(0))
    # One by one: an open read on the same connection does not mind changes to another table.
    for mention_id, newest in rows:
        found = standing([Newest(*row[1:]) for row in newest], in_use)
        db.conn.execute(
            "UPDATE mention SET guess = ?, margin = ?, verdict = ?, quarrel = ? WHERE id = ?",
            (found.guess, found.margin, found.verdict, found.quarrel, mention_id),
        )
