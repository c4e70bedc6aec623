"""The records that pass between the rooms. Frozen, typed, plain: behaviour lives in functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["exact", "close", "none", ""]
"""What a ranker says of its first candidate; empty where the ranker gives no verdict (the retriever)."""

TermSource = Literal["name", "synonym", "lexicon", "memory", "code", "replaces", "instead"]
"""Where a matched string comes from: the official name, an official synonym, the project's own lexicon,
an accepted correction, or the code itself. After an upgrade the string is a retired entity: `replaces` it by the
release's own word, or is to be looked at `instead`."""

Status = Literal["unreviewed", "accepted", "corrected", "no_match", "deferred"]
"""A mention's state. `accepted`: the decision took the first-ranked candidate; `corrected`: another entity."""

NoMatchReason = Literal["not_in_terminology", "not_retrieved", "not_a_mention", "unreadable"]
DecisionKind = Literal["accept", "correct", "no_match", "defer", "reopen"]

Relation = Literal["equivalent", "broader", "narrower", "inexact"]
"""The target as seen from the source: `broader` means that the entity is broader than the mention."""

DecisionMode = Literal["open", "independent", "propagated", "adjudicated", "agreed"]
"""How a decision came about. `open`: with rankings on screen, as most; `independent`: the reviewer had answered before
any ranking was there; `propagated`: carried over from a decision about an identical mention; `adjudicated`: it settled
a dispute; `agreed`: not made by hand, a sure ranker was followed."""

ReviewState = Literal["", "waiting", "agreed", "disputed", "adjudicated"]
"""Where a mention stands in double review; empty: it is not drawn, or nobody has decided it yet."""

FlagReason = Literal["guideline", "source_unclear", "needs_expert", "terminology_error"]
"""Whom a flag calls: a question for whoever writes the guideline, keeps the source, knows the field, or keeps the
terminology."""

OpinionStage = Literal["independent", "second"]
ReviewerRole = Literal["reviewer", "adjudicator", "lead"]

RETRIEVER_TEACHER, RETRIEVER_STUDENT, TEACHER_STUDENT = 1, 2, 4
"""Bits of `Mention.quarrel`: which two rankers answer differently."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where one occurrence of a mention came from: the row's number (1-based, header excluded) and its own id.

    Of an occurrence in a document: the document's key in its file, `start` and `end` in the document's text in Unicode
    code points (from the first to the last part, where the format knows gaps), and what else the format says of it
    (`annotation`, JSON of the format's own making).
    """

    row: int
    key: str = ""
    document: str = ""
    start: int | None = None
    end: int | None = None
    annotation: str = ""


@dataclass(frozen=True, slots=True)
class NewMention:
    """A mention as a reader yields it: one occurrence (`count` more if the file says so).

    `start` and `end` are offsets of `text` in `context` in Unicode code points, or None when the context does
    not contain it. `code` is a code that the file already gives (gold or an earlier mapping), else empty.
    """

    text: str
    context: str = ""
    start: int | None = None
    end: int | None = None
    count: int = 1
    code: str = ""
    department: str = ""
    row: SourceRow = field(default_factory=lambda: SourceRow(0))


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document as a reader yields it. `key`: its id in its file. `text` is patient text: it goes into the project's
    file and nowhere else, neither into a log nor the audit nor the ledger.

    `kind` says what it is in its format (`abstract`, `note`). `structure`: what the format says beyond the text
    (passages, other annotations, relations), JSON of the format's own making, empty where there is nothing.
    """

    key: str
    text: str
    title: str = ""
    kind: str = ""
    structure: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document in a project. `sha256` of its text in UTF-8, hex."""

    id: int
    source_id: int
    key: str
    title: str
    text: str
    kind: str
    sha256: str
    structure: str


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A document with the occurrences of mentions in it."""

    document: NewDocument
    mentions: tuple[NewMention, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A distinct (text, context) pair in a project; `count` sums its occurrences.

    Of the decision in force: `code`, `name`, `relation`, `more` (number of further codes), `reason` (no match),
    `reviewer`. Of the ranker that counts (student in use, else teacher, else retriever): `guess`, its first candidate's
    code, empty for none; `margin`, how far that one is ahead of the second (0..1, None where it cannot be told);
    `verdict`. `quarrel`: which rankers differ (bits). `changed_at`: UTC, ISO 8601, of the last decision, flag, comment
    or other guess.
    """

    id: int
    text: str
    context: str
    start: int | None
    end: int | None
    count: int
    department: str
    status: Status
    flagged: bool
    comment: str
    code: str = ""
    name: str = ""
    confidence: float | None = None
    disagreement: int = 0
    more: int = 0
    reviewer: str = ""
    reason: str = ""
    relation: Relation | Literal[""] = ""
    guess: str = ""
    margin: float | None = None
    verdict: Verdict = ""
    quarrel: int = 0
    review: ReviewState = ""
    flag_reason: FlagReason | Literal[""] = ""
    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """An instruction that the terminology gives for an entity, e.g. kind `excludes1`.

    `other_code`: the code that another terminology has for the very same entity, after that terminology's name.
    """

    kind: Literal[
        "includes",
        "excludes1",
        "excludes2",
        "code_first",
        "use_additional",
        "code_also",
        "seventh_character",
        "note",
        "other_code",
    ]
    text: str


@dataclass(frozen=True, slots=True)
class Entity:
    """One concept of a knowledge base. `assignable`: may be the target of a mapping (ICD-10-CM: billable)."""

    code: str
    name: str
    synonyms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    type: str = ""
    active: bool = True
    assignable: bool = True
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity proposed for a mention. `matched` is the string that brought it; higher `score` is better."""

    code: str
    name: str
    matched: str = ""
    source: TermSource = "name"
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a ranking. Two rankings with equal provenance and input are the same ranking."""

    ranker: str
    model: str
    knowledge_base: str
    parameters: str = ""
    prompt: str = ""
    worker: str = ""
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """One ranker's ordered candidates for one mention, best first.

    `ranker` is `retriever`, `teacher` or `student:<adapter id>`. `confidence` is the calibrated chance that the
    first candidate is right (0..1), None where the ranker is not calibrated.
    """

    mention_id: int
    ranker: str
    candidates: tuple[Candidate, ...]
    provenance: Provenance
    verdict: Verdict = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A question with its answer, shown to a generative ranker. `order`: candidate numbers from 1, best first."""

    mention: str
    context: str
    candidates: tuple[str, ...]
    order: tuple[int, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Target:
    """A further code of a mention: it has this one as well as its main code."""

    code: str
    name: str
    relation: Relation = "equivalent"


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What a reviewer decides about one mention. `shown` are the rankings that were on screen, frozen with it.

    `origin_id`: the decision that this one was propagated from. `knowledge_base`: fingerprint of the one on screen.
    `seconds`: time at work on the mention, None where the reviewer is not timed. `taken_from`: id of the source that it
    was taken over from, None where it was made here.
    """

    mention_id: int
    kind: DecisionKind
    code: str = ""
    name: str = ""
    reason: NoMatchReason | Literal[""] = ""
    comment: str = ""
    shown: tuple[Ranking, ...] = ()
    seconds: float | None = None
    relation: Relation = "equivalent"
    also: tuple[Target, ...] = ()
    mode: DecisionMode = "open"
    origin_id: int | None = None
    knowledge_base: str = ""
    taken_from: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored decision. `undone` decisions stay in the record and count for nothing."""

    id: int
    mention_id: int
    kind: DecisionKind
    code: str
    name: str
    reason: str
    comment: str
    reviewer: str
    made_at: str
    undone: bool
    relation: Relation = "equivalent"
    also: tuple[Target, ...] = ()
    mode: DecisionMode = "open"
    origin_id: int | None = None
    seconds: float | None = None
    knowledge_base: str = ""
    taken_from: int | None = None


@dataclass(frozen=True, slots=True)
class NewOpinion:
    """What a reviewer would decide about a mention, said beside the decision: before any ranking was there
    (`independent`), or blind after another reviewer's decision (`second`). It changes no mapping.
    """

    mention_id: int
    stage: OpinionStage
    kind: DecisionKind
    code: str = ""
    name: str = ""
    relation: Relation = "equivalent"
    also: tuple[Target, ...] = ()
    reason: NoMatchReason | Literal[""] = ""
    comment: str = ""
    shown: tuple[Ranking, ...] = ()
    seconds: float | None = None
    knowledge_base: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A stored opinion. `undone` ones stay in the record and count for nothing.

    `decision_id`: the decision in force that a second opinion was given about.
    """

    id: int
    mention_id: int
    stage: OpinionStage
    kind: DecisionKind
    code: str
    name: str
    relation: Relation
    also: tuple[Target, ...]
    reason: str
    comment: str
    reviewer: str
    made_at: str
    undone: bool
    seconds: float | None = None
    knowledge_base: str = ""
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who decides. One who is not active keeps the decisions made and makes no new ones."""

    name: str
    role: ReviewerRole = "reviewer"
    active: bool = True


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """Shares (0..1) of the mentions that two reviewers decide blind, and that one answers before seeing rankings.

    Which ones follows from `seed`. `own_adjudication`: one of the two may settle the dispute.
    """

    double_share: float = 0.0
    independent_share: float = 0.0
    seed: int = 0
    own_adjudication: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """What a plan has drawn a mention for."""

    double: bool
    independent: bool


@dataclass(frozen=True, slots=True)
class MemoryTerm:
    """An accepted correction as a synonym of its entity, attributed to the decision it came from."""

    term: str
    code: str
    decision_id: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A project's progress in distinct mentions and in occurrences."""

    mentions: int
    decided: int
    occurrences: int
    occurrences_decided: int
    unreviewed: int
    deferred: int
    flagged: int


Changed = Literal["mentions", "rankings", "decisions", "opinions", "memory", "settings", "adapters", "ledger", "runs"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What kinds of record a change touched; each view decides for itself whether to refresh.

    `remembered` and `forgotten` are the memory terms that the retriever must add or drop now.
    """

    kinds: frozenset[Changed]
    mention_ids: tuple[int, ...] = ()
    remembered: tuple[MemoryTerm, ...] = ()
    forgotten: tuple[MemoryTerm, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeBaseInfo:
    """A knowledge base by name and fingerprint (SHA-256 of its canonical entities, hex)."""

    id: str
    title: str
    version: str
    fingerprint: str
    entities: int
    terms: int


@dataclass(frozen=True, slots=True)
class Link:
    """One distinct mention linked offline. `runner_up` is the second candidate, None where there is none."""

    text: str
    context: str
    code: str
    name: str
    confidence: float
    matched: str
    source: TermSource
    runner_up: Candidate | None
    ranker: str
