"""Fit and judge the retriever's confidence: `python tests/benchmarks/retriever_confidence.py DATA_FOLDER`.

DATA_FOLDER holds `concepts.tsv`, `train.tsv` and `validation.tsv` (columns code/name and mention/code). Prints the
logistic model fitted on the distinct training mentions and its calibration on validation, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import NewMention
from rpdr_worker.retrieval.confidence import confidence
from rpdr_worker.retrieval.retriever import Retrieved
from rpdr_worker.retrieval.space import Space

Array = npt.NDArray[np.float64]


def main(folder: Path) -> None:
    catalogue = Library().open(str(folder / "concepts.tsv"))
    space = Space(
        catalogue.folder, catalogue.info.fingerprint, tokens=catalogue.tokens, paraphrases=catalogue.paraphrases
    )
    space.build(lambda: None, lambda done, total: None)
    train = list({m.text.casefold(): m for m in read_mentions(folder / "train.tsv")}.values())
    fitted = fit(*judged(space, train)[1:])
    found, _, right = judged(space, list(read_mentions(folder / "validation.tsv")))
    shipped = np.array([confidence(item) or 0.0 for item in found])
    sure = shipped >= 0.9
    print(
        json.dumps(
            {
                "fitted": [round(float(value), 3) for value in fitted],
                "n": len(right),
                "acc@1": round(float(right.mean()), 4),
                "ece": round(calibration_error(shipped, right), 4),
                "share_at_0.9": round(float(sure.mean()), 4),
                "right_at_0.9": round(float(right[sure].mean()), 4),
            }
        )
    )


def judged(space: Space, mentions: list[NewMention]) -> tuple[list[Retrieved], Array, Array]:
    found = space.retriever.retrieve([mention.text for mention in mentions], 10, encoder=space.encoder())
    features = [[1.0, min(f.candidates[0].score, 1.0), min(f.margin, 0.3), float(bool(f.exact))] for f in found]
    right = [f.candidates[0].code == mention.code for f, mention in zip(found, mentions, strict=True)]
    return found, np.array(features), np.array(right, float)


def fit(features: Array, right: Array) -> Array:
    """Logistic regression by maximum likelihood."""

    def loss(weights: Array) -> float:
        logits = features @ weights
        return float(np.mean(np.logaddexp(0.0, logits) - right * logits))

    return np.asarray(minimize(loss, np.zeros(features.shape[1])).x)


def calibration_error(chance: Array, right: Array, bins: int = 10) -> float:
    """Expected calibration error over bins of equal count."""
    order = np.array_split(np.argsort(chance), bins)
    return float(sum(len(part) * abs(chance[part].mean() - right[part].mean()) for part in order) / len(right))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
