"""The linker: one ranking per mention, from the retriever where it is sure and from the student where it is not."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from rpdr_core.protocol.messages import Done, LinkMentions, RankByStudent, RankItem, Retrieve
from rpdr_core.records import Ranking
from rpdr_worker.job import Job
from rpdr_worker.retrieval.service import RetrievalService

SHOWN = 2
"""Candidates of a ranking that are sent: the first and the runner-up."""

StudentRank = Callable[[RankByStudent, Job], Done]


def link(params: LinkMentions, job: Job, retrieval: RetrievalService, student: StudentRank) -> Done:
    """Partial results in the mentions' order; `Done.counts` says how many each ranker decided."""
    began = time.monotonic()
    rankings = _retrieved(params, job, retrieval)
    if params.adapter:
        rankings = _with_student(params, job, rankings, student)
    for ranking in rankings:
        # Nobody links for the tail of a list, and sending it would cost more than finding it.
        job.partial(replace(ranking, candidates=ranking.candidates[:SHOWN]))
    counts = Counter(ranking.ranker for ranking in rankings)
    return Done(len(rankings), time.monotonic() - began, dict(counts))


def _retrieved(params: LinkMentions, job: Job, retrieval: RetrievalService) -> list[Ranking]:
    collected = Collected(job)
    retrieval.retrieve(
        Retrieve(params.fingerprint, params.mentions, params.k, scope=params.scope),
        collected,
        batch=len(params.mentions),
    )
    return collected.rankings


def _with_student(params: LinkMentions, job: Job, rankings: list[Ranking], student: StudentRank) -> list[Ranking]:
    unsure = [at for at, ranking in enumerate(rankings) if (ranking.confidence or 0.0) < params.sure]
    items = tuple(RankItem(params.mentions[at], rankings[at].candidates) for at in unsure if rankings[at].candidates)
    if not items:
        return rankings
    collected = Collected(job)
    student(RankByStudent(params.adapter, params.fingerprint, items), collected)
    better = {ranking.mention_id: ranking for ranking in collected.rankings}
    return [better.get(ranking.mention_id, ranking) for ranking in rankings]


class Collected:
    """A job within a job: partial rankings are kept here, cancelling goes through to the outer one."""

    def __init__(self, outer: Job) -> None:
        self._outer = outer
        self.rankings: list[Ranking] = []

    def progress(self, done: int, total: int, seconds_left: float | None = None, note: str = "") -> None:
        self._outer.progress(done, total, seconds_left, note)

    def partial(self, value: object) -> None:
        if isinstance(value, Ranking):
            self.rankings.append(value)

    def check(self) -> None:
        self._outer.check()
