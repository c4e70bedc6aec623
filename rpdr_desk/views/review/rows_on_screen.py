"""The rows in the table's place: the candidates, or for a while search results or narrower codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QObject, Signal

from rpdr_desk.item_models.candidate_rows import CandidateRow, in_order_of, with_codes
from rpdr_desk.operations.eyes import Sight
from rpdr_desk.views.review.choices import candidates_of, first_choice, listed
from rpdr_desk.views.review.draft import Draft

Mode = Literal["candidates", "search", "narrower"]


class RowsOnScreen(QObject):
    """`changed`: other rows, and which is selected (-1: none). `filled`: the same rows, more columns."""

    changed = Signal(object, int)
    filled = Signal(object)
    mode_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._candidates: tuple[CandidateRow, ...] = ()
        self._selected = ""
        self._before: tuple[CandidateRow, ...] = ()
        self.rows: tuple[CandidateRow, ...] = ()
        self.mode: Mode = "candidates"

    @property
    def first(self) -> str:
        """Code of the candidate that leads; empty where there is none."""
        return self._candidates[0].code if self._candidates else ""

    def begin(self, sight: Sight | None) -> None:
        """Another mention, or none: its candidates are taken, nothing is shown yet."""
        self._candidates = candidates_of(sight)
        self._set_mode("candidates")

    def show_candidates(self, sight: Sight | None, draft: Draft) -> None:
        """The candidates, with what was decided or answered before selected."""
        rows = listed(self._candidates, sight, draft)
        self._select_and_set(rows, first_choice(sight, rows))

    def show_results(self, mode: Mode, rows: Sequence[CandidateRow]) -> None:
        if self.mode == "candidates":
            self._before = self.rows
        self._set_mode(mode)
        self._set(tuple(rows), 0)

    def back(self, sight: Sight | None, draft: Draft) -> None:
        """To the candidates again, each in its old place, and to the one that was selected."""
        if self.mode != "candidates":
            rows = self._in_place(self._before, sight, draft)
            row = next((number for number, one in enumerate(rows) if one.code == self._selected), -1)
            self._set_mode("candidates")
            self._select_and_set(rows, row if row >= 0 else first_choice(sight, rows))

    def select(self, row: int) -> None:
        if self.mode == "candidates" and 0 <= row < len(self.rows):
            self._selected = self.rows[row].code

    def fill(self, sight: Sight | None, draft: Draft) -> None:
        """First candidates fill the empty table; later rankings only add columns to rows that stay."""
        empty = not self._candidates
        self._candidates = in_order_of(self._candidates, candidates_of(sight))
        if self.mode != "candidates":
            return
        if empty:
            self.show_candidates(sight, draft)
        else:
            self.rows = self._in_place(self.rows, sight, draft)
            self.filled.emit(self.rows)

    def _in_place(self, shown: tuple[CandidateRow, ...], sight: Sight | None, draft: Draft) -> tuple[CandidateRow, ...]:
        """The rows as they are now, where they stood. One that nobody ranks any more stays, without its ranks: no key
        comes to mean another code under the reviewer's hand.
        """
        rows = with_codes(listed(self._candidates, sight, draft), ((one.code, one.name) for one in shown))
        return in_order_of(shown, rows)

    def _select_and_set(self, rows: tuple[CandidateRow, ...], row: int) -> None:
        self._selected = rows[row].code if 0 <= row < len(rows) else ""
        self._set(rows, row)

    def _set(self, rows: tuple[CandidateRow, ...], selected: int) -> None:
        self.rows = rows
        self.changed.emit(rows, selected)

    def _set_mode(self, mode: Mode) -> None:
        if mode != self.mode:
            self.mode = mode
            self.mode_changed.emit(mode)
