"""The retriever: a mention to ranked candidates, from every segment of a knowledge base."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Literal

from rpdr_core.records import Candidate, TermSource
from rpdr_worker.retrieval.branches import same_branch, same_chapter
from rpdr_worker.retrieval.encoder import Encoder, Vectors
from rpdr_worker.retrieval.families import assignable_extension, default_leaf, specific_child
from rpdr_worker.retrieval.fusion import Hit, Scored, entities_of
from rpdr_worker.retrieval.meanings import Meanings, leanings, meanings
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.pools import Pool, pools
from rpdr_worker.retrieval.reach import Bools, Reach
from rpdr_worker.retrieval.reading import ALONE, ContextReading, InContext, Readable, mention_of
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.surroundings import Surroundings, surroundings
from rpdr_worker.retrieval.terms import Owner, Terminology
from rpdr_worker.retrieval.text import Expander, has_cjk

Mode = Literal["auto", "lexical", "dense"]
_STRINGS = 30
_BLOCK = 256
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
    answer); 1 if there is none. `exact`: where the string comes from that equals the mention; empty if none does, or if
    a string of the same kind names something of another chapter just as well ("MS").
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
        self._plain = terminology.plain()

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
        Of a mention's context side and stage are used, to offer the entity that says them, and what it is about where
        the mention names several entities ("MS"); an encoder that has learned to reads the mention in it. `reach`:
        nothing else is proposed, and the lists are as long as they would be in a knowledge base of just that.
        """
        reader = encoder if mode != "lexical" else None
        reading = ALONE if reader is None else reader.contexts
        asked = [self._query(text, contexts[at] if contexts else "", reading) for at, text in enumerate(texts)]
        distinct = list(dict.fromkeys(asked))
        vectors: dict[Readable, Vectors] = {}
        if reader is not None:
            vectors = self._encode([query.read + query.meanings.texts() for query in distinct], reader, check)
        found: dict[_Query, Retrieved] = {}
        for start in range(0, len(distinct), _BLOCK):
            check()
            block = distinct[start : start + _BLOCK]
            sources = self._searched(block, vectors, mode, reach)
            for query in block:
                leaning = leanings(query.meanings, vectors)
                found[query] = self._one(query, sources, k, own=own, reach=reach, leaning=leaning)
        return [found[query] for query in asked]

    def _query(self, text: str, context: str, reading: ContextReading) -> _Query:
        forms = self._expander.variants(text)
        if not context:
            return _Query(forms, Surroundings(), self._code(text), Meanings())
        around = reading.around(text, context)
        several = meanings(self._terminology, self._named(forms[0]), text, context)
        return _Query(forms, surroundings(text, context, self._expander), self._code(text), several, around)

    def _named(self, key: str) -> list[int]:
        """Entities that a string with this search key names, the likeliest first."""
        owners = (
            owner
            for segment in (*self._segments, *self._memory.segments)
            for position in segment.table.exact.get(key, ())
            for owner in self._memory.owners(segment, position)
        )
        return list(dict.fromkeys(owner.entity for owner in sorted(owners, key=_place)))

    def _code(self, text: str) -> str:
        """The code that a mention is, as the terminology writes it; empty if it is none."""
        bare = text.strip()
        code = bare.upper()
        dotted = code if "." in code or len(code) <= 3 else f"{code[:3]}.{code[3:]}"
        return next((form for form in (code, bare, dotted) if form in self._terminology.position), "")

    def _encode(
        self, variants: Sequence[tuple[Readable, ...]], encoder: Encoder, check: Callable[[], None]
    ) -> dict[Readable, Vectors]:
        """Vectors by form. What a segment has read already, to the same tokens, is taken from there."""
        forms = {form for forms in variants for form in forms if encoder.reads_chinese or not has_cjk(mention_of(form))}
        alone = {form for form in forms if isinstance(form, str)}
        vectors: dict[Readable, Vectors] = {}
        for segment in (*self._segments, *self._memory.segments):
            found = segment.known(alone, lower_case=encoder.folder.lower_case)
            vectors.update((form, vector) for form, vector in found.items() if form not in vectors)
        readable: list[Readable] = sorted(form for form in alone if form and form not in vectors)
        readable += sorted(form for form in forms if isinstance(form, InContext) and form.mention)
        if readable:
            vectors.update(zip(readable, encoder.encode(readable, check), strict=True))
        return vectors

    def _searched(
        self, block: Sequence[_Query], vectors: dict[Readable, Vectors], mode: Mode, reach: Reach | None
    ) -> list[_Source]:
        forms = list(dict.fromkeys(form for query in block for form in query.read))
        sources = []
        for segment in (*self._segments, *self._memory.segments):
            if len(segment):
                inside = None if reach is None else reach.strings(segment)
                found = pools(segment, forms, vectors, letters=mode != "dense", inside=inside)
                sources.append(_Source(segment, dict(zip(forms, found, strict=True))))
        return sources

    def _one(
        self,
        query: _Query,
        sources: Sequence[_Source],
        k: int,
        *,
        own: bool,
        reach: Reach | None,
        leaning: Mapping[int, float],
    ) -> Retrieved:
        words = frozenset(word for form in query.forms for word in form.split())
        around = query.around
        exact = self._exact_hits(query, sources, own=own, reach=reach, leaning=leaning)
        hits = _Hits(exact, self._near_hits(query, sources, reach))
        head = hits.best(_STRINGS)
        scored = self._assignable(entities_of(head), words, around, reach)
        floor = min((hit.score for hit in head), default=0.0)
        if hits.more() and not (len(scored) >= k and scored[k - 1].score > floor + _CHILD_GAIN):
            every = hits.best(None)
            scored = self._assignable(entities_of(every[:_STRINGS]) + _rest(every), words, around, reach)
        return _retrieved(self._terminology, scored[:k])

    def _exact_hits(
        self,
        query: _Query,
        sources: Sequence[_Source],
        *,
        own: bool,
        reach: Reach | None,
        leaning: Mapping[int, float],
    ) -> Iterator[Hit]:
        """What equals the mention: a code, then strings. `leaning`: what the context adds to an entity's score."""
        if query.code:
            entity = self._terminology.position[query.code]
            if _reaches(reach, entity):
                yield Hit(entity, query.code, "code", 1.0 + _EXACT["code"], exact=True)
        for source in sources:
            segment = source.segment
            for position in segment.table.exact.get(query.forms[0], ()):
                score = source.score(query.read, position)
                for owner in self._memory.owners(segment, position):
                    if _reaches(reach, owner.entity) and (own or owner.source != "memory"):
                        value = score + self._exact_bonus(owner) - owner.place * _PLACE_COST
                        value += leaning.get(owner.entity, 0.0)
                        yield Hit(owner.entity, segment.table.strings[position], owner.source, value, exact=True)

    def _near_hits(
        self, query: _Query, sources: Sequence[_Source], reach: Reach | None
    ) -> Iterator[tuple[float, list[Hit]]]:
        """Other strings from the best down, each with its hits, none of which is better than the string's score."""
        lists = [source.near(query) for source in sources]
        merged = lists[0] if len(lists) == 1 else heapq.merge(*lists, key=_score, reverse=True)
        circumstances, base = self._terminology.circumstances, self._memory
        for score, position, source in merged:
            table = source.segment.table
            hits = []
            for owner in base.owners(source.segment, position):
                entity = owner.entity
                if reach is None or reach.reachable[entity]:
                    value = score - owner.place * _PLACE_COST
                    if entity in circumstances:
                        value -= _CIRCUMSTANCE_COST
                    hits.append(Hit(entity, table.strings[position], owner.source, value))
            yield score, hits

    def _exact_bonus(self, owner: Owner) -> float:
        return _EXACT[owner.source] + _VOTE * math.log(owner.votes)

    def _assignable(
        self, scored: list[Scored], words: frozenset[str], around: Surroundings, reach: Reach | None
    ) -> list[Scored]:
        """Extensions in place of their parents; before a parent the child that the mention's words ask for; behind an
        exactly named category its default leaf. What the context says of this mention comes first; what it says of
        something, behind what the mention says."""
        out: dict[int, Scored] = {}
        allowed = None if reach is None else reach.allowed
        for place, item in enumerate(scored):
            if item.entity in self._plain:
                _put(out, item)
                continue
            if around.said and place < _IN_CONTEXT:
                self._put_child(out, item, words | around.said, -_PLACE_COST / 2, allowed, extends=True)
            if around.sure and place < _IN_CONTEXT:
                self._put_child(out, item, words | around.sure, 2 * _CHILD_GAIN, allowed, extends=True)
            self._put_child(out, item, words, _CHILD_GAIN, allowed)
            entity = assignable_extension(self._terminology, item.entity, words, allowed)
            _put(out, Scored(entity, item.score, item.best))
            if item.best.exact and not self._terminology.entities[entity].assignable:
                default = default_leaf(self._terminology, entity)
                if default is not None:
                    _put(out, Scored(default, item.score - _PLACE_COST, item.best))
        kept = out.values() if allowed is None else (item for item in out.values() if allowed[item.entity])
        return sorted(kept, key=lambda item: -item.score)

    def _put_child(
        self,
        out: dict[int, Scored],
        item: Scored,
        words: frozenset[str],
        gain: float,
        allowed: Bools | None,
        *,
        extends: bool = False,
    ) -> None:
        """`extends`: also where the words choose among the entity's own extensions only."""
        child = specific_child(self._terminology, item.entity, words)
        if child is None and extends and item.entity in self._terminology.extensions:
            child = item.entity
        if child is not None:
            leaf = assignable_extension(self._terminology, child, words, allowed)
            _put(out, Scored(leaf, item.score + gain, item.best))


@dataclass(frozen=True, slots=True)
class _Query:
    """All of a mention that retrieval looks at: mentions with equal queries get equal candidates.

    `beside`: the part of the context that the encoder reads with the mention.
    """

    forms: tuple[str, ...]
    around: Surroundings
    code: str
    meanings: Meanings
    beside: str = ""

    @property
    def read(self) -> tuple[Readable, ...]:
        """The forms as they are encoded."""
        return tuple(InContext(form, self.beside) for form in self.forms) if self.beside else self.forms


@dataclass(frozen=True, slots=True)
class _Source:
    """A segment with the pools that a block of queries found in it."""

    segment: Segment
    pools: dict[Readable, Pool]

    def pool(self, forms: tuple[Readable, ...]) -> Iterable[tuple[float, int]]:
        """(score, position), best first; of several forms the best score counts."""
        if len(forms) == 1:
            return zip(*self.pools[forms[0]], strict=True)
        best: dict[int, float] = {}
        for cost, form in enumerate(forms):
            for score, position in zip(*self.pools[form], strict=True):
                best[position] = max(best.get(position, -1.0), score - cost * _VARIANT_COST)
        return sorted(((score, position) for position, score in best.items()), key=lambda item: (-item[0], item[1]))

    def near(self, query: _Query) -> Iterator[tuple[float, int, _Source]]:
        """The pool less the strings that equal the mention."""
        equal = self.segment.table.exact.get(query.forms[0], ())
        return ((score, at, self) for score, at in self.pool(query.read) if at not in equal)

    def score(self, forms: tuple[Readable, ...], position: int) -> float:
        """The score of one string; 1 where no pool holds it, which an equal string can be spared."""
        return next((score for score, place in self.pool(forms) if place == position), 1.0)


class _Hits:
    """Hits in order of their scores, made only as far as somebody asks."""

    def __init__(self, exact: Iterable[Hit], near: Iterator[tuple[float, list[Hit]]]) -> None:
        self._made = list(exact)
        self._near = near
        self._next: tuple[float, list[Hit]] | None = next(near, None)

    def best(self, n: int | None) -> list[Hit]:
        """The `n` best (fewer where there are no more); None: all of them."""
        while self._next is not None:
            made = self._made
            if n is not None and len(made) >= n and heapq.nlargest(n, [hit.score for hit in made])[-1] >= self._next[0]:
                break
            made.extend(self._next[1])
            self._next = next(self._near, None)
        ordered = sorted(self._made, key=_hit_score, reverse=True)
        return ordered if n is None else ordered[:n]

    def more(self) -> bool:
        """Whether there are hits that the last answer did not hold."""
        return self._next is not None or len(self._made) > _STRINGS


def _place(owner: Owner) -> int:
    return owner.place


_score = itemgetter(0)
_hit_score = attrgetter("score")


def _rest(hits: list[Hit]) -> list[Scored]:
    """Entities beyond the best strings, so that a list is never shorter than asked."""
    seen = {hit.entity for hit in hits[:_STRINGS]}
    tail = [hit for hit in hits[_STRINGS:] if hit.entity not in seen]
    floor = min((hit.score for hit in hits[:_STRINGS]), default=0.0)
    return [Scored(item.entity, min(item.score, floor), item.best) for item in entities_of(tail)]


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
    rival = next((item for item in scored[1:] if not same_branch(terminology, first.entity, item.entity)), None)
    margin = 1.0 if rival is None else first.score - rival.score
    several = rival is not None and _as_good(terminology, first, rival)
    return Retrieved(candidates, margin, first.best.source if first.best.exact and not several else "")


def _as_good(terminology: Terminology, first: Scored, rival: Scored) -> bool:
    """Whether both equal the mention, on the word of the same source, and mean different things. Codes of one chapter
    are shades of one meaning; decisions are weighed by their votes.
    """
    if not (rival.best.exact and first.best.source == rival.best.source != "memory"):
        return False
    return not same_chapter(terminology, first.entity, rival.entity)
