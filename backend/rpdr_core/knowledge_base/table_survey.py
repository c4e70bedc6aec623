"""A first pass over a table: which codes there are and on which lines, what is said twice, and what contradicts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.chinese_list import parent_by_code, type_by_code
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.knowledge_base.table_rows import TableRow

HEARD = 5_000


@dataclass(slots=True)
class Survey:
    """`again`: further names by code, of rows that repeat it. `levels`: name, type and wider level by code."""

    file: str
    repeated: bool
    numbers: dict[str, int] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("Q"))
    again: dict[str, list[str]] = field(default_factory=dict)
    levels: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    holders: frozenset[str] = frozenset()
    _said: array[int] = field(default_factory=lambda: array("q"))
    _asked: dict[str, tuple[str, int]] = field(default_factory=dict)

    def __contains__(self, code: object) -> bool:
        return code in self.numbers or code in self.levels

    def take(self, row: TableRow) -> None:
        """Take a row in; `FileFormatError` where it contradicts an earlier one."""
        number = self.numbers.setdefault(row.code, len(self.numbers))
        if number == len(self.lines):
            self.lines.append(row.line)
            self._said.append(hash(row.said()))
        else:
            self._take_again(row, number)
        for parent in row.parents:
            self._asked.setdefault(parent, (row.code, row.line))
        self._take_levels(row)

    def finish(self, by_code: bool) -> None:
        """Refuse parents that are nowhere. `by_code`: parents are read off the codes."""
        for parent, (code, line) in self._asked.items():
            if parent not in self.numbers:
                raise FileFormatError(
                    f"{code!r} names the parent {parent!r}, which is not in the file",
                    hint="add the parent's row or empty the cell",
                    file=self.file,
                    line=line,
                )
        self._asked.clear()
        if by_code:
            wide = {parent_by_code(code, self) for code in self.numbers}
            self.holders = frozenset(code for code in wide if type_by_code(code) in ("category", "subcategory"))

    def _take_again(self, row: TableRow, number: int) -> None:
        first = self.lines[number]
        if not self.repeated:
            raise FileFormatError(
                f"code {row.code!r} occurs twice (first on line {first})",
                hint="keep one row per code, or say that rows of one code are its synonyms",
                file=self.file,
                line=row.line,
            )
        if not row.is_bare() and hash(row.said()) != self._said[number]:
            raise FileFormatError(
                f"code {row.code!r} has another parent, type or state than on line {first}",
                hint="let all rows of a code say the same, or only its names",
                file=self.file,
                line=row.line,
            )
        self.again.setdefault(row.code, []).extend((row.name, *row.synonyms))

    def _take_levels(self, row: TableRow) -> None:
        wider = ""
        for code, name, kind in row.above:
            known = self.levels.setdefault(code, (name, kind, wider))
            if known[0] != name:
                raise FileFormatError(
                    f"{code!r} is called {name!r} here and {known[0]!r} before",
                    hint="give each category one name",
                    file=self.file,
                    line=row.line,
                )
            wider = code


def survey(rows: Iterable[TableRow], file: str, *, repeated: bool, by_code: bool, watch: Watch, total: int) -> Survey:
    """Go through all rows once."""
    found = Survey(file, repeated)
    for number, row in enumerate(rows, 1):
        found.take(row)
        if number % HEARD == 0:
            watch("checking", number, max(number, total))
    found.finish(by_code)
    return found
