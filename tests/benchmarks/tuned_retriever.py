"""The retriever tuned on decisions: `python tests/benchmarks/tuned_retriever.py DATA_FOLDER --save FOLDER`.

DATA_FOLDER holds `concepts.tsv`, `train.tsv` and `validation.tsv`. Every distinct text of `train.tsv` is a decision; a
tenth of them is held out of the training, to stop by. Then validation is retrieved with all of train as memory, by the
bundled encoder and by the tuned one: acc@1 and recall@10, seen and unseen apart, with the paired difference. `--judge`
only judges an encoder that is there. `--base`: the encoder to begin with.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from rpdr_core.evaluation import difference
from rpdr_core.folding import fold
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import TrainingEvent, TrainingSpec
from rpdr_core.records import MemoryTerm, NewMention
from rpdr_core.workflow.corrections import rows_from_corrections
from rpdr_core.workflow.retrieving import memory_of
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.retrieval.space import Space

Flags = list[tuple[bool, bool]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--recipe", default="retriever")
    asked.add_argument("--base", default="")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--save", type=Path, required=True)
    asked.add_argument("--judge", action="store_true")
    given = asked.parse_args()
    torch.set_num_threads(1)
    catalogue = Library().open(str(given.folder / "concepts.tsv"))
    known = list(read_mentions(given.folder / "train.tsv"))
    if not given.judge:
        tune(catalogue, known, given.recipe, given.base, given.seed, given.save)
    gold = list(read_mentions(given.folder / "validation.tsv"))
    seen = {fold(mention.text) for mention in known}
    memory = memory_of(known)
    before = judged(catalogue, gold, memory, "")
    after = judged(catalogue, gold, memory, str(given.save))
    print("| | n | acc@1 | tuned | gain | recall@10 | tuned |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, kept in (
        ("all", [True] * len(gold)),
        ("seen", [fold(mention.text) in seen for mention in gold]),
        ("unseen", [fold(mention.text) not in seen for mention in gold]),
    ):
        print(line(name, [one for one, keep in zip(before, kept, strict=True) if keep],
                   [one for one, keep in zip(after, kept, strict=True) if keep]), flush=True)  # fmt: skip


def tune(catalogue: Catalogue, known: Sequence[NewMention], recipe: str, base: str, seed: int, output: Path) -> None:
    with WorkerClient.start() as worker:
        rows = rows_from_corrections(known, catalogue, worker)
    began, context = time.monotonic(), PlainContext(on_event=show)
    spec = TrainingSpec(recipe, catalogue.info.fingerprint, base, seed)
    train(spec, rows.train, rows.validation, output, context)
    print(*context.notes, f"{time.monotonic() - began:.0f} s", sep="\n", file=sys.stderr, flush=True)


def judged(catalogue: Catalogue, gold: Sequence[NewMention], memory: Sequence[MemoryTerm], encoder: str) -> Flags:
    """Whether each mention's entity came first, and among ten."""
    space = Space(
        catalogue.folder,
        catalogue.info.fingerprint,
        tokens=catalogue.tokens,
        paraphrases=catalogue.paraphrases,
        memory=memory,
        encoder=encoder,
    )
    space.build(lambda: None, lambda done, total: None)
    found = space.retriever.retrieve([mention.text for mention in gold], 10, encoder=space.encoder())
    codes = [[candidate.code for candidate in one.candidates] for one in found]
    return [(one[:1] == [mention.code], mention.code in one) for one, mention in zip(codes, gold, strict=True)]


def line(name: str, before: Flags, after: Flags) -> str:
    n = len(before)
    (one, ten), (one_after, ten_after) = (
        (sum(first for first, _ in flags) / n, sum(among for _, among in flags) / n) for flags in (before, after)
    )
    gap = difference([first for first, _ in before], [first for first, _ in after])
    gain = f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
    return f"| {name} | {n} | {one:.3f} | {one_after:.3f} | {gain} | {ten:.3f} | {ten_after:.3f} |"


def show(event: TrainingEvent) -> None:
    told = f"step {event.step} of {event.steps}, loss {event.loss:.3f}, held out {event.acc_at_1}"
    print(told, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
