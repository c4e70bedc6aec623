"""The rules that look at one mention, together."""

from __future__ import annotations

from rpdr_core.workflow.lint.assignable import assignable
from rpdr_core.workflow.lint.code_book import Case, CodeBook
from rpdr_core.workflow.lint.exact_names import exact_names
from rpdr_core.workflow.lint.excluding import excluding
from rpdr_core.workflow.lint.findings import RULES, Finding
from rpdr_core.workflow.lint.laterality import laterality

_EACH = (laterality, excluding, assignable, exact_names)


def lint_case(case: Case, book: CodeBook) -> list[Finding]:
    """What the rules say of a choice, gravest first. A mention without a code has nothing to say of."""
    if not case.codes:
        return []
    found = [finding for rule in _EACH for finding in rule(case, book)]
    return sorted(found, key=lambda finding: RULES.index(finding.rule))
