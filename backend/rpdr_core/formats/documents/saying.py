"""What this program says of an annotation's mapping, as a flat table of words that any format can hold.

Every value is text, and only what is not empty is there, so that it goes into infons, notes and JSON alike. Read back,
it is the same mapping but for what the annotation itself tells (text, place, context).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast, get_args

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.records import DecisionMode, FlagReason, NoMatchReason, Relation, Status, Target

KEYS = (
    "code", "name", "relation", "also", "status", "reason", "comment", "remark", "flagged", "flag_reason", "reviewer",
    "decided_at", "mode", "confidence", "seconds", "knowledge_base",
)  # fmt: skip
_HINT = "export the file again, or mend the value"
_YES = "yes"


@dataclass(frozen=True, slots=True)
class _Further:
    code: str
    name: str
    relation: Relation


def words_of(mapping: Mapping) -> dict[str, str]:
    """The words for a mapping; none for one that nobody has said anything about."""
    if mapping.status == "unreviewed" and not (mapping.flagged or mapping.remark or mapping.comment):
        return {}
    main = mapping.targets[0] if mapping.targets else None
    also = [_Further(one.code, one.name, one.relation) for one in mapping.targets[1:]]
    said = {
        "code": main.code if main else "",
        "name": main.name if main else "",
        "relation": main.relation if main else "",
        "also": msgspec.json.encode(also).decode() if also else "",
        "status": "" if mapping.status == "unreviewed" else mapping.status,
        "reason": mapping.reason,
        "comment": mapping.comment,
        "remark": mapping.remark,
        "flagged": _YES if mapping.flagged else "",
        "flag_reason": mapping.flag_reason,
        "reviewer": mapping.reviewer,
        "decided_at": mapping.made_at,
        "mode": mapping.mode,
        "confidence": "" if mapping.confidence is None else repr(mapping.confidence),
        "seconds": "" if mapping.seconds is None else repr(mapping.seconds),
        "knowledge_base": mapping.knowledge_base,
    }
    return {key: value for key, value in said.items() if value}


def mapping_from(words: dict[str, Any], file: str, place: str) -> Mapping | None:
    """The mapping that such words state; None where there are none. `place` says in an error where they stand."""
    if not words:
        return None
    reading = _Words(words, file, place)
    code = reading.text("code")
    targets = [Target(code, reading.text("name"), _relation(reading))] if code else []
    return Mapping(
        text="",
        targets=(*targets, *reading.also()),
        status=cast(Status, reading.one_of("status", get_args(Status)) or "unreviewed"),
        reason=cast(NoMatchReason, reading.one_of("reason", get_args(NoMatchReason))),
        comment=reading.text("comment"),
        remark=reading.text("remark"),
        flagged=reading.one_of("flagged", (_YES,)) == _YES,
        flag_reason=cast(FlagReason, reading.one_of("flag_reason", get_args(FlagReason))),
        reviewer=reading.text("reviewer"),
        made_at=reading.text("decided_at"),
        mode=reading.one_of("mode", get_args(DecisionMode)),
        confidence=reading.number("confidence"),
        seconds=reading.number("seconds"),
        knowledge_base=reading.text("knowledge_base"),
    )


def _relation(reading: _Words) -> Relation:
    return cast(Relation, reading.one_of("relation", get_args(Relation)) or "equivalent")


@dataclass(slots=True)
class _Words:
    words: dict[str, Any]
    file: str
    place: str

    def text(self, key: str) -> str:
        found = self.words.get(key, "")
        if not isinstance(found, str):
            raise self._refusal(key)
        return found

    def one_of(self, key: str, values: tuple[str, ...]) -> str:
        found = self.text(key)
        if found and found not in values:
            raise self._refusal(key)
        return found

    def number(self, key: str) -> float | None:
        found = self.text(key)
        try:
            number = float(found) if found else None
        except ValueError as error:
            raise self._refusal(key) from error
        if number is not None and not 0 <= number < float("inf"):
            raise self._refusal(key)
        return number

    def also(self) -> list[Target]:
        found = self.text("also")
        if not found:
            return []
        try:
            return [Target(**asdict(one)) for one in msgspec.json.decode(found, type=list[_Further])]
        except (msgspec.MsgspecError, RecursionError) as error:
            raise self._refusal("also") from error

    def _refusal(self, key: str) -> FileFormatError:
        return FileFormatError(f"{self.place}: {key!r} says what this program never says", hint=_HINT, file=self.file)
