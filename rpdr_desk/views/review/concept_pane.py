"""The right side: what the selected candidate is, where it stands, what it excludes, who else went there."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtWidgets import QFrame, QTextBrowser, QVBoxLayout, QWidget

from rpdr_core.records import Mention
from rpdr_desk import theme
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.views.review.concept_page import ConceptPage, PageLook


class ConceptPane(QFrame):
    """`code_chosen`: a link to another code was clicked."""

    code_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self._concept: Concept | None = None
        self._mapped: tuple[int, list[Mention]] = (0, [])
        self._opened: frozenset[str] = frozenset()
        self._waiting = ""
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.page.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.page.document().setDocumentMargin(0)
        self.page.setViewportMargins(20, 20, 12, theme.GAP)
        self.page.anchorClicked.connect(self._clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.retranslate()

    def show_concept(self, concept: Concept | None, waiting: str = "") -> None:
        """`waiting` says why there is nothing to show yet."""
        self._concept, self._waiting, self._mapped, self._opened = concept, waiting, (0, []), frozenset()
        self._render()
        self.page.verticalScrollBar().setValue(0)

    def show_mapped(self, code: str, count: int, mentions: list[Mention]) -> None:
        """Who else is mapped to `code`; too late if another concept is shown by now."""
        if self._concept is not None and self._concept.entity.code == code:
            self._mapped = (count, mentions)
            self._render_in_place()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._render()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.page.setAccessibleName(self.tr("Selected concept"))
        self._render()

    def _clicked(self, link: QUrl) -> None:
        kind, _, name = link.toString().partition(":")
        if kind == "code":
            self.code_chosen.emit(name)
        else:
            self._opened |= {name}
            self._render_in_place()

    def _render_in_place(self) -> None:
        place = self.page.verticalScrollBar().value()
        self._render()
        self.page.verticalScrollBar().setValue(place)

    def _render(self) -> None:
        if self._concept is None:
            self.page.setHtml(f'<p style="color:{theme.dim(self.palette()).name()}">{escape(self._waiting)}</p>')
            return
        look = PageLook(self.palette(), self.font().pointSizeF(), self._opened)
        self.page.setHtml(ConceptPage(self._concept, self._mapped, look).html())
        entity = self._concept.entity
        self.setAccessibleDescription(f"{entity.code} {entity.name}")
