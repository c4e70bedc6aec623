"""What each ingredient of retrieval gives without a label: `python tests/benchmarks/retriever_ablation.py DATA_FOLDER`.

DATA_FOLDER holds `concepts.tsv` and `validation.tsv` (columns code/name and mention/code). Each row is one setting,
with acc@1, recall@10 and the paired difference to the row named in its last column (95 % bootstrap interval).
`--encoder NAME=FOLDER` (again and again) adds rows for encoders of `rpdr align`. Labels judge, and nothing else.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rpdr_core.evaluation import difference
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.records import NewMention
from rpdr_worker.retrieval.retriever import Mode, Retriever
from rpdr_worker.retrieval.space import Space
from rpdr_worker.retrieval.text import Expander, search_key

Rewrite = Callable[[str], str]
K = 10
_SIDES = re.compile(r"\b(left|right|both|bilateral|l|r|lt|rt)\b")
_PLURAL = re.compile(r"\b(\w{3,}?)(ies|es|s)\b")


@dataclass(frozen=True)
class Outcome:
    name: str
    first: tuple[bool, ...]
    ten: tuple[bool, ...]

    def line(self, other: Outcome | None) -> str:
        n = len(self.first)
        shares = f"| {self.name} | {sum(self.first) / n:.3f} | {sum(self.ten) / n:.3f} |"
        if other is None:
            return f"{shares} | |"
        gap = difference(other.first, self.first)
        return f"{shares} {gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f}) | {other.name} |"


@dataclass(frozen=True)
class Besides:
    """An expander with one more reading of a mention."""

    expander: Expander
    reading: Rewrite

    def variants(self, text: str) -> tuple[str, ...]:
        forms = self.expander.variants(text)
        return tuple(dict.fromkeys((*forms, self.reading(forms[0]) or forms[0])))


@dataclass(frozen=True)
class Whole:
    """Lay wordings that are the whole mention, letter by letter."""

    whole: dict[str, str]

    def reading(self, key: str) -> str:
        return self.whole.get(key, "")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--encoder", action="append", default=[], metavar="NAME=FOLDER")
    given = asked.parse_args()
    catalogue = Library().open(str(given.folder / "concepts.tsv"))
    mentions = list(read_mentions(given.folder / "validation.tsv"))
    plain = replace(catalogue, lexicons=(), tokens=(), paraphrases=None)
    print("| setting | acc@1 | recall@10 | gain in acc@1 | over |\n|---|---:|---:|---:|---|", flush=True)
    dense = row("plain encoder, dense only", plain, mentions, mode="dense")
    row("letters only (character n-grams)", plain, mentions, dense, mode="lexical")
    fused = row("encoder + letters", plain, mentions, dense)
    row("+ abbreviation dictionary", replace(plain, tokens=catalogue.tokens), mentions, fused)
    paraphrased = replace(plain, paraphrases=catalogue.paraphrases)
    lexicon = row("+ paraphrases of our lexicon", paraphrased, mentions, fused, wordings="none")
    row("+ lay wordings, of whole mentions alone", paraphrased, mentions, lexicon, wordings="whole")
    row("+ lay wordings, within a mention, too", paraphrased, mentions, lexicon)
    row("+ case folded away before (search key alone)", plain, mentions, fused, rewrite=search_key)
    row("+ plural to singular", plain, mentions, fused, rewrite=singular)
    row("+ sides left out", plain, mentions, fused, rewrite=without_sides)
    row("+ singular as a second reading", plain, mentions, fused, reading=singular)
    row("+ without sides as a second reading", plain, mentions, fused, reading=without_sides)
    bundled = row("all as shipped", catalogue, mentions, fused)
    row("as shipped + singular as a second reading", catalogue, mentions, bundled, reading=singular)
    for pair in given.encoder:
        name, _, folder = pair.partition("=")
        row(f"{name}, dense only", plain, mentions, dense, mode="dense", encoder=folder)
        row(f"{name}, encoder + letters", plain, mentions, fused, encoder=folder)
        row(f"{name}, all as shipped", catalogue, mentions, bundled, encoder=folder)


def row(
    name: str,
    catalogue: Catalogue,
    mentions: Sequence[NewMention],
    other: Outcome | None = None,
    *,
    mode: Mode = "auto",
    encoder: str = "",
    rewrite: Rewrite = lambda text: text,
    reading: Rewrite | None = None,
    wordings: Literal["none", "whole", "all"] = "all",
) -> Outcome:
    """Measure and print one setting. `rewrite` replaces a mention, `reading` is searched for besides."""
    space = Space(
        catalogue.folder,
        catalogue.info.fingerprint,
        tokens=catalogue.tokens,
        paraphrases=catalogue.paraphrases,
        encoder=encoder,
    )
    space.build(lambda: None, lambda done, total: None)
    texts = [rewrite(mention.text) or mention.text for mention in mentions]
    retriever = space.retriever
    if wordings != "all":
        expander = retriever._expander
        whole = expander.wordings.whole if wordings == "whole" else {}
        fewer: Any = replace(expander, wordings=Whole(whole))
        retriever = Retriever(space.terminology, fewer, space.segments, space.memory)
    if reading is not None:
        more: Any = Besides(retriever._expander, reading)
        retriever = Retriever(space.terminology, more, space.segments, space.memory)
    found = retriever.retrieve(texts, K, encoder=space.encoder(), mode=mode)
    codes = [[candidate.code for candidate in one.candidates] for one in found]
    first = tuple(bool(one) and one[0] == mention.code for one, mention in zip(codes, mentions, strict=True))
    ten = tuple(mention.code in one for one, mention in zip(codes, mentions, strict=True))
    outcome = Outcome(name, first, ten)
    print(outcome.line(other), flush=True)
    return outcome


def singular(text: str) -> str:
    """Plural endings off, by rule."""
    return _PLURAL.sub(lambda found: found[1] + ("y" if found[2] == "ies" else ""), text)


def without_sides(text: str) -> str:
    return " ".join(_SIDES.sub(" ", search_key(text)).split())


if __name__ == "__main__":
    main()
