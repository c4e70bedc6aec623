"""How many phrases find their ICD-10-CM code: `python tests/benchmarks/blind_phrases.py [--misses]`.

`blind_phrases.tsv` was written by somebody who had not seen the lexicon: 90 lay phrases, 70 abbreviations, 60 Chinese
terms, 20 with typos. A candidate counts as right if its code starts with one of the row's prefixes. Never add a phrase
of this file to the lexicon because it is missing there: that would end its worth. Prints JSON per retrieval mode.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

from rpdr_core.knowledge_base.library import Library
from rpdr_worker.retrieval.encoder import Encoder
from rpdr_worker.retrieval.retriever import Retrieved
from rpdr_worker.retrieval.space import Space

GROUPS = {"lay": (0, 90), "abbreviation": (90, 160), "chinese": (160, 220), "typo": (220, 240), "all": (0, 240)}


def main(show_misses: bool) -> None:
    catalogue = Library().open("icd10cm")
    space = Space(catalogue.folder, catalogue.info.fingerprint, lexicons=catalogue.lexicons, tokens=catalogue.tokens)
    with (Path(__file__).parent / "blind_phrases.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    done, total = space.dense_counts()
    report: dict[str, object] = {"vectors": f"{done} of {total}"}
    modes: list[tuple[str, Encoder | None]] = [("lexical", None)]
    if (encoder := space.encoder()) is not None:
        modes.append(("fused", encoder))
    for name, mode in modes:
        began = time.perf_counter()
        found = space.retriever.retrieve([row["phrase"] for row in rows], 10, encoder=mode)
        took = (time.perf_counter() - began) / len(rows)
        ranks = [rank(row["codes"].split("|"), item) for row, item in zip(rows, found, strict=True)]
        report[name] = {"ms_per_phrase": round(1000 * took, 1)} | {
            group: {f"top{k}": round(sum(r < k for r in ranks[a:b]) / (b - a), 3) for k in (1, 5, 10)}
            for group, (a, b) in GROUPS.items()
        }
        if show_misses:
            report[f"{name}_misses"] = [row["phrase"] for row, r in zip(rows, ranks, strict=True) if r >= 10]
    print(json.dumps(report, ensure_ascii=False, indent=1))


def rank(prefixes: list[str], found: Retrieved) -> int:
    """0-based place of the first right candidate; 99 if there is none."""
    right = (at for at, item in enumerate(found.candidates) if item.code.startswith(tuple(prefixes)))
    return next(right, 99)


if __name__ == "__main__":
    main("--misses" in sys.argv)
