"""CHIP-CDN: Chinese diagnoses with the *names* of their ICD-10 entities, several of them between `##`.

One JSON array of `{"text": "..", "normalized_result": "name##name"}` (task page of CBLUE, CHIP-CDN). A name becomes a
code only where a terminology is given and has exactly that name; a row counts as coded when all its names are found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from rpdr_core.folding import fold
from rpdr_core.formats.table import Row, Table
from rpdr_core.records import Entity

TEXT, NAMES = "text", "normalized_result"
CODE = "code of normalized_result"
BETWEEN = "##"
CODES_BETWEEN = "|"


@dataclass(slots=True)
class GoldNames:
    """Codes by the terminology's own names, folded; and what a pass over a file counted.

    `found` names became codes; `unknown` are those that no active entity, or more than one, is called by.
    """

    codes: dict[str, str] = field(default_factory=dict)
    found: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, entities: Iterable[Entity]) -> GoldNames:
        """One pass over a terminology. A name of two entities says neither."""
        codes: dict[str, str] = {}
        for entity in entities:
            if entity.active:
                name = fold(entity.name)
                codes[name] = "" if name in codes else entity.code
        return cls({name: code for name, code in codes.items() if code})

    def code_of(self, cell: str) -> str:
        """The codes of a cell of names, joined with `|`; empty where one of them is not found."""
        names = [name for part in cell.split(BETWEEN) if (name := fold(part))]
        codes = [self.codes.get(name, "") for name in names]
        self.found += sum(map(bool, codes))
        self.unknown += sum(not code for code in codes)
        return CODES_BETWEEN.join(dict.fromkeys(codes)) if all(codes) else ""


def is_chip_cdn(headers: Collection[str]) -> bool:
    return TEXT in headers and NAMES in headers


def with_codes(table: Table, names: GoldNames) -> Table:
    """The same table with one more column, `CODE`."""
    return replace(table, headers=(*table.headers, CODE), rows=partial(_rows, table, names))


def _rows(table: Table, names: GoldNames) -> Iterator[Row]:
    at, width = table.headers.index(NAMES), len(table.headers)
    names.found = names.unknown = 0
    for row in table.rows():
        cells = (*row.cells, *[""] * (width - len(row.cells)))
        yield Row(row.number, row.line, (*cells, names.code_of(cells[at])))
