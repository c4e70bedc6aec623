"""Text for one line of a prompt: nothing in it can open a line of its own, and nothing in it is hidden."""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """White space as single spaces; control and direction characters as visible marks, so that nothing hides."""
    return " ".join("".join(map(_visible, text)).split())


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn")
    return f"⟨U+{ord(character):04X}⟩" if hidden else character
