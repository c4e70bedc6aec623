"""The context of a mention in a document: its sentence, or as much of it as a reviewer wants to read."""

from __future__ import annotations

import re

WIDTH = 240
"""Code points on each side of a mention, at most."""

# A line ends a sentence too. A full stop does so before white space and no small letter: "0.5 mg" and "Pt. c/o" go on.
_END = re.compile(r"[。！？；]|[.!?]+[\"')\]]*(?=\s+[^\sa-z])|[\r\n]")
_ABBREVIATION = re.compile(r"\b(?:[A-Za-z]|Dr|Mr|Mrs|Ms|Prof|St|No|Pt|vs|approx|[HRDTSF]x)\.\Z")
_WORD = 20


def surroundings(text: str, start: int, end: int) -> tuple[str, int]:
    """The sentence around `text[start:end]`, and where in it that begins. It is a piece of the text, as it stands."""
    left, right = max(0, start - WIDTH), min(len(text), end + WIDTH)
    begin = _begin(text, left, start)
    finish = _finish(text, end, right)
    while begin < start and text[begin].isspace():
        begin += 1
    while finish > end and text[finish - 1].isspace():
        finish -= 1
    return text[begin:finish], start - begin


def _begin(text: str, left: int, start: int) -> int:
    # One character beyond, so that a sentence that ends just before the mention is seen to end.
    ends = [found.end() for found in _END.finditer(text, left, min(len(text), start + 1)) if found.end() <= start]
    ends = [end for end in ends if not _ABBREVIATION.search(text[max(0, end - 12) : end])]
    if ends:
        return ends[-1]
    if left == 0 or text[left - 1].isspace():
        return left
    space = text.find(" ", left, min(left + _WORD, start))
    return space + 1 if space >= 0 else left


def _finish(text: str, end: int, right: int) -> int:
    for found in _END.finditer(text, end, right):
        if found.group() in "\r\n":
            return found.start()
        if not _ABBREVIATION.search(text[max(0, found.end() - 12) : found.end()]):
            return found.end()
    if right == len(text) or text[right].isspace():
        return right
    space = text.rfind(" ", max(end, right - _WORD), right)
    return space if space >= 0 else right
