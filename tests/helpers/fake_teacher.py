"""A worker that speaks the teacher's part of the wire by itself: preview, intents that wait for permits, answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from helpers.desk_parts import FakeWorker, ranking
from PySide6.QtCore import QTimer

from rpdr_core.errors import Cancelled, NotAllowedError, RpdrError
from rpdr_core.protocol.messages import (
    Done,
    Empty,
    Endpoint,
    PreviewPrompt,
    ProgressEvent,
    PromptPreview,
    RankByTeacher,
    RankItem,
    SendIntent,
    SendOutcome,
    SendPermit,
    TeacherAnswer,
    TeacherEvent,
)

TOKENS, ANSWER_TOKENS = 300, 12


def body_of(endpoint: Endpoint, template: str, item: RankItem, order: int = 0) -> str:
    """The bytes of one request, made the same way for preview and sending."""
    names = [one.name for one in item.candidates]
    asked = {"template": template, "mention": item.mention.text, "context": item.mention.context, "names": names}
    return json.dumps({"model": endpoint.model, "order": order, "content": asked}, ensure_ascii=False)


def sha_of(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def digest_of(params: PreviewPrompt | RankByTeacher) -> str:
    whole = hashlib.sha256()
    for item in params.items:
        for order in range(params.orders):
            whole.update(sha_of(body_of(params.endpoint, params.template, item, order)).encode())
    return whole.hexdigest()


class TeachingWorker(FakeWorker):
    """One request at a time. `sent` holds the bodies that left; while `held`, answers wait for `release`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.permits: list[SendPermit] = []
        self.cached = 0
        self.classes: dict[int, str] = {}
        self.held = False
        self.before_permit: Callable[[SendIntent], None] = lambda _intent: None
        self.after_permit: Callable[[SendPermit], None] = lambda _permit: None
        self.run: _Run | None = None
        self.answers["rank.teacher.preview"] = self._preview

    def request(
        self,
        method: str,
        params: Any,
        *,
        done: Callable[[Any], None],
        failed: Callable[[RpdrError], None],
        partial: Callable[[Any], None] | None = None,
        progress: Callable[[ProgressEvent], None] | None = None,
    ) -> int:
        if method == "rank.teacher":
            assert partial is not None
            self.asked.append((method, params))
            self.run = _Run(self, params, done, failed, partial)
            QTimer.singleShot(0, self, self.run.next)
            return len(self.asked)
        if method == "rank.teacher.permit":
            assert self.run is not None
            self.asked.append((method, params))
            self.permits.append(params)
            self.after_permit(params)
            done(Empty())
            QTimer.singleShot(0, self, lambda run=self.run: run.permitted(params))
            return len(self.asked)
        return super().request(method, params, done=done, failed=failed, partial=partial, progress=progress)

    def release(self) -> None:
        """Let what is on the way arrive."""
        self.held = False
        if self.run is not None:
            self.run.arrive()

    def cancel(self, request: int) -> None:
        super().cancel(request)
        if self.run is not None:
            self.run.end(Cancelled("cancelled"))

    def _preview(self, params: PreviewPrompt, _partial: object, _progress: object) -> PromptPreview:
        body = body_of(params.endpoint, params.template, params.items[params.show], params.order)
        requests = len(params.items) * params.orders
        open_ = max(0, requests - self.cached)
        return PromptPreview(
            f"{params.endpoint.base_url}/chat/completions", body, sha_of(body), digest_of(params), "", requests,
            min(self.cached, requests), open_ * 500, open_ * TOKENS, open_ * ANSWER_TOKENS, open_ * 500, open_ * 1024,
        )  # fmt: skip


class _Run:
    def __init__(
        self,
        worker: TeachingWorker,
        params: RankByTeacher,
        done: Callable[[Any], None],
        failed: Callable[[RpdrError], None],
        partial: Callable[[Any], None],
    ) -> None:
        self._worker, self.params, self._done, self._failed, self._partial = worker, params, done, failed, partial
        self._left = [(item, order) for item in params.items for order in range(params.orders)]
        self._at = 0
        self._waits: SendIntent | None = None
        self._over = False

    def next(self) -> None:
        if self._over:
            return
        if not self.params.cached_only and digest_of(self.params) != self.params.approved:
            self.end(NotAllowedError("what would be sent is not what was shown"))
        elif self._at == len(self._left):
            self.end(None)
        elif self.params.cached_only or self._at < self._worker.cached:
            self._answer(cached=True)
        else:
            item, order = self._left[self._at]
            body = body_of(self.params.endpoint, self.params.template, item, order)
            place = self.params.endpoint.base_url.split("/")[2]
            self._waits = SendIntent(
                self._at + 1, "rank", place if ":" in place else f"{place}:443", self.params.endpoint.model,
                sha_of(body), len(body.encode()), item.mention.id, order, 1, TOKENS, 500, 1024,
            )  # fmt: skip
            self._worker.before_permit(self._waits)
            self._partial(TeacherEvent(intent=self._waits))

    def permitted(self, permit: SendPermit) -> None:
        if self._over:
            return
        if not permit.granted:
            self.end(NotAllowedError(permit.reason))
            return
        item, order = self._left[self._at]
        self._worker.sent.append(body_of(self.params.endpoint, self.params.template, item, order))
        if not self._worker.held:
            self.arrive()

    def arrive(self) -> None:
        if self._waits is None or self._over:
            return
        number, self._waits = self._waits.number, None
        self._partial(TeacherEvent(outcome=SendOutcome(number, "answered", 200, "r", TOKENS, ANSWER_TOKENS, 0.1)))
        self._answer(cached=False)

    def end(self, error: RpdrError | None) -> None:
        if not self._over:
            self._over = True
            self._failed(error) if error is not None else self._done(Done(len(self.params.items)))

    def _answer(self, *, cached: bool) -> None:
        item, order = self._left[self._at]
        self._at += 1
        if order + 1 == self.params.orders:
            kind = self._worker.classes.get(item.mention.id, "ok")
            made = replace(ranking(item.mention.id, "teacher", 3), candidates=tuple(reversed(item.candidates)))
            found = made if kind == "ok" else None
            answer = TeacherAnswer(item.mention.id, found, kind, "raw", TOKENS, ANSWER_TOKENS, cached)
            self._partial(TeacherEvent(answer=answer))
        QTimer.singleShot(0, self._worker, self.next)
