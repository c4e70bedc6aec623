"""A scope: which part of a knowledge base may be proposed, in a small language after SNOMED CT's.

The language is a subset of the Expression Constraint Language (ECL 2.2, SNOMED International,
http://snomed.org/ecl), for any terminology:

- `CODE`, `CODE |term|` (the term is for the reader), `*` for everything; a code with spaces or signs in `"quotes"`
- `< X` descendants, `<< X` with X itself, `<! X` children, `<<! X` with X itself; `>`, `>>`, `>!`, `>>!` upwards
- `A AND B` (or a comma), `A OR B`, `A MINUS B`; brackets, which are required to mix them, as in ECL
- `type = "disorder"`, `type != "disorder"`, `type = ("disorder" "finding")`: the semantic type, whatever its case. This
  is ours: ECL has no test of the semantic tag.

Left out: reference sets (`^`), refinements (`:`), attribute values (`.`), filters in braces, history supplements,
comments. A scope holds active entities only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rpdr_core.knowledge_base.scope_nodes import Node, written
from rpdr_core.knowledge_base.scope_parser import parse
from rpdr_core.knowledge_base.scope_selection import Flags, Hierarchy, Placed, outlines

SCOPE = "scope"
"""The setting that keeps a project's scope."""


class Based(Protocol):
    """A knowledge base on disk; a `Catalogue` is one."""

    @property
    def folder(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope that was read. Two are equal where they are written alike, terms included."""

    node: Node

    @property
    def text(self) -> str:
        """The scope as it is kept and shown: one way of writing for each tree."""
        return written(self.node)

    def flags(self, entities: Iterable[Placed]) -> Flags:
        """One byte for each entity, in order: 1 where the scope holds it. Errors as `codes`."""
        return Hierarchy(entities).select(self.node)

    def codes(self, catalogue: Based) -> frozenset[str]:
        """The codes that the scope holds. 350,000 entities take some 2 s.

        Raises `NotFoundError` for a code or type that the knowledge base does not have (with the nearest one), and
        `NotAllowedError` for a retired code.
        """
        known = list(outlines(catalogue.folder))
        return frozenset(one.code for one, inside in zip(known, self.flags(known), strict=True) if inside)


def scope_mark(scope: str) -> str:
    """How a ranking's provenance says what scope it was made under, behind its other parameters; empty for none."""
    return f"scope=[{scope}]" if scope else ""


def parse_scope(text: str) -> Scope:
    """Read a scope. Raises `UserInputError` with the column of the mistake and its cure."""
    return Scope(parse(text))
