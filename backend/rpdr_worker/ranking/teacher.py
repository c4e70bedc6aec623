"""The teacher: a model behind an endpoint that re-ranks candidates. `rank` and `preview` serve the wire.

Nothing is sent but what a preview has shown, and nothing without a permit. An answer that cannot be used is reported
with its class and raw text, and gives no ranking.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from rpdr_core import __version__
from rpdr_core.errors import EndpointError, NotAllowedError
from rpdr_core.prompting.template import Template, load_template
from rpdr_core.protocol.messages import (
    Done,
    PreviewPrompt,
    PromptPreview,
    RankByTeacher,
    RankItem,
    TeacherAnswer,
    TeacherEvent,
)
from rpdr_core.records import Provenance, Ranking
from rpdr_core.teacher_switch import refuse_if_off
from rpdr_worker.job import Job
from rpdr_worker.ranking.answer_cache import AnswerCache
from rpdr_worker.ranking.answers import ParsedAnswer, parse_answer
from rpdr_worker.ranking.orders import agreement, common, merged
from rpdr_worker.ranking.outgoing import Outgoing
from rpdr_worker.ranking.pacing import Pace
from rpdr_worker.ranking.permits import Permits
from rpdr_worker.ranking.reply import Reply
from rpdr_worker.ranking.teacher_preview import preview_of
from rpdr_worker.ranking.teacher_request import Question, TeacherRequest, check_approved, parameters_of, questions

_TICK = 0.2
# Failures in a row after which the endpoint, not the item, is to blame.
_PATIENCE = 3
UNANSWERED = "unanswered"


def preview(params: PreviewPrompt, job: Job) -> PromptPreview:
    """The exact body that `rank` would send for one item, and a digest over all of them. Sends nothing."""
    return preview_of(params, load_template(params.template), AnswerCache(), job)


def rank(params: RankByTeacher, job: Job, permits: Permits, pace: Pace | None = None) -> Done:
    """Ask the teacher about each item; answers are partial results in the order that they arrive.

    Result counts: answers by class, `cached`, and `sends` (HTTP requests made). An item that the server fails to
    answer is `unanswered`; the job ends with `EndpointError` when that is the first item or the third in a row, and
    with `NotAllowedError` when a permit is refused: both after what is on its way has arrived. A cancel waits for
    nothing; an answer that still comes is in the cache.
    """
    began = time.monotonic()
    template = load_template(params.template)
    if not params.cached_only:
        refuse_if_off()
        check_approved(params, template)
    outgoing = Outgoing(params.endpoint, params.key, params.run, job, permits, pace)
    run = _Run(params, template, AnswerCache(), outgoing)
    counts: Counter[str] = Counter()
    try:
        for done, answer in enumerate(run.answers(job), 1):
            counts[answer.answer_class] += 1
            counts["cached"] += answer.cached
            job.partial(TeacherEvent(answer=answer))
            seconds = time.monotonic() - began
            job.progress(done, len(params.items), seconds / done * (len(params.items) - done))
    finally:
        outgoing.close()
    return Done(len(params.items), time.monotonic() - began, {**counts, "sends": outgoing.sends})


@dataclass(frozen=True, slots=True)
class _Heard:
    """One answer: its reply, whether it was known, and what it says of the item's own candidate indexes."""

    reply: Reply
    known: bool
    parsed: ParsedAnswer


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of `rank`: what all its items share."""

    params: RankByTeacher
    template: Template
    cache: AnswerCache
    outgoing: Outgoing

    def answers(self, job: Job) -> Iterator[TeacherAnswer]:
        """Answers as they arrive. After an error or a cancel no further request starts; those on their way are kept.

        A refused permit may be for what the requests beside it have reserved, so it is asked for once more alone
        before the run ends with it.
        """
        waiting = deque(self.params.items)
        running: dict[Future[TeacherAnswer], _Running] = {}
        blame = _Blame()
        at_once = max(1, self.params.endpoint.max_parallel)
        pool = ThreadPoolExecutor(at_once, thread_name_prefix="rpdr-teacher")
        end: EndpointError | NotAllowedError | None = None
        try:
            while True:
                # One alone until the first answer: a wrong key then costs one request.
                room = 0 if end else (at_once if blame.answered else 1)
                while waiting and len(running) < room:
                    item = waiting.popleft()
                    running[pool.submit(self._answer, item)] = _Running(item, alone=room == 1 and not running)
                if not running:
                    break
                finished, _ = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
                job.check()
                for future in finished:
                    was = running.pop(future)
                    if end is not None and isinstance(future.exception(), EndpointError | NotAllowedError):
                        continue
                    try:
                        yield blame.judge(future, was.item)
                    except NotAllowedError as error:
                        end = error if was.alone else None
                        waiting.appendleft(was.item)
                        at_once = max(1, at_once // 2)
                    except EndpointError as error:
                        end = error
                        self.outgoing.finish()
            if end is not None:
                raise end
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, item: RankItem) -> TeacherAnswer:
        heard = [self._hear(question) for question in questions(self.params, self.template, item)]
        if None in heard:
            return TeacherAnswer(item.mention.id, None, UNANSWERED, "")
        return self._told(item, [one for one in heard if one is not None])

    def _hear(self, question: Question) -> _Heard | None:
        """The answer to a question; None where there is none and none may be asked for."""
        known = self.cache.find(question.request.key)
        if known is None and question.fallback is not None:
            known = self.cache.find(question.fallback.key)
        if known is None and self.params.cached_only:
            return None
        reply = known if known is not None else self.outgoing.ask(question, self._keep)
        return _Heard(reply, known is not None, _parsed(reply, question))

    def _keep(self, request: TeacherRequest, reply: Reply) -> None:
        self.cache.keep(request.key, reply)

    def _told(self, item: RankItem, heard: list[_Heard]) -> TeacherAnswer:
        usable = [one.parsed for one in heard if one.parsed.usable]
        worst = next((one.parsed for one in heard if one.parsed.answer_class != "ok"), heard[0].parsed)
        agreed = agreement(usable[0].order, usable[1].order) if len(usable) == 2 else None
        return TeacherAnswer(
            item.mention.id,
            self._ranking(item, usable, agreed) if usable else None,
            worst.answer_class,
            "\n".join(one.reply.content for one in heard),
            sum(one.reply.prompt_tokens for one in heard),
            sum(one.reply.completion_tokens for one in heard),
            all(one.known for one in heard),
            agreed,
        )

    def _ranking(self, item: RankItem, usable: list[ParsedAnswer], agreed: float | None) -> Ranking:
        provenance = Provenance(
            "teacher",
            self.params.endpoint.model,
            self.params.knowledge_base,
            parameters_of(self.params, agreed),
            self.template.sha256,
            __version__,
        )
        order, verdict = usable[0].order, usable[0].verdict
        if len(usable) == 2:
            order, verdict = merged(order, usable[1].order), common(verdict, usable[1].verdict)
        candidates = tuple(item.candidates[index] for index in order)
        return Ranking(item.mention.id, "teacher", candidates, provenance, verdict)


@dataclass(frozen=True, slots=True)
class _Running:
    """An item that is asked about. `alone`: nothing else is on its way beside it."""

    item: RankItem
    alone: bool


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


def _parsed(reply: Reply, question: Question) -> ParsedAnswer:
    """What the reply says, in indexes of the item's own candidates."""
    if reply.refused:
        return ParsedAnswer((), "", "refusal")
    parsed = parse_answer(reply.content, question.names, cut_off=reply.cut_off)
    return ParsedAnswer(tuple(question.shown[index] for index in parsed.order), parsed.verdict, parsed.answer_class)
