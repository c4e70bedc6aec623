"""ICD-10-CM's inclusion terms held out half and half: `python tests/benchmarks/inclusion_terms.py [--save FOLDER]`.

Of the synonyms (inclusion terms and the like) that name one entity only, a seeded half is held out. The other half,
the names, and nothing else train the encoder (`--recipe`, no lexicon). Each held-out term is looked up among all
remaining official strings (the recipe caps them; every right one is there), by vectors alone, before and after. Prints
JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch

from rpdr_core.encoder_manifest import read_encoder_manifest
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.messages import TrainingEvent, TrainingSpec
from rpdr_core.workflow.aligning import rows_from_names
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kb", default="icd10cm")
    asked.add_argument("--recipe", default="self-alignment", help="a recipe's name or a .toml file")
    asked.add_argument("--share", type=float, default=0.5, help="of the synonyms, held out")
    asked.add_argument("--lexicon", action="store_true", help="train on the bundled lexicon, too")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--threads", type=int, default=1)
    asked.add_argument("--save", type=Path, required=True, help="folder of the trained encoder")
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    catalogue = Library().open(given.kb)
    rows = rows_from_names(catalogue, seed=given.seed, held_out=given.share, lexicon=given.lexicon)
    print(dict(rows.origins), dict(rows.excluded), file=sys.stderr, flush=True)
    began = time.monotonic()
    spec = TrainingSpec(given.recipe, catalogue.info.fingerprint, seed=given.seed)
    train(spec, rows.train, rows.validation, given.save, PlainContext(on_event=show))
    check = asdict(read_encoder_manifest(given.save).check)
    print(json.dumps({"recipe": given.recipe, "seconds": round(time.monotonic() - began), **check}, indent=2))


def show(event: TrainingEvent) -> None:
    print(f"step {event.step} of {event.steps}, loss {event.loss:.3f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
