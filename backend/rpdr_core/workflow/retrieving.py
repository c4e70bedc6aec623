"""Retrieval through a worker: open a knowledge base there, build its index, rank mention texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import (
    BuildIndex,
    KnowledgeBaseRef,
    MentionText,
    OpenRetrieval,
    ProgressEvent,
    RetrievalState,
    Retrieve,
)
from rpdr_core.records import Candidate, MemoryTerm, NewMention, Ranking
from rpdr_core.workflow.encoders import encoder_folder

# Below this many strings an index is made without asking: seconds, not minutes.
SMALL = 5_000
# Scores for given candidates are asked for this deep; one beyond them gets the lowest of these.
_DEEP = 100


def reference(catalogue: Catalogue, priority: Sequence[str] = ()) -> KnowledgeBaseRef:
    """What a worker on this machine needs to load the catalogue."""
    return KnowledgeBaseRef(
        fingerprint=catalogue.info.fingerprint,
        folder=str(catalogue.folder),
        lexicons=tuple(str(path) for path in catalogue.lexicons),
        tokens=tuple(str(path) for path in catalogue.tokens),
        priority=tuple(priority),
        paraphrases=str(catalogue.paraphrases or ""),
    )


def open_retrieval(
    worker: WorkerClient,
    catalogue: Catalogue,
    *,
    memory: Iterable[MemoryTerm] = (),
    encoder: str = "",
    on_progress: Callable[[ProgressEvent], object] | None = None,
) -> RetrievalState:
    """Open the catalogue in the worker; a small one gets its vectors at once, a large one keeps what it has.

    `encoder`: a name of the shelf, a folder, or empty for what the knowledge base is searched with (see `encoders`).
    """
    folder = encoder_folder(encoder, catalogue.info.fingerprint)
    state = worker.call("retrieval.open", OpenRetrieval(reference(catalogue), tuple(memory), folder))
    if state.dense != "unavailable" and 0 < state.dense_total - state.dense_done <= SMALL:
        return worker.call("index.build", BuildIndex(state.fingerprint), on_progress=on_progress)
    return state


def memory_of(mentions: Iterable[NewMention]) -> list[MemoryTerm]:
    """Mentions with a code as memory, numbered in order; those without one are passed over."""
    coded = (mention for mention in mentions if mention.code)
    return [MemoryTerm(mention.text, mention.code, number) for number, mention in enumerate(coded, 1)]


def retrieve(
    worker: WorkerClient,
    fingerprint: str,
    texts: Sequence[tuple[str, str]],
    k: int = 10,
    mode: Literal["auto", "lexical", "dense"] = "auto",
    *,
    own: bool = True,
    scope: str = "",
) -> list[Ranking]:
    """Rankings for (text, context) pairs, in order. `own` False: memory of these very texts is passed over.

    `scope`: nothing outside of it is proposed.
    """
    rankings: list[Ranking] = []
    mentions = tuple(MentionText(at, text, context) for at, (text, context) in enumerate(texts))
    worker.call("retrieve", Retrieve(fingerprint, mentions, k, mode, own, scope), on_partial=rankings.append)
    return rankings


def with_scores(
    worker: WorkerClient,
    fingerprint: str,
    texts: Sequence[tuple[str, str]],
    lists: Sequence[Sequence[Candidate]],
) -> list[tuple[Candidate, ...]]:
    """Given candidates, in their order, with the score and the matched string that our retriever has for them.

    A student weighs this score, so a list that came from elsewhere is no poorer than one of our own.
    """
    found = retrieve(worker, fingerprint, texts, _DEEP)
    return [_scored(given, ranking) for given, ranking in zip(lists, found, strict=True)]


def _scored(given: Sequence[Candidate], ranking: Ranking) -> tuple[Candidate, ...]:
    known = {candidate.code: candidate for candidate in ranking.candidates}
    lowest = ranking.candidates[-1].score if ranking.candidates else 0.0
    return tuple(
        known.get(candidate.code) or Candidate(candidate.code, candidate.name, candidate.name, "name", lowest)
        for candidate in given
    )
