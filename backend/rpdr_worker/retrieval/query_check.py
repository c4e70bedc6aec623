"""Whether int8 finds what the index's own numbers find: queries made of a terminology's own strings, no label needed.

Half of the queries, as far as there are, are strings of entities that have others: looked up without themselves. The
rest are strings with a typing error, words left out, in another order or added. The index is the same both times, as in
use: only queries are encoded in int8. For an encoder that reads contexts every other query stands in one.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rpdr_core.encoder_queries import QueryCheck
from rpdr_worker.retrieval.encoder import Encoder, Vectors
from rpdr_worker.retrieval.reading import ContextReading, Readable
from rpdr_worker.retrieval.terms import TermTable
from rpdr_worker.retrieval.text import has_cjk

Ints = npt.NDArray[np.int64]
FEWEST = 200
"""With fewer strings there is nothing to measure, and little to win."""

SEED = 27
_QUERIES = 2_000
_STRINGS = 50_000
_BLOCK = 100
_LISTED = 40
_PASSES = 2
_FILLERS = ("bad", "old", "severe", "some", "possible", "history of", "again", "since last week")


@dataclass(frozen=True, slots=True)
class Query:
    """`hidden`: the string that is taken out of the index, -1 for none. `right`: entities that answer it."""

    text: str
    hidden: int
    right: frozenset[int]


def digest(strings: Sequence[str]) -> str:
    """The terminology, as far as a check depends on it."""
    found = hashlib.sha256()
    for string in strings:
        found.update(f"{string}\n".encode())
    return found.hexdigest()


def measure(
    table: TermTable,
    vectors: Vectors,
    plain: Encoder,
    int8: Encoder,
    where: tuple[str, str, str],
    check: Callable[[], None] = lambda: None,
) -> QueryCheck | None:
    """Seconds of work. `vectors[i]`: of string i; zero where it has none. `where`: versions of ONNX Runtime,
    processor and graph. None where too few strings can be read.
    """
    rng = random.Random(SEED)  # noqa: S311 - a sample, no secret
    chosen = _chosen(table, plain, vectors, rng)
    if len(chosen) < FEWEST:
        return None
    queries = queries_of(table, chosen, rng)
    texts = read(queries, plain.contexts)
    spent = {plain: float("inf"), int8: float("inf")}
    encoded: dict[Encoder, Vectors] = {}
    for _ in range(_PASSES):
        for encoder in spent:
            began = time.process_time()
            encoded[encoder] = encoder.encode(texts, check)
            spent[encoder] = min(spent[encoder], time.process_time() - began)
    index = vectors[chosen]
    first, ten = found(table, chosen, index, encoded[plain], queries, check)
    first_int8, ten_int8 = found(table, chosen, index, encoded[int8], queries, check)
    cosine = float((encoded[plain] * encoded[int8]).sum(1).mean())
    return QueryCheck(
        plain.folder.fingerprint,
        digest(table.strings),
        *where,
        seed=SEED,
        queries=len(queries),
        strings=len(chosen),
        at_1=first,
        at_1_int8=first_int8,
        at_10=ten,
        at_10_int8=ten_int8,
        cosine=round(cosine, 4),
        quicker=round(spent[plain] / max(spent[int8], 1e-9), 2),
    )


def _chosen(table: TermTable, encoder: Encoder, vectors: Vectors, rng: random.Random) -> list[int]:
    present = np.any(vectors, axis=1)
    read = [at for at in np.flatnonzero(present).tolist() if encoder.reads_chinese or not has_cjk(table.strings[at])]
    return sorted(rng.sample(read, _STRINGS)) if len(read) > _STRINGS else read


def queries_of(table: TermTable, chosen: Sequence[int], rng: random.Random) -> list[Query]:
    """Held-out strings first, then varied ones."""
    strings_of: dict[int, int] = {}
    for at in chosen:
        for owner in table.owners[at]:
            strings_of[owner.entity] = strings_of.get(owner.entity, 0) + 1
    several = [at for at in chosen if any(strings_of[owner.entity] > 1 for owner in table.owners[at])]
    held = rng.sample(several, min(len(several), _QUERIES // 2))
    out = [
        Query(table.keys[at], at, frozenset(o.entity for o in table.owners[at] if strings_of[o.entity] > 1))
        for at in held
    ]
    for at in rng.choices(chosen, k=_QUERIES - len(out)):
        out.append(Query(varied(table.keys[at], rng), -1, frozenset(owner.entity for owner in table.owners[at])))
    return out


def read(queries: Sequence[Query], reading: ContextReading) -> list[Readable]:
    """As mentions are read in use: every other one between the one before it and the one after it."""
    if not reading.characters:
        return [query.text for query in queries]
    texts = [query.text for query in queries]
    beside = [f"{texts[at - 1]}. {text}; {texts[(at + 1) % len(texts)]}." for at, text in enumerate(texts)]
    return [
        reading.read(text, context) if at % 2 else text
        for at, (text, context) in enumerate(zip(texts, beside, strict=True))
    ]


def varied(text: str, rng: random.Random) -> str:
    """One thing about it is different, or two."""
    for _ in range(rng.randint(1, 2)):
        words, kind = text.split(), rng.randrange(4)
        if kind == 0 and len(text) > 4:
            at = rng.randrange(1, len(text) - 1)
            keep = text[at + 1] + text[at] if rng.random() < 0.5 else text[at]
            text = text[:at] + keep + text[at + 2 :]
        elif kind == 1 and len(words) > 2:
            del words[rng.randrange(len(words))]
            text = " ".join(words)
        elif kind == 2 and len(words) > 1:
            rng.shuffle(words)
            text = " ".join(words)
        else:
            text = f"{rng.choice(_FILLERS)} {text}"
    return text


def found(
    table: TermTable,
    chosen: Sequence[int],
    index: Vectors,
    encoded: Vectors,
    queries: Sequence[Query],
    check: Callable[[], None] = lambda: None,
) -> tuple[float, float]:
    """Shares of queries with a right entity first, and among the first ten entities."""
    place = {at: row for row, at in enumerate(chosen)}
    listed = min(_LISTED, len(chosen))
    first = ten = 0
    for start in range(0, len(queries), _BLOCK):
        check()
        block = queries[start : start + _BLOCK]
        scores = encoded[start : start + _BLOCK] @ index.T
        for row, query in enumerate(block):
            if query.hidden >= 0:
                scores[row, place[query.hidden]] = -2.0
        best = np.argpartition(-scores, listed - 1, axis=1)[:, :listed]
        for row, query in enumerate(block):
            order = best[row][np.lexsort((best[row], -scores[row, best[row]]))]
            entities = list(dict.fromkeys(o.entity for at in order for o in table.owners[chosen[at]]))[:10]
            first += bool(entities) and entities[0] in query.right
            ten += not query.right.isdisjoint(entities)
    return round(first / len(queries), 4), round(ten / len(queries), 4)
