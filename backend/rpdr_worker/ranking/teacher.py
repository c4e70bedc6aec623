"""The teacher: a closed model behind an endpoint that re-ranks candidates. `rank` and `preview` serve the wire.

Nothing is sent but what `preview` shows. An answer that cannot be used is reported with its class and raw text, and
gives no ranking.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

from rpdr_core import __version__
from rpdr_core.errors import EndpointError
from rpdr_core.protocol.messages import Done, PreviewPrompt, PromptPreview, RankByTeacher, RankItem, TeacherAnswer
from rpdr_core.records import Provenance, Ranking
from rpdr_worker.job import Job
from rpdr_worker.ranking.answer_cache import AnswerCache
from rpdr_worker.ranking.answers import ParsedAnswer, parse_answer
from rpdr_worker.ranking.endpoint import Pace, Reply, TeacherEndpoint
from rpdr_worker.ranking.prompts import Template, load_template
from rpdr_worker.ranking.teacher_request import TeacherRequest, build_request, parameters_of

_AT_ONCE = 4
_TICK = 0.2
# Failures in a row after which the endpoint, not the item, is to blame.
_PATIENCE = 3
UNANSWERED = "unanswered"


def preview(params: PreviewPrompt, job: Job) -> PromptPreview:
    """The exact body that `rank` would send for the item, and its SHA-256. Sends nothing."""
    job.check()
    return build_request(params.endpoint, load_template(params.template), params.item).preview()


def rank(params: RankByTeacher, job: Job, pace: Pace | None = None) -> Done:
    """Ask the teacher about each item; `TeacherAnswer` partials in the order that answers arrive.

    Result counts: answers by class, `cached`, and `sends` (HTTP requests made). An item that the server fails to
    answer is `unanswered`; the job ends with `EndpointError` when that is the first item or the third in a row.
    """
    began = time.monotonic()
    run = _Run(params, load_template(params.template), AnswerCache())
    endpoint = TeacherEndpoint(params.endpoint, params.key, pace)
    counts: Counter[str] = Counter()
    try:
        for done, answer in enumerate(run.answers(endpoint, job), 1):
            counts[answer.answer_class] += 1
            counts["cached"] += answer.cached
            job.partial(answer)
            seconds = time.monotonic() - began
            job.progress(done, len(params.items), seconds / done * (len(params.items) - done))
    finally:
        endpoint.close()
    return Done(len(params.items), time.monotonic() - began, {**counts, "sends": endpoint.sends})


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of `rank`: what all its items share."""

    params: RankByTeacher
    template: Template
    cache: AnswerCache

    def answers(self, endpoint: TeacherEndpoint, job: Job) -> Iterator[TeacherAnswer]:
        """Answers as they arrive. After a cancel no further request starts; those on their way are kept."""
        waiting = iter(self.params.items)
        running: dict[Future[TeacherAnswer], RankItem] = {}
        blame = _Blame()
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="rpdr-teacher")
        try:
            while True:
                # One alone until the first answer: a wrong key then costs one request.
                room = (_AT_ONCE if blame.answered else 1) - len(running)
                for item in islice(waiting, max(0, room)):
                    running[pool.submit(self._answer, endpoint, item, job)] = item
                if not running:
                    return
                finished, _ = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
                job.check()
                for future in finished:
                    yield blame.judge(future, running.pop(future))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, endpoint: TeacherEndpoint, item: RankItem, job: Job) -> TeacherAnswer:
        request = build_request(self.params.endpoint, self.template, item)
        known = self.cache.find(request)
        reply = known if known is not None else self._ask(endpoint, request, job)
        parsed = _parsed(reply, item)
        return TeacherAnswer(
            item.mention.id,
            self._ranking(item, parsed) if parsed.usable else None,
            parsed.answer_class,
            reply.content,
            reply.prompt_tokens,
            reply.completion_tokens,
            known is not None,
        )

    def _ask(self, endpoint: TeacherEndpoint, request: TeacherRequest, job: Job) -> Reply:
        reply = endpoint.ask(request, job.check)
        self.cache.keep(request, reply)
        return reply

    def _ranking(self, item: RankItem, parsed: ParsedAnswer) -> Ranking:
        provenance = Provenance(
            "teacher",
            self.params.endpoint.model,
            self.params.knowledge_base,
            parameters_of(self.params.endpoint),
            self.template.sha256,
            __version__,
        )
        candidates = tuple(item.candidates[index] for index in parsed.order)
        return Ranking(item.mention.id, "teacher", candidates, provenance, parsed.verdict)


class _Blame:
    """Tells a bad item from a bad endpoint."""

    def __init__(self) -> None:
        self.answered = False
        self._in_a_row = 0

    def judge(self, future: Future[TeacherAnswer], item: RankItem) -> TeacherAnswer:
        try:
            answer = future.result()
        except EndpointError:
            self._in_a_row += 1
            if not self.answered or self._in_a_row == _PATIENCE:
                raise
            return TeacherAnswer(item.mention.id, None, UNANSWERED, "")
        self.answered, self._in_a_row = True, 0
        return answer


def _parsed(reply: Reply, item: RankItem) -> ParsedAnswer:
    if reply.refused:
        return ParsedAnswer((), "", "refusal")
    return parse_answer(reply.content, [candidate.name for candidate in item.candidates], cut_off=reply.cut_off)
