"""What a scope selects of a knowledge base: sets of entities as one bit for each, in the terminology's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import Protocol

import msgspec

from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError
from rpdr_core.knowledge_base.catalogue import ENTITIES
from rpdr_core.knowledge_base.scope_nodes import (
    Both,
    Code,
    Either,
    Everything,
    Node,
    OfType,
    Operator,
    Related,
    Without,
)

Flags = bytes
"""One byte for each entity in the terminology's order: 1 where it is selected, else 0."""


class Placed(Protocol):
    """What a scope asks of an entity; `Entity` and `Outline` have it."""

    @property
    def code(self) -> str: ...
    @property
    def parents(self) -> Sequence[str]: ...
    @property
    def type(self) -> str: ...
    @property
    def active(self) -> bool: ...


class Outline(msgspec.Struct, frozen=True):
    """An entity without its names: a tenth of the work to read."""

    code: str
    parents: tuple[str, ...] = ()
    type: str = ""
    active: bool = True


def outlines(folder: Path) -> Iterator[Outline]:
    """The outlines of a catalogue's entities, in order (streams)."""
    decoder = msgspec.json.Decoder(Outline)
    path = folder / ENTITIES
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise DamagedFileError(
                    "a damaged entity", hint="import the terminology again", file=str(path), line=number
                ) from error


class Hierarchy:
    """Codes, parents, types and children of a whole knowledge base: some 200 bytes an entity.

    A set is an `int` of eight bits an entity, so that AND, OR and MINUS are one operation each. Cycles do no harm.
    """

    def __init__(self, entities: Iterable[Placed]) -> None:
        self._codes: dict[str, int] = {}
        self._types: dict[str, list[int]] = {}
        named: list[Sequence[str]] = []
        active = bytearray()
        for at, entity in enumerate(entities):
            self._codes[entity.code] = at
            named.append(entity.parents)
            active.append(entity.active)
            if entity.active:
                self._types.setdefault(entity.type.casefold(), []).append(at)
        self._size = len(named)
        self._flags = bytes(active)
        self._active = self._set_of(active)
        self._parents = [[self._codes[code] for code in codes if code in self._codes] for codes in named]
        self._children: list[list[int]] | None = None

    def select(self, node: Node) -> Flags:
        """The entities of a scope; never an inactive one, for those are never proposed.

        Raises `NotFoundError` for a code or type that is not there, with the nearest one, and `NotAllowedError` for a
        retired code.
        """
        return self._evaluated(node).to_bytes(self._size, "little")

    def _set_of(self, flags: bytes | bytearray) -> int:
        return int.from_bytes(flags, "little")

    def _evaluated(self, node: Node) -> int:
        match node:
            case Everything():
                return self._active
            case Code(code):
                return 1 << 8 * self._place(code)
            case OfType(types, other):
                chosen = self._marked([at for one in types for at in self._of_type(one)])
                return self._active & ~chosen if other else chosen
            case Related(operator, focus):
                return self._related(operator, self._evaluated(focus)) & self._active
            case Both(parts):
                return reduce(and_, map(self._evaluated, parts))
            case Either(parts):
                return reduce(or_, map(self._evaluated, parts))
            case Without(kept, dropped):
                return self._evaluated(kept) & ~self._evaluated(dropped)

    def _marked(self, places: Iterable[int]) -> int:
        flags = bytearray(self._size)
        for at in places:
            flags[at] = 1
        return self._set_of(flags)

    def _related(self, operator: Operator, focus: int) -> int:
        flags = focus.to_bytes(self._size, "little")
        begin = [at for at, inside in enumerate(flags) if inside]
        towards = self._down() if operator.startswith("<") else self._parents
        if operator.endswith("!"):
            reached = {there for at in begin for there in towards[at]}
        else:
            reached = _all_from(begin, towards)
        found = self._marked(reached)
        return found | focus if len(operator.rstrip("!")) == 2 else found

    def _down(self) -> list[list[int]]:
        if self._children is None:
            self._children = [[] for _ in range(self._size)]
            for at, parents in enumerate(self._parents):
                for parent in parents:
                    self._children[parent].append(at)
        return self._children

    def _place(self, code: str) -> int:
        at = self._codes.get(code)
        if at is None:
            raise NotFoundError(f"the scope names {code!r}, which is not in this knowledge base", hint=self._near(code))
        if not self._flags[at]:
            hint = "name what replaced it, or leave it out: retired entities are never proposed"
            raise NotAllowedError(f"the scope names {code!r}, which this release has retired", hint=hint)
        return at

    def _of_type(self, name: str) -> list[int]:
        found = self._types.get(name.casefold())
        if found is None:
            known = sorted(filter(None, self._types))
            near = get_close_matches(name.casefold(), known, 3) or known[:8]
            hint = f"there is {', '.join(near)}" if near else "its entities have no types"
            raise NotFoundError(f"no entity of this knowledge base is of type {name!r}", hint=hint)
        return found

    def _near(self, code: str) -> str:
        folded = code.casefold()
        plain = _only_letters(code)
        tests: tuple[Callable[[str], bool], ...] = (
            lambda one: one.casefold() == folded,
            lambda one: _only_letters(one) == plain,
            lambda one: one.casefold().startswith(folded),
        )
        for test in tests:
            near = [one for one in self._codes if test(one)][:3]
            if near:
                return f"there is {', '.join(near)}"
        alike = [one for one in self._codes if one[:2].casefold() == folded[:2] and abs(len(one) - len(code)) <= 1]
        near = get_close_matches(code, alike[:20_000], 3)
        return f"there is {', '.join(near)}" if near else "check the code; codes keep their dots and case"


def _all_from(begin: Iterable[int], towards: list[list[int]]) -> set[int]:
    """Everything that can be reached, without the beginning unless a way leads back to it."""
    reached: set[int] = set()
    waiting = list(begin)
    while waiting:
        for there in towards[waiting.pop()]:
            if there not in reached:
                reached.add(there)
                waiting.append(there)
    return reached


def _only_letters(code: str) -> str:
    return "".join(filter(str.isalnum, code)).casefold()
