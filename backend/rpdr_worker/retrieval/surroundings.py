"""What a mention's context says of side and stage.

The sentence that holds the mention is believed where it names one side (or one stage) and the mention itself none; the
rest of the context only where that sentence names none. Contexts are often whole notes, and speak of other things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rpdr_worker.retrieval.families import DETAILS
from rpdr_worker.retrieval.text import Expander, search_key

_SIDES = frozenset(("right", "left", "bilateral"))
_STAGES = frozenset(("mild", "moderate", "severe", "intermediate", "advanced"))
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|[。；！？\n]+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Words of side and stage. `sure`: said of this mention; `said`: said somewhere in the context."""

    sure: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()


def surroundings(text: str, context: str, expander: Expander) -> Surroundings:
    """What the context adds to the mention's own words."""
    own, everywhere = _words(text, expander), _words(context, expander)
    home = _home(text, context)
    sure: set[str] = set()
    for kind in (_SIDES, _STAGES):
        if home and not own & kind:
            near = _words(home, expander) & kind
            found = near or everywhere & kind
            sure |= found if len(found) == 1 else set()
    return Surroundings(frozenset(sure), (everywhere & DETAILS) - own)


def _words(text: str, expander: Expander) -> frozenset[str]:
    words = expander.words(text)
    return words | {"bilateral"} if "both" in words else words


def _home(text: str, context: str) -> str:
    """The first sentence that holds the mention; empty where none does."""
    mention = search_key(text)
    edges = "" if not mention.isascii() else " "
    wanted = f"{edges}{mention}{edges}"
    sentences = (sentence for sentence in _SENTENCE.split(context) if wanted in f" {search_key(sentence)} ")
    return next(sentences, "") if mention else ""
