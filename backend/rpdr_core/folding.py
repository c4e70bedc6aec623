"""The key of a text: two texts with one key read the same to a person."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """NFKC, case folded, white space trimmed and joined. For keys only: NFKC changes what it stands for (µ, ½)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())
