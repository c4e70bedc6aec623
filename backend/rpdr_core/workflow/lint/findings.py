"""What a rule says: a finding, in words that two languages can fill, with the cure where there is one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

RuleId = Literal[
    "wrong_side",
    "excludes1",
    "retired_code",
    "unknown_code",
    "seventh_character",
    "not_billable",
    "one_side",
    "unspecified_side",
    "exact_name",
    "excludes1_record",
    "many_unlike",
]
RULES: tuple[RuleId, ...] = get_args(RuleId)
"""In the order of their weight."""

Severity = Literal["error", "warning", "hint"]

SEVERITY: dict[RuleId, Severity] = {
    "wrong_side": "error",
    "excludes1": "error",
    "retired_code": "error",
    "unknown_code": "error",
    "seventh_character": "error",
    "not_billable": "error",
    "one_side": "warning",
    "unspecified_side": "warning",
    "exact_name": "warning",
    "excludes1_record": "warning",
    "many_unlike": "hint",
}

SENTENCES: dict[RuleId, str] = {
    "wrong_side": "The mention says %1, %2 says %3.",
    "excludes1": "%1 and %2 are never coded together (Excludes 1 at %3: %4).",
    "retired_code": "%1 is retired: not for new mappings.",
    "unknown_code": "%1 is not in this terminology.",
    "seventh_character": "%1 lacks its seventh character.",
    "not_billable": "%1 is not billable: it has narrower codes.",
    "one_side": "The mention names both sides, %1 only the %2.",
    "unspecified_side": "The mention says %1, %2 leaves the side open.",
    "exact_name": "“%1” is a name of %2, %3 was chosen.",
    "excludes1_record": "%1 and %2 were given to one record, and are never coded together (Excludes 1 at %3: %4).",
    "many_unlike": "%1 of the %2 texts mapped to %3 are like no other of them and like none of its names.",
}
"""`%1`, `%2` ... are filled with a finding's `words`, in order. A word of `SIDE_WORDS` is one of the language's."""

SIDE_WORDS: dict[str, str] = {"right": "right", "left": "left", "both": "both sides"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is the code at fault, `suggested` the one that would cure it, empty where none is known.

    `basis` is what a dismissal holds for: with another basis the finding is a new one.
    """

    rule: RuleId
    code: str
    mention_ids: tuple[int, ...]
    words: tuple[str, ...]
    basis: tuple[str, ...]
    suggested: str = ""
    suggested_name: str = ""

    @property
    def severity(self) -> Severity:
        return SEVERITY[self.rule]

    @property
    def key(self) -> str:
        """The same for the same finding about the same decisions; 16 hexadecimal digits."""
        return hashlib.sha256(msgspec.json.encode([self.rule, *self.basis])).hexdigest()[:16]

    @property
    def sentence(self) -> str:
        """The finding in English."""
        return filled(SENTENCES[self.rule], [SIDE_WORDS.get(word, word) for word in self.words])


def filled(sentence: str, words: list[str]) -> str:
    """A sentence with its words in place."""
    parts = sentence.split("%")
    return parts[0] + "".join(words[int(part[0]) - 1] + part[1:] for part in parts[1:])
