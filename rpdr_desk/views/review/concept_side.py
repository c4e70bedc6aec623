"""What the concept pane shows: the selected candidate, or a code that was asked for, and what speaks against it."""

from __future__ import annotations

from array import array

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from rpdr_core.records import Changes, Entity
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.review.concept_pane import ConceptPane
from rpdr_desk.views.review.review_flow import ReviewFlow
from rpdr_desk.views.review.tree_dialog import TreeDialog

_REMEMBERED = 50


class ConceptSide(QObject):
    """Fills the pane from the terminology and the store. `wanted` carries an `Entity` to be shown as a candidate.

    Whatever is looked at here, nothing is decided.
    """

    wanted = Signal(object)

    def __init__(self, workspace: Workspace, pane: ConceptPane, flow: ReviewFlow, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._pane, self._flow, self._page = workspace, pane, flow, parent
        self._row: CandidateRow | None = None
        self._code = ""
        self._before: list[str] = []
        self.tree: TreeDialog | None = None
        pane.code_chosen.connect(self.show)
        pane.back_asked.connect(self._back)
        pane.candidate_asked.connect(self._want)
        pane.tree_asked.connect(self.open_tree)
        pane.mapped_asked.connect(self._list_mapped)
        flow.draft_changed.connect(self._judge)
        workspace.store.changed.connect(self._changed)

    def show_row(self, row: CandidateRow) -> None:
        """A candidate is selected: its concept, and where it comes from if that is an earlier decision."""
        self._row, self._before = row, []
        self._look_up(row.code)

    def show(self, code: str) -> None:
        """A code that was asked for in the pane."""
        if self._code and self._code != code:
            self._before = [*self._before[-_REMEMBERED:], self._code]
        self._look_up(code)

    def clear(self, words: str = "") -> None:
        """Nothing to look at; `words` say why."""
        self._row, self._code, self._before = None, "", []
        self._pane.show_concept(None, words)

    def open_tree(self) -> None:
        """The hierarchy around the concept on screen, or from the top."""
        if not self._workspace.terminology.is_ready or self.tree is not None:
            return
        concept = self._pane.concept
        path = [one.code for one in (*concept.path, concept.entity)] if concept is not None else []
        self.tree = TreeDialog(self._workspace, path, self._page)
        about = self._flow.mention
        self.tree.chosen.connect(lambda entity: self._choose(entity, about.id if about is not None else 0))
        self.tree.finished.connect(self._tree_closed)
        self.tree.open()

    def _choose(self, entity: Entity, about: int) -> None:
        """A decision under way may have put another mention there: what was looked up was not meant for that one."""
        if self._flow.mention is not None and self._flow.mention.id == about:
            self.wanted.emit(entity)

    def _tree_closed(self) -> None:
        self.tree = None

    def _look_up(self, code: str) -> None:
        self._code = code
        if not self._workspace.terminology.is_ready:
            words = QCoreApplication.translate("ReviewPage", "The terminology is being opened ...")
            self._pane.show_concept(None, words)
            return
        self._workspace.terminology.concept(code, lambda concept: self._show(code, concept))

    def _show(self, code: str, concept: Concept | None) -> None:
        if code != self._code:
            return
        if concept is None:
            unknown = QCoreApplication.translate("concept", "%1 is not in this terminology.")
            self._pane.show_concept(None, wording.fill(unknown, code))
            return
        offered = any(row.code == code for row in self._flow.rows)
        self._pane.show_concept(concept, offered=offered)
        self._judge()
        self._tell_origin(code)
        self._workspace.terminology.beyond(code, lambda found: self._pane.show_beyond(code, found))
        self._workspace.review.mapped_here(code, lambda found: self._pane.show_mapped(code, *found))

    def _changed(self, changes: Changes) -> None:
        """Many at once: who is mapped here now. (After a single decision another concept comes.)"""
        concept = self._pane.concept
        if concept is not None and "decisions" in changes.kinds and len(changes.mention_ids) > 1:
            code = concept.entity.code
            self._workspace.review.mapped_here(code, lambda found: self._pane.show_mapped(code, *found))

    def _judge(self) -> None:
        """What map lint says of this choice. One who owes an answer of their own is told nothing."""
        mention, code = self._flow.mention, self._code
        if mention is None or not code or self._flow.owes:
            return
        codes = (code, *(one for one in self._flow.draft.codes if one != code))

        def tell(lines: tuple[FindingLine, ...]) -> None:
            here = self._flow.mention
            if here is not None and here.id == mention.id and not self._flow.owes:
                self._pane.show_lint(code, lines)

        self._workspace.linting.judge(mention.id, mention.text, codes, tell)

    def _tell_origin(self, code: str) -> None:
        row = self._row
        if row is not None and row.code == code and row.source == "memory" and row.matched:
            self._workspace.review.origin(row.matched, code, lambda found: self._pane.show_origin(code, found))

    def _back(self) -> None:
        if self._before:
            *self._before, code = self._before
            self._look_up(code)

    def _want(self) -> None:
        concept = self._pane.concept
        if concept is not None:
            self.wanted.emit(concept.entity)

    def _list_mapped(self) -> None:
        concept = self._pane.concept
        if concept is not None:
            self._workspace.review.mapped_ids(concept.entity.code, lambda ids: self._give(concept.entity, ids))

    def _give(self, entity: Entity, ids: array[int]) -> None:
        words = QCoreApplication.translate("concept", "Mapped to %1")
        self._workspace.list_asked.emit(GivenList(wording.fill(words, f"{entity.code} {entity.name}"), ids))
