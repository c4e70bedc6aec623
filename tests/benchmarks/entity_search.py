"""How long a search of ICD-10-CM takes as it is typed, and whether it finds what was meant.

`python tests/benchmarks/entity_search.py [--each 300] [--seed 0]`

Terms are drawn from the catalogue and the bundled lexicon; each is asked for by its code, as a whole, by its first
letters, by two of its words, by a part of a word, with one or two letters wrong, and, where it is Chinese, by a part of
it and as pinyin. "Found" means that the entity is among the 50 hits of the search line, "first ten" among the first ten
of them. Times are those of `EntitySearch.search` alone, in one thread.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence

from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import EntitySearch
from rpdr_core.store.pinyin import has_han, spellings
from rpdr_core.store.search_index import search_key
from rpdr_core.store.spelling import allowed

Term = tuple[str, str]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(word: str, chance: random.Random) -> str:
    """As many edits as the search allows for a word of this length."""
    for _ in range(allowed(word)):
        at, letter = chance.randrange(len(word) - 1), chance.choice(_LETTERS)
        word = chance.choice(
            (
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    return word


def wrong_word(term: str, chance: random.Random) -> str:
    """The term with its longest word misspelt."""
    words = search_key(term).split()
    at = max(range(len(words)), key=lambda place: len(words[place]))
    return " ".join((*words[:at], misspelt(words[at], chance), *words[at + 1 :]))


def part_of(text: str, least: int, chance: random.Random) -> str:
    size = chance.randint(min(least, len(text)), min(8, len(text)))
    at = chance.randint(0, len(text) - size)
    return text[at : at + size]


def measured(search: EntitySearch, asked: Sequence[tuple[str, str]]) -> tuple[list[float], float, float]:
    """Seconds per query, the share found, the share among the first ten."""
    seconds, found, early = [], 0, 0
    for code, query in asked:
        began = time.perf_counter()
        hits = search.search(query)
        seconds.append(time.perf_counter() - began)
        codes = [hit.code for hit in hits]
        found += code in codes
        early += code in codes[:10]
    return sorted(seconds), found / len(asked), early / len(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    catalogue = Library().open("icd10cm")
    lexicon = [(term.term, term.codes) for term in catalogue.lexicon_terms()]
    latin: list[Term] = [(entity.code, entity.name) for entity in catalogue.entities() if len(entity.name) > 8]
    chinese: list[Term] = [(codes[0], term) for term, codes in lexicon if has_han(term) and len(term) > 1]
    typed = {term: list(dict(spellings(search_key(term)))) for _, term in chinese}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    search = EntitySearch(catalogue.folder, lexicon)
    print(f"{catalogue.info.entities:,} entities; opened in {time.perf_counter() - began:.1f} s")
    chance = random.Random(options.seed)
    kinds: dict[str, tuple[list[Term], Callable[[Term], str]]] = {
        "code": (latin, lambda term: term[0]),
        "beginning of a code": (latin, lambda term: term[0][:3]),
        "whole name": (latin, lambda term: term[1]),
        "first letters": (latin, lambda term: term[1][: chance.randint(1, 12)]),
        "two words": (latin, lambda term: " ".join(chance.sample(search_key(term[1]).split() * 2, 2))),
        "part of a word": (latin, lambda term: part_of(max(search_key(term[1]).split(), key=len), 3, chance)),
        "longest word misspelt": (latin, lambda term: wrong_word(term[1], chance)),
        "Chinese, a part": (chinese, lambda term: part_of(term[1], 1, chance)),
        "Chinese, two characters": (chinese, lambda term: term[1][:2]),
        "full pinyin": (chinese, lambda term: typed[term[1]][0]),
        "pinyin initials": (chinese, lambda term: typed[term[1]][1]),
    }
    print(f"{'asked by':26}{'p50':>8}{'p95':>8}{'max':>8}{'found':>8}{'first ten':>11}")
    every: list[float] = []
    for name, (terms, ask) in kinds.items():
        asked = [(term[0], ask(term)) for term in chance.sample(terms, options.each)]
        seconds, found, early = measured(search, asked)
        every += seconds
        figures = (statistics.median(seconds), seconds[int(len(seconds) * 0.95)], seconds[-1])
        print(f"{name:26}" + "".join(f"{1000 * one:8.1f}" for one in figures) + f"{found:8.2f}{early:11.2f}")
    every.sort()
    print(f"all: p50 {1000 * statistics.median(every):.1f} ms, p95 {1000 * every[int(len(every) * 0.95)]:.1f} ms")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"memory grown by {grown:.0f} MiB (pages of the index that SQLite keeps)")


if __name__ == "__main__":
    main()
