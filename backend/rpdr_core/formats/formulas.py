r"""Cells that a spreadsheet would run as a formula, made harmless in CSV and given back unchanged.

A cell that begins with `=`, `+`, `-`, `@` (or their full-width forms), tab, carriage return or line feed gets a
leading apostrophe (OWASP, CSV Injection). So does one that begins with apostrophes and then such a character: then
removing one apostrophe is always the exact reverse.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_BARE = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")

SIGNATURE = frozenset(("retriever rank", "teacher rank", "student rank", "knowledge base fingerprint"))
"""Headers that together only our own exported tables have."""


def guard(cell: str) -> str:
    """The cell as it may stand in a CSV file."""
    return f"'{cell}" if _BARE.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell as it was before `guard`."""
    return cell[1:] if _GUARDED.match(cell) else cell


def is_guarded_export(headers: Collection[str]) -> bool:
    """Whether a table is our own export: in anybody else's, a leading apostrophe is part of the text."""
    return SIGNATURE.issubset(headers)
