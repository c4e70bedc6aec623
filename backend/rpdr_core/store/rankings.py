"""Rankings: every one is kept; the newest of each ranker is what counts."""

from __future__ import annotations

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple

import msgspec

from rpdr_core.errors import Bug, NotFoundError
from rpdr_core.knowledge_base.scope import SCOPE, scope_mark
from rpdr_core.records import Candidate, Changes, Provenance, Ranking, TermSource
from rpdr_core.store import audit, marks, packing, times
from rpdr_core.store.database import Connection, Row
from rpdr_core.store.standing import NEWEST, STUDENT, Newest, standing

RELEASE = "release"
"""The model of a list that was not retrieved but follows from what a new release says; see `upgrades`."""

_Compact = tuple[str, str, str, TermSource, float]
_decoder = msgspec.json.Decoder(list[_Compact])

_NEWEST = "SELECT {} FROM ranking WHERE mention_id = ? AND ranker = ? AND newest = 1"


def encode_candidates(candidates: Sequence[Candidate]) -> str:
    """Compact JSON: a list of [code, name, matched, source, score], best first."""
    return msgspec.json.encode([(c.code, c.name, c.matched, c.source, c.score) for c in candidates]).decode()


def decode_candidates(text: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(*fields) for fields in _decoder.decode(text))


def answer_of(ranking: Ranking) -> str:
    """What the ranker says: its first candidate's code, empty for "none of these" (an answer of its own)."""
    return "" if ranking.verdict == "none" or not ranking.candidates else ranking.candidates[0].code


def record(connection: Connection, rankings: Sequence[Ranking]) -> Changes:
    """Store rankings, all or none. A ranking equal to its ranker's newest one is not stored again."""
    for ranking in rankings:
        _check(ranking)
    if not rankings:
        return Changes(frozenset())
    touched = tuple(dict.fromkeys(ranking.mention_id for ranking in rankings))
    with connection.transaction():
        provenances: dict[Provenance, int] = {}
        stored = Counter(ranking.ranker for ranking in rankings if _store(connection, ranking, provenances))
        in_use = student_in_use(connection)
        for mention_id in touched:
            _refresh(connection, mention_id, in_use)
        audit.append(connection, "rankings", detail={"stored": dict(stored), "given": len(rankings)})
    return Changes(frozenset(["rankings", "mentions"]), mention_ids=touched)


def _check(ranking: Ranking) -> None:
    if ranking.ranker not in ("retriever", "teacher") and not ranking.ranker.startswith(STUDENT):
        raise Bug(f"unknown ranker {ranking.ranker!r}")
    numbers = [candidate.score for candidate in ranking.candidates]
    if not all(map(math.isfinite, numbers if ranking.confidence is None else [*numbers, ranking.confidence])):
        raise Bug(f"{ranking.ranker} gave a score that is not a number")


def _store(connection: Connection, ranking: Ranking, provenances: dict[Provenance, int]) -> bool:
    provenance = provenances.get(ranking.provenance)
    if provenance is None:
        provenance = provenances[ranking.provenance] = _provenance_id(connection, ranking.provenance)
    with connection.errors():
        candidates = encode_candidates(ranking.candidates)
    content = (provenance, ranking.verdict, ranking.confidence, candidates)
    columns = "id, provenance_id, verdict, confidence, candidates"
    newest = connection.row(_NEWEST.format(columns), ranking.mention_id, ranking.ranker)
    if newest is not None and (newest[1:] == content or _is_late(connection, newest[1], ranking.provenance)):
        return False
    if newest is not None:
        connection.execute("UPDATE ranking SET newest = 0 WHERE id = ?", newest[0])
    elif connection.row("SELECT 1 FROM mention WHERE id = ?", ranking.mention_id) is None:
        raise NotFoundError(f"mention {ranking.mention_id} is not in this project")
    connection.execute(
        "INSERT INTO ranking (mention_id, ranker, newest, answer, confidence, verdict, provenance_id, made_at,"
        " candidates) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)",
        ranking.mention_id, ranking.ranker, answer_of(ranking), ranking.confidence, ranking.verdict, provenance,
        audit.now(), candidates,
    )  # fmt: skip
    return True


def _is_late(connection: Connection, standing: int, new: Provenance) -> bool:
    """Whether a list was under way while an upgrade put what follows from the release in its place."""
    sql = "SELECT 1 FROM provenance WHERE id = ? AND model = ? AND knowledge_base <> ?"
    return connection.row(sql, standing, RELEASE, new.knowledge_base) is not None


def _provenance_id(connection: Connection, provenance: Provenance) -> int:
    digest = hashlib.sha256(msgspec.json.encode(provenance)).digest()
    known = connection.row("SELECT id FROM provenance WHERE hash = ?", digest)
    if known is not None:
        return int(known[0])
    return connection.insert(
        "INSERT INTO provenance (hash, ranker, model, knowledge_base, parameters, prompt, worker, recorded)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        digest,
        *astuple(provenance),
    )


def student_in_use(connection: Connection) -> str | None:
    """Id of the student in use, empty after a rollback to none; None where none was ever put in use."""
    newest = connection.row("SELECT adapter_id FROM promotion ORDER BY id DESC LIMIT 1")
    return None if newest is None else str(newest[0])


def follow_students(connection: Connection) -> tuple[int, ...]:
    """Another student is in use: reckon the standing of all mentions that students have ranked anew.

    Their ids. Call it inside the transaction of the change.
    """
    in_use = student_in_use(connection)
    rows = connection.rows("SELECT DISTINCT mention_id FROM ranking WHERE newest = 1 AND ranker LIKE 'student:%'")
    for (mention_id,) in rows:
        _refresh(connection, mention_id, in_use)
    return tuple(int(row[0]) for row in rows)


def insert(connection: Connection, ranking: Ranking) -> int:
    """Store a ranking as its ranker's newest, whatever was there before; its id. Inside a transaction."""
    _check(ranking)
    _store(connection, ranking, {})
    return int(connection.value(_NEWEST.format("id"), ranking.mention_id, ranking.ranker))


def reckon(connection: Connection, mention_ids: Iterable[int]) -> None:
    """Reckon the standing of mentions anew after their rankings were put away or brought back by a step.

    The time of the last change is the step's, not ours.
    """
    in_use = student_in_use(connection)
    for mention_id in mention_ids:
        _refresh(connection, mention_id, in_use, told=False)


def _refresh(connection: Connection, mention_id: int, in_use: str | None, *, told: bool = True) -> None:
    rows = connection.rows(
        f"SELECT {NEWEST} FROM ranking WHERE mention_id = ? AND newest = 1 ORDER BY id",  # noqa: S608
        mention_id,
    )
    before = connection.row("SELECT guess, verdict, changed_at FROM mention WHERE id = ?", mention_id)
    if before is None:
        return
    found = standing([Newest(*row) for row in rows], in_use)
    guess, verdict, changed_at = before
    # The first guess is no change; another one is.
    another = told and found.guess != guess and (guess or verdict)
    connection.execute(
        "UPDATE mention SET confidence = ?1, disagreement = ?2, guess = ?3, margin = ?4, verdict = ?5, quarrel = ?6,"
        " changed_at = ?7 WHERE id = ?8 AND (confidence, disagreement, guess, margin, verdict, quarrel)"
        " IS NOT (?1, ?2, ?3, ?4, ?5, ?6)",
        *astuple(found),
        times.millis(times.now()) if another else changed_at,
        mention_id,
    )


def newest(connection: Connection, mention_id: int) -> list[Ranking]:
    """The newest ranking of each ranker: retriever, then teacher, then students, oldest first."""
    rows = connection.rows(
        "SELECT r.mention_id, r.ranker, r.candidates, p.ranker, p.model, p.knowledge_base, p.parameters, p.prompt,"
        " p.worker, p.recorded, r.verdict, r.confidence FROM ranking r JOIN provenance p ON p.id = r.provenance_id"
        " WHERE r.mention_id = ? AND r.newest = 1 ORDER BY CASE r.ranker WHEN 'retriever' THEN 0 WHEN 'teacher' THEN 1"
        " ELSE 2 END, r.id",
        mention_id,
    )
    return [_ranking(row) for row in rows]


def _ranking(row: Row) -> Ranking:
    mention_id, ranker, candidates, *made_by, recorded, verdict, confidence = row
    provenance = Provenance(*(*made_by, bool(recorded)))
    return Ranking(mention_id, ranker, decode_candidates(candidates), provenance, verdict, confidence)


def made_under(provenance: Provenance, knowledge_base: str, scope: str) -> bool:
    """Whether a retriever's ranking was made against this knowledge base (fingerprint), under this scope."""
    _, mark, rest = provenance.parameters.partition(_MARK)
    same = provenance.model == RELEASE or (mark + rest).strip() == scope_mark(scope)
    return provenance.knowledge_base == knowledge_base and same


_MARK = " scope=["
_UNDER = (
    "SELECT id FROM provenance WHERE knowledge_base = ?3 AND (model = ?5 OR ?4 = CASE instr(parameters, ' scope=[')"
    " WHEN 0 THEN '' ELSE substr(parameters, instr(parameters, ' scope=[') + 1) END)"
)


def unranked(connection: Connection, ranker: str, limit: int, knowledge_base: str) -> array[int]:
    """Ids of undecided mentions without a ranking of that ranker, most frequent first.

    A retriever's ranking counts only where it is `made_under` this knowledge base and the project's scope.
    """
    kept = connection.row("SELECT value FROM setting WHERE key = ?", SCOPE)
    sql = (
        f"SELECT m.id FROM mention m WHERE {packing.within('status', ('unreviewed', 'deferred'))} AND NOT EXISTS"  # noqa: S608
        " (SELECT 1 FROM ranking r WHERE r.mention_id = m.id AND r.ranker = ?1 AND r.newest = 1"
        f" AND (?1 <> 'retriever' OR r.provenance_id IN ({_UNDER}))) ORDER BY m.count DESC, m.id LIMIT ?2"
    )
    scope = scope_mark(str(kept[0]) if kept else "")
    return marks.column_of_ids(connection, sql, (ranker, limit, knowledge_base, scope, RELEASE))
