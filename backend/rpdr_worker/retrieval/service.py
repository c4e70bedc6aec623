"""Retrieval as the worker serves it: open a knowledge base, build its index, retrieve, remember, forget."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Literal

from rpdr_core import __version__
from rpdr_core.errors import NotFoundError
from rpdr_core.knowledge_base.scope import scope_mark
from rpdr_core.protocol.messages import (
    BuildIndex,
    Done,
    Forget,
    MentionText,
    NearestTexts,
    Neighbours,
    OpenRetrieval,
    Remember,
    RetrievalState,
    Retrieve,
    VectorFiles,
)
from rpdr_core.records import MemoryTerm, Provenance, Ranking
from rpdr_worker.job import Job
from rpdr_worker.retrieval.confidence import confidence
from rpdr_worker.retrieval.fusion import WEIGHT
from rpdr_worker.retrieval.nearest import nearest
from rpdr_worker.retrieval.retriever import Retrieved
from rpdr_worker.retrieval.space import Space

_BATCH = 64


class RetrievalService:
    """Spaces by fingerprint. Safe to call from several threads: one lane answers while another builds."""

    def __init__(self) -> None:
        self._spaces: dict[str, Space] = {}
        self._lock = threading.Lock()

    def open(self, params: OpenRetrieval, job: Job) -> RetrievalState:
        """Load (or load anew) a knowledge base; lexical retrieval works when this returns."""
        job.check()
        reference = params.knowledge_base
        space = Space(
            Path(reference.folder),
            reference.fingerprint,
            lexicons=[Path(path) for path in reference.lexicons],
            tokens=[Path(path) for path in reference.tokens],
            paraphrases=Path(reference.paraphrases) if reference.paraphrases else None,
            priority=reference.priority,
            memory=params.memory,
            encoder=params.encoder,
        )
        space.embed_memory(job.check)
        space.settle_queries(job.check)
        with self._lock:
            self._spaces[reference.fingerprint] = space
        return _state(space)

    def state(self, params: BuildIndex, job: Job) -> RetrievalState:
        job.check()
        return _state(self._space(params.fingerprint))

    def files(self, params: BuildIndex, job: Job) -> VectorFiles:
        job.check()
        return VectorFiles(self._space(params.fingerprint).vector_files())

    def build(self, params: BuildIndex, job: Job) -> RetrievalState:
        """Embed what is missing. Stopped or killed, it goes on from the last whole shard."""
        space = self._space(params.fingerprint)
        began, (at_start, _) = time.monotonic(), space.dense_counts()

        def progress(done: int, total: int) -> None:
            rate = (done - at_start) / max(time.monotonic() - began, 1e-3)
            job.progress(done, total, (total - done) / rate if rate > 0 else None)

        progress(*space.dense_counts())
        space.build(job.check, progress, priority_only=params.priority_only)
        return _state(space)

    def retrieve(self, params: Retrieve, job: Job, *, batch: int = _BATCH) -> Done:
        """One `Ranking` per mention as a partial result, in order. `batch`: how many are encoded together; more is
        faster, and later to begin with its answers.
        """
        space = self._space(params.fingerprint)
        encoder = space.query_encoder() if params.mode != "lexical" else None
        began = time.monotonic()
        model = encoder.folder.name if encoder is not None else "lexical"
        own = "" if params.own else " own=left-out"
        reach = space.reaches.of(params.scope)
        scope = f" {scope_mark(params.scope)}" if params.scope else ""
        parameters = f"mode={params.mode} k={params.k} weight={WEIGHT} {space.state_key()}{own}{scope}"
        provenance = Provenance("retriever", model, params.fingerprint, parameters, worker=__version__)
        for start in range(0, len(params.mentions), max(1, batch)):
            part = params.mentions[start : start + batch]
            texts = [mention.text for mention in part]
            contexts = [mention.context for mention in part]
            found = space.retriever.retrieve(
                texts,
                params.k,
                contexts=contexts,
                encoder=encoder,
                mode=params.mode,
                own=params.own,
                reach=reach,
                check=job.check,
            )
            for mention, retrieved in zip(part, found, strict=True):
                job.partial(_ranking(mention, retrieved, provenance))
        return Done(len(params.mentions), time.monotonic() - began)

    def nearest(self, params: NearestTexts, job: Job) -> Neighbours:
        """Which texts read most alike, by the space's encoder once it is in use."""
        encoder = self._space(params.fingerprint).encoder()
        return nearest(params.queries, params.pool, params.k, encoder, job.check)

    def remembered(self, fingerprint: str) -> tuple[MemoryTerm, ...]:
        """The memory in force of a knowledge base; empty where it is not open here."""
        with self._lock:
            space = self._spaces.get(fingerprint)
        return space.memory.terms() if space is not None else ()

    def remember(self, params: Remember, job: Job) -> RetrievalState:
        """Corrections become synonyms now: the next retrieve sees them."""
        space = self._space(params.fingerprint)
        space.memory.remember(params.terms)
        space.embed_memory(job.check)
        return _state(space)

    def forget(self, params: Forget, job: Job) -> RetrievalState:
        job.check()
        space = self._space(params.fingerprint)
        space.memory.forget(params.decision_ids)
        return _state(space)

    def _space(self, fingerprint: str) -> Space:
        with self._lock:
            space = self._spaces.get(fingerprint)
        if space is None:
            raise NotFoundError(f"knowledge base {fingerprint[:12]} is not open", hint="call retrieval.open first")
        return space


def _state(space: Space) -> RetrievalState:
    done, total = space.dense_counts()
    terms = sum(len(segment) for segment in space.segments) + len(space.memory)
    size, inputs = (space.entities(), terms), space.state_key()
    if space.encoder_folder is None:
        return RetrievalState(space.fingerprint, *size, 0, total, "unavailable", "", space.no_encoder, inputs)
    stage: Literal["absent", "partial", "ready"] = "ready" if done == total else "partial" if done else "absent"
    return RetrievalState(
        space.fingerprint,
        space.entities(),
        terms,
        done,
        total,
        stage,
        space.encoder_folder.name,
        inputs=space.state_key(),
    )


def _ranking(mention: MentionText, found: Retrieved, provenance: Provenance) -> Ranking:
    return Ranking(mention.id, "retriever", found.candidates, provenance, confidence=confidence(found))
