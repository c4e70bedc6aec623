"""Placeholders: a word in double braces. Each value is put in once and never looked at again.

So a mention that holds braces, or the word of a placeholder, stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def placeholders(text: str) -> frozenset[str]:
    """The words that stand in double braces."""
    return frozenset(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Each placeholder replaced by its value, in one pass. Raises `KeyError` for a word that has none."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def line_of_placeholder(content: str, word: str) -> int:
    """The line (from 1) of a placeholder's first place in a file's content; 0 where it is not."""
    found = re.search(rf"\{{\{{\s*{re.escape(word)}\s*\}}\}}", content)
    return content.count("\n", 0, found.start()) + 1 if found else 0
