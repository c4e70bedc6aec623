"""Findings by rule as they arrive, with the dismissed ones apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from rpdr_desk.item_models.rule_model import RuleRow
from rpdr_desk.operations.lint_state import FindingLine, RuleName

RULES: tuple[RuleName, ...] = get_args(RuleName)
"""In the order of their weight."""


class Groups:
    """`None` stands for what was dismissed."""

    def __init__(self) -> None:
        self._lines: dict[RuleName | None, list[FindingLine]] = {}
        self._keys: set[str] = set()

    def clear(self) -> None:
        self._lines.clear()
        self._keys.clear()

    def add(self, lines: Iterable[FindingLine]) -> tuple[FindingLine, ...]:
        """Those that are new: a mention that changes while all are looked at may be told twice."""
        new = tuple({line.key: line for line in lines if line.key not in self._keys}.values())
        for line in new:
            self._keys.add(line.key)
            self._lines.setdefault(None if line.dismissed else line.rule, []).append(line)
        return new

    def remove_about(self, ids: frozenset[int]) -> frozenset[str]:
        """Take away what is about one mention, one of these; the keys of what went."""
        gone = {
            line.key
            for lines in self._lines.values()
            for line in lines
            if len(line.mention_ids) == 1 and line.mention_ids[0] in ids
        }
        return self.remove(frozenset(gone))

    def remove(self, keys: frozenset[str]) -> frozenset[str]:
        self._keys -= keys
        for rule, lines in self._lines.items():
            self._lines[rule] = [line for line in lines if line.key not in keys]
        return keys

    def of(self, rule: RuleName | None) -> list[FindingLine]:
        return self._lines.get(rule, [])

    def rows(self) -> tuple[RuleRow, ...]:
        """Rules that have found something, gravest first, then the dismissed."""
        found = [RuleRow(rule, lines[0].grade, len(lines)) for rule in RULES if (lines := self.of(rule))]
        dismissed = len(self.of(None))
        return (*found, RuleRow(None, None, dismissed)) if dismissed else tuple(found)

    def count(self) -> int:
        """Those that count."""
        return sum(len(lines) for rule, lines in self._lines.items() if rule is not None)
