"""Small projects for tests, and what a test compares of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rpdr_core.records import (
    Candidate,
    KnowledgeBaseInfo,
    NewDecision,
    NewMention,
    Provenance,
    Ranking,
    SourceRow,
)
from rpdr_core.store import Project, SourceFile
from rpdr_core.store.database import Connection

KNOWLEDGE_BASE = KnowledgeBaseInfo("icd10cm", "ICD-10-CM", "2026", "ab" * 32, 98_505, 110_000)
SOURCE = SourceFile("clinic.tsv", "cd" * 32, "tsv", "utf-8", '{"mention": "text"}')

TEXTS = ("blurry vision", "白内障术后", "MI", "catarct nuclear", "Ménière's", "H/O fall")

# Events and the audit tell the history; everything else is the state that undo must restore.
STATE_TABLES = ("setting", "source", "mention", "mention_row", "tally", "provenance", "ranking")
STEP_TABLES = ("decision", "opinion")
LATER_TABLES = ("document",)


def new_project(folder: Path, texts: Iterable[str] = TEXTS, *, name: str = "clinic.rpdr") -> Project:
    """A project with one mention per text, `count` falling from the first."""
    project = Project.create(folder / name, name="Clinic", knowledge_base=KNOWLEDGE_BASE)
    listed = list(texts)
    project.add_mentions(
        SOURCE,
        [
            NewMention(
                text, f"seen with {text} today", 10, 10 + len(text), len(listed) - i, row=SourceRow(i + 1, f"r{i}")
            )
            for i, text in enumerate(listed)
        ],
    )
    return project


def candidate(code: str, name: str = "", score: float = 0.5) -> Candidate:
    return Candidate(code, name or f"Name of {code}", f"{code} matched", "synonym", score)


def ranking(
    mention_id: int, ranker: str, *codes: str, verdict: str = "", confidence: float | None = None, model: str = "m1"
) -> Ranking:
    provenance = Provenance(ranker, model, KNOWLEDGE_BASE.fingerprint, '{"k": 10}', "ef" * 8, "0.1.0")
    candidates = tuple(candidate(code, score=1.0 / (i + 1)) for i, code in enumerate(codes))
    return Ranking(mention_id, ranker, candidates, provenance, verdict, confidence)  # type: ignore[arg-type]


def accept(mention_id: int, code: str = "H53.8", name: str = "Other visual disturbances") -> NewDecision:
    return NewDecision(mention_id, "accept", code, name, shown=(ranking(mention_id, "retriever", code, "H54.6"),))


def correct(mention_id: int, code: str = "H54.6", name: str = "Unqualified visual loss") -> NewDecision:
    return NewDecision(mention_id, "correct", code, name)


def state(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the history. Decisions and opinions that were undone count for nothing, and stay."""
    connection = Connection(path, write=False)
    try:
        found = {table: connection.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in STATE_TABLES}
        known = {row[0] for row in connection.rows("SELECT name FROM sqlite_master")}
        for table in known.intersection(LATER_TABLES):
            found[table] = connection.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in STEP_TABLES:
            if table in known:  # a file of an older schema has no opinions
                found[table] = connection.rows(f"SELECT * FROM {table} WHERE undone = 0 ORDER BY id")
        return found
    finally:
        connection.close()


def run_sql(path: Path, *statements: str) -> None:
    """Meddle with a closed file, as a stranger would."""
    connection = Connection(path, write=True)
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()
