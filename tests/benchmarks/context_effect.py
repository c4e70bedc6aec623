"""What a mention's context does: `python tests/benchmarks/context_effect.py [--data DATA_FOLDER] [--weights]`.

Each set is linked without context, with its own, and with one that belongs to another mention. Against ICD-10-CM:
abbreviations of several meanings with a sentence each (`abbreviation_contexts.tsv`, written before anything was tuned,
by the writer of the lexicon's second meanings; right is a code of the row's categories), the sample's mentions with a
code, and names of codes with their side taken off (templates). With `--data` (`concepts.tsv`, `validation.tsv`):
AskAPatient, which has no contexts, with those of other mentions. `--weights`: abbreviations at several weights of the
context, odd and even rows apart.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.evaluation import difference
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.resources import resource_path
from rpdr_worker.retrieval import meanings
from rpdr_worker.retrieval.space import Space

_SIDE = re.compile(r"\b(left|right)\b(?: (eye|ear|hand|foot|side))?", re.IGNORECASE)
_NAMES = 500


@dataclass(frozen=True)
class Case:
    """A mention with its own context and the beginnings of the codes that are right."""

    text: str
    context: str
    right: tuple[str, ...]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path)
    asked.add_argument("--weights", action="store_true")
    given = asked.parse_args()
    space = opened(Library().open("icd10cm"))
    abbreviations = abbreviation_cases()
    print("| set | n | context | acc@1 | first two | first ten | first ones changed | gain in acc@1 |")
    print("|---|---:|---|---:|---:|---:|---:|---:|")
    compare("abbreviations of several meanings", space, abbreviations)
    compare("sample (eye clinic)", space, sample_cases())
    compare("names without their side", space, sided_cases(space))
    usual = meanings._WEIGHT
    if given.weights:
        for weight in (0.0, 0.1, 0.25, 0.5, 1.0, 2.0):
            meanings._WEIGHT = weight
            for name, part in (("odd", abbreviations[::2]), ("even", abbreviations[1::2])):
                compare(f"weight {weight}, {name} rows", space, part)
        meanings._WEIGHT = usual
    if given.data:
        space = opened(Library().open(str(given.data / "concepts.tsv")))
        gold = list(read_mentions(given.data / "validation.tsv"))
        others = [one.text for one in gold]
        random.Random(0).shuffle(others)
        cases = [Case(one.text, f"{one.text}. {other}.", (one.code,)) for one, other in zip(gold, others, strict=True)]
        compare("AskAPatient, own: itself and another mention", space, cases)


def opened(catalogue: Catalogue) -> Space:
    space = Space(
        catalogue.folder,
        catalogue.info.fingerprint,
        lexicons=catalogue.lexicons,
        tokens=catalogue.tokens,
        paraphrases=catalogue.paraphrases,
    )
    space.build(lambda: None, lambda done, total: None)
    return space


def compare(name: str, space: Space, cases: Sequence[Case]) -> None:
    """Three rows: without context, with each case's own, with another's whose codes are others."""
    draw = random.Random(0)
    foreign = [draw.choice([one.context for one in cases if one.right != case.right]) for case in cases]
    before = ranks(space, cases, [""] * len(cases))
    for kind, contexts in (
        ("none", [""] * len(cases)),
        ("own", [one.context for one in cases]),
        ("another's", foreign),
    ):
        found = ranks(space, cases, contexts)
        shares = [sum(place < k for place, _ in found) / len(cases) for k in (1, 2, 10)]
        changed = sum(one[1] != other[1] for one, other in zip(before, found, strict=True))
        gap = difference([place < 1 for place, _ in before], [place < 1 for place, _ in found])
        gain = "" if kind == "none" else f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
        cells = " | ".join(f"{share:.3f}" for share in shares)
        print(f"| {name} | {len(cases)} | {kind} | {cells} | {changed} | {gain} |", flush=True)


def ranks(space: Space, cases: Sequence[Case], contexts: Sequence[str]) -> list[tuple[int, str]]:
    """The place of the first right candidate (99: none), and the first candidate."""
    texts = [case.text for case in cases]
    answers = space.retriever.retrieve(texts, 10, contexts=contexts, encoder=space.encoder())
    found = []
    for case, answer in zip(cases, answers, strict=True):
        codes = [candidate.code for candidate in answer.candidates]
        place = next((at for at, code in enumerate(codes) if code.startswith(case.right)), 99)
        found.append((place, codes[0] if codes else ""))
    return found


def abbreviation_cases() -> list[Case]:
    with (Path(__file__).parent / "abbreviation_contexts.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Case(row["abbreviation"], row["context"], tuple(row["codes"].split("|"))) for row in rows]


def sample_cases() -> list[Case]:
    folder = resource_path("samples") / "eye_clinic"
    with (folder / "gold.tsv").open(encoding="utf-8", newline="") as stream:
        gold = {row["id"]: row["code"] for row in csv.DictReader(stream, delimiter="\t")}
    with (folder / "mentions.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [Case(row["mention"], row["context"], (gold[row["id"]],)) for row in rows if gold.get(row["id"])]


def sided_cases(space: Space) -> list[Case]:
    """Names of codes that name one side, without it, in a sentence that says it after one that says the other."""
    codes = [one for one in space.terminology.entities if one.assignable and len(_SIDE.findall(one.name)) == 1]
    codes = [one for one in codes if one.type != "extension" and "bilateral" not in one.name.lower()]
    cases = []
    for one in random.Random(0).sample(codes, min(_NAMES, len(codes))):
        side = _SIDE.search(one.name)
        text = re.sub(r"\b(of|in|to) (?=[,;]|$)", "", _SIDE.sub("", one.name)).replace("  ", " ").strip(" ,")
        if side and text:
            own, other = side[1].lower(), "right" if side[1].lower() == "left" else "left"
            context = f"Nothing to see on the {other}. Assessment: {text}, {own}; follow-up in a week."
            cases.append(Case(text, context, (one.code,)))
    return cases


if __name__ == "__main__":
    main()
