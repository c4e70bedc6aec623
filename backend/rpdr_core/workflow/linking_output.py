"""The output of a linking run: one row per row of the input, in its order, in the format that the file's name says."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rpdr_core.formats.writing import Cell, Written, write_csv, writer_for
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.records import NewMention
from rpdr_core.workflow.linking_journal import Entry, Head, Journal

COLUMNS = (
    "row", "id", "mention", "count", "code", "name", "confidence", "matched", "matched_source",
    "runner_up_code", "runner_up_name", "ranker", "model", "knowledge_base",
)  # fmt: skip
ACCEPTED = "accepted"
_KEPT = 65_536
_EVERY = 20_000
_NUDGE = 1e-9

Write = Callable[[Path, Sequence[str], Iterable[Sequence[Cell]]], Written]


@dataclass(slots=True)
class Counts:
    rows: int = 0
    unlinked: int = 0
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write. `texts`: the format knows no numbers."""

    path: Path
    head: Head
    write_table: Write
    texts: bool

    @classmethod
    def of(cls, path: Path, head: Head) -> Output:
        """Raises `UserInputError` where the name says no format: before the work, not after."""
        suffix = path.suffix.lower()
        write = partial(write_csv, delimiter="\t") if suffix == ".tsv" else writer_for(path)
        return cls(path, head, write, suffix in (".csv", ".tsv"))

    def write(
        self,
        rows: Iterator[tuple[int, NewMention]],
        journal: Journal,
        total: int,
        *,
        threshold: float | None,
        judged: bool,
        on_stage: Watch,
    ) -> Counts:
        """Write beside the file, then put it in place. `judged`: with a column of what is accepted."""
        counts = Counts()
        headers = (*COLUMNS, ACCEPTED) if judged else COLUMNS
        least = None if threshold is None else threshold - _NUDGE
        results = _Results(journal, self._cells, judged, least)

        def cells() -> Iterator[list[Cell]]:
            for number, mention in rows:
                counts.rows += 1
                result = results.of(number)
                counts.unlinked += result.unlinked
                counts.accepted += result.accepted
                if counts.rows % _EVERY == 0:
                    on_stage("writing rows", counts.rows, total)
                yield [mention.row.row, mention.row.key, mention.text, mention.count, *result.cells]

        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            self.write_table(temporary, headers, cells())
            with temporary.open("r+b") as stream:
                os.fsync(stream.fileno())
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)
        return counts

    def _cells(self, entry: Entry) -> list[Cell]:
        sure: Cell = "" if entry.confidence is None else entry.confidence
        if isinstance(sure, float):
            sure = f"{sure:.4f}" if self.texts else round(sure, 4)
        return [
            entry.code, entry.name, sure, entry.matched, entry.source, entry.second_code, entry.second_name,
            entry.ranker, self.head.model, self.head.knowledge_base,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Result:
    cells: list[Cell]
    unlinked: bool
    accepted: bool


class _Results:
    """Results as cells; those that were asked for lately are kept, as mentions repeat."""

    def __init__(
        self, journal: Journal, cells: Callable[[Entry], list[Cell]], judged: bool, least: float | None
    ) -> None:
        self._journal, self._cells, self._judged, self._least = journal, cells, judged, least
        self._known: OrderedDict[int, _Result] = OrderedDict()

    def of(self, number: int) -> _Result:
        result = self._known.get(number)
        if result is not None:
            self._known.move_to_end(number)
            return result
        result = self._known[number] = self._made(self._journal.entry(number))
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return result

    def _made(self, entry: Entry) -> _Result:
        sure = entry.confidence
        accepted = self._least is not None and bool(entry.code) and sure is not None and sure >= self._least
        cells = self._cells(entry)
        return _Result([*cells, "yes" if accepted else "no"] if self._judged else cells, not entry.code, accepted)
