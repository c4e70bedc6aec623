"""Asking a teacher about mentions that are made ready: what would leave, at what price, and the answers kept.

The steps, each of its own so that a window can take them one by one: those of `preparing`, then `preview_params` and
the worker's preview, `estimate_of`, then `ask_teacher`, which needs the digest of that preview.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import (
    PreviewPrompt,
    ProgressEvent,
    PromptPreview,
    RankByTeacher,
    TeacherAnswer,
    TeacherEvent,
)
from rpdr_core.store import LedgerRow, Project, ProjectReader, Spent
from rpdr_core.workflow.preparing import Prepared
from rpdr_core.workflow.prices import Tariff
from rpdr_core.workflow.profiles import Profile
from rpdr_core.workflow.sending import Gatekeeper, SendTerms

OnProgress = Callable[[ProgressEvent], object]
TEMPLATE = "rerank_en"
_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class Asking:
    """How a teacher is asked: `orders` 2 asks twice, the second time with the candidates shuffled by `seed`."""

    profile: Profile
    template: str = TEMPLATE
    orders: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run comes to, before it is sent. Tokens are a guess (four ASCII characters a token, any other character
    one); `cost` is that guess in money, `most` what it cannot exceed without repeated attempts. None: no price known.
    """

    requests: int
    cached: int
    tokens: int
    answer_tokens: int
    cost: float | None
    most: float | None
    per_1000: float | None
    currency: str
    prices: str


@dataclass(frozen=True, slots=True)
class TeachingReport:
    """How a run went. `counts`: answers by class, `cached` and `sends`. `stopped`: why it ended early, else empty.

    `per_1000` is the cost of a thousand mentions that were answered by a request of this run.
    """

    run: str
    items: int
    seconds: float
    counts: Mapping[str, int]
    spent: Spent
    currency: str = ""
    per_1000: float | None = None
    stopped: str = ""


def new_run() -> str:
    """A name for a run that no other has."""
    return secrets.token_hex(8)


def preview_params(asking: Asking, prepared: Prepared, show: int = 0) -> PreviewPrompt:
    """What `rank.teacher.preview` is asked; `show` is an index of the items."""
    return PreviewPrompt(asking.profile.endpoint, asking.template, prepared.items, asking.orders, asking.seed, show)


def send_params(
    project: ProjectReader, asking: Asking, prepared: Prepared, key: str, run: str, digest: str
) -> RankByTeacher:
    """What `rank.teacher` is asked. `digest` is the preview's: anything else than what it covers is refused."""
    return RankByTeacher(
        asking.profile.endpoint,
        key,
        asking.template,
        project.knowledge_base().fingerprint,
        prepared.items,
        run,
        digest,
        asking.orders,
        asking.seed,
    )


def estimate_of(preview: PromptPreview, tariff: Tariff, mentions: int, *, batch: bool = False) -> Estimate:
    """What the previewed run comes to."""
    cost = tariff.cost(preview.tokens, preview.answer_tokens, batch=batch)
    most = tariff.cost(preview.most_tokens, preview.most_answer_tokens, batch=batch)
    asked = preview.requests - preview.cached
    orders = preview.requests / mentions if mentions else 1.0
    return Estimate(
        preview.requests,
        preview.cached,
        preview.tokens,
        preview.answer_tokens,
        cost,
        most,
        cost / asked * orders * _THOUSAND if cost is not None and asked else None,
        tariff.currency,
        tariff.version,
    )


def maybe_sent(project: ProjectReader) -> list[LedgerRow]:
    """Requests of runs that ended in between: nobody knows whether they left. Those not answered are asked again."""
    return [row for row in project.ledger() if row.end is None]


class AnswerKeeper:
    """Stores answers as they come and counts them. An answer without a ranking is no label: only counted."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.counts: Counter[str] = Counter()
        self.bought: set[int] = set()

    def keep(self, answer: TeacherAnswer) -> None:
        self.counts[answer.answer_class] += 1
        self.counts["cached"] += answer.cached
        if answer.ranking is not None:
            self._project.record_rankings([answer.ranking])
            if not answer.cached:
                self.bought.add(answer.mention_id)


def ask_teacher(
    project: Project,
    worker: WorkerClient,
    params: RankByTeacher,
    terms: SendTerms,
    *,
    on_progress: OnProgress | None = None,
) -> TeachingReport:
    """Send what was approved and keep each ranking as it arrives; every request has its ledger row before it leaves.

    A run that a ceiling or a withdrawn consent stops ends with its report, not with an error.
    """
    gate, keeper = Gatekeeper(project, terms), AnswerKeeper(project)

    def hear(event: TeacherEvent) -> None:
        if event.intent is not None:
            with suppress(NotFoundError):  # given up in the meantime: its outcome says so
                worker.call("rank.teacher.permit", gate.permit(event.intent))
        elif event.outcome is not None:
            gate.close(event.outcome)
        elif event.answer is not None:
            keeper.keep(event.answer)

    seconds = 0.0
    try:
        seconds = worker.call("rank.teacher", params, on_partial=hear, on_progress=on_progress).seconds
    except NotAllowedError:
        if not gate.stopped:
            raise
    return report_of(project, terms, gate, keeper, len(params.items), seconds)


def report_of(
    project: ProjectReader, terms: SendTerms, gate: Gatekeeper, keeper: AnswerKeeper, items: int, seconds: float
) -> TeachingReport:
    """The report of a run that has ended, from its ledger and its answers."""
    spent = project.spent(terms.run)
    per_1000 = spent.cost / len(keeper.bought) * _THOUSAND if keeper.bought and terms.tariff.known else None
    counts = {**keeper.counts, "sends": gate.sends}
    return TeachingReport(terms.run, items, seconds, counts, spent, terms.tariff.currency, per_1000, gate.stopped)
