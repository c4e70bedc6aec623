"""The text around a mention: so many characters on each side and no more, clipped where its sentence ends."""

from __future__ import annotations

import re

_CUT = "…"
# A full stop ends a sentence only before a capital or an ideograph: "Pt. c/o" and "0.5 mg" go on. A line ends one too.
_SENTENCE_END = re.compile(r"[。！？；]|[.!?]+[\"')\]]*(?=\s+[\"'(\[]?[A-Z\u4e00-\u9fff])|(?=[\r\n])")
_ABBREVIATION = re.compile(r"\b(?:[A-Za-z]|Dr|Mr|Mrs|Ms|Prof|St|No|Pt|vs|approx|[HRDTSF]x)\.\Z")
# A word cut in two is dropped if it is no longer than this; Chinese has no spaces to cut at.
_WORD = 20


def window(context: str, mention: str, width: int, start: int | None = None) -> str:
    """The mention with up to `width` characters of its sentence on each side, whole words where there are words.

    `start`: where the mention stands in the context (code points), if known; else its first place counts, white
    space and case aside. An ellipsis marks a side that was cut. Empty where the context says no more than the
    mention. A context that does not hold the mention has no surroundings to give: it is given whole if it is no
    longer than both sides together, else not at all. A window of a window is the same window.
    """
    place = _place(context, mention, start)
    if place is None:
        short = len(_bare(context)) <= 2 * width
        return context.strip() if short and _key(context) != _key(mention) else ""
    begin, end = place
    before, after = context[:begin].lstrip(), context[end:].rstrip()
    left, right = _left(before, context[begin:], width), _right(context[:end], after, width)
    if not _bare(left) and not _bare(right):
        return ""
    return left + context[begin:end] + right


def _left(before: str, rest: str, width: int) -> str:
    """What is kept of the text before the mention, with a mark where something was cut."""
    cut = before.startswith(f"{_CUT} ")
    text = before[2:].lstrip() if cut else before
    # What was cut before has lost the start of its sentence.
    sentence = text if cut else text[_sentence_start(text, rest) :].lstrip()
    kept = sentence
    if len(sentence) > width:
        kept = sentence[len(sentence) - width :]
        if not sentence[-width - 1].isspace() and " " in kept[:_WORD]:
            kept = kept[kept.index(" ") + 1 :]
    return f"{_CUT} {kept.lstrip()}" if cut or len(kept) < len(text) else kept


def _right(lead: str, after: str, width: int) -> str:
    cut = after.endswith(f" {_CUT}")
    text = after[:-2].rstrip() if cut else after
    sentence = text if cut else text[: _sentence_end(lead, text)].rstrip()
    kept = sentence
    if len(sentence) > width:
        kept = sentence[:width]
        if not sentence[width].isspace() and " " in kept[-_WORD:]:
            kept = kept[: kept.rindex(" ")]
    return f"{kept.rstrip()} {_CUT}" if cut or len(kept) < len(text) else kept


def _sentence_start(text: str, rest: str) -> int:
    whole = text + rest
    ends = (found.end() for found in _SENTENCE_END.finditer(whole) if _is_end(whole, found.end()))
    return max((end for end in ends if end <= len(text)), default=0)


def _sentence_end(lead: str, text: str) -> int:
    whole = lead + text
    ends = (found.end() for found in _SENTENCE_END.finditer(whole, len(lead)) if _is_end(whole, found.end()))
    return next(ends, len(whole)) - len(lead)


def _is_end(text: str, end: int) -> bool:
    return not _ABBREVIATION.search(text[max(0, end - 12) : end])


def _bare(text: str) -> str:
    return text.strip(f" {_CUT}")


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def _place(context: str, mention: str, start: int | None) -> tuple[int, int] | None:
    words = mention.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
    found = pattern.match(context, start) if start is not None and 0 <= start <= len(context) else None
    found = found or pattern.search(context)
    return found.span() if found else None
