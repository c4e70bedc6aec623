"""What a format has no place for, kept in a cell of our own beside what it has: so that our files come back whole.

A memo is JSON: the fields of a `Mapping` that stand nowhere else exactly, the number of the mapping in its file, and a
seal over the cells that the format does hold. Whoever changes a file in another program changes such a cell; then the
seal does not fit any more, the memo is out of date, and the reader takes what the cells say.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Map
from dataclasses import MISSING, dataclass, fields

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.mappings.record import Mapping, MappingSet

_DEFAULTS = {field.name: field.default for field in fields(Mapping) if field.default is not MISSING}
_OF_A_SET = ("title", "source", "target", "target_version", "target_fingerprint", "made_at", "made_by", "concept_ids")
_GENERATED = re.compile(r"rpdr-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Memo:
    """An opened memo. `number` tells two mappings apart that stand next to each other under one name."""

    number: int
    seal: str
    of: MappingSet
    body: Map[str, object]


def pack(mapping: Mapping, number: int, seal: str, *, elsewhere: Collection[str], of: MappingSet | None = None) -> str:
    """A mapping as a memo. `elsewhere`: the fields that stand exactly in cells of their own; `of` comes along."""
    body = {
        name: value
        for name, value in msgspec.to_builtins(mapping).items()
        if name != "line" and name not in elsewhere and getattr(mapping, name) != _DEFAULTS.get(name, "")
    }
    said = {name: getattr(of, name) for name in _OF_A_SET if getattr(of, name)} if of else {}
    memo = {"n": number, "seal": seal, "mapping": body, **({"set": said} if said else {})}
    return msgspec.json.encode(memo).decode()


def unpack(text: str, *, file: str, line: int) -> Memo:
    """Open a memo; `FileFormatError` where it is none."""
    try:
        found = msgspec.json.decode(text, type=_Stored)
        of = msgspec.convert(found.set, _StoredSet)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _broken(file, line) from error
    return Memo(found.n, found.seal, MappingSet(**msgspec.structs.asdict(of)), found.mapping)


def pack_set(of: MappingSet) -> str:
    """What a file says of itself, as a memo of its own."""
    return msgspec.json.encode({name: getattr(of, name) for name in _OF_A_SET if getattr(of, name)}).decode()


def unpack_set(text: str, *, file: str, line: int = 1) -> MappingSet:
    """The reverse of `pack_set`."""
    try:
        of = msgspec.json.decode(text, type=_StoredSet)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _broken(file, line) from error
    return MappingSet(**msgspec.structs.asdict(of))


def restore(memo: Memo, elsewhere: Map[str, object], *, file: str, line: int) -> Mapping:
    """The mapping that a memo holds together with the cells `elsewhere`."""
    try:
        found = msgspec.convert({**memo.body, **elsewhere, "line": line}, Mapping)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _broken(file, line) from error
    if not _sound(found):
        raise _broken(file, line)
    return found


def seal(cells: Iterable[str]) -> str:
    """A short digest of cells (16 hex digits)."""
    return hashlib.sha256(msgspec.json.encode(list(cells))).hexdigest()[:16]


def source_code(mapping: Mapping) -> str:
    """The source's own code, or one made of the mention where it has none."""
    if mapping.key.strip():
        return mapping.key
    digest = hashlib.sha256("\0".join((mapping.text, mapping.context, mapping.department)).encode())
    return f"rpdr-{digest.hexdigest()[:16]}"


def key_of(code: str) -> str:
    """The key that a source code stands for: none where `source_code` made it."""
    return "" if _GENERATED.fullmatch(code) else code


def is_text(text: str) -> bool:
    """Whether a text can be kept: no half characters, no NUL."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


class _Stored(msgspec.Struct):
    n: int
    seal: str
    mapping: dict[str, object]
    set: dict[str, object] = {}


class _StoredSet(msgspec.Struct):
    title: str = ""
    source: str = ""
    target: str = ""
    target_version: str = ""
    target_fingerprint: str = ""
    made_at: str = ""
    made_by: str = ""
    concept_ids: bool = False


def _sound(mapping: Mapping) -> bool:
    numbers = (mapping.confidence, mapping.seconds, *(candidate.score for candidate in mapping.candidates))
    offsets = (mapping.start or 0, mapping.end or 0)
    return (
        0 < mapping.count < 2**53
        and all(number is None or math.isfinite(number) for number in numbers)
        and (mapping.confidence is None or 0 <= mapping.confidence <= 1)
        and all(0 <= offset < 2**53 for offset in offsets)
        and is_text(str(mapping))
    )


def _broken(file: str, line: int) -> FileFormatError:
    hint = "remove the column or extension that begins with rpdr: what stands in the others is then read"
    return FileFormatError("our own note on this mapping is damaged", hint=hint, file=file, line=line)
