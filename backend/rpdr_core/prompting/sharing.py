"""What of a mention may be shown to a closed model: masked first, then cut to its window.

In this order, for a window that cuts through a telephone number would leave a half that no rule knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.prompting.masking import Masked, mask
from rpdr_core.prompting.sight import TOKEN
from rpdr_core.prompting.window import window


@dataclass(frozen=True, slots=True)
class Shared:
    """A mention and its window as they would leave. `masked`: the masks in both; `flagged` as in `Masked`."""

    text: str
    context: str
    masked: int
    flagged: tuple[str, ...]


def share(text: str, context: str, width: int, names: Sequence[str] = (), start: int | None = None) -> Shared:
    """Mask mention and context, then keep `width` characters of context on each side.

    `start`: the mention's place in the context (code points), if known.
    """
    mention = mask(text, names)
    if start is not None and context[start : start + len(text)] == text:
        before, after = mask(context[:start], names), mask(context[start + len(text) :], names)
        # A number that runs across the mention's edge is only seen in the whole.
        whole = mask(context, names)
        parts = before.text + mention.text + after.text
        if parts == whole.text:
            return _shared(mention, window(parts, mention.text, width, len(before.text)), names)
    return _shared(mention, window(mask(context, names).text, mention.text, width), names)


def _shared(mention: Masked, around: str, names: Sequence[str]) -> Shared:
    left = mask(around, names)
    flagged = tuple(dict.fromkeys((*mention.flagged, *left.flagged)))
    return Shared(mention.text, left.text, len(TOKEN.findall(mention.text + left.text)), flagged)
