"""A terminology as a CSV, TSV or XLSX table: columns `code`, `name`, optional `synonyms`, `parents`, `type`, `active`.

Other headers are guessed or given (see `table_columns`); a list of codes and names needs none. Cells of `synonyms` and
`parents` separate their values with `|`. `active` is empty or one of 1/0, true/false, yes/no. Text is UTF-8 unless the
user names another encoding. Read twice: what is wrong is known, with its line, before the first entity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.encodings import count_ends
from rpdr_core.formats.xlsx import loses_digits
from rpdr_core.knowledge_base.chinese_list import is_chinese_icd10, levels, parent_by_code, type_by_code
from rpdr_core.knowledge_base.release import Association, Release, ReleaseOptions, Watch, remark, unwatched
from rpdr_core.knowledge_base.table_columns import TableColumns, guess, resolve
from rpdr_core.knowledge_base.table_opening import OpenedTable, open_terminology_table
from rpdr_core.knowledge_base.table_rows import RowReader, TableRow
from rpdr_core.knowledge_base.table_survey import Survey, survey
from rpdr_core.records import Entity

EXAMINED = 1_000
_BY_PLACE = (("code", "column 1"), ("name", "column 2"))


@dataclass(slots=True)
class _Reading:
    """A table with its columns. `by_code`: the hierarchy is read off the codes; `repeated`: see `ReleaseOptions`."""

    opened: OpenedTable
    reader: RowReader
    estimate: int
    by_code: bool
    repeated: bool
    watch: Watch
    remarks: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[TableRow]:
        return (row for row in map(self.reader.read, self.opened.table.rows()) if row is not None)

    def entities(self) -> Iterator[Entity]:
        seen = survey(
            self.rows(),
            self.reader.file,
            repeated=self.repeated,
            by_code=self.by_code,
            watch=self.watch,
            total=self.estimate,
        )
        self._remark(seen)
        yield from self._entities(self.rows(), seen)

    def sample(self) -> Iterator[Entity]:
        """The entities of the first rows as far as these tell."""
        rows = list(islice(self.rows(), 20))
        seen = Survey(self.reader.file, repeated=True)
        for row in rows:
            # What contradicts is the import's to say, with the whole file in sight.
            with suppress(FileFormatError):
                seen.take(row)
        return self._entities(rows, seen)

    def associations(self) -> Iterator[Association]:
        return (Association(row.code, "replaced_by", row.replaced_by) for row in self.rows() if row.replaced_by)

    def _entities(self, rows: Iterable[TableRow], seen: Survey) -> Iterator[Entity]:
        levels_given, codes_given = set[str](), set[str]()
        for row in rows:
            for upper, _, _ in row.above:
                if upper not in levels_given and upper not in seen.numbers:
                    levels_given.add(upper)
                    yield _level(upper, seen)
            if row.code in seen.again:
                if row.code in codes_given:
                    continue
                codes_given.add(row.code)
            yield self._entity(row, seen)

    def _entity(self, row: TableRow, seen: Survey) -> Entity:
        synonyms = row.synonyms
        if row.code in seen.again:
            synonyms = tuple(term for term in dict.fromkeys((*synonyms, *seen.again[row.code])) if term != row.name)
        parents = row.parents
        if not parents and (self.by_code or row.above):
            wider = parent_by_code(row.code, seen) if self.by_code else ""
            wider = wider or (row.above[-1][0] if row.above else "")
            parents = (wider,) if wider else ()
        return Entity(
            code=row.code,
            name=row.name,
            synonyms=synonyms,
            parents=parents,
            type=row.type or (type_by_code(row.code) if self.by_code else ""),
            active=row.active,
            assignable=row.active and row.code not in seen.holders,
        )

    def _remark(self, seen: Survey) -> None:
        self.remarks.clear()
        if seen.again:
            further = sum(map(len, seen.again.values()))
            self.remarks.append(
                remark(f"{len(seen.again):,} codes stand on several rows: {further:,} further names are synonyms")
            )
        if self.by_code:
            self.remarks.append(remark("the hierarchy was read off the codes, as in Chinese ICD-10 lists"))


def open_table_release(path: Path, options: ReleaseOptions, watch: Watch = unwatched) -> Release:
    """Open a table. `FileFormatError` names the columns that are wanting, or the encodings to choose from."""
    reading = _open(path, options, watch)
    return Release(
        format="table",
        id=path.stem,
        title=path.stem,
        version="",
        entities=reading.entities,
        associations=reading.associations if reading.reader.columns.replaced_by >= 0 else lambda: iter(()),
        remarks=lambda: tuple(reading.remarks),
        warnings=tuple(_warnings(reading)),
        estimate=reading.estimate,
        sample=reading.sample,
    )


def read_table(path: Path, options: ReleaseOptions | None = None) -> Iterator[Entity]:
    """Entities of the table, in file order. Errors name the file, the line and the cure."""
    yield from _open(path, options or ReleaseOptions(), unwatched).entities()


def _open(path: Path, options: ReleaseOptions, watch: Watch) -> _Reading:
    opened = open_terminology_table(path, options)
    reader = RowReader(str(path), opened.table.headers, table_columns(opened, options), levels(opened.table.headers))
    chinese = reader.columns.parents < 0 and _is_chinese(opened, reader.columns)
    estimate = opened.table.rows_estimate
    if opened.table.encoding:
        estimate = max(0, count_ends(path) - (not opened.headless))
    return _Reading(opened, reader, estimate, chinese, options.repeated or chinese, watch)


def table_columns(opened: OpenedTable, options: ReleaseOptions) -> TableColumns:
    """Where the fields of an opened table are."""
    return resolve(opened.table.headers, column_names(opened, options), str(opened.table.path))


def column_names(opened: OpenedTable, options: ReleaseOptions) -> tuple[tuple[str, str], ...]:
    """Field and header of each column: as given, by place in a table without headers, else as guessed."""
    given = tuple((name, header) for name, header in options.columns if header)
    return given or (_BY_PLACE if opened.headless else guess(opened.table.headers))


def _is_chinese(opened: OpenedTable, columns: TableColumns) -> bool:
    rows = (row.cells for row in islice(opened.table.rows(), EXAMINED))
    widest = max(columns.code, columns.name)
    with suppress(FileFormatError):
        return is_chinese_icd10((row[columns.code].strip(), row[columns.name]) for row in rows if len(row) > widest)
    return False


def _level(code: str, seen: Survey) -> Entity:
    name, kind, wider = seen.levels[code]
    return Entity(code, name, parents=(wider,) if wider else (), type=kind, assignable=False)


def _warnings(reading: _Reading) -> Iterator[str]:
    yield from reading.opened.table.warnings
    if reading.opened.headless:
        yield remark("there is no header: the first column is read as the code, the second as the name")
    if reading.opened.table.format == "xlsx":
        at = reading.reader.columns.code
        with suppress(FileFormatError):
            cells = (row.cells[at] for row in islice(reading.opened.table.rows(), EXAMINED) if at < len(row.cells))
            if any(map(loses_digits, cells)):
                yield remark("codes of 16 and more digits are stored as numbers: Excel keeps only 15 digits of them")
