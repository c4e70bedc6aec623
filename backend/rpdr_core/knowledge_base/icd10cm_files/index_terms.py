"""An entry of the alphabetic index as a clinician would write it.

The index inverts: main term, then what narrows it, each level indented below the last. `Fracture / femur / neck` is a
neck femur fracture; `Anemia / due to / blood loss / chronic` is an anemia due to chronic blood loss. So what narrows is
put before the phrase that it narrows, and a preposition opens a new phrase behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_CONNECTORS = (
    "associated with",
    "caused by",
    "complicated by",
    "complicating",
    "resulting from",
    "resulting in",
    "secondary to",
    "subsequent to",
    "specified as",
    "affecting",
    "involving",
    "following",
    "because of",
    "due to",
    "without",
    "within",
    "during",
    "under",
    "after",
    "from",
    "with",
    "into",
    "as",
    "at",
    "by",
    "for",
    "in",
    "of",
    "on",
    "or",
    "to",
    "and",
)
# "Lack of / housing", "Newborn / affected by / maternal anemia": what follows belongs behind.
_OPEN_ENDED = re.compile(r".+ (by|of|to|with|in|for|from|on|at)", re.IGNORECASE)
_CONNECTOR = re.compile(rf"({'|'.join(_CONNECTORS)})\b\s*(.*)", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*\([^()]*\)")
_STEM = 4


def plain(title: str) -> str:
    """A title without the words in brackets, which do not change its code."""
    return " ".join(_BRACKETED.sub(" ", title).split()).rstrip(",:;")


def spoken(path: Sequence[str]) -> tuple[str, ...]:
    """Ways to say an index entry, the likeliest first. `path`: titles from the main term down, as printed."""
    whole = [plain(title) for title in path]
    if not all(whole):
        return ()
    forms = [_inflections(title) for title in whole]
    first = _phrase([forms[0][0], *(options[-1] for options in forms[1:])])
    found = [first]
    if len(forms[0]) > 1 and len(path) == 2 and not _CONNECTOR.match(whole[1]):
        # "Abdomen, abdominal / angina": an abdominal angina.
        found.append(f"{_lowered(forms[0][-1])} {forms[1][0]}")
    if len(path) > 2 and not any(_CONNECTOR.match(title) or _OPEN_ENDED.fullmatch(title) for title in whole):
        # "Abscess / abdomen, abdominal / wall": the last may be the noun that the others narrow.
        found.append(" ".join((*(options[-1] for options in forms[1:]), _lowered(forms[0][0]))))
    return tuple(dict.fromkeys((*found, *_with_modifier(path, whole, first))))


def _with_modifier(path: Sequence[str], whole: Sequence[str], first: str) -> Iterator[str]:
    """The same with the words in brackets, where a lone main term has one pair: `Diabetes (mellitus)`."""
    if len(path) == 1 and path[0].count("(") == 1:
        opened = " ".join(path[0].replace("(", " ").replace(")", " ").split())
        if opened not in (first, whole[0]):
            yield opened


def _inflections(title: str) -> list[str]:
    """`abdomen, abdominal` as two forms of one word; other commas belong to the title."""
    forms = [form.strip() for form in title.split(",")]
    stem = forms[0][:_STEM].lower()
    if len(forms) > 1 and len(stem) == _STEM and all(form.lower().startswith(stem[:3]) for form in forms):
        return forms
    return [title]


def _phrase(words: Sequence[str]) -> str:
    phrases: list[tuple[str, str]] = [(words[0], "") if _OPEN_ENDED.fullmatch(words[0]) else ("", words[0])]
    for word in words[1:]:
        connector = _CONNECTOR.fullmatch(word)
        if connector and not _OPEN_ENDED.fullmatch(connector[2]):
            phrases.append((connector[1].lower(), connector[2]))
            continue
        if _OPEN_ENDED.fullmatch(word):
            phrases.append((_lowered(word), ""))
            continue
        joint, phrase = phrases[-1]
        head = phrase if len(phrases) > 1 else _lowered(phrase)
        phrases[-1] = (joint, f"{word} {head}".strip())
    return " ".join(part for pair in phrases for part in pair if part)


def _lowered(phrase: str) -> str:
    """The main term loses its capital behind another word, unless it is a name or an abbreviation."""
    first, _, rest = phrase.partition(" ")
    if first[1:].islower() and not first.endswith("'s"):
        first = first.lower()
    return f"{first} {rest}".strip()
