"""One made-up question to an endpoint, to see whether address, model and key work. It carries nothing of a project."""

from __future__ import annotations

from dataclasses import dataclass

from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import (
    MentionText,
    PreviewPrompt,
    RankByTeacher,
    RankItem,
    SendPermit,
    TeacherAnswer,
    TeacherEvent,
)
from rpdr_core.records import Candidate
from rpdr_core.workflow.profiles import Profile
from rpdr_core.workflow.teaching import TEMPLATE, new_run


@dataclass(frozen=True, slots=True)
class Tried:
    """`answer_class` is `ok` where the model did what it was asked."""

    answer_class: str
    seconds: float
    prompt_tokens: int
    completion_tokens: int


def try_endpoint(worker: WorkerClient, profile: Profile, key: str) -> Tried:
    """Ask about a made-up mention. It belongs to no project, so no ledger has a row of it. Raises `EndpointError`."""
    run, answers = new_run(), list[TeacherAnswer]()
    # A context of its own, or the answer of an earlier test would be found in the cache.
    mention = MentionText(0, "short sight", f"short sight, test {run}")
    item = RankItem(mention, (Candidate("1", "Myopia"), Candidate("2", "Cataract")))
    digest = worker.call("rank.teacher.preview", PreviewPrompt(profile.endpoint, TEMPLATE, (item,))).digest

    def hear(event: TeacherEvent) -> None:
        if event.intent is not None:
            worker.call("rank.teacher.permit", SendPermit(run, event.intent.number, True))
        elif event.answer is not None:
            answers.append(event.answer)

    params = RankByTeacher(profile.endpoint, key, TEMPLATE, "", (item,), run, digest)
    done = worker.call("rank.teacher", params, on_partial=hear)
    answer = answers[0]
    return Tried(answer.answer_class, done.seconds, answer.prompt_tokens, answer.completion_tokens)
