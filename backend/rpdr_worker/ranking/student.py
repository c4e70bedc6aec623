"""The student at work: an adapter re-ranks candidates, offline. `rank` serves the wire; the adapter's kind says how."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from rpdr_core import __version__
from rpdr_core.errors import DamagedFileError
from rpdr_core.protocol.messages import Done, RankByStudent, RankItem
from rpdr_core.records import Candidate, MemoryTerm, Provenance, Ranking, Verdict
from rpdr_worker.job import Job
from rpdr_worker.ranking import student_lists, student_model
from rpdr_worker.ranking.adapter import HEAD, AdapterManifest, check_base, open_adapter
from rpdr_worker.ranking.student_judgement import signs_of, verdict_of
from rpdr_worker.ranking.student_memory import NOTHING, Remembered
from rpdr_worker.ranking.student_texts import Reading
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder

# Candidate strings kept between calls; beyond that they are forgotten and computed again.
_KEPT = 100_000
# Scores are compared at this precision, so that batches of another shape cannot change an order.
_DECIMALS = 4


def rank(params: RankByStudent, job: Job, memory: Iterable[MemoryTerm] = ()) -> Done:
    """One `Ranking` per item, in order. Refuses a damaged adapter, and one of another encoder.

    `memory`: the project's corrections in force, which an encoder student reads beside the candidates' names.
    """
    began = time.monotonic()
    folder, manifest = open_adapter(params.adapter)
    job.check()
    student = _loaded(folder, manifest.info.id)
    remembered = replace(Remembered.of(memory if params.memory is None else params.memory), own=params.own)
    before = student.counts.copy()
    for start in range(0, len(params.items), student.chunk):
        items = params.items[start : start + student.chunk]
        for ranking in student.rank(items, params.knowledge_base, job.check, remembered):
            job.partial(ranking)
        done = start + len(items)
        seconds = time.monotonic() - began
        job.progress(done, len(params.items), seconds / done * (len(params.items) - done))
    return Done(len(params.items), time.monotonic() - began, dict(student.counts - before))


class AnyStudent(Protocol):
    """A loaded adapter of any kind. `chunk`: items ranked between two reports of progress. `counts`: what became of
    written answers since it was loaded."""

    @property
    def chunk(self) -> int: ...

    @property
    def counts(self) -> Counter[str]: ...

    def rank(
        self,
        items: Sequence[RankItem],
        knowledge_base: str,
        check: Callable[[], None],
        remembered: Remembered = NOTHING,
    ) -> list[Ranking]: ...


class _Read(NamedTuple):
    """A list as it was read: the candidates' scores, and what they are made of."""

    scores: list[float]
    parts: student_lists.Parts


_NOTHING = _Read([], student_lists.Parts((), ()))


class Student:
    """A loaded adapter. May be used from several threads."""

    chunk = 1024

    def __init__(self, folder: Path, manifest: AdapterManifest) -> None:
        encoder = open_encoder_folder(manifest.encoder)
        check_base(manifest, encoder)
        # Nothing is written, so nothing is counted.
        self.counts: Counter[str] = Counter()
        self._manifest = manifest
        adapted = student_model.with_adapter(student_model.load_base(encoder), folder)
        self._mentions = student_model.TextEncoder(encoder, adapted)
        self._names = self._mentions
        if manifest.strings == "base":
            self._names = student_model.TextEncoder(encoder, student_model.load_base(encoder))
        self._weights = student_model.read_head(folder / HEAD)
        self._reading = Reading(manifest.softness, manifest.name_lead, manifest.alone_lead)
        self._vectors = student_lists.StringVectors(self._names)

    def rank(
        self,
        items: Sequence[RankItem],
        knowledge_base: str,
        check: Callable[[], None],
        remembered: Remembered = NOTHING,
    ) -> list[Ranking]:
        """Rankings of the items, in order. An item without candidates gets an empty ranking."""
        filled = [item for item in items if item.candidates]
        read = iter(self._read(filled, remembered, check))
        provenance = self._provenance(knowledge_base, remembered)
        return [self._ranking(item, next(read) if item.candidates else _NOTHING, provenance) for item in items]

    def _read(self, items: Sequence[RankItem], remembered: Remembered, check: Callable[[], None]) -> list[_Read]:
        manifest = self._manifest
        lists = [
            student_lists.CandidateList.of(
                item.mention.text,
                item.mention.context,
                item.candidates,
                width=manifest.context,
                gaps=manifest.rank_gaps,
                remembered=remembered,
                besides="" if remembered.own else item.mention.text,
            )
            for item in items
        ]
        if not lists:
            return []
        vectors = self._vectors
        if len(vectors) > _KEPT:
            vectors = self._vectors = student_lists.StringVectors(self._names)
        vectors.add(lists, check)
        scale, prior = self._weights
        return [
            _Read(
                [round(scale * cosine + prior * score, _DECIMALS) for cosine, score in zip(*parts, strict=True)], parts
            )
            for parts in student_lists.parts_of(
                lists, self._mentions, vectors, check, reading=self._reading, spelling=manifest.spelling
            )
        ]

    def _provenance(self, knowledge_base: str, remembered: Remembered) -> Provenance:
        info = self._manifest.info
        memory = f" memory={remembered.digest()}" if len(remembered) else ""
        parameters = f"recipe={info.recipe}{memory}"
        return Provenance(f"student:{info.id}", info.base_model, knowledge_base, parameters, worker=__version__)

    def _ranking(self, item: RankItem, read: _Read, provenance: Provenance) -> Ranking:
        scores = read.scores
        order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
        ranked = tuple(_scored(item.candidates[place], scores[place]) for place in order)
        unjudged: tuple[Verdict, float | None] = ("", None)
        verdict, sure = self._judged(item, read) if len(scores) > 1 else unjudged
        return Ranking(item.mention.id, provenance.ranker, ranked, provenance, verdict, sure)

    def _judged(self, item: RankItem, read: _Read) -> tuple[Verdict, float]:
        """Verdict and confidence; no verdict where too few rows were held out to learn one."""
        judgement = self._manifest.judgement
        if judgement is None:
            return "", confidence(read.scores, self._manifest.temperature)
        retrieved = [candidate.score for candidate in item.candidates]
        chances = judgement.chances(signs_of(read.scores, read.parts.cosines, retrieved))
        return verdict_of(chances), round(chances.right, 4)


def confidence(scores: Sequence[float], temperature: float) -> float:
    """Chance that the best candidate is right: its share of a softmax at the calibrated temperature."""
    best = max(scores)
    return round(1.0 / sum(math.exp((score - best) / temperature) for score in scores), 4)


def _scored(candidate: Candidate, score: float) -> Candidate:
    return Candidate(candidate.code, candidate.name, candidate.matched, candidate.source, score)


@lru_cache(maxsize=1)
def _loaded(folder: Path, id: str) -> AnyStudent:
    """The last student used stays loaded, as long as the adapter in its folder is the one of this id."""
    _, manifest = open_adapter(str(folder))
    if manifest.info.id != id:
        raise DamagedFileError("the adapter changed while it was read", hint="try again", file=str(folder))
    if manifest.info.kind == "generative":
        from rpdr_worker.ranking.generative_student import GenerativeStudent

        return GenerativeStudent(folder, manifest)
    return Student(folder, manifest)
