"""What an answer says, in whatever form: order entries as written, a verdict, and what is wrong with the form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from rpdr_core.records import Verdict

AnswerClass = Literal[
    "ok",
    "missing",
    "repeated",
    "unknown_number",
    "names",
    "prose",
    "refusal",
    "cut_off",
    "empty",
    "wrong_language",
    "wrong_json",
]

ANSWER_CLASSES: tuple[AnswerClass, ...] = get_args(AnswerClass)
"""Every class that an answer may be counted under; all but `ok` are bad."""

_VERDICTS: dict[str, Verdict] = {"exact": "exact", "close": "close", "none": "none"}
_FOREIGN_VERDICTS: dict[str, Verdict] = {
    **dict.fromkeys(("精确", "完全匹配", "完全一致", "相同", "准确", "exacto", "exacte", "genau", "exakt"), "exact"),
    **dict.fromkeys(("接近", "相近", "近似", "相似", "cercano", "proche", "nah", "ähnlich"), "close"),
    **dict.fromkeys(("无", "没有", "均不匹配", "ninguno", "aucun", "keine"), "none"),
}
_NUMBER = r"\[?\(?\d{1,3}\)?\]?"
_CHAIN = re.compile(rf"{_NUMBER}(?:\s*[>＞]\s*{_NUMBER})+")
_PLAIN = re.compile(
    rf"\s*({_NUMBER}(?:\s*[>＞]\s*{_NUMBER})*)\s*[;,.\n]\s*verdict\s*[:=]\s*(exact|close|none)\.?\s*", re.I
)
_VERDICT_NEAR = re.compile(r"[\"']?verdict[\"']?\s*[:=]\s*[\"']?(exact|close|none)\b", re.I)
_ORDER_NEAR = re.compile(r"[\"']?order[\"']?\s*[:=]\s*\[([^\]\[]*)\]", re.I)
_OPENING = re.compile(r"[{\[]")
_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.S | re.I)
_REFUSAL = re.compile(
    r"\b(?:i['’]?m sorry|i am sorry|i can(?:['’]|no)?t|i am unable|i['’]m unable|as an ai"
    r"|cannot (?:help|assist|comply)|can['’]t (?:help|assist)|not able to (?:help|assist|provide))\b"
    r"|抱歉|对不起|无法(?:提供|回答|协助|完成|处理)|不能(?:提供|回答)",
    re.I,
)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Found:
    """Order entries as written, a verdict, and what is wrong so far."""

    entries: tuple[object, ...]
    verdict: Verdict
    flaws: frozenset[AnswerClass]


def read_answer(text: str) -> Found | AnswerClass:
    """What the text says, or the class of an answer that says no order."""
    fenced = _FENCE.match(text)
    body = fenced[1].strip() if fenced else text
    plain = _PLAIN.fullmatch(body)
    if plain:
        return Found(tuple(map(int, re.findall(r"\d+", plain[1]))), _VERDICTS[plain[2].lower()], frozenset())
    value, around = _json_in(body)
    found = _from_json(value)
    if found is not None and not around:
        return found
    if found is not None and not isinstance(value, list):
        return _with(found, "prose")
    # A list inside other text may be what is left of a broken object: the text may still hold its verdict.
    told = _from_text(body)
    if found is None or not isinstance(told, str) or told in ("cut_off", "refusal"):
        return told
    return _with(found, "prose")


def _with(found: Found, flaw: AnswerClass) -> Found:
    return Found(found.entries, found.verdict, found.flaws | {flaw})


def _json_in(text: str) -> tuple[object | None, bool]:
    """The JSON object or list in `text`, and whether anything stands around it; of several the first with an order.

    Two answers that differ are none: which of them was meant is anybody's guess.
    """
    found = list(_json_values(text))
    answers = [each for each in found if isinstance(each[0], dict) and isinstance(each[0].get("order"), list)]
    meant = answers or found
    if any(value != meant[0][0] for value, _, _ in meant):
        return None, True
    if not meant:
        return None, False
    value, start, end = meant[0]
    return value, bool(text[:start].strip() or text[end:].strip())


def _json_values(text: str) -> Iterator[tuple[object, int, int]]:
    """Objects and lists of more than one entry, with where they begin and end; none inside another."""
    decoder = json.JSONDecoder()
    place = 0
    while opening := _OPENING.search(text, place):
        place = opening.start() + 1
        try:
            value, end = decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) or (isinstance(value, list) and len(value) > 1):
            yield value, opening.start(), end
            place = end


def _from_json(value: object) -> Found | None:
    if isinstance(value, list):
        return Found(tuple(value), "", frozenset({"wrong_json"}))
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("order"), list):
        verdict, flaws = _verdict(value.get("verdict"))
        if set(value) - {"order", "verdict"}:
            flaws |= {"wrong_json"}
        return Found(tuple(value["order"]), verdict, flaws)
    return _foreign(value)


def _foreign(value: dict[str, object]) -> Found | None:
    """Keys of another name: one list, and perhaps a word among the other values that is a verdict."""
    lists = [item for item in value.values() if isinstance(item, list)]
    if len(lists) != 1:
        return None
    words = [item for item in value.values() if isinstance(item, str)]
    verdict, flaws = _verdict(words[0] if len(words) == 1 else None)
    form: AnswerClass = "wrong_language" if _is_foreign("".join(map(str, value))) else "wrong_json"
    return Found(tuple(lists[0]), verdict, flaws | {form})


def _verdict(word: object) -> tuple[Verdict, frozenset[AnswerClass]]:
    text = word.strip().casefold() if isinstance(word, str) else ""
    if text in _VERDICTS:
        return _VERDICTS[text], frozenset()
    if text in _FOREIGN_VERDICTS:
        return _FOREIGN_VERDICTS[text], frozenset({"wrong_language"})
    return "", frozenset({"wrong_json"})


def _from_text(text: str) -> Found | AnswerClass:
    if _is_cut(text):
        return "cut_off" if not _REFUSAL.search(text) else "refusal"
    near = _VERDICT_NEAR.search(text)
    verdict: Verdict = _VERDICTS[near[1].lower()] if near else ""
    listed = {found[1] for found in _ORDER_NEAR.finditer(text)}
    if len(listed) == 1:
        return Found(tuple(_entries(listed.pop())), verdict, frozenset({"wrong_json"}))
    chains = _CHAIN.findall(text)
    if len(chains) == 1 and not listed:
        return Found(tuple(map(int, re.findall(r"\d+", chains[0]))), verdict, frozenset({"prose"}))
    return "prose" if listed else _why_nothing(text)


def _is_cut(text: str) -> bool:
    """Something was begun and not ended: half an answer would be filled up with the retriever's order."""
    opened = text.count("{") > text.count("}") or text.count("[") > text.count("]")
    return opened or bool(re.search(r"[>＞,:]\s*\Z", text))


def _entries(listed: str) -> Iterable[object]:
    for piece in listed.split(","):
        word = piece.strip().strip("\"'")
        if word:
            yield int(word) if word.isdecimal() and len(word) <= 3 else word


def _why_nothing(text: str) -> AnswerClass:
    if _REFUSAL.search(text):
        return "refusal"
    if "{" in text or "[" in text:
        return "wrong_json"
    return "wrong_language" if _is_foreign(text) else "prose"


def _is_foreign(text: str) -> bool:
    letters = _LETTER.findall(text)
    return sum(not letter.isascii() for letter in letters) * 2 > len(letters)
