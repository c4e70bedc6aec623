"""A job in this process whose client answers every request to the teacher that asks to leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from rpdr_core.protocol.messages import (
    Endpoint,
    PreviewPrompt,
    RankByTeacher,
    RankItem,
    SendIntent,
    SendOutcome,
    SendPermit,
    TeacherAnswer,
    TeacherEvent,
)
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import teacher
from rpdr_worker.ranking.permits import Permits

RUN = "run-1"


@dataclass(slots=True)
class PermittingJob(RecordingJob):
    """`reason` says why an intent is refused, empty to let it go, None to say nothing at all."""

    permits: Permits = field(default_factory=Permits)
    reason: Callable[[SendIntent], str | None] = lambda _intent: ""

    def partial(self, value: object) -> None:
        RecordingJob.partial(self, value)
        if isinstance(value, TeacherEvent) and value.intent is not None:
            reason = self.reason(value.intent)
            if reason is not None:
                self.permits.answer(SendPermit(RUN, value.intent.number, not reason, reason))

    @property
    def intents(self) -> list[SendIntent]:
        return [event.intent for event in self._events() if event.intent is not None]

    @property
    def outcomes(self) -> list[SendOutcome]:
        return [event.outcome for event in self._events() if event.outcome is not None]

    @property
    def answers(self) -> list[TeacherAnswer]:
        return [event.answer for event in self._events() if event.answer is not None]

    def _events(self) -> list[TeacherEvent]:
        return [value for value in self.partials if isinstance(value, TeacherEvent)]


def approved(params: RankByTeacher) -> RankByTeacher:
    """The same with the digest that its preview gives."""
    asked = PreviewPrompt(params.endpoint, params.template, params.items, params.orders, params.seed)
    return replace(params, approved=teacher.preview(asked, RecordingJob()).digest)


def to_send(endpoint: Endpoint, key: str, *items: RankItem, **more: Any) -> RankByTeacher:
    """Approved params for these items."""
    return approved(RankByTeacher(endpoint, key, "rerank_en", "ab" * 32, items, RUN, **more))
