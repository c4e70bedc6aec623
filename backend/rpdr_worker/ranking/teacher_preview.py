"""What a run would send, without sending: the exact bytes of one request, a digest over all, and how much it is."""

from __future__ import annotations

import hashlib

from rpdr_core.errors import UserInputError
from rpdr_core.prompting.template import Template
from rpdr_core.protocol.messages import PreviewPrompt, PromptPreview
from rpdr_worker.job import Job
from rpdr_worker.ranking.answer_cache import AnswerCache
from rpdr_worker.ranking.teacher_request import LONGEST_ANSWER, Question, bodies_of, questions

# An order is a number, a comma and a space for each candidate, and some words around it.
_TOKENS_PER_CANDIDATE, _TOKENS_AROUND = 3, 16


def preview_of(params: PreviewPrompt, template: Template, cache: AnswerCache, job: Job) -> PromptPreview:
    """Render every request of the run. `job.check` may stop it."""
    if not 0 <= params.show < len(params.items) or not 0 <= params.order < max(1, params.orders):
        raise UserInputError("there is no such item to show", hint="choose mentions that wait for the teacher")
    sum_ = _Sum(cache)
    shown: Question | None = None
    for at, item in enumerate(params.items):
        job.check()
        asked = questions(params, template, item)
        shown = asked[params.order] if at == params.show else shown
        for question in asked:
            sum_.add(question)
    assert shown is not None
    return PromptPreview(
        shown.request.url,
        shown.request.body.decode("utf-8"),
        shown.request.sha256,
        sum_.digest.hexdigest(),
        shown.fallback.body.decode("utf-8") if shown.fallback is not None else "",
        sum_.requests,
        sum_.cached,
        sum_.bytes,
        sum_.tokens,
        sum_.answer_tokens,
        sum_.bytes,
        (sum_.requests - sum_.cached) * LONGEST_ANSWER,
    )


class _Sum:
    """Adds up the requests of a run; those with an answer in the cache cost nothing."""

    def __init__(self, cache: AnswerCache) -> None:
        self._cache = cache
        self.digest = hashlib.sha256()
        self.requests = self.cached = self.bytes = self.tokens = self.answer_tokens = 0

    def add(self, question: Question) -> None:
        for request in bodies_of(question):
            self.digest.update(request.sha256.encode() + b"\n")
        self.requests += 1
        if any(self._cache.find(request.key) is not None for request in bodies_of(question)):
            self.cached += 1
            return
        self.bytes += len(question.request.body)
        self.tokens += question.request.tokens
        self.answer_tokens += _TOKENS_AROUND + _TOKENS_PER_CANDIDATE * len(question.shown)
