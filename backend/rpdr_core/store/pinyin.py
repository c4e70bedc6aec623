"""How Chinese terms are typed in Latin letters: full pinyin and initials, without tones.

Readings come from pypinyin (MIT). Its dictionaries take some 50 MB, so it is loaded only while an index is made of
terms that hold Chinese. A search needs no dictionary.
"""

from __future__ import annotations

from collections.abc import Iterator

MOST_READINGS = 12
"""Further readings of a term whose characters have several; the commoner come first."""

RARE = 100
"""The `start` of rarer readings."""

_MOST_STARTS = 12
_SHORTEST_QUERY = 2


def has_han(text: str) -> bool:
    return not text.isascii() and any(
        "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" for character in text
    )


def typed_key(query_key: str) -> str:
    """What a query may be as pinyin: its letters and digits in one piece; empty where it cannot be pinyin."""
    joined = query_key.replace(" ", "")
    is_latin = joined.isascii() and any(character.isalpha() for character in joined)
    return joined if is_latin and len(joined) >= _SHORTEST_QUERY else ""


def spellings(term_key: str) -> Iterator[tuple[str, int]]:
    """(letters, start) for a term with Chinese: whole syllables and initials, ü as v.

    `start` counts the characters passed over: a term is found from each of its first characters on in its commonest
    reading. Its rarer readings are found from the beginning only, and have `RARE` as their start.
    """
    readings = list(_readings(term_key.replace(" ", "")))
    seen: set[str] = set()
    for number, syllables in enumerate(readings):
        for start in range(1 if number else min(len(syllables), _MOST_STARTS)):
            rest = syllables[start:]
            for letters in ("".join(rest), "".join(syllable[0] for syllable in rest)):
                if len(letters) >= _SHORTEST_QUERY and letters not in seen:
                    seen.add(letters)
                    yield letters, RARE if number else start


def _readings(text: str) -> Iterator[tuple[str, ...]]:
    """Syllables per Chinese character, other characters as they are: first as a person reads the words, then with
    one character read otherwise.
    """
    from pypinyin import Style, lazy_pinyin, pinyin

    # `errors` may give a list too, whatever its type says: other characters one by one.
    common = tuple(lazy_pinyin(text, errors=list, v_to_u=False))  # type: ignore[arg-type]
    yield common
    every = pinyin(text, style=Style.NORMAL, heteronym=True, errors=list, v_to_u=False)  # type: ignore[arg-type]
    if len(every) != len(common):
        return
    others = [[one for one in known if one != read] for known, read in zip(every, common, strict=True)]
    rarest_last = [
        (*common[:at], known[place], *common[at + 1 :])
        for place in range(max(map(len, others), default=0))
        for at, known in enumerate(others)
        if place < len(known)
    ]
    yield from rarest_last[:MOST_READINGS]
