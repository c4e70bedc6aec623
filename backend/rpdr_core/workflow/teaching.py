"""Asking the teacher about a project's mentions: who waits, the candidates they need, and the answers kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import (
    Done,
    Endpoint,
    MentionText,
    ProgressEvent,
    RankByTeacher,
    RankItem,
    Retrieve,
    TeacherAnswer,
)
from rpdr_core.records import Ranking
from rpdr_core.store import Project, ProjectReader
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.leading import by_role
from rpdr_core.workflow.retrieving import open_retrieval

OnProgress = Callable[[ProgressEvent], object]


def waiting(project: ProjectReader, limit: int) -> tuple[RankItem, ...]:
    """Undecided mentions without a teacher's ranking, most frequent first, with the retriever's candidates.

    A list of one candidate has no order to ask for. Mentions that the retriever has not ranked are left out.
    """
    items = []
    for mention in project.mentions(project.unranked("teacher", limit)):
        retrieved = by_role(project.rankings(mention.id), "retriever")
        if retrieved is not None and len(retrieved.candidates) > 1:
            items.append(RankItem(MentionText(mention.id, mention.text, mention.context), retrieved.candidates))
    return tuple(items)


def retrieve_missing(project: Project, worker: WorkerClient, library: Library, limit: int, k: int = 10) -> int:
    """Give candidates to those who wait for the teacher and have none; returns how many were ranked."""
    mentions = project.mentions(project.unranked("teacher", limit))
    bare = [mention for mention in mentions if by_role(project.rankings(mention.id), "retriever") is None]
    if not bare:
        return 0
    state = open_retrieval(worker, catalogue_of(library, project.knowledge_base()), memory=project.memory())
    texts = tuple(MentionText(mention.id, mention.text, mention.context) for mention in bare)
    found: list[Ranking] = []
    worker.call("retrieve", Retrieve(state.fingerprint, texts, k), on_partial=found.append)
    project.record_rankings(found)
    return len(found)


def ask_teacher(
    project: Project,
    worker: WorkerClient,
    endpoint: Endpoint,
    key: str,
    items: Sequence[RankItem],
    *,
    template: str,
    on_progress: OnProgress | None = None,
) -> Done:
    """Send the items and keep each ranking as it arrives. An answer without a ranking is no label: only counted."""

    def keep(answer: TeacherAnswer) -> None:
        if answer.ranking is not None:
            project.record_rankings([answer.ranking])

    params = RankByTeacher(endpoint, key, template, project.knowledge_base().fingerprint, tuple(items))
    return worker.call("rank.teacher", params, on_partial=keep, on_progress=on_progress)
