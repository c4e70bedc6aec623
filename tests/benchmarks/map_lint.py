"""False alarms of map lint: what it says of mappings that are right by construction.

`python tests/benchmarks/map_lint.py [--show 5]`

Three sets of right mappings: every official name and synonym of a billable ICD-10-CM code mapped to that code; every
term of the bundled lexicon mapped to its first code, where that is billable; the sample's gold codes. Any finding about
these is counted by rule and, with `--show`, some are printed. Then the other way round: names with their side changed,
which must be found. The rule of many unlike texts is counted over the targets of the lexicon, and over dustbins made by
chance.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable

from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import EntitySearch
from rpdr_core.workflow.lint.code_book import Case, CodeBook
from rpdr_core.workflow.lint.findings import RULES, Finding
from rpdr_core.workflow.lint.rules import lint_case
from rpdr_core.workflow.lint.unlike import LEAST_TEXTS, Targets
from rpdr_core.workflow.sample import sample_gold, sample_mentions

BINS, BIN = 200, 20


def told(name: str, cases: Iterable[tuple[str, str]], book: CodeBook, show: int) -> None:
    """Findings by rule over (text, code)."""
    began, found, number = time.perf_counter(), defaultdict[str, list[Finding]](list), 0
    for number, (text, code) in enumerate(cases, 1):
        for finding in lint_case(Case(number, text, (code,)), book):
            found[finding.rule].append(finding)
    seconds = time.perf_counter() - began
    total = sum(map(len, found.values()))
    print(f"{name}: {number:,} mappings, {total:,} findings ({100 * total / max(1, number):.2f} %), {seconds:.1f} s")
    for rule in (rule for rule in RULES if rule in found):
        cures = sum(bool(finding.suggested) for finding in found[rule])
        print(f"  {rule:20} {len(found[rule]):6,}   with a cure {cures:6,}")
        step = max(1, len(found[rule]) // max(1, show))
        for finding in found[rule][::step][:show]:
            print(f"      {finding.code} {finding.sentence} -> {finding.suggested}")


def changed_sides(names: Iterable[tuple[str, str]], book: CodeBook) -> None:
    """Names of codes with a side, mapped to the code of the same name with the other side or with none."""
    by_name = {name.lower(): code for code, name in names}
    asked, found, cured = Counter[str](), Counter[str](), Counter[str]()
    for name, code in by_name.items():
        for rule, other in (("wrong_side", "left"), ("unspecified_side", "unspecified")):
            target = by_name.get(re.sub(r"\bright\b", other, name)) if " right " in f" {name} " else None
            if target is not None and target != code:
                asked[rule] += 1
                findings = [one for one in lint_case(Case(1, name, (target,)), book) if one.rule == rule]
                found[rule] += bool(findings)
                cured[rule] += bool(findings) and findings[0].suggested == code
    for rule in asked:
        print(f"{rule}: {found[rule]:,} of {asked[rule]:,} found, {cured[rule]:,} with the right cure")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    catalogue = Library().open("icd10cm")
    terms = catalogue.lexicon_terms()
    book = CodeBook(EntitySearch(catalogue.folder, [(term.term, term.codes) for term in terms]))
    entities = {entity.code: entity for entity in catalogue.entities()}
    billable = [entity for entity in entities.values() if entity.assignable]
    official = [(text, one.code) for one in billable for text in (one.name, *one.synonyms)]
    told("official names and synonyms", official, book, options.show)
    first = [(term.term, code) for term in terms if (code := term.codes[0]) in entities and entities[code].assignable]
    told("the lexicon's first codes", first, book, options.show)
    with sample_gold().open(encoding="utf-8") as lines:
        gold = {row["id"]: row["code"] for row in csv.DictReader(lines, delimiter="\t")}
    with sample_mentions().open(encoding="utf-8") as lines:
        sample = [(row["mention"], gold[row["id"]]) for row in csv.DictReader(lines) if gold.get(row["id"]) in entities]
    told("the sample's gold codes", sample, book, options.show)
    changed_sides(((one.code, one.name) for one in billable), book)
    targets, sizes = Targets(), Counter[str]()
    for number, (text, code) in enumerate([*first, *official], 1):
        targets.add(code, number, text)
        sizes[code] += 1
    odd, many = list(targets.findings(book)), sum(size >= LEAST_TEXTS for size in sizes.values())
    print(f"many_unlike: {len(odd)} of {many} codes with {LEAST_TEXTS} texts or more")
    chance, caught = random.Random(0), 0
    for _ in range(BINS):
        dustbin = Targets()
        for number, (text, _code) in enumerate(chance.sample(first, BIN)):
            dustbin.add("R69", number, text)
        caught += bool(list(dustbin.findings(book)))
    print(f"many_unlike: {caught} of {BINS} targets with {BIN} texts of as many codes drawn by chance")
    for finding in odd[: options.show]:
        print("     ", finding.sentence)


if __name__ == "__main__":
    main()
