"""What map lint has to say, as the window shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rpdr_core.workflow.lint.findings import Finding
    from rpdr_core.workflow.lint.project_lint import Found

RuleName = Literal[
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
Grade = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding. `words` fill the rule's sentence; `suggested` is the code that would cure it, empty for none.

    `dismissed` is the reason why it does not count, empty while it does; `by` whose reason that is.
    """

    key: str
    rule: RuleName
    grade: Grade
    code: str
    mention_ids: tuple[int, ...]
    words: tuple[str, ...]
    suggested: str = ""
    suggested_name: str = ""
    dismissed: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class LintPiece:
    """A part of what was found; `done` of `total` mentions were looked at. The last one has `ended`."""

    done: int
    total: int
    lines: tuple[FindingLine, ...] = ()
    ended: bool = False


def line_of(finding: Finding) -> FindingLine:
    return FindingLine(
        finding.key,
        finding.rule,
        finding.severity,
        finding.code,
        finding.mention_ids,
        finding.words,
        finding.suggested,
        finding.suggested_name,
    )


def line_found(found: Found) -> FindingLine:
    """A finding of a project, with its dismissal."""
    finding, why = found.finding, found.dismissal
    return FindingLine(
        finding.key,
        finding.rule,
        finding.severity,
        finding.code,
        finding.mention_ids,
        finding.words,
        finding.suggested,
        finding.suggested_name,
        (why.reason or "-") if why else "",
        why.reviewer if why else "",
    )
