"""What a scope says, as a tree, and how it is written. Read in `scope_parser`, meant in `scope_selection`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Operator = Literal["<", "<<", "<!", "<<!", ">", ">>", ">!", ">>!"]
"""Descendants, with itself; children, with itself; ancestors, with itself; parents, with itself."""

KEYWORDS = frozenset(("AND", "OR", "MINUS", "TYPE"))
PLAIN = re.compile(r"[^\s()|<>=!,\"*{}\[\]^:.][^\s()|<>=!,\"{}\[\]^]*")
"""A code that needs no quotes: `73211009`, `H25.1`, `HP:0000518`, `G01*`. Others are written `"like this"`."""


@dataclass(frozen=True, slots=True)
class Everything:
    """`*`: every entity that may be proposed."""


@dataclass(frozen=True, slots=True)
class Code:
    """One entity. `term` is for the reader's eyes and means nothing."""

    code: str
    term: str = ""


@dataclass(frozen=True, slots=True)
class OfType:
    """Entities whose semantic type is one of `types`, or with `other` none of them."""

    types: tuple[str, ...]
    other: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """Entities that stand to one of `focus` as the operator says."""

    operator: Operator
    focus: Node


@dataclass(frozen=True, slots=True)
class Both:
    """In all of two or more `parts`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """In any of two or more `parts`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """In `kept` and not in `dropped`."""

    kept: Node
    dropped: Node


Node = Everything | Code | OfType | Related | Both | Either | Without


def written(node: Node) -> str:
    """The tree in the scope's own language; parsing it gives the same tree."""
    match node:
        case Everything():
            return "*"
        case Code(code, term):
            return f"{_quoted_code(code)} |{term}|" if term else _quoted_code(code)
        case OfType(types, other):
            listed = " ".join(_quoted(one) for one in types)
            return f"type {'!=' if other else '='} {listed if len(types) == 1 else f'({listed})'}"
        case Related(operator, focus):
            return f"{operator} {written(focus) if isinstance(focus, Code | Everything) else f'({written(focus)})'}"
        case Both(parts):
            return " AND ".join(map(_part, parts))
        case Either(parts):
            return " OR ".join(map(_part, parts))
        case Without(kept, dropped):
            return f"{_part(kept)} MINUS {_part(dropped)}"


def _part(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, Both | Either | Without) else written(node)


def _quoted_code(code: str) -> str:
    return code if PLAIN.fullmatch(code) and code.upper() not in KEYWORDS else _quoted(code)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
