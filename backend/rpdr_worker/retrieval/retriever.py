"""The retriever: a mention to ranked candidates, from every segment of a knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rpdr_core.records import Candidate, TermSource
from rpdr_worker.retrieval.encoder import Encoder, Vectors
from rpdr_worker.retrieval.families import DETAILS, assignable_extension, default_leaf, specific_child
from rpdr_worker.retrieval.fusion import Hit, Scored, entities_of, fuse
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.reach import Bools, Reach
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Owner, Terminology
from rpdr_worker.retrieval.text import Expander, has_cjk

Mode = Literal["auto", "lexical", "dense"]
_POOL = 64
_STRINGS = 30
_VARIANT_COST = 0.02
_PLACE_COST = 0.02
_CHILD_GAIN = 0.005
_IN_CONTEXT = 3
# War operations should not follow cataracts because both are nuclear.
_CIRCUMSTANCE_COST = 0.15
# What an exact match adds to a score, by where the string comes from; each further vote adds a little.
_EXACT: dict[TermSource, float] = {"memory": 0.5, "name": 0.4, "code": 0.6, "lexicon": 0.35, "synonym": 0.35}
_VOTE = 0.05


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Candidates best first.

    `margin`: score of the first less that of the next outside its branch (a category and its default leaf are one
    answer); 1 if there is none. `exact`: where the string comes from that equals the mention, empty if none does.
    """

    candidates: tuple[Candidate, ...]
    margin: float
    exact: TermSource | Literal[""]


class Retriever:
    """Stateless over its parts; `retrieve` may run while vectors and memory change."""

    def __init__(
        self, terminology: Terminology, expander: Expander, segments: Sequence[Segment], memory: Memory
    ) -> None:
        self._terminology = terminology
        self._expander = expander
        self._segments = tuple(segments)
        self._memory = memory

    def retrieve(
        self,
        texts: Sequence[str],
        k: int,
        *,
        contexts: Sequence[str] = (),
        encoder: Encoder | None = None,
        mode: Mode = "auto",
        own: bool = True,
        reach: Reach | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> list[Retrieved]:
        """Candidates for each mention text. `encoder` None or mode `lexical` uses no vectors.

        `own` False: as if the memory had never met these very texts, for lists to learn or to judge by.
        Of a mention's context only side and stage are used, to offer the entity that says them. `reach`: nothing else
        is proposed, and the lists are as long as they would be in a knowledge base of just that.
        """
        variants = [self._expander.variants(text) for text in texts]
        vectors = self._encode(variants, encoder, check) if encoder is not None and mode != "lexical" else {}
        found = []
        for at, (text, forms) in enumerate(zip(texts, variants, strict=True)):
            check()
            context = contexts[at] if contexts else ""
            found.append(self._one(text, forms, self._said(context), vectors, k, mode, own=own, reach=reach))
        return found

    def _said(self, context: str) -> frozenset[str]:
        """Words of side and stage in a context, in the words that the terminology uses."""
        return frozenset(word for form in self._expander.variants(context) for word in form.split()) & DETAILS

    def _encode(
        self, variants: Sequence[tuple[str, ...]], encoder: Encoder, check: Callable[[], None]
    ) -> dict[str, Vectors]:
        distinct = {form for forms in variants for form in forms if encoder.reads_chinese or not has_cjk(form)}
        readable = sorted(form for form in distinct if form)
        if not readable:
            return {}
        return dict(zip(readable, encoder.encode(readable, check), strict=True))

    def _one(
        self,
        text: str,
        forms: tuple[str, ...],
        said: frozenset[str],
        vectors: dict[str, Vectors],
        k: int,
        mode: Mode,
        *,
        own: bool,
        reach: Reach | None,
    ) -> Retrieved:
        hits: list[Hit] = []
        for segment in (*self._segments, *self._memory.segments):
            hits.extend(self._search(segment, forms, vectors, mode, own=own, reach=reach))
        hits.sort(key=lambda hit: -hit.score)
        hits = [*self._by_code(text, reach), *hits]
        words = frozenset(word for form in forms for word in form.split())
        scored = self._assignable(entities_of(hits[:_STRINGS]) + self._rest(hits), words, said - words, reach)
        return _retrieved(self._terminology, scored[:k])

    def _rest(self, hits: list[Hit]) -> list[Scored]:
        """Entities beyond the best strings, so that a list is never shorter than asked."""
        seen = {hit.entity for hit in hits[:_STRINGS]}
        tail = [hit for hit in hits[_STRINGS:] if hit.entity not in seen]
        floor = min((hit.score for hit in hits[:_STRINGS]), default=0.0)
        return [Scored(item.entity, min(item.best.score, floor), item.best) for item in entities_of(tail)]

    def _by_code(self, text: str, reach: Reach | None) -> Iterable[Hit]:
        code = text.strip().upper()
        dotted = code if "." in code or len(code) <= 3 else f"{code[:3]}.{code[3:]}"
        for form in dict.fromkeys((code, text.strip(), dotted)):
            if form in self._terminology.position and _reaches(reach, self._terminology.position[form]):
                yield Hit(self._terminology.position[form], form, "code", 1.0 + _EXACT["code"], exact=True)
                return

    def _search(
        self,
        segment: Segment,
        forms: tuple[str, ...],
        vectors: dict[str, Vectors],
        mode: Mode,
        *,
        own: bool,
        reach: Reach | None,
    ) -> Iterable[Hit]:
        best: dict[int, float] = {}
        view = segment.dense() if vectors else None
        inside = None if reach is None else reach.strings(segment)
        for cost, form in enumerate(forms):
            lexical = segment.lexical.scores(form) if mode != "dense" else np.zeros(len(segment), np.float32)
            if inside is not None:
                lexical *= inside
            pool = _top(lexical, _POOL)
            dense = None
            if view is not None and form in vectors:
                near, _ = view.index.search(vectors[form][None], _POOL, inside)
                pool = np.union1d(pool, near[0])
                dense = np.where(view.present[pool], view.vectors[pool] @ vectors[form], np.nan).astype(np.float32)
            for position, score in zip(pool.tolist(), fuse(lexical[pool], dense).tolist(), strict=True):
                best[position] = max(best.get(position, -1.0), score - cost * _VARIANT_COST)
        exact = {position for form in forms[:1] for position in segment.table.exact.get(form, ())}
        for position in exact | best.keys():
            hits = self._hits(segment, position, best.get(position, 1.0), position in exact)
            reached = hits if reach is None else (hit for hit in hits if reach.reachable[hit.entity])
            yield from (hit for hit in reached if own or not (hit.exact and hit.source == "memory"))

    def _hits(self, segment: Segment, position: int, score: float, exact: bool) -> Iterable[Hit]:
        owners = self._memory.owners(segment, position)
        for owner in owners:
            bonus = self._exact_bonus(owner) if exact else self._doubt(owner)
            value = score + bonus - owner.place * _PLACE_COST
            yield Hit(owner.entity, segment.table.strings[position], owner.source, value, exact)

    def _exact_bonus(self, owner: Owner) -> float:
        return _EXACT[owner.source] + _VOTE * float(np.log(owner.votes))

    def _assignable(
        self, scored: list[Scored], words: frozenset[str], said: frozenset[str], reach: Reach | None
    ) -> list[Scored]:
        """Extensions in place of their parents; before a parent the child that the mention's words ask for; behind an
        exactly named category its default leaf. What only the context says comes behind what the mention says."""
        out: dict[int, Scored] = {}
        allowed = None if reach is None else reach.allowed
        for place, item in enumerate(scored):
            if said and place < _IN_CONTEXT:
                self._put_child(out, item, words | said, -_PLACE_COST / 2, allowed)
            self._put_child(out, item, words, _CHILD_GAIN, allowed)
            entity = assignable_extension(self._terminology, item.entity, words, allowed)
            _put(out, Scored(entity, item.score, item.best))
            if item.best.exact and not self._terminology.entities[entity].assignable:
                default = default_leaf(self._terminology, entity)
                if default is not None:
                    _put(out, Scored(default, item.score - _PLACE_COST, item.best))
        kept = out.values() if allowed is None else (item for item in out.values() if allowed[item.entity])
        return sorted(kept, key=lambda item: -item.score)

    def _doubt(self, owner: Owner) -> float:
        return -_CIRCUMSTANCE_COST if owner.entity in self._terminology.circumstances else 0.0

    def _put_child(
        self, out: dict[int, Scored], item: Scored, words: frozenset[str], gain: float, allowed: Bools | None
    ) -> None:
        child = specific_child(self._terminology, item.entity, words)
        if child is None:
            child = item.entity if item.entity in self._terminology.extensions and gain < 0 else None
        if child is not None:
            leaf = assignable_extension(self._terminology, child, words, allowed)
            _put(out, Scored(leaf, item.score + gain, item.best))


def _reaches(reach: Reach | None, entity: int) -> bool:
    return reach is None or bool(reach.reachable[entity])


def _put(out: dict[int, Scored], item: Scored) -> None:
    """Keep an entity's better score, and the string that an entity itself had."""
    known = out.get(item.entity)
    if known is None:
        out[item.entity] = item
    elif item.score > known.score:
        out[item.entity] = Scored(item.entity, item.score, known.best)


def _retrieved(terminology: Terminology, scored: list[Scored]) -> Retrieved:
    candidates = tuple(
        Candidate(
            terminology.entities[item.entity].code,
            terminology.entities[item.entity].name,
            item.best.matched,
            item.best.source,
            round(item.score, 4),
        )
        for item in scored
    )
    if not scored:
        return Retrieved(candidates, 1.0, "")
    first = scored[0]
    rival = next((item for item in scored[1:] if not _same_branch(terminology, first.entity, item.entity)), None)
    margin = 1.0 if rival is None else first.score - rival.score
    return Retrieved(candidates, margin, first.best.source if first.best.exact else "")


def _same_branch(terminology: Terminology, one: int, other: int) -> bool:
    return one in _line(terminology, other) or other in _line(terminology, one)


def _line(terminology: Terminology, entity: int) -> set[int]:
    """The entity and its ancestors."""
    found: set[int] = set()
    waiting = [entity]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(terminology.position[parent] for parent in terminology.entities[at].parents)
    return found


def _top(scores: Vectors, k: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Positions of the k best scores above zero, unordered."""
    chosen = np.argpartition(-scores, k - 1)[:k] if len(scores) > k else np.arange(len(scores))
    return chosen[scores[chosen] > 0]
