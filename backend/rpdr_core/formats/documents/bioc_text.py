"""The text of a BioC document put together from its passages, and offsets between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rpdr_core.formats.documents.json_file import Node
from rpdr_core.formats.documents.model import Part, Unit
from rpdr_core.formats.documents.offsets import Ruler


def assembled(passages: Sequence[Node]) -> tuple[str, tuple[Part, ...]]:
    """The text of all passages, a line break between two, and where each lies in it."""
    building = _Building()
    parts = [building.passage(passage) for passage in passages]
    return "".join(building.pieces), tuple(parts)


def _rest(node: Node) -> dict[str, Any] | None:
    return node.rest("offset", "infons", "text", "sentences", "annotations", "relations")


class _Building:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0

    def passage(self, node: Node) -> Part:
        if self.length:
            self._add("\n")
        start, text = self.length, node.optional("text")
        sentences = list(node.objects("sentences", "sentence"))
        # Some programs write an empty text for a passage whose text is in its sentences.
        if text or not sentences:
            self._add(text or "")
            inner = _within(text or "", start, sentences)
        else:
            inner = [self._sentence(number, one) for number, one in enumerate(sentences)]
        own = text if text == "" and self.length > start else None
        offset, infons = node.whole("offset"), node.table("infons")
        return Part(start, self.length, offset, infons, tuple(inner), own, text is None, _rest(node))

    def _sentence(self, number: int, node: Node) -> Part:
        if number:
            self._add(" ")
        start, text = self.length, node.optional("text")
        self._add(text or "")
        offset = node.whole("offset")
        return Part(start, self.length, offset, node.table("infons"), silent=text is None, rest=_rest(node))

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)


def _within(text: str, start: int, sentences: Sequence[Node]) -> list[Part]:
    """Sentences of a passage that has a text of its own: where theirs stands in it, else with their own text."""
    parts, cursor = [], 0
    for node in sentences:
        own, infons, offset = node.optional("text"), node.table("infons"), node.whole("offset")
        found = text.find(own, cursor) if own else -1
        if own and found >= 0:
            cursor = found + len(own)
            parts.append(Part(start + found, start + cursor, offset, infons, rest=_rest(node)))
        else:
            at = start + cursor
            parts.append(Part(at, at, offset, infons, text=own, silent=own is None, rest=_rest(node)))
    return parts


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A piece of text that offsets point into."""

    part: int
    start: int
    offset: int
    ruler: Ruler


class Leaves:
    """Offsets of a file, in one unit, as places in the document's text, and the other way round."""

    def __init__(self, text: str, parts: Sequence[Part], unit: Unit) -> None:
        self._leaves: list[_Leaf] = []
        for number, part in enumerate(parts):
            for piece in (part, *part.sentences):
                if piece.text is None and not piece.silent:
                    ruler = Ruler(text[piece.start : piece.end], unit)
                    self._leaves.append(_Leaf(number, piece.start, piece.offset, ruler))

    def points(self, begin: int, end: int, part: int) -> tuple[int, int] | None:
        """The place of offsets; those that lie in part number `part` are looked for there first. None: nowhere."""
        start = self._point(begin, part, at_end=False)
        finish = self._point(end, part, at_end=end > begin)
        return None if start is None or finish is None or finish < start else (start, finish)

    def units(self, start: int, end: int, part: int) -> tuple[int, int]:
        """The offsets of a place."""
        return self._unit(start, part, at_end=False), self._unit(end, part, at_end=end > start)

    def _point(self, offset: int, part: int, *, at_end: bool) -> int | None:
        # Between two pieces that touch, a beginning belongs to the second and an end to the first.
        for strict in (True, False):
            for leaf in self._of(part):
                place = offset - leaf.offset
                inside = place > 0 if at_end else place < leaf.ruler.length
                if (inside or not strict) and (found := leaf.ruler.points(place)) is not None:
                    return leaf.start + found
        return None

    def _unit(self, place: int, part: int, *, at_end: bool) -> int:
        for strict in (True, False):
            for leaf in self._of(part):
                within, length = place - leaf.start, leaf.ruler.points(leaf.ruler.length) or 0
                inside = within > 0 if at_end else within < length
                if 0 <= within <= length and (inside or not strict):
                    return leaf.offset + leaf.ruler.units(within)
        # Between two pieces: as far behind the end of the one before as it is in our text.
        before = [leaf for leaf in self._leaves if leaf.start <= place]
        if not before:
            return place
        last = before[-1]
        length = last.ruler.points(last.ruler.length) or 0
        return last.offset + last.ruler.length + place - last.start - length

    def _of(self, part: int) -> list[_Leaf]:
        own = [leaf for leaf in self._leaves if leaf.part == part]
        return own + [leaf for leaf in self._leaves if leaf.part != part]
