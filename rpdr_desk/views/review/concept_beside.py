"""What is known of a concept beside the terminology, as it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rpdr_core.records import Decision, Mention
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.operations.terminology import Beyond


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a concept beside the terminology: whether it is among the candidates, what speaks against it,
    which earlier decision brought it, who else is mapped to it (how many, and the most frequent), and what the release
    says of it beyond the entity: its maps and its history.
    """

    offered: bool = True
    lint: tuple[FindingLine, ...] = ()
    origin: Decision | None = None
    mapped: tuple[int, tuple[Mention, ...]] = (0, ())
    beyond: Beyond = field(default_factory=Beyond)

    def with_mapped(self, count: int, mentions: Sequence[Mention]) -> Beside:
        return replace(self, mapped=(count, tuple(mentions)))

    def with_lint(self, lines: tuple[FindingLine, ...]) -> Beside:
        return replace(self, lint=lines)

    def with_beyond(self, beyond: Beyond) -> Beside:
        return replace(self, beyond=beyond)

    def with_origin(self, decision: Decision) -> Beside:
        return replace(self, origin=decision)
