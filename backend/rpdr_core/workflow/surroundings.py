"""What stands around a mention, as far as it may change what the mention means: a cue, a section, the nearest words.

Everything here is a short explicit list, read by a person: it sorts a preview, it never decides anything. A cue that is
seen where there is none only puts a mention in a group of its own. The scopes follow the simple rules of NegEx and
ConText (Chapman et al. 2001, Harkema et al. 2009): a cue reaches a few words on, and no further than its clause.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from rpdr_core.folding import fold
from rpdr_core.prompting.window import window
from rpdr_core.records import Mention

Cue = Literal["family", "negated", "uncertain", "past", ""]
"""Whose or how sure the finding is; empty: the patient's own, affirmed, now. The first of two cues counts."""

REACH_WORDS = 6
REACH_CHARACTERS = 12
"""How far before a mention a cue is looked for: words in scripts with spaces, characters in Chinese."""

NEIGHBOURS = 60
"""Characters on each side whose words are compared, inside the mention's sentence."""

_CLAUSE = re.compile(r"[.;:!?\n\r。；：！？，]|\b(?:but|however|although|except|apart from)\b|但|而", re.IGNORECASE)
_LATIN_BEFORE: Mapping[Cue, str] = {
    "family": r"family history|fhx|fam\.? hx|mother|father|sister|brother|parents?|maternal|paternal",
    "negated": r"no|not|without|w/o|den(?:y|ies|ied|ying)|negative for|absence of|free of|never|nil|neither|nor",
    "uncertain": r"possibl[ey]|probabl[ey]|likely|suspect(?:ed|s)?|suspicion of|query|r/o|rule out|questionable"
    r"|may|might|cannot exclude|differential",
    "past": r"history of|h/o|hx of|hx|past|previous(?:ly)?|prior|former|s/p|status post",
}
_LATIN_AFTER: Mapping[Cue, str] = {
    "negated": r"(?:was |is |were |are )?(?:ruled out|absent|negative|excluded|not (?:seen|found|present|evident))",
    "uncertain": r"(?:is |was )?(?:suspected|possible|questionable|unlikely|to be ruled out)|\?",
    "past": r"in the past|resolved",
}
_CHINESE_BEFORE: Mapping[Cue, str] = {
    "family": r"家族|父亲|母亲|父母|兄弟|姐妹|祖父|祖母",
    "negated": r"无(?!力|法)|未见|未及|未闻|未诉|未发现|没有|否认|不伴|已排除|并非",
    "uncertain": r"疑似|可疑|怀疑|疑|可能|考虑|拟诊|待排|排除|不除外",
    "past": r"既往|曾有|曾患|曾|病史",
}
_CHINESE_AFTER: Mapping[Cue, str] = {
    "negated": r"\s*(?:[(（]\s*[-－—]\s*[)）]|阴性|已排除|未见)",
    "uncertain": r"\s*(?:[?？]|待排|待查|可能|不除外|\(\?\))",
    "past": r"(?:病)?史|\s*已愈",
}
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_SECTION = re.compile(
    r"(?:^|[\n\r。.;；])\s*(?:【([^】\n]{1,20})】|([A-Z][A-Za-z /&]{2,30}|[\u4e00-\u9fff]{2,8})\s*[:：])"
)
_SILENT = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "had", "has", "have", "he", "her", "his", "in",
     "is", "it", "its", "of", "on", "or", "patient", "pt", "she", "that", "the", "to", "was", "were", "with"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`words`: the neighbouring words, folded (pairs of characters in Chinese); empty where there is no context."""

    cue: Cue
    section: str
    words: frozenset[str]


def surroundings_of(mention: Mention) -> Surroundings:
    """What stands around a mention in its context."""
    place = _place(mention)
    if place is None:
        return Surroundings("", "", frozenset())
    before, after = mention.context[: place[0]], mention.context[place[1] :]
    near = window(mention.context, mention.text, NEIGHBOURS, place[0])
    return Surroundings(
        _cue(before, after), _section(before), _words(near.replace(mention.context[slice(*place)], " "))
    )


def likeness(one: Surroundings, other: Surroundings) -> float:
    """How many neighbouring words two mentions share, 0..1 (Dice); 1 where both stand alone."""
    total = len(one.words) + len(other.words)
    return 2 * len(one.words & other.words) / total if total else 1.0


def _place(mention: Mention) -> tuple[int, int] | None:
    if mention.start is not None and mention.end is not None:
        return mention.start, mention.end
    found = re.search(re.escape(mention.text), mention.context, re.IGNORECASE) if mention.text else None
    return found.span() if found else None


def _cue(before: str, after: str) -> Cue:
    clause = before[max((found.end() for found in _CLAUSE.finditer(before)), default=0) :]
    words = " ".join(clause.split()[-REACH_WORDS:])
    rest = after[: 2 * REACH_CHARACTERS]
    for cue in get_args(Cue):
        latin, chinese = _LATIN_BEFORE.get(cue), _CHINESE_BEFORE.get(cue)
        if latin and re.search(rf"(?<![\w/])(?:{latin})(?![\w/])", words, re.IGNORECASE):
            return cue  # type: ignore[no-any-return]
        if chinese and re.search(chinese, clause[-REACH_CHARACTERS:]):
            return cue  # type: ignore[no-any-return]
        if _follows(_LATIN_AFTER.get(cue), rest.lstrip(" ,")) or _follows(_CHINESE_AFTER.get(cue), rest):
            return cue  # type: ignore[no-any-return]
    return ""


def _follows(pattern: str | None, rest: str) -> bool:
    return pattern is not None and re.match(rf"(?:{pattern})", rest, re.IGNORECASE) is not None


def _section(before: str) -> str:
    """The heading under which the mention stands, folded."""
    last = ""
    for found in _SECTION.finditer(before):
        last = found[1] or found[2]
    return fold(last)


def _words(text: str) -> frozenset[str]:
    folded = fold(text)
    pairs = (run[at : at + 2] for run in _IDEOGRAPH.findall(folded) for at in range(max(1, len(run) - 1)))
    words = (word for word in _WORD.findall(_IDEOGRAPH.sub(" ", folded)))
    return frozenset(pairs) | frozenset(words) - _SILENT
