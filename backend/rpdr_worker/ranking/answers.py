"""A teacher's raw answer -> an order and a verdict, or a named reason why there is none.

Repair follows RankLLM (drop repeated and unknown numbers, append the missing ones in retriever order), but keeps
the class of what was wrong. An answer without one usable number is no label: it never becomes the retriever's order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.records import Verdict
from rpdr_worker.ranking.answer_reading import ANSWER_CLASSES as ANSWER_CLASSES
from rpdr_worker.ranking.answer_reading import AnswerClass as AnswerClass
from rpdr_worker.ranking.answer_reading import read_answer

# What is wrong with the content outweighs what is wrong with the form.
_GRAVEST_FIRST: tuple[AnswerClass, ...] = (
    "names",
    "unknown_number",
    "repeated",
    "missing",
    "wrong_language",
    "wrong_json",
    "prose",
)
# What a model thinks aloud before it answers is no part of the answer.
_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.S | re.I)


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """`order`: indexes (from 0) of all candidates, best first; empty where the answer is no label.

    `verdict` is empty where the answer gives none. `answer_class` says what was wrong, `ok` if nothing.
    """

    order: tuple[int, ...]
    verdict: Verdict
    answer_class: AnswerClass

    @property
    def usable(self) -> bool:
        return bool(self.order)


def parse_answer(raw: str, names: Sequence[str], *, cut_off: bool = False) -> ParsedAnswer:
    """Parse an answer about the candidates `names` (in the order shown). `cut_off`: the endpoint said so."""
    text = _THOUGHT.sub("", raw).strip()
    if cut_off or (raw.strip() and not text):
        return _no_label("cut_off")
    if not text:
        return _no_label("empty")
    found = read_answer(text)
    if isinstance(found, str):
        return _no_label(found)
    numbers, flaws = _numbers(found.entries, names)
    order, more = _repair(numbers, len(names))
    flaws |= found.flaws | more
    gravest: AnswerClass = next((name for name in _GRAVEST_FIRST if name in flaws), "ok")
    if not order:
        return _no_label("missing" if gravest == "ok" else gravest)
    return ParsedAnswer(order, found.verdict, gravest)


def _no_label(reason: AnswerClass) -> ParsedAnswer:
    return ParsedAnswer((), "", reason)


def _numbers(entries: Sequence[object], names: Sequence[str]) -> tuple[list[int | None], frozenset[AnswerClass]]:
    """Candidate numbers (from 1) for the entries; None for what is no number. A candidate's name counts as one."""
    folded = [name.strip().casefold() for name in names]
    numbers: list[int | None] = []
    flaws: set[AnswerClass] = set()
    for entry in entries:
        number, flaw = _number(entry, folded)
        numbers.append(number)
        if flaw:
            flaws.add(flaw)
    return numbers, frozenset(flaws)


def _number(entry: object, folded: Sequence[str]) -> tuple[int | None, AnswerClass | None]:
    if isinstance(entry, int) and not isinstance(entry, bool):
        return entry, None
    if isinstance(entry, float) and entry.is_integer():
        return int(entry), "wrong_json"
    if not isinstance(entry, str):
        return None, "wrong_json"
    bare = entry.strip().strip("[]().").casefold()
    if bare.isascii() and bare.isdecimal() and len(bare) <= 3:
        return int(bare), "wrong_json"
    name = re.sub(r"\A\d{1,3}[.)]\s*", "", entry.strip()).casefold()
    return (folded.index(name) + 1 if folded.count(name) == 1 else None), "names"


def _repair(numbers: Sequence[int | None], size: int) -> tuple[tuple[int, ...], frozenset[AnswerClass]]:
    """Drop repeats and unknown numbers, append the missing in the order shown. Empty if no number is left."""
    flaws: set[AnswerClass] = set()
    kept: list[int] = []
    for number in numbers:
        if number is None:
            continue
        if not 1 <= number <= size:
            flaws.add("unknown_number")
        elif number - 1 in kept:
            flaws.add("repeated")
        else:
            kept.append(number - 1)
    if not kept:
        return (), frozenset(flaws)
    if len(kept) < size:
        flaws.add("missing")
    return (*kept, *(index for index in range(size) if index not in kept)), frozenset(flaws)
