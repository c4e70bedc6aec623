"""The right side: what the selected candidate is, what speaks against it, where it stands, who else went there."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QUrl, Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from rpdr_core.records import Decision, Mention
from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, grown
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.operations.terminology import Beyond, Concept
from rpdr_desk.views import lint_words
from rpdr_desk.views.review.beyond_words import beyond_told
from rpdr_desk.views.review.concept_beside import Beside
from rpdr_desk.views.review.concept_browser import ConceptBrowser
from rpdr_desk.views.review.concept_page import ConceptPage, PageLook

_MARK = 16


class ConceptPane(QFrame):
    """`code_chosen`: a link to another code was followed. `candidate_asked`: the concept on screen is wanted among the
    candidates, `tree_asked`: in its tree, `mapped_asked`: all mentions mapped to it. `back_asked`: to the one before.
    """

    code_chosen = Signal(str)
    candidate_asked = Signal()
    tree_asked = Signal()
    mapped_asked = Signal()
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self._concept: Concept | None = None
        self._beside = Beside()
        self._opened: frozenset[str] = frozenset()
        self._waiting = ""
        self.page = ConceptBrowser(self)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.document().setDocumentMargin(0)
        self.page.setViewportMargins(20, 20, 12, theme.GAP)
        self.page.followed.connect(self._followed)
        self.page.back_asked.connect(self.back_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.setFocusProxy(self.page)
        self.retranslate()

    @property
    def concept(self) -> Concept | None:
        return self._concept

    def show_concept(self, concept: Concept | None, waiting: str = "", *, offered: bool = True) -> None:
        """`waiting` says why there is nothing to show yet; `offered`: the concept is among the candidates."""
        self._concept, self._waiting = concept, waiting
        self._beside, self._opened = Beside(offered=offered), frozenset()
        self._render(anew=True)

    def show_mapped(self, code: str, count: int, mentions: list[Mention]) -> None:
        """Who else is mapped to `code`; too late if another concept is shown by now."""
        if self._shows(code):
            self._beside = self._beside.with_mapped(count, mentions)
            self._render()

    def show_lint(self, code: str, lines: tuple[FindingLine, ...]) -> None:
        """What speaks against `code` for the mention on screen."""
        if self._shows(code) and lines != self._beside.lint:
            self._beside = self._beside.with_lint(lines)
            self._render()

    def show_beyond(self, code: str, beyond: Beyond) -> None:
        """What the release says of `code` beside its entity: maps, and what became of it."""
        if self._shows(code) and beyond != self._beside.beyond:
            self._beside = self._beside.with_beyond(beyond)
            self._render()

    def show_origin(self, code: str, decision: Decision | None) -> None:
        """The earlier decision that put `code` among the candidates."""
        if self._shows(code) and decision is not None:
            self._beside = self._beside.with_origin(decision)
            self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange or event.type() in TEXT_CHANGED:
            self._render()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.page.setAccessibleName(self.tr("Selected concept"))
        self._render()

    def _shows(self, code: str) -> bool:
        return self._concept is not None and self._concept.entity.code == code

    def _followed(self, link: str) -> None:
        kind, _, name = link.partition(":")
        match kind:
            case "code":
                self.code_chosen.emit(name)
            case "open":
                self._opened |= {name}
                self._render()
            case "candidate":
                self.candidate_asked.emit()
            case "tree":
                self.tree_asked.emit()
            case "mapped":
                self.mapped_asked.emit()

    def _render(self, *, anew: bool = False) -> None:
        if self._concept is None:
            words = f'<p style="color:{theme.dim(self.palette()).name()}">{escape(self._waiting)}</p>'
            self.page.show_page(words, anew=True)
            return
        self._give_marks()
        look = PageLook(self.palette(), self.font().pointSizeF(), self._opened)
        self.page.show_page(ConceptPage(self._concept, self._beside, look).html(), anew=anew)
        entity = self._concept.entity
        told = [f"{entity.code} {entity.name}", *(lint_words.sentence(line) for line in self._beside.lint)]
        told += beyond_told(self._beside.beyond)
        self.setAccessibleDescription(". ".join(told))

    def _give_marks(self) -> None:
        """The pictures that stand with findings, in the colours of the moment."""
        for line in self._beside.lint:
            name = lint_words.grade_icon(line.grade)
            ink = theme.alert(self.palette()) if line.grade == "error" else theme.dim(self.palette())
            picture = icons.pixmap(name, ink, grown(_MARK), self.devicePixelRatioF())
            kind = QTextDocument.ResourceType.ImageResource
            self.page.document().addResource(kind.value, QUrl(f"mark:{name}"), picture)
