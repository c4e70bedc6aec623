"""One row of a terminology's table as what it says of an entity."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.table import Row
from rpdr_core.knowledge_base.chinese_list import Level, is_han
from rpdr_core.knowledge_base.table_columns import TableColumns

_TRUE = frozenset(("", "1", "true", "yes", "y", "active", "是", "有效", "启用"))
_FALSE = frozenset(("0", "false", "no", "n", "inactive", "否", "无效", "停用", "作废"))
_BARS = re.compile(r"\|")
_CHINESE_BARS = re.compile(r"[|；;]")


@dataclass(frozen=True, slots=True)
class TableRow:
    """`above`: codes and names of the levels that the row itself names, the widest first, with their types."""

    line: int
    code: str
    name: str
    synonyms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    type: str = ""
    active: bool = True
    replaced_by: str = ""
    above: tuple[tuple[str, str, str], ...] = ()

    def said(self) -> tuple[tuple[str, ...], str, bool]:
        """What another row of the same code may not contradict."""
        return self.parents, self.type, self.active

    def is_bare(self) -> bool:
        """Whether the row says nothing beyond code and names."""
        return not self.parents and not self.type and self.active


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows by resolved columns; `file` is named in errors."""

    file: str
    headers: tuple[str, ...]
    columns: TableColumns
    levels: tuple[Level, ...] = ()

    def read(self, row: Row) -> TableRow | None:
        """The row's entity, None for a blank row. `FileFormatError` where it has no code or no name."""
        cells = row.cells
        if not any(cell.strip() for cell in cells):
            return None
        code, name = _cell(cells, self.columns.code), _cell(cells, self.columns.name)
        if not code or not name:
            raise self._refusal("a row without code or name", "fill both cells", row)
        replaced_by = _cell(cells, self.columns.replaced_by)
        return TableRow(
            line=row.line,
            code=code,
            name=name,
            synonyms=self._synonyms(cells, name),
            parents=_values(_cell(cells, self.columns.parents)),
            type=_cell(cells, self.columns.type),
            active=self._active(row),
            replaced_by=replaced_by if replaced_by != code else "",
            above=self._above(cells, code),
        )

    def _synonyms(self, cells: tuple[str, ...], name: str) -> tuple[str, ...]:
        found: list[str] = []
        for index in self.columns.synonyms:
            bars = _CHINESE_BARS if is_han(self.headers[index]) else _BARS
            found += _values(_cell(cells, index), bars)
        return tuple(value for value in dict.fromkeys(found) if len(self.columns.synonyms) < 2 or value != name)

    def _above(self, cells: tuple[str, ...], code: str) -> tuple[tuple[str, str, str], ...]:
        named = ((_cell(cells, level.code), _cell(cells, level.name), level.type) for level in self.levels)
        return tuple(level for level in named if level[0] and level[1] and level[0] != code)

    def _active(self, row: Row) -> bool:
        cell = _cell(row.cells, self.columns.active)
        value = cell.lower()
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        raise self._refusal(f"active is {cell[:40]!r}", "write 1 or 0", row)

    def _refusal(self, message: str, hint: str, row: Row) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=self.file, line=row.line)


def _cell(cells: tuple[str, ...], index: int) -> str:
    return cells[index].strip() if 0 <= index < len(cells) else ""


def _values(cell: str, bars: re.Pattern[str] = _BARS) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in bars.split(cell) if value.strip())) if cell else ()
