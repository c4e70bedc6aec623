"""What the concept pane shows: the selected candidate, or a code that was asked for, and who else went there."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from rpdr_desk.operations.terminology import Concept
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.review.concept_pane import ConceptPane


class ConceptSide(QObject):
    """Fills the pane from the terminology and the store."""

    def __init__(self, workspace: Workspace, pane: ConceptPane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._pane = workspace, pane
        pane.code_chosen.connect(self.show)

    def show(self, code: str) -> None:
        """Put a code's concept in the pane; says so while the terminology is being opened."""
        if not self._workspace.terminology.is_ready:
            words = QCoreApplication.translate("ReviewPage", "The terminology is being opened ...")
            self._pane.show_concept(None, words)
            return
        self._workspace.terminology.concept(code, self._show)

    def clear(self) -> None:
        self._pane.show_concept(None)

    def _show(self, concept: Concept | None) -> None:
        self._pane.show_concept(concept)
        if concept is not None:
            code = concept.entity.code
            self._workspace.review.mapped_here(code, lambda found: self._pane.show_mapped(code, *found))
