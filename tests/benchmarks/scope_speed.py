"""What a scope costs: `python tests/benchmarks/scope_speed.py --entities 100000 [--vectors]`.

A made-up terminology (a tree of ten children each, four terms an entity) is asked the same texts without a scope and
with narrow, middling and wide ones. Printed: working the scope out once, milliseconds a mention, and the quotient.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from rpdr_core.knowledge_base.catalogue import write_catalogue
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.scope import parse_scope
from rpdr_core.records import Entity, KnowledgeBaseInfo
from rpdr_worker.retrieval.index import ExactIndex
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.memory import Memory
from rpdr_worker.retrieval.reach import Reaches
from rpdr_worker.retrieval.reading import ALONE
from rpdr_worker.retrieval.retriever import Retriever
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Terminology, TermTable
from rpdr_worker.retrieval.text import Expander

_WIDTH = 384
_TERMS = 4
_QUERIES = 60
_SYLLABLES = (
    "car",
    "di",
    "o",
    "my",
    "path",
    "y",
    "ne",
    "phr",
    "itis",
    "os",
    "te",
    "al",
    "gia",
    "derm",
    "at",
    "hep",
    "ren",
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--vectors", action="store_true", help="with vectors (random ones), searched exactly")
    options = parser.parse_args()
    lot = random.Random(7)
    entities = list(_entities(options.entities, lot))
    _on_disk(entities)
    terminology = Terminology.of(entities)
    table = TermTable.of(terminology.official_rows())
    lexical = LexicalIndex.build(table.keys)
    segment = Segment(table, lexical)
    if options.vectors:
        vectors = np.random.default_rng(1).standard_normal((len(table.strings), _WIDTH), np.float32)
        segment.publish(0, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        assert isinstance(segment.dense().index, ExactIndex)  # type: ignore[union-attr]
    memory = Memory(terminology, lexical, ())
    retriever = Retriever(terminology, Expander.of((), ()), (segment,), memory)
    reaches = Reaches(terminology)
    texts = [f"{lot.choice(table.strings)} {_word(lot)}" for _ in range(_QUERIES)]
    encoder = _Encoder() if options.vectors else None
    print(f"{options.entities:,} entities, {len(table.strings):,} strings, vectors: {options.vectors}")
    plain = _timed(retriever, texts, encoder, None)
    print(f"{'no scope':<24} {plain:7.2f} ms")
    for scope in ("<< C11", "<< C1", "* MINUS << C1", 'type = "kind 1"', "*"):
        began = time.perf_counter()
        reach = reaches.of(scope)
        assert reach is not None
        reach.strings(segment)
        once = time.perf_counter() - began
        found = _timed(retriever, texts, encoder, reach)
        share = float(reach.allowed.mean())
        print(
            f"{scope:<24} {found:7.2f} ms  x{found / plain:.2f}  ({share:.1%} of entities, worked out in {once:.2f} s)"
        )


def _on_disk(entities: list[Entity]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = write_catalogue(Path(folder), entities, id="big", title="Big", version="", source="made up")
        catalogue = Catalogue(KnowledgeBaseInfo("big", "Big", "", "", len(entities), 0), made)
        began = time.perf_counter()
        held = len(parse_scope('<< C1 MINUS type = "kind 1"').codes(catalogue))
        print(f"evaluated on disk: {held:,} entities in {time.perf_counter() - began:.2f} s")


def _timed(retriever: Retriever, texts: list[str], encoder: object, reach: object) -> float:
    """The median over the texts of one retrieval, in milliseconds."""
    retriever.retrieve(texts[:3], 10, encoder=encoder, reach=reach)  # type: ignore[arg-type]
    seconds = []
    for text in texts:
        began = time.perf_counter()
        retriever.retrieve([text], 10, encoder=encoder, reach=reach)  # type: ignore[arg-type]
        seconds.append(time.perf_counter() - began)
    return 1000 * statistics.median(seconds)


class _Encoder:
    """Random vectors: what they mean is no matter here."""

    reads_chinese = True
    contexts = ALONE

    def encode(self, texts: list[str], check: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        del check
        found = np.random.default_rng(len(texts[0])).standard_normal((len(texts), _WIDTH), np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def _entities(count: int, lot: random.Random) -> list[Entity]:
    codes = ["C"]
    made = [Entity("C", "Everything")]
    for at in range(1, count):
        parent = codes[(at - 1) // 10]
        code = f"{parent}{(at - 1) % 10}"
        codes.append(code)
        terms = [" ".join(_word(lot) for _ in range(lot.randint(2, 5))) for _ in range(_TERMS)]
        made.append(Entity(code, terms[0], tuple(terms[1:]), (parent,), f"kind {at % 5}"))
    return made


def _word(lot: random.Random) -> str:
    return "".join(lot.choice(_SYLLABLES) for _ in range(lot.randint(2, 4)))


if __name__ == "__main__":
    main()
