"""Which side of the body a text names, in English and Chinese.

`right` and `left` count where they mean a side of the body, not where they belong to the name of a part (left
ventricle, 右心), to a habit (right-handed) or to another word (左右, 左旋).
"""

from __future__ import annotations

import re
from typing import Literal

Side = Literal["right", "left", "both"]

_PART = (
    "eye|eyelid|lid|ear|knee|hip|hand|foot|arm|leg|shoulder|wrist|ankle|elbow|thigh|calf|forearm|breast|kidney|lung|"
    "finger|thumb|toe|heel|flank|groin|cheek|jaw|femur|tibia|fibula|humerus|radius|ulna|clavicle|ovary|testis|testicle|"
    "ureter|side|upper|lower|lateral"
)
_PARTS = f"(?:{_PART})s?"
_HAN_PART = "侧眼耳目手足脚膝髋肾肺乳肩腿臂腕踝肘颊上下"
_OTHER_WORD = (
    r"hand(?:ed(?:ness)?| domin\w+)|domin\w+|ventric\w+|atri\w+|heart|cardiac|bundle|axis|shift\w*|main|coronary|"
    "anterior descending|circumflex|to right|to left|away|now|against|without|before"
)
_NOT_A_SIDE = re.compile(
    rf"\b(?:right|left)[ -]?(?:{_OTHER_WORD})\b"
    r"|\b(?:all|is|was|has|he|she|they|patient|just) (?:right|left)\b"
    "|[左右](?:利手|心|室|房|束支|冠|主干|旋|氧氟|炔诺|甲状腺素|西孟旦|乙拉西坦|卡尼汀|美沙芬)"
    f"|(?<![{_HAN_PART}])左右(?![{_HAN_PART}])",
    re.IGNORECASE,
)
_RIGHT = re.compile(rf"\b(?:right|rt)\b|(?-i:(?<![\w/])R[.)]?(?= ?{_PARTS}\b))|\(R\)|右", re.IGNORECASE)
_LEFT = re.compile(rf"\b(?:left|lt)\b|(?-i:(?<![\w/])L[.)]?(?= ?{_PARTS}\b))|\(L\)|左", re.IGNORECASE)
_BOTH = re.compile(
    rf"\b(?:bilateral(?:ly)?|bilat|b/l|both (?:the )?{_PARTS})\b"
    r"|\b(?:right|r) (?:and|&) (?:left|l)\b|\b(?:left|l) (?:and|&) (?:right|r)\b"
    f"|[双两][{_HAN_PART}]|双卵巢|双输卵管|左右[{_HAN_PART}]",
    re.IGNORECASE,
)
_EYE: dict[Side, re.Pattern[str]] = {
    "right": re.compile(r"\bO\.?D\b\.?"),
    "left": re.compile(r"\bO\.?S\b\.?"),
    "both": re.compile(r"\bO\.?U\b\.?"),
}


def sides_of(text: str, *, eye: bool = False) -> frozenset[Side]:
    """Every side that a text names; `both` where it says so in a word. `eye`: OD, OS and OU are sides here."""
    bare = _NOT_A_SIDE.sub(" ", text)
    patterns: tuple[tuple[Side, re.Pattern[str]], ...] = (("right", _RIGHT), ("left", _LEFT), ("both", _BOTH))
    found = {side for side, pattern in patterns if pattern.search(bare) or (eye and _EYE[side].search(bare))}
    return frozenset(found)


def meant(sides: frozenset[Side]) -> Side | None:
    """The one side that is meant: right and left are both. None where no side is named."""
    if "both" in sides or {"right", "left"} <= sides:
        return "both"
    return next(iter(sides), None)
