"""Does the accepted set keep its error rate? `python tests/benchmarks/risk_resampling.py DATA_FOLDER [--draws 200]`.

DATA_FOLDER holds `concepts.tsv`, `train.tsv` and `validation.tsv` (columns code/name and mention/code). Validation is
linked once, without and with the training mentions as memory. Then, `--draws` times, `--reviewed` of its rows are drawn
by lot and judged, a threshold is taken from them, and the error of what it accepts among the other rows is counted.
Prints JSON: how often that error was above the rate, and which share was accepted.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from statistics import mean, median

from rpdr_core.evaluation.calibration import calibration
from rpdr_core.evaluation.risk import STEPS, controlled, percent, spread
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Library
from rpdr_core.workflow.retrieving import memory_of
from rpdr_worker.retrieval.confidence import confidence
from rpdr_worker.retrieval.space import Space

Cases = list[tuple[float, bool]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--reviewed", type=int, default=400)
    parser.add_argument("--rate", type=float, default=0.05)
    given = parser.parse_args()
    out = {}
    for name in ("without memory", "train as memory"):
        cases = judged(given.folder, memory=name != "without memory")
        out[name] = {
            "n": len(cases),
            "acc@1": round(mean(right for _, right in cases), 4),
            "calibration_error": calibration(cases).error,
            "best_share_in_hindsight": hindsight(cases, given.rate),
            **resampled(cases, given.draws, given.reviewed, given.rate),
        }
    print(json.dumps(out, indent=1))


def judged(folder: Path, *, memory: bool) -> Cases:
    """(confidence, right) of every row of validation, in one retrieval."""
    catalogue = Library().open(str(folder / "concepts.tsv"))
    terms = memory_of(read_mentions(folder / "train.tsv")) if memory else []
    space = Space(
        catalogue.folder,
        catalogue.info.fingerprint,
        tokens=catalogue.tokens,
        paraphrases=catalogue.paraphrases,
        memory=terms,
    )
    space.build(lambda: None, lambda done, total: None)
    gold = list(read_mentions(folder / "validation.tsv"))
    found = space.retriever.retrieve([mention.text for mention in gold], 10, encoder=space.encoder())
    return [
        (confidence(one) or 0.0, bool(one.candidates) and one.candidates[0].code == mention.code)
        for one, mention in zip(found, gold, strict=True)
    ]


def hindsight(cases: Cases, rate: float) -> float:
    """The largest share above a whole percent that does keep the rate, all answers known."""
    best = 0
    for step in range(STEPS):
        above = [right for sure, right in cases if percent(sure) >= step]
        if above and above.count(False) <= rate * len(above):
            best = max(best, len(above))
    return round(best / len(cases), 4)


def resampled(cases: Cases, draws: int, reviewed: int, rate: float) -> dict[str, object]:
    broken, shares, errors, refused = 0, [], [], 0
    for seed in range(draws):
        order = list(range(len(cases)))
        random.Random(seed).shuffle(order)
        sample, left = [cases[at] for at in order[:reviewed]], [cases[at] for at in order[reviewed:]]
        rest = [0] * STEPS
        for sure, _ in left:
            rest[percent(sure)] += 1
        promise = controlled(spread(sample), rest, rate)
        if promise.threshold is None:
            refused += 1
            shares.append(0.0)
            continue
        accepted = [right for sure, right in left if percent(sure) >= round(promise.threshold * STEPS)]
        error = accepted.count(False) / len(accepted) if accepted else 0.0
        broken += error > rate
        errors.append(error)
        shares.append(len(accepted) / len(left))
    return {
        "rate": rate,
        "reviewed": reviewed,
        "draws": draws,
        "refused": refused,
        "rate_exceeded_in": round(broken / draws, 4),
        "mean_error": round(mean(errors), 4) if errors else None,
        "accepted_share": {
            "mean": round(mean(shares), 4),
            "median": round(median(shares), 4),
            "least": round(min(shares), 4),
        },
        "draws_with_half_accepted": round(mean(share >= 0.5 for share in shares), 4),
    }


if __name__ == "__main__":
    main()
