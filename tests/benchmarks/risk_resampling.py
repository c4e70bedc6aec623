"""Does the accepted set keep its error rate? `python tests/benchmarks/risk_resampling.py DATA_FOLDER [--draws 200]`.

DATA_FOLDER holds `concepts.tsv`, `train.tsv` and `validation.tsv` (columns code/name, mention/code). `--draws` times,
`--reviewed` rows of validation are drawn by lot and judged, a threshold is taken from them, and the error of what it
accepts among the other rows is counted: without any memory, with the reviewed ones remembered as `rpdr link` does it,
and with the training mentions as memory (of the reviewed nothing is remembered then). Beside it, how often the other
rows are said to differ from the reviewed ones, though they do not, and where they do: four of five exact names gone,
and three words before each mention. Prints JSON; how far it is goes to stderr.

Names and what is remembered are encoded as an index is, mentions as `--encoder-runtime` says: `auto` is what `rpdr
link` does, int8 where the check allows it. Each text is encoded once, not again with each call's other texts. Draws
differ in what is remembered alone, so what was found among other strings is kept by form and vector.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median
from typing import Any, get_args

import numpy as np

from rpdr_core.encoder_queries import VARIABLE, Asked
from rpdr_core.evaluation.calibration import calibration
from rpdr_core.evaluation.risk import STEPS, controlled, percent, spread
from rpdr_core.folding import fold
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import MemoryTerm, NewMention, Provenance, Ranking
from rpdr_core.workflow.linking_drift import Tally, drift
from rpdr_core.workflow.linking_learned import Judged, Memory, judge, judge_and_learn
from rpdr_core.workflow.retrieving import memory_of
from rpdr_worker.retrieval.confidence import confidence
from rpdr_worker.retrieval.encoder import Encoder, Vectors
from rpdr_worker.retrieval.pools import Pool, pools
from rpdr_worker.retrieval.reach import Reach
from rpdr_worker.retrieval.reading import Readable
from rpdr_worker.retrieval.retriever import Mode, Retriever, _Source
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.space import Space

Cases = Sequence[tuple[float, bool]]
_K, _CHUNK = 10, 2_048
_PROVENANCE = Provenance("retriever", "", "")
_SPLITS = 500
_BEFORE = "since last week"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--reviewed", type=int, default=400)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--encoder-runtime", choices=get_args(Asked), default="auto")
    given = parser.parse_args()
    os.environ[VARIABLE] = given.encoder_runtime
    gold = list(read_mentions(given.folder / "validation.tsv"))
    train = memory_of(read_mentions(given.folder / "train.tsv"))
    plain, taught = Desk(given.folder, []), Desk(given.folder, train)
    settings = {"rows": len(gold), "draws": given.draws, "reviewed": given.reviewed, "rate": given.rate}
    print(json.dumps(settings | {"mentions in int8": plain.int8 and taught.int8}), flush=True)
    for name, desk in (("without memory", plain), ("train as memory", taught)):
        figures = Figures(given.rate)
        every = judge(gold, desk.link, _CHUNK)
        for seed in range(max(given.draws, _SPLITS)):
            sample, left = drawn(len(gold), given.reviewed, seed)
            if seed < given.draws:
                figures.add(part(every, sample), part(every, left))
            figures.compare(part(every, sample), part(every, left))
        whole = {"acc@1": round(mean(right for _, right in every.cases), 4)}
        whole["calibration_error"] = calibration(every.cases).error
        print(json.dumps({name: whole | figures.told()}, indent=1), flush=True)
    figures = Figures(given.rate)
    for seed in range(given.draws):
        sample, left = drawn(len(gold), given.reviewed, seed)
        judged = judge_and_learn([gold[at] for at in sample], plain.memory())
        others = [gold[at] for at in left]
        rest = judge(others, plain.link, _CHUNK)
        figures.add(judged, rest)
        figures.compare(judged, rest)
        if seed < given.draws // 2:
            fewer = judge(without_names(others, plain, seed), plain.link, _CHUNK)
            figures.shifted("four of five exact names gone", judged, fewer)
            longer = [replace(mention, text=f"{_BEFORE} {mention.text}") for mention in others]
            figures.shifted("three words before each", judged, judge(longer, plain.link, _CHUNK))
        plain.clear()
        if (seed + 1) % 10 == 0:
            print(f"draw {seed + 1}, {time.process_time():.0f} s of processor", file=sys.stderr, flush=True)
    print(json.dumps({"the reviewed remembered": figures.told()}, indent=1), flush=True)


class Desk:
    """A retriever with a memory, and every vector that was ever made."""

    def __init__(self, folder: Path, terms: Sequence[MemoryTerm]) -> None:
        catalogue = Library().open(str(folder / "concepts.tsv"))
        self.space = Space(
            catalogue.folder,
            catalogue.info.fingerprint,
            tokens=catalogue.tokens,
            paraphrases=catalogue.paraphrases,
            memory=terms,
        )
        self.space.build(lambda: None, lambda done, total: None)
        found, queries = self.space.encoder(), self.space.query_encoder()
        assert found is not None
        assert queries is not None
        self.int8 = queries is not found
        self._encoder, self._queries, self._known = Kept(found), Kept(queries), dict[str, Vectors]()
        self._retriever = Repeated(self.space)

    def link(self, batch: list[NewMention]) -> list[Ranking]:
        texts = [mention.text for mention in batch]
        found = self._retriever.retrieve(texts, _K, encoder=self._queries)
        return [
            Ranking(at, "retriever", one.candidates, _PROVENANCE, confidence=confidence(one))
            for at, one in enumerate(found)
        ]

    def remember(self, terms: tuple[MemoryTerm, ...]) -> None:
        self.space.memory.remember(terms)
        self.space.memory.embed(lambda segment: segment.make_unkept(self._encoder, self._known, lambda: None))

    def memory(self) -> Memory:
        return Memory(self.link, self.remember, self.space.memory.forget, 0, _CHUNK)

    def clear(self) -> None:
        self.space.memory.forget([term.decision_id for term in self.space.memory.terms()])


class Kept(Encoder):
    """An encoder that reads each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self.folder, self._inner, self._read = encoder.folder, encoder, dict[Readable, Vectors]()
        self.reads_chinese, self.contexts = encoder.reads_chinese, encoder.contexts

    def encode(self, texts: Sequence[Readable], check: Callable[[], None] = lambda: None) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        if new:
            self._read.update(zip(new, self._inner.encode(new, check), strict=True))
        return np.stack([self._read[text] for text in texts])


class Repeated(Retriever):
    """A retriever that searches what does not change once for each form and vector."""

    def __init__(self, space: Space) -> None:
        super().__init__(space.terminology, space.retriever._expander, space.segments, space.memory)
        self._moving = Retriever(space.terminology, space.retriever._expander, (), space.memory)
        self._found: dict[tuple[int, Readable, bytes], Pool] = {}
        self._merged: dict[tuple[int, ...], list[tuple[float, int]]] = {}

    def _searched(
        self, block: Sequence[object], vectors: dict[Readable, Vectors], mode: Mode, reach: Reach | None
    ) -> list[_Source]:
        queries: Sequence[Any] = block
        forms = list(dict.fromkeys(form for query in queries for form in query.read))
        still: list[_Source] = [
            Once(segment, self._pools(at, segment, forms, vectors), self._merged)
            for at, segment in enumerate(self._segments)
            if len(segment)
        ]
        return still + self._moving._searched(queries, vectors, mode, reach)

    def _pools(
        self, at: int, segment: Segment, forms: Sequence[Readable], vectors: dict[Readable, Vectors]
    ) -> dict[Readable, Pool]:
        keys = {form: (at, form, vectors[form].tobytes() if form in vectors else b"") for form in forms}
        new = [form for form in forms if keys[form] not in self._found]
        for form, pool in zip(new, pools(segment, new, vectors, letters=True, inside=None), strict=True):
            self._found[keys[form]] = pool
        return {form: self._found[key] for form, key in keys.items()}


@dataclass(frozen=True, slots=True)
class Once(_Source):
    """A source whose pools are merged once. Pools live as long as `merged`, so each is told by its address."""

    merged: dict[tuple[int, ...], list[tuple[float, int]]]

    def pool(self, forms: tuple[Readable, ...]) -> Iterable[tuple[float, int]]:
        key = tuple(id(self.pools[form]) for form in forms)
        if key not in self.merged:
            self.merged[key] = list(_Source.pool(self, forms))
        return self.merged[key]


class Figures:
    """What became of the promises."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._shares: list[float] = []
        self._errors: list[float] = []
        self._best: list[float] = []
        self._drifts: Counter[str] = Counter()
        self._splits = 0
        self._power: Counter[tuple[str, str]] = Counter()

    def add(self, judged: Judged, left: Judged) -> None:
        rest = [0] * STEPS
        for sure, _ in left.cases:
            rest[percent(sure)] += 1
        threshold = controlled(spread(judged.cases), rest, self._rate).threshold
        least = STEPS if threshold is None else round(threshold * STEPS)
        accepted = [right for sure, right in left.cases if percent(sure) >= least]
        self._shares.append(len(accepted) / len(left.cases))
        self._errors.append(accepted.count(False) / len(accepted) if accepted else 0.0)
        self._best.append(hindsight(left.cases, self._rate))

    def compare(self, judged: Judged, left: Judged) -> None:
        found = drift(Tally.of(judged.traits), Tally.of(left.traits))
        self._splits += 1
        self._drifts.update({"any", *(one.kind for one in found.differences)} if found.warns else ())

    def shifted(self, name: str, judged: Judged, odd: Judged) -> None:
        found = drift(Tally.of(judged.traits), Tally.of(odd.traits))
        self._power[name, "draws"] += 1
        self._power[name, "warns"] += found.warns

    def told(self) -> dict[str, object]:
        draws = len(self._shares)
        given = [error for error, share in zip(self._errors, self._shares, strict=True) if share]
        names = {name for name, _ in self._power}
        return {
            "refused": self._shares.count(0.0),
            "rate_exceeded_in": round(sum(error > self._rate for error in given) / draws, 4),
            "mean_error": round(mean(given), 4) if given else None,
            "accepted_share": {
                "mean": round(mean(self._shares), 4),
                "median": round(median(self._shares), 4),
                "least": round(min(self._shares), 4),
            },
            "draws_with_half_accepted": round(mean(share >= 0.5 for share in self._shares), 4),
            "best_share_in_hindsight": round(mean(self._best), 4),
            "splits": self._splits,
            "drift_warned_in": {kind: round(count / self._splits, 4) for kind, count in self._drifts.items()},
            "shift_seen_in": {
                name: round(self._power[name, "warns"] / self._power[name, "draws"], 4) for name in sorted(names)
            },
        }


def drawn(rows: int, reviewed: int, seed: int) -> tuple[list[int], list[int]]:
    order = list(range(rows))
    random.Random(seed).shuffle(order)
    return order[:reviewed], order[reviewed:]


def part(every: Judged, at: Sequence[int]) -> Judged:
    return Judged(tuple(every.cases[one] for one in at), tuple(every.traits[one] for one in at))


def without_names(others: Sequence[NewMention], desk: Desk, seed: int) -> list[NewMention]:
    names = {fold(entity.name) for entity in desk.space.terminology.entities}
    chance = random.Random(-seed - 1)
    return [mention for mention in others if fold(mention.text) not in names or chance.random() < 0.2]


def hindsight(cases: Cases, rate: float) -> float:
    """The largest share above a whole percent that does keep the rate, all answers known."""
    best = 0
    for step in range(STEPS):
        above = [right for sure, right in cases if percent(sure) >= step]
        if above and above.count(False) <= rate * len(above):
            best = max(best, len(above))
    return round(best / len(cases), 4)


if __name__ == "__main__":
    main()
