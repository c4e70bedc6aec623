"""Every message that crosses the wire, typed. One table (`METHODS`) is the whitelist of methods.

Params and results are frozen dataclasses; `codec` turns them into JSON-RPC 2.0 lines and back. A long method
may send `progress` and `partial` notifications before its result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rpdr_core.records import Candidate, MemoryTerm, Ranking, Verdict

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
class MentionText:
    """What the worker needs of a mention."""

    id: int
    text: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Partial results: one `Ranking` per mention, in order. Result: `Done`.

    `mode` chooses the retrievers: `auto` fuses what is ready.
    """

    fingerprint: str
    mentions: tuple[MentionText, ...]
    k: int = 10
    mode: Literal["auto", "lexical", "dense"] = "auto"


@dataclass(frozen=True, slots=True)
class LinkMentions:
    """Partial results: one `Ranking` per mention, in order. Result: `Done` with counts by ranker.

    With an `adapter` (a student's folder), mentions whose retriever confidence is below `sure` go to the student.
    """

    fingerprint: str
    mentions: tuple[MentionText, ...]
    k: int = 10
    adapter: str = ""
    sure: float = 0.95


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
    """A mention with the candidates to re-rank (retriever order)."""

    mention: MentionText
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint. The key travels beside it in `RankByTeacher.key`, never in here."""

    base_url: str
    model: str
    kind: Literal["openai", "azure"] = "openai"
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class RankByTeacher:
    """Partial results: `TeacherAnswer`, in the order that answers arrive. Result: `Done` with counts by class."""

    endpoint: Endpoint
    key: str
    template: str
    knowledge_base: str
    items: tuple[RankItem, ...]


@dataclass(frozen=True, slots=True)
class TeacherAnswer:
    """`ranking` is None where the answer could not be used (`answer_class` says why): no label, never a guess."""

    mention_id: int
    ranking: Ranking | None
    answer_class: str
    raw: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class PreviewPrompt:
    """Render, do not send: the exact request body that `rank.teacher` would send for the item."""

    endpoint: Endpoint
    template: str
    item: RankItem


@dataclass(frozen=True, slots=True)
class PromptPreview:
    url: str
    body: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RankByStudent:
    """Partial results: one `Ranking` per item, in order."""

    adapter: str
    knowledge_base: str
    items: tuple[RankItem, ...]


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """Candidates with the target that training should reach. `order`: indexes into candidates, best first.

    `origin` is one of `rpdr_core.workflow.origins`. `weight` scales the row's loss. `rejected`: indexes of candidates
    that a person saw and passed over. `verdict`: what is said of the first of `order`; with `none` no candidate is
    right.
    """

    mention: str
    context: str
    candidates: tuple[Candidate, ...]
    order: tuple[int, ...]
    origin: str
    weight: float = 1.0
    rejected: tuple[int, ...] = ()
    verdict: Verdict = ""


@dataclass(frozen=True, slots=True)
class Distill:
    """Train an encoder student with LoRA. Progress: steps. Partial results: `TrainingEvent`. Result: `AdapterInfo`."""

    recipe: str
    output: str
    knowledge_base: str
    train: tuple[TrainingRow, ...]
    validation: tuple[TrainingRow, ...]
    encoder: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """What is trained, but its rows. `recipe`: a bundled recipe's name or a .toml file where the training runs;
    `base`: folder or hub name of the base model there, empty for the recipe's own.
    """

    recipe: str
    knowledge_base: str
    base: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    step: int
    steps: int
    epoch: float
    loss: float
    acc_at_1: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class AdapterInfo:
    """A trained adapter: its folder, content id, metrics on the validation rows, and what it was made from."""

    id: str
    folder: str
    recipe: str
    base_model: str
    data_sha256: str
    train_rows: int
    validation_rows: int
    acc_at_1_before: float
    acc_at_1: float
    worker: str
    kind: Literal["encoder", "generative"] = "encoder"


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
    "index.build": Method(BuildIndex, RetrievalState),
    "retrieve": Method(Retrieve, Done, Ranking),
    "link": Method(LinkMentions, Done, Ranking),
    "memory.remember": Method(Remember, RetrievalState),
    "memory.forget": Method(Forget, RetrievalState),
    "rank.teacher": Method(RankByTeacher, Done, TeacherAnswer),
    "rank.teacher.preview": Method(PreviewPrompt, PromptPreview),
    "rank.student": Method(RankByStudent, Done, Ranking),
    "distill": Method(Distill, AdapterInfo, TrainingEvent),
}
