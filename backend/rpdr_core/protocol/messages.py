"""Every message that crosses the wire, typed. One table (`METHODS`) is the whitelist of methods.

Params and results are frozen dataclasses; `codec` turns them into JSON-RPC 2.0 lines and back. A long method
may send `progress` and `partial` notifications before its result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rpdr_core.protocol.adapter_messages import AdapterCheck, FuseAdapter, FusedModel, VerifyAdapter
from rpdr_core.protocol.run_messages import (
    ControlRun,
    FilePart,
    FollowRun,
    HeldPart,
    HostInfo,
    ReadPart,
    RunEvent,
    RunList,
    RunPart,
    RunRef,
    RunResult,
    RunState,
    StartRun,
)
from rpdr_core.protocol.training_messages import AdapterInfo as AdapterInfo
from rpdr_core.protocol.training_messages import TrainingEvent as TrainingEvent
from rpdr_core.protocol.training_messages import TrainingRow as TrainingRow
from rpdr_core.protocol.training_messages import TrainingSpec as TrainingSpec
from rpdr_core.records import Candidate, MemoryTerm, Ranking, WorkedExample

PROTOCOL_VERSION = 1


@dataclass(frozen=True, slots=True)
class Empty:
    """No params, or nothing to return."""


@dataclass(frozen=True, slots=True)
class Initialize:
    protocol: int
    client: str
    parent_pid: int = 0


@dataclass(frozen=True, slots=True)
class Initialized:
    protocol: int
    worker: str
    methods: tuple[str, ...]
    devices: tuple[str, ...]
    rankers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnowledgeBaseRef:
    """A knowledge base on the worker's disk: folder of the catalogue and its fingerprint (checked on load).

    `lexicons` and `tokens` are files of the project's own terms and token expansions. `priority` are code
    prefixes whose terms are embedded first. `paraphrases`: a file of wordings to try as well.
    """

    fingerprint: str
    folder: str
    lexicons: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    paraphrases: str = ""


@dataclass(frozen=True, slots=True)
class OpenRetrieval:
    """Load a knowledge base for retrieval, with the project's memory. `encoder` is a model folder, empty = bundled."""

    knowledge_base: KnowledgeBaseRef
    memory: tuple[MemoryTerm, ...] = ()
    encoder: str = ""


@dataclass(frozen=True, slots=True)
class RetrievalState:
    """`dense_done` of `dense_total` distinct strings have a vector; lexical retrieval always works.

    `inputs` identifies what rankings depend on besides knowledge base and encoder: lexicon files, memory, vectors.
    """

    fingerprint: str
    entities: int
    terms: int
    dense_done: int
    dense_total: int
    dense: Literal["absent", "partial", "ready", "unavailable"]
    encoder: str
    reason: str = ""
    inputs: str = ""


@dataclass(frozen=True, slots=True)
class BuildIndex:
    """Embed what is not yet embedded. Progress unit: strings. `priority_only`: stop after the priority codes' terms."""

    fingerprint: str
    priority_only: bool = False


@dataclass(frozen=True, slots=True)
class VectorFiles:
    """Files of an open knowledge base's vectors, as paths below the worker's `vectors`: those of its official terms and
    lexicons, made or not; none of the memory.
    """

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MentionText:
    """What the worker needs of a mention."""

    id: int
    text: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Partial results: one `Ranking` per mention, in order. Result: `Done`.

    `mode` chooses the retrievers: `auto` fuses what is ready. `own` False: memory that equals a mention is passed
    over, so that nothing learns from, or is judged by, an answer looked up. `scope`: nothing outside of it is proposed
    (the language of `rpdr_core/knowledge_base/scope.py`); empty: anything. Each ranking's parameters repeat it.
    """

    fingerprint: str
    mentions: tuple[MentionText, ...]
    k: int = 10
    mode: Literal["auto", "lexical", "dense"] = "auto"
    own: bool = True
    scope: str = ""


@dataclass(frozen=True, slots=True)
class LinkMentions:
    """Partial results: one `Ranking` of two candidates per mention, in order. Result: `Done` with counts by ranker.

    With an `adapter` (a student's folder), mentions whose retriever confidence is below `sure` go to the student.
    `scope` as in `Retrieve`.
    """

    fingerprint: str
    mentions: tuple[MentionText, ...]
    k: int = 10
    adapter: str = ""
    sure: float = 0.95
    scope: str = ""


@dataclass(frozen=True, slots=True)
class NearestTexts:
    """Which of `pool` read most like each of `queries`. `fingerprint`: an open knowledge base, whose encoder serves."""

    fingerprint: str
    queries: tuple[str, ...]
    pool: tuple[str, ...]
    k: int = 4


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Up to k indexes into the pool for each query, nearest first; of equals the earlier in the pool comes first.

    `by` says what was compared: the encoder's vectors (with the letters), or the letters alone.
    """

    nearest: tuple[tuple[int, ...], ...]
    by: Literal["dense", "lexical"]


@dataclass(frozen=True, slots=True)
class Remember:
    """Add accepted corrections to the index at once."""

    fingerprint: str
    terms: tuple[MemoryTerm, ...]


@dataclass(frozen=True, slots=True)
class Forget:
    """Revoke the memory that these decisions had brought."""

    fingerprint: str
    decision_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Done:
    items: int
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankItem:
    """A mention with the candidates to re-rank (retriever order). `examples`: shown instead of the template's own."""

    mention: MentionText
    candidates: tuple[Candidate, ...]
    examples: tuple[WorkedExample, ...] = ()


EndpointKind = Literal["openai", "azure", "deepseek", "compatible"]
AnswerFormat = Literal["text", "json_object", "json_schema"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint. The key travels beside it in `RankByTeacher.key`, never in here.

    `timeout` is in seconds. `answer_format`: what the server is told about the answer's form; one that refuses is asked
    again without. Limits are per minute, 0 for none.
    """

    base_url: str
    model: str
    kind: EndpointKind = "openai"
    timeout: float = 60.0
    answer_format: AnswerFormat = "text"
    requests_per_minute: float = 0.0
    tokens_per_minute: float = 0.0
    max_parallel: int = 4


@dataclass(frozen=True, slots=True)
class RankByTeacher:
    """Partial results: `TeacherEvent`. Result: `Done` with counts by class.

    `run` names the run in permits. `approved` is the digest that a preview gave for the same requests: where the
    worker's own differs, nothing is sent. `orders`: 2 asks about each item twice, the second time with its candidates
    shuffled by `seed`. `cached_only`: use the answers that are there, send nothing.
    """

    endpoint: Endpoint
    key: str
    template: str
    knowledge_base: str
    items: tuple[RankItem, ...]
    run: str = ""
    approved: str = ""
    orders: int = 1
    seed: int = 0
    cached_only: bool = False


@dataclass(frozen=True, slots=True)
class BatchByTeacher:
    """As `RankByTeacher`, through the endpoint's batch interface: upload, create, wait, fetch into the answer cache.

    `batch`: the endpoint's id of an open batch to follow. `find`: the run whose batch is looked for at the endpoint,
    because it is not known whether it was made; where there is none, the state has no id. With neither, a new batch
    is made. Partial results: `TeacherEvent`. Result: `BatchState`. `wait` False returns after one look at the batch.
    `poll` is in seconds.
    """

    requests: RankByTeacher
    batch: str = ""
    find: str = ""
    wait: bool = True
    poll: float = 30.0


Purpose = Literal["rank", "batch.upload", "batch.create", "batch.find", "batch.poll", "batch.fetch"]
"""Why a request leaves. Only `rank` and `batch.upload` carry text of the project."""


@dataclass(frozen=True, slots=True)
class SentLine:
    """One line of an uploaded batch: SHA-256 (hex) and length of the body that the endpoint will run."""

    mention_id: int
    order: int
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class SendIntent:
    """One HTTP request that waits for `rank.teacher.permit`. It leaves only after that.

    `number` counts a run's requests from 1. `host` is `name:port`, `sha256` (hex) and `bytes` are the body's.
    `mention_id` is 0 where a request is about several or none. `tokens` approximates the prompt;
    `most_tokens` and `most_answer_tokens` bound what may be billed.
    """

    number: int
    purpose: Purpose
    host: str
    model: str
    sha256: str
    bytes: int
    mention_id: int = 0
    order: int = 0
    attempt: int = 1
    tokens: int = 0
    most_tokens: int = 0
    most_answer_tokens: int = 0
    lines: tuple[SentLine, ...] = ()


Fate = Literal["answered", "refused", "no_answer", "unreached", "not_sent"]
"""`answered`: a body came back; `refused`: an error status; `no_answer`: it left, and what became of it is unknown;
`unreached`: no connection; `not_sent`: no permit came in time, or it was denied."""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The fate of intent `number`. Token counts are the endpoint's, None where it gave none."""

    number: int
    fate: Fate
    status: int = 0
    request_id: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SendPermit:
    """The client's answer to an intent. Without `granted` the run ends with `reason`."""

    run: str
    number: int
    granted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TeacherAnswer:
    """`ranking` is None where the answer could not be used (`answer_class` says why): no label, never a guess.

    `agreement` (0..1) of two orders, None where one was asked for or could be used; the ranking's provenance repeats
    it in its parameters.
    """

    mention_id: int
    ranking: Ranking | None
    answer_class: str
    raw: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: bool = False
    agreement: float | None = None


BatchStatus = Literal["validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelled"]


@dataclass(frozen=True, slots=True)
class BatchState:
    """A batch at the endpoint: its id there and how many of its `lines` are answered or failed."""

    id: str
    status: BatchStatus
    lines: int = 0
    answered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class TeacherEvent:
    """One of: a request asks to leave, its fate, an answer, the state of a batch."""

    intent: SendIntent | None = None
    outcome: SendOutcome | None = None
    answer: TeacherAnswer | None = None
    batch: BatchState | None = None


@dataclass(frozen=True, slots=True)
class PreviewPrompt:
    """Render, do not send: all requests that `rank.teacher` would make for these items. `show`: whose body to return,
    an index of `items`; `order`: which of its questions.
    """

    endpoint: Endpoint
    template: str
    items: tuple[RankItem, ...]
    orders: int = 1
    seed: int = 0
    show: int = 0
    order: int = 0


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """The exact body shown and its SHA-256, and `digest` over the bodies of all requests, for `RankByTeacher.approved`.

    `fallback`: the body that follows if the server refuses the answer format, empty where there is none. `cached` of
    the `requests` have an answer already; `tokens`, `most_tokens` and `most_answer_tokens` sum over the others.
    """

    url: str
    body: str
    sha256: str
    digest: str = ""
    fallback: str = ""
    requests: int = 0
    cached: int = 0
    bytes: int = 0
    tokens: int = 0
    answer_tokens: int = 0
    most_tokens: int = 0
    most_answer_tokens: int = 0


@dataclass(frozen=True, slots=True)
class RankByStudent:
    """Partial results: one `Ranking` per item, in order.

    `memory`: the corrections that an encoder student reads beside names; None: those in force where the knowledge
    base is open. `own` False: of these it does not read what equals the item's mention, as in `Retrieve`.
    """

    adapter: str
    knowledge_base: str
    items: tuple[RankItem, ...]
    memory: tuple[MemoryTerm, ...] | None = None
    own: bool = True


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """Progress of a request: `done` of `total` in the method's unit; `seconds_left` None while unknown."""

    done: int
    total: int
    seconds_left: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the whitelist. `partial` is the type of its partial results, None where it sends none."""

    params: type
    result: type
    partial: type | None = None


METHODS: dict[str, Method] = {
    "initialize": Method(Initialize, Initialized),
    "shutdown": Method(Empty, Empty),
    "retrieval.open": Method(OpenRetrieval, RetrievalState),
    "retrieval.state": Method(BuildIndex, RetrievalState),
    "index.files": Method(BuildIndex, VectorFiles),
    "index.build": Method(BuildIndex, RetrievalState),
    "retrieve": Method(Retrieve, Done, Ranking),
    "texts.nearest": Method(NearestTexts, Neighbours),
    "link": Method(LinkMentions, Done, Ranking),
    "memory.remember": Method(Remember, RetrievalState),
    "memory.forget": Method(Forget, RetrievalState),
    "rank.teacher": Method(RankByTeacher, Done, TeacherEvent),
    "rank.teacher.batch": Method(BatchByTeacher, BatchState, TeacherEvent),
    "rank.teacher.permit": Method(SendPermit, Empty),
    "rank.teacher.preview": Method(PreviewPrompt, PromptPreview),
    "rank.student": Method(RankByStudent, Done, Ranking),
    "adapter.verify": Method(VerifyAdapter, AdapterCheck),
    "adapter.fuse": Method(FuseAdapter, FusedModel),
    "run.upload": Method(RunPart, HeldPart),
    "run.start": Method(StartRun, RunState),
    "run.list": Method(Empty, RunList),
    "run.state": Method(RunRef, RunState),
    "run.follow": Method(FollowRun, RunState, RunEvent),
    "run.control": Method(ControlRun, RunState),
    "run.result": Method(RunRef, RunResult),
    "run.fetch": Method(ReadPart, FilePart),
    "run.remove": Method(RunRef, Empty),
    "host.describe": Method(Empty, HostInfo),
}
