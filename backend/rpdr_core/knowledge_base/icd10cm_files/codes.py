"""How ICD-10-CM codes are written."""

from __future__ import annotations

import re

_RANGE = re.compile(r"\s*\([A-Z][0-9A-Z.]*(-[A-Z][0-9A-Z.]*)?\)$")
CODE = re.compile(r"[A-Z](?:[0-9][0-9A-Z]|[A-Z][0-9])(\.?[0-9A-Z]{1,4})?")
LENGTH = 7
"""Characters of the longest code, without its dot."""


def dotted(code: str) -> str:
    """`S020XXA` as `S02.0XXA`; codes of three characters have no dot."""
    return code if len(code) <= 3 or "." in code else f"{code[:3]}.{code[3:]}"


def undotted(code: str) -> str:
    return code.replace(".", "")


def with_seventh(code: str, character: str) -> str:
    """A code with its seventh character, the places between filled with the placeholder X."""
    return dotted(undotted(code).ljust(LENGTH - 1, "X") + character)


def without_range(title: str) -> str:
    """The title of a chapter or block without its `(A00-B99)`."""
    return _RANGE.sub("", title)
