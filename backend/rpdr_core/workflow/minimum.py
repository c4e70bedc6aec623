"""The minimum of a mention that a teacher is shown: masked, with so many characters around it and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rpdr_core.prompting.masking import mask
from rpdr_core.prompting.sharing import Shared, share
from rpdr_core.prompting.sight import TOKEN
from rpdr_core.protocol.messages import MentionText
from rpdr_core.records import Mention, WorkedExample

# Two marks of a cut with a blank each.
_ELLIPSES = 4


def minimal(text: str, context: str, width: int, names: Sequence[str] = (), start: int | None = None) -> Shared:
    """Mask both, then cut the context to `width` characters on each side of the mention.

    A context that does not hold the mention is no surroundings of it: none leaves.
    """
    shown = share(text, context if width else "", width, names, start)
    if not shown.context or _is_around(shown, width):
        return shown
    bare = mask(text, names)
    return Shared(bare.text, "", len(TOKEN.findall(bare.text)), bare.flagged)


def minimal_mention(mention: Mention, width: int, names: Sequence[str]) -> tuple[MentionText, Shared]:
    """A mention as the worker gets it."""
    shown = minimal(mention.text, mention.context, width, names, mention.start)
    return MentionText(mention.id, shown.text, shown.context), shown


def minimal_example(example: WorkedExample, width: int, names: Sequence[str]) -> tuple[WorkedExample, Shared]:
    """A worked example as the worker gets it: it comes from somebody's record too."""
    shown = minimal(example.mention, example.context, width, names)
    return replace(example, mention=shown.text, context=shown.context), shown


def _is_around(shown: Shared, width: int) -> bool:
    text, context = _key(shown.text), _key(shown.context)
    return bool(text) and text in context and len(context) <= len(text) + 2 * width + _ELLIPSES


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()
