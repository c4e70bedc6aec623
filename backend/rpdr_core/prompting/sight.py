"""A text as it reads: signs that look alike made alike and hidden ones left out, with the way back to the original.

Full-width and foreign digits become ASCII, accents and zero-width signs go, dashes and spaces are of one kind. Masks
already in the text become one sign that no rule matches.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

KINDS = ("date", "phone", "e-mail", "url", "record", "id", "name")
TOKEN = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")
MASK = "\x00"


@dataclass(frozen=True, slots=True)
class Sight:
    """`seen[i]` stands for `text[at[i]]`. Of the original, `text[at[i]:at[j - 1] + 1]` reads as `seen[i:j]`."""

    text: str
    seen: str
    at: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of a stretch of `seen` that is not empty."""
        return self.at[start], self.at[end - 1] + 1


def see(text: str) -> Sight:
    """How the text reads."""
    if text.isascii() and text.isprintable() and "[" not in text:
        return Sight(text, text, range(len(text)))
    seen: list[str] = []
    at: list[int] = []
    masks = {found.start(): found.end() for found in TOKEN.finditer(text)}
    place = 0
    while place < len(text):
        end = masks.get(place, place + 1)
        reading = MASK if place in masks else _reading(text[place])
        if reading:
            seen.append(reading)
            at.append(place)
        place = end
    return Sight(text, "".join(seen), tuple(at))


@lru_cache(maxsize=4096)
def _reading(sign: str) -> str:
    """The one sign that it reads as; empty for one that is not seen."""
    if sign in "\r\n":
        return "\n"
    if sign.isspace():
        return " "
    if "！" <= sign <= "～":
        sign = chr(ord(sign) - 0xFEE0)
    category = unicodedata.category(sign)
    if category[0] == "C" or category in ("Mn", "Me"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if category == "Pd" or sign == "−":
        return "-"
    if sign in "’‘＇`":
        return "'"
    if sign in "・•‧":
        return "·"
    return _letter(sign) if category[0] == "L" else sign


def _letter(sign: str) -> str:
    parts = unicodedata.normalize("NFKD", sign)
    letters = [part for part in parts if unicodedata.category(part)[0] == "L"]
    return letters[0] if len(letters) == 1 else sign
