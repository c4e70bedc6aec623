"""What training with contexts brings: `python tests/benchmarks/context_tuning.py [--steps 60] [--context 160]`.

The abbreviations of several meanings and the sample's mentions (see `context_effect.py`) against ICD-10-CM. Half of the
meanings and half of the sample, by a seeded lot, are decisions to learn from; the other half is looked up, by vectors
alone, among all names of codes that any case may mean and as many others as make `--strings`. Two encoders are trained
on the same rows, without contexts and with; each reads the other half alone, in its own context, and within another
mention's. Gains are over the encoder trained without contexts, which reads each mention alone.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from context_effect import Case, abbreviation_cases, sample_cases

from rpdr_core.encoder_manifest import read_encoder_manifest
from rpdr_core.evaluation import difference
from rpdr_core.knowledge_base.library import Library
from rpdr_core.protocol.messages import TrainingRow, TrainingSpec
from rpdr_core.records import Candidate
from rpdr_core.resources import resource_text
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.retrieval.encoder import Encoder
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.reading import ContextReading, Readable

Pairs = list[tuple[str, str]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=60)
    asked.add_argument("--context", type=int, default=160)
    asked.add_argument("--strings", type=int, default=3000)
    given = asked.parse_args()
    torch.set_num_threads(1)
    entities = list(Library().open("icd10cm").entities())
    names = {one.code: one.name for one in entities if one.type != "extension"}
    sets = {"abbreviations": abbreviation_cases(), "sample": sample_cases()}
    halves = {name: halved(cases) for name, cases in sets.items()}
    draw = random.Random(0)
    others = draw.sample(sorted(names), given.strings)
    rows = [row for learned, _ in halves.values() for case in learned if (row := row_of(case, names, draw)) is not None]
    wanted = [code for cases in sets.values() for case in cases for code in names if code.startswith(case.right)]
    pairs = [(names[code], code) for code in dict.fromkeys([*wanted, *others])][: max(given.strings, len(wanted))]
    print(f"{len(rows)} decisions, {len(pairs)} names")
    print(
        "| half not learned | n | encoder | context | acc@1 | first ten | gain in acc@1 |",
        "|---|---:|---|---|---:|---:|---:|",
        sep="\n",
    )
    with tempfile.TemporaryDirectory() as folder:
        made = {"bundled": ""}
        for context in (0, given.context):
            made[f"context = {context}"] = trained(Path(folder), rows, given.steps, context)
        for name, (_, judged) in halves.items():
            report(name, judged, pairs, made, given.context)


def halved(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    order = list(cases)
    random.Random(0).shuffle(order)
    return order[::2], order[1::2]


def row_of(case: Case, names: dict[str, str], draw: random.Random) -> TrainingRow | None:
    code = next((code for code in names if code.startswith(case.right)), "")
    if not code:
        return None
    beside = [Candidate(one, names[one]) for one in draw.sample(sorted(names), 9) if one != code]
    candidates = (Candidate(code, names[code]), *beside)
    return TrainingRow(case.text, case.context, candidates, tuple(range(len(candidates))), "corrected")


def trained(folder: Path, rows: Sequence[TrainingRow], steps: int, context: int) -> str:
    text = resource_text("recipes", "retriever.toml").replace("steps = 400", f"steps = {steps}")
    text = text.replace("context = 0 ", f"context = {context} ").replace("tokens = 32", "tokens = 64")
    recipe = folder / f"recipe-{context}.toml"
    recipe.write_text(text, encoding="utf-8")
    info = train(TrainingSpec(str(recipe), "kb", "", 0), rows, (), folder / f"encoder-{context}", PlainContext())
    assert read_encoder_manifest(Path(info.folder)).context == context
    return info.folder


def report(name: str, judged: Sequence[Case], pairs: Pairs, made: dict[str, str], characters: int) -> None:
    draw = random.Random(1)
    foreign = [
        f"{case.text}. {draw.choice([one.context for one in judged if one.right != case.right])}" for case in judged
    ]
    usual: list[bool] = []
    for kind, folder in made.items():
        encoder = Encoder.open(open_encoder_folder(folder))
        reading = ContextReading(encoder.folder.context)
        strings = encoder.encode([text for text, _ in pairs])
        contexts = {"none": [""] * len(judged)}
        if encoder.folder.context:
            contexts |= {"own": [case.context for case in judged], "another's": foreign}
        for how, texts in contexts.items():
            read: list[Readable] = [reading.read(case.text, text) for case, text in zip(judged, texts, strict=True)]
            places = [
                place(case, row, pairs) for case, row in zip(judged, encoder.encode(read) @ strings.T, strict=True)
            ]
            first = [at < 1 for at in places]
            if kind == "context = 0":
                usual = first
            gap = difference(usual, first) if usual and first is not usual else None
            gain = f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})" if gap else ""
            ten = sum(at < 10 for at in places) / len(places)
            print(
                f"| {name} | {len(judged)} | {kind} | {how} | {sum(first) / len(first):.3f} | {ten:.3f} | {gain} |",
                flush=True,
            )


def place(case: Case, scores: Sequence[float], pairs: Pairs) -> int:
    order = sorted(range(len(pairs)), key=lambda at: -scores[at])[:50]
    return next((rank for rank, at in enumerate(order) if pairs[at][1].startswith(case.right)), 99)


if __name__ == "__main__":
    main()
