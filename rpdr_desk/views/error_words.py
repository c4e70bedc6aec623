"""Errors in the language of the window.

Core and worker speak English, with values in their sentences. The catalogue of sentences beside the translations
turns the ones that reach the window most often; any other stays as it is. Nothing is decided by these words: errors
are told apart by their type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from PySide6.QtCore import QLocale

from rpdr_core.errors import RpdrError
from rpdr_core.resources import resource_path
from rpdr_desk.views import wording

_PLACE = re.compile(r"%(\d)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`pattern` matches the English sentence with its values; `translation` has a place for each."""

    pattern: re.Pattern[str]
    translation: str


def message_of(error: RpdrError) -> tuple[str, str]:
    """What is wrong, with where it is, and the cure; the cure may be empty."""
    place = f"{error.file}:{error.line}: " if error.file and error.line else f"{error.file}: " if error.file else ""
    return place + in_language(error.message), in_language(error.hint)


def told(error: RpdrError) -> str:
    """Message and cure in one line."""
    message, cure = message_of(error)
    return message if not cure else wording.fill(_brackets(), message, cure)


def in_language(text: str) -> str:
    """A sentence of the core's in the language of the moment; one that the catalogue lacks stays as it is."""
    if not text or QLocale().language() != QLocale.Language.Chinese:
        return text
    plain, by_length = _catalogue()
    if text in plain:
        return plain[text]
    for sentence in by_length:
        if found := sentence.pattern.fullmatch(text):
            return wording.fill(sentence.translation, *(in_language(value) for value in found.groups()))
    return text


def _brackets() -> str:
    return "%1（%2）" if QLocale().language() == QLocale.Language.Chinese else "%1 (%2)"


@lru_cache(maxsize=1)
def _catalogue() -> tuple[dict[str, str], tuple[Sentence, ...]]:
    """Sentences without values, and those with some, the most telling first."""
    path = resource_path("translations", "errors_zh_CN.json")
    stored = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    plain = {source: translation for source, translation in stored.items() if not _PLACE.search(source)}
    having = sorted((source for source in stored if source not in plain), key=len, reverse=True)
    return plain, tuple(Sentence(_pattern(source), stored[source]) for source in having)


def _pattern(source: str) -> re.Pattern[str]:
    """Values stand in the order of their numbers; each is as short as it can be."""
    return re.compile(_PLACE.sub("(.+?)", re.escape(source).replace("\\%", "%")), re.DOTALL)
