"""Rows that together say what became of one source term."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rpdr_core.formats.mappings.rows import Cells

MAX_TARGETS = 1_000


def grouped(rows: Iterator[Cells], names: Collection[str]) -> Iterator[list[Cells]]:
    """Rows that stand together and have the same cells under `names`."""
    group = list[Cells]()
    for row in rows:
        if group and any(row[name] != group[0][name] for name in names):
            yield group
            group = []
        group.append(row)
        if len(group) > MAX_TARGETS:
            raise row.refusal(f"more than {MAX_TARGETS:,} targets of one source term", "split the term")
    if group:
        yield group
