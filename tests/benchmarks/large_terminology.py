"""Retrieval against a large terminology, by stages: `python tests/benchmarks/large_terminology.py DATA_FOLDER`.

DATA_FOLDER holds `train.tsv` (AskAPatient); distinct mentions of it are looked up in ICD-10-CM with the bundled lexicon
(84,000 strings) and the bundled encoder; vectors are made where the cache has none (minutes). Processor time of one
thread, milliseconds a mention, least of the repeats. Prints JSON:

 ours     encode, search (letters and vectors of all strings), rank
 plain    the same with every string scored in float32, as smaller terminologies are; `candidates` says in how many
          mentions the two differ: in a code, or in a score by more than rounding to four digits explains
 letters  the best 64 strings by letters of the official names: ours, every string scored, and the peer: a product of
          sparse matrices (scipy), the best by `argpartition`
 vectors  likewise by vectors; the peer is a product of matrices in float32 (numpy)

`--generated N`: instead, letters alone over so many made-up names: seconds to build the index, and a search.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import scipy.sparse

from rpdr_core.knowledge_base.library import Library
from rpdr_worker.retrieval import pools as pools_module
from rpdr_worker.retrieval.encoder import Vectors
from rpdr_worker.retrieval.index import ExactIndex
from rpdr_worker.retrieval.letters import Letters
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.lexical_batch import lexical_scores, query_weights
from rpdr_worker.retrieval.pools import POOL
from rpdr_worker.retrieval.retriever import Retrieved
from rpdr_worker.retrieval.screening import among_best
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.space import Space

BLOCK = 64
NEVER = 1 << 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--mentions", type=int, default=2_048)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--kb", default="icd10cm")
    parser.add_argument("--generated", type=int, default=0)
    given = parser.parse_args()
    if given.generated:
        print(json.dumps(generated(given.generated, given.repeats), indent=1))
        return
    if given.data is None:
        parser.error("DATA_FOLDER is missing")
    texts = mentions(given.data, given.mentions)
    space = opened(given.kb)
    print(json.dumps(measured(space, texts, given.k, given.repeats), indent=1))


def mentions(data: Path, count: int) -> list[str]:
    with (data / "train.tsv").open(encoding="utf-8", newline="") as stream:
        return list(dict.fromkeys(row["mention"] for row in csv.DictReader(stream, delimiter="\t")))[:count]


def opened(name: str) -> Space:
    kb = Library().open(name)
    space = Space(kb.folder, kb.info.fingerprint, lexicons=kb.lexicons, tokens=kb.tokens, paraphrases=kb.paraphrases)
    space.build(lambda: None, lambda _, __: None)
    return space


def measured(space: Space, texts: list[str], k: int, repeats: int) -> dict[str, Any]:
    before = resident()
    ways = {}
    answers: dict[str, list[Retrieved]] = {}
    large = pools_module._LARGE
    for _ in range(repeats):
        for way, least in (("ours", large), ("plain", NEVER)):
            pools_module._LARGE = least
            stages, answers[way] = retrieved(space, texts, k)
            known = ways.setdefault(way, stages)
            ways[way] = {name: min(value, known[name]) for name, value in stages.items()}
            if way == "ours" and "mib_more" not in ways:
                ways["mib_more"] = resident() - before  # type: ignore[assignment]
    pools_module._LARGE = large
    encoder = space.query_encoder()
    assert encoder is not None
    keys = list(dict.fromkeys(texts))[:512]
    return {
        "strings": [len(segment) for segment in space.segments],
        "mentions": len(texts),
        **ways,
        "ratio": round(ways["plain"]["whole"] / ways["ours"]["whole"], 2),
        "candidates": compared(answers["ours"], answers["plain"]),
        "letters": letters(space.segments[0].lexical, keys, repeats),
        "vectors": vectors(space.segments[0], encoder.encode(keys), repeats),
    }


def retrieved(space: Space, texts: list[str], k: int) -> tuple[dict[str, float], list[Retrieved]]:
    """Milliseconds of each stage a mention, and the answers."""
    spent = dict.fromkeys(("encode", "search", "rank"), 0.0)
    retriever, encoder = space.retriever, space.query_encoder()
    names = {"_encode": "encode", "_searched": "search"}
    plain = {name: getattr(retriever, name) for name in names}
    for name, stage in names.items():
        setattr(retriever, name, timed(plain[name], spent, stage))
    retriever.retrieve(texts[:BLOCK], k, encoder=encoder)  # makes what is made on first need
    spent.update(dict.fromkeys(spent, 0.0))
    began = time.process_time()
    found = retriever.retrieve(texts, k, encoder=encoder)
    whole = time.process_time() - began
    for name in names:
        delattr(retriever, name)
    spent["rank"] = whole - spent["encode"] - spent["search"]
    return {name: round(1e3 * value / len(texts), 3) for name, value in (spent | {"whole": whole}).items()}, found


def timed(call: Callable[..., Any], spent: dict[str, float], stage: str) -> Callable[..., Any]:
    def inner(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        try:
            return call(*args, **kwargs)
        finally:
            spent[stage] += time.process_time() - began

    return inner


def compared(ours: list[Retrieved], plain: list[Retrieved]) -> dict[str, float]:
    """Of how many mentions the candidates differ."""
    codes = scores = 0
    most = 0.0
    for one, other in zip(ours, plain, strict=True):
        codes += [c.code for c in one.candidates] != [c.code for c in other.candidates]
        differ = [abs(a.score - b.score) for a, b in zip(one.candidates, other.candidates, strict=True)]
        most = max([most, *differ])
        scores += max(differ, default=0.0) > 1.5e-4
    return {"mentions": len(ours), "other_codes": codes, "other_scores": scores, "largest_difference": round(most, 6)}


def letters(index: LexicalIndex, keys: list[str], repeats: int) -> dict[str, float]:
    search = Letters(index)
    matrix = scipy.sparse.csr_matrix(
        (index.weights.astype(np.float32), index.docs, index.indptr), shape=(len(index.grams), index.size)
    )

    def ours(part: list[str]) -> list[np.ndarray]:
        found, pairs = search.contenders(part, POOL)
        exact = search.exact(found, pairs)
        kept = among_best(pairs, exact, POOL)
        return [np.sort(exact[kept & (pairs[0] == at)]) for at in range(len(part))]

    def plain(part: list[str]) -> list[np.ndarray]:
        return [best(row) for row in lexical_scores(index, part)]

    def peer(part: list[str]) -> list[np.ndarray]:
        query, place, value = query_weights(index, part)
        product = scipy.sparse.csr_matrix((value, (query, place)), shape=(len(part), len(index.grams))) @ matrix
        return [best(product.data[start:end]) for start, end in zip(product.indptr, product.indptr[1:], strict=False)]

    return raced({"ours": ours, "plain": plain, "scipy": peer}, keys, repeats)


def vectors(segment: Segment, asked: Vectors, repeats: int) -> dict[str, float]:
    view = segment.dense()
    assert view is not None
    assert isinstance(view.index, ExactIndex)
    index, known = view.index, view.vectors[view.present]

    def ours(part: Vectors) -> list[np.ndarray]:
        rows, strings = index.contenders(part, POOL)
        edges = np.searchsorted(rows, np.arange(len(part) + 1))
        exact = [view.vectors[strings[edges[at] : edges[at + 1]]] @ query for at, query in enumerate(part)]
        return [best(row) for row in exact]

    return raced({"ours": ours, "numpy": lambda part: [best(row) for row in part @ known.T]}, asked, repeats)


def best(scores: np.ndarray) -> np.ndarray:
    return np.sort(scores[np.argpartition(-scores, POOL - 1)[:POOL]] if len(scores) > POOL else scores)


def raced(ways: dict[str, Callable[[Any], list[np.ndarray]]], asked: Any, repeats: int) -> dict[str, float]:
    """Milliseconds a query of each way, in blocks; and by how much their best scores differ at most."""
    out: dict[str, float] = {}
    first: list[np.ndarray] = []
    for _ in range(repeats):
        for name, way in ways.items():
            began = time.process_time()
            found = [row for start in range(0, len(asked), BLOCK) for row in way(asked[start : start + BLOCK])]
            spent = 1e3 * (time.process_time() - began) / len(asked)
            out[name] = min(out.get(name, spent), spent)
            first = first or found
            worst = max((float(np.abs(a[-9:] - b[-9:]).max()) for a, b in zip(first, found, strict=True) if len(a)))
            out["largest_difference"] = max(out.get("largest_difference", 0.0), worst)
    return {name: float(f"{value:.3g}") for name, value in out.items()}


def generated(count: int, repeats: int) -> dict[str, Any]:
    """Names of two to eight words; words by Zipf's law, as those of a clinical terminology."""
    chance = random.Random(6)
    syllables = [a + b for a in "bcdfghlmnprstv" for b in ("a", "e", "i", "o", "u", "ia", "al", "or")]
    words = ["".join(chance.choices(syllables, k=chance.randrange(1, 5))) for _ in range(60_000)]
    weights = list(np.cumsum(1 / np.arange(1, len(words) + 1)))
    names = [" ".join(chance.choices(words, cum_weights=weights, k=chance.randrange(2, 9))) for _ in range(count)]
    began = time.process_time()
    index = LexicalIndex.build(names)
    built = time.process_time() - began
    asked = [name[: len(name) * 3 // 4] for name in chance.sample(names, 128)]
    return {"strings": count, "build_s": round(built, 1), **letters(index.widened(), asked, repeats)}


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


if __name__ == "__main__":
    main()
