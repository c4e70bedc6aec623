"""Map lint in the window: one choice at once, all decisions in a thread of their own, cures and dismissals.

The thread has a reader and a search of its own, so that neither decisions nor searches wait for it. Work is cut into
pieces of some hundred mentions; between two it can be stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes
from rpdr_desk.operations.lint_state import FindingLine, LintPiece, line_found, line_of
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.terminology import Terminology

if TYPE_CHECKING:
    from rpdr_core.store import EntitySearch, ProjectReader
    from rpdr_core.workflow.lint.code_book import CodeBook
    from rpdr_core.workflow.lint.project_lint import Piece

PAUSE_MS = 4
GENTLE_MS = 40
"""The pause between two pieces while nobody looks: the window then has the processor nearly for itself."""

Done = Callable[[Changes], None]
Lines = Callable[[tuple[FindingLine, ...]], None]


class Linting(QObject):
    """`begun`: a look through all decisions starts; `piece` carries a `LintPiece` of it."""

    begun = Signal()
    piece = Signal(object)

    def __init__(
        self,
        store: StoreThread,
        terminology: Terminology,
        path: Path,
        reviewer: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._terminology, self._path, self._reviewer = store, terminology, path, reviewer
        self._thread = OneThread("lint", self)
        self._run, self._pause = 0, PAUSE_MS
        self._book: CodeBook | None = None
        self._live: CodeBook | None = None
        self._reader: ProjectReader | None = None
        terminology.ready.connect(self._ready)

    @property
    def is_ready(self) -> bool:
        """Whether the terminology is there to judge by."""
        return self._book is not None

    def judge(self, mention_id: int, text: str, codes: Sequence[str], done: Lines) -> None:
        """What the rules say of these codes for this text, before anybody decides. Silent until the terminology is."""
        from rpdr_core.workflow.lint.code_book import Case
        from rpdr_core.workflow.lint.rules import lint_case

        case = Case(mention_id, text, tuple(codes))

        def look(search: EntitySearch) -> tuple[FindingLine, ...]:
            return tuple(line_of(finding) for finding in lint_case(case, self._book_of(search)))

        self._terminology.ask(look, done)

    def run(self, failed: Failed) -> None:
        """Look at every mapped mention. A look that is under way ends."""
        self._run += 1
        run = self._run
        if self._book is None:
            return
        self.begun.emit()
        self._thread.submit(self._pieces, lambda pieces: self._next(run, pieces, failed), failed)

    def watched(self, *, on: bool) -> None:
        """Whether somebody looks at what is found; if not, it is sought more slowly."""
        self._pause = PAUSE_MS if on else GENTLE_MS

    def stop(self) -> None:
        self._run += 1

    def recheck(self, ids: Sequence[int], done: Lines, failed: Failed) -> None:
        """Only these mentions anew, by the rules that look at one mention."""
        if self._book is None:
            return

        def look() -> tuple[FindingLine, ...]:
            from rpdr_core.workflow.lint.project_lint import lint_mentions

            reader, book = self._tools()
            return tuple(line_found(one) for one in lint_mentions(reader, book, ids, self._reviewer()))

        self._thread.submit(look, done, failed)

    def cure(self, line: FindingLine, done: Done, failed: Failed) -> None:
        """Take the suggested code: a correction like any other."""
        from rpdr_core.workflow.lint.curing import cure

        reviewer, (mention_id, *_) = self._reviewer(), line.mention_ids
        self._store.change(
            lambda project: cure(
                project, mention_id, line.code, (line.suggested, line.suggested_name), reviewer=reviewer
            ),
            done,
            failed,
        )

    def dismiss(self, line: FindingLine, reason: str, done: Done, failed: Failed) -> None:
        """Hear no more of a finding, until what it is about changes."""
        from rpdr_core.workflow.lint.project_lint import dismiss

        reviewer = self._reviewer()
        self._store.change(lambda project: dismiss(project, line.key, reason, reviewer=reviewer), done, failed)

    def restore(self, line: FindingLine, done: Done, failed: Failed) -> None:
        """Take a dismissal back."""
        from rpdr_core.workflow.lint.project_lint import restore

        reviewer = self._reviewer()
        self._store.change(lambda project: restore(project, line.key, reviewer=reviewer), done, failed)

    def close(self) -> None:
        """End what is under way; it ends with its piece."""
        self._run += 1
        self._thread.close(self._shut)

    # In the thread

    def _pieces(self) -> Iterator[Piece]:
        from rpdr_core.workflow.lint.project_lint import lint_project

        return lint_project(*self._tools(), self._reviewer())

    def _tools(self) -> tuple[ProjectReader, CodeBook]:
        from rpdr_core.store import open_reader

        if self._reader is None:
            self._reader = open_reader(self._path, small=True)
        assert self._book is not None
        return self._reader, self._book

    def _shut(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._book is not None:
            self._book.search.close()

    # In the window's thread

    def _ready(self, _reference: object) -> None:
        def opened(search: EntitySearch) -> None:
            from rpdr_core.workflow.lint.code_book import CodeBook

            self._book = CodeBook(search)

        self._terminology.ask(lambda search: search.twin(), opened)

    def _next(self, run: int, pieces: Iterator[Piece], failed: Failed) -> None:
        if run != self._run:
            return

        def took(piece: Piece | None) -> None:
            if run != self._run:
                return
            if piece is None:
                self.piece.emit(LintPiece(0, 0, ended=True))
                return
            self.piece.emit(LintPiece(piece.done, piece.total, tuple(map(line_found, piece.found))))
            # A breath between two pieces: what the window has to do meanwhile never waits for the interpreter.
            QTimer.singleShot(self._pause, self, lambda: self._next(run, pieces, failed))

        def broke(error: RpdrError) -> None:
            if run == self._run:
                self.piece.emit(LintPiece(0, 0, ended=True))
                failed(error)

        self._thread.submit(lambda: next(pieces, None), took, broke)

    def _book_of(self, search: EntitySearch) -> CodeBook:
        from rpdr_core.workflow.lint.code_book import CodeBook

        if self._live is None or self._live.search is not search:
            self._live = CodeBook(search)
        return self._live
