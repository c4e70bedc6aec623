"""Schema 4: documents beside mentions, where in one an occurrence lies, and decisions taken over from a file.

Part of a released migration: never edited. Every new column is NULL or empty in an old row, so that SQLite adds it
without writing the rows anew (https://www.sqlite.org/lang_altertable.html); a check would read them all.
"""

from __future__ import annotations

from rpdr_core.store.driver import Database

_TABLES = (
    # Short columns first. `structure`: what the file's format says of the document beyond its text, as JSON.
    """CREATE TABLE document (
        id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id), kind TEXT NOT NULL,
        sha256 TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, structure TEXT NOT NULL
    ) STRICT""",
)

_COLUMNS = {
    # Of the collection that the documents of a file form, as JSON.
    "source": ("structure TEXT NOT NULL DEFAULT ''",),
    # Offsets in code points of the document's text; NULL where the row lies in none.
    "mention_row": (
        "document_id INTEGER REFERENCES document(id)",
        "doc_start INTEGER",
        "doc_end INTEGER",
        "annotation TEXT NOT NULL DEFAULT ''",
    ),
    # The file of mappings that a decision was taken from.
    "decision": ("taken_from INTEGER REFERENCES source(id)",),
}

_INDEXES = (
    "CREATE UNIQUE INDEX document_key ON document (source_id, key)",
    "CREATE INDEX mention_row_document ON mention_row (document_id, row_number, id) WHERE document_id IS NOT NULL",
    "CREATE INDEX decision_taken ON decision (taken_from) WHERE taken_from IS NOT NULL",
)

_TRIGGERS = (
    """CREATE TRIGGER decision_kept BEFORE UPDATE OF
        id, mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown, relation, also,
        mode, origin_id, knowledge_base, taken_from ON decision
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
)


def bring_about(db: Database) -> None:
    """Add the table and the columns; no row of an old file is touched."""
    run = db.conn.execute
    run("DROP TRIGGER decision_kept")
    for statement in _TABLES:
        run(statement)
    for table, columns in _COLUMNS.items():
        for column in columns:
            run(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in (*_INDEXES, *_TRIGGERS):
        run(statement)
    run("PRAGMA user_version=4")
