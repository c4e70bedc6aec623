"""The right side: what the selected candidate is, where it stands, what it excludes, who else went there."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtWidgets import QFrame, QTextBrowser, QVBoxLayout, QWidget

from rpdr_core.records import Entity, Mention
from rpdr_desk import theme
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.views import wording

SYNONYMS_SHOWN = 14
CHILDREN_SHOWN = 24


class ConceptPane(QFrame):
    """`code_chosen`: a link to another code was clicked."""

    code_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self._concept: Concept | None = None
        self._mapped: tuple[int, list[Mention]] = (0, [])
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
        self._concept, self._waiting, self._mapped = concept, waiting, (0, [])
        self._render()
        self.page.verticalScrollBar().setValue(0)

    def show_mapped(self, code: str, count: int, mentions: list[Mention]) -> None:
        """Who else is mapped to `code`; too late if another concept is shown by now."""
        if self._concept is not None and self._concept.entity.code == code:
            self._mapped = (count, mentions)
            place = self.page.verticalScrollBar().value()
            self._render()
            self.page.verticalScrollBar().setValue(place)

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
        self.code_chosen.emit(link.toString().removeprefix("code:"))

    def _render(self) -> None:
        if self._concept is None:
            self.page.setHtml(f'<p style="color:{theme.dim(self.palette()).name()}">{escape(self._waiting)}</p>')
            return
        self.page.setHtml("".join(self._parts(self._concept)))
        entity = self._concept.entity
        self.setAccessibleDescription(f"{entity.code} {entity.name}")

    def _parts(self, concept: Concept) -> list[str]:
        entity = concept.entity
        return [
            self._head(entity),
            self._path(concept.path),
            self._children(concept) if not entity.assignable else "",
            self._section(self.tr("Synonyms"), entity.synonyms[:SYNONYMS_SHOWN]),
            *(self._section(wording.note_heading(kind), texts) for kind, texts in wording.grouped_notes(entity.notes)),
            self._children(concept) if entity.assignable else "",
            self._mapped_here(),
        ]

    def _head(self, entity: Entity) -> str:
        accent, dim = theme.accent(self.palette()).name(), theme.dim(self.palette()).name()
        size = self.font().pointSizeF()
        if not entity.active:
            state = self.tr("Inactive: not for new mappings")
        elif entity.assignable:
            state = self.tr("Billable") if entity.type in _ICD_TYPES else self.tr("Can be assigned")
        else:
            state = self.tr("Not billable: take one of its codes")
        colour = dim if entity.assignable and entity.active else accent
        return (
            f'<p style="margin:0; font-size:{size * 1.5:.1f}pt; font-weight:600; color:{accent}">'
            f"{escape(entity.code)}</p>"
            f'<p style="margin:2px 0 4px 0; font-size:{size * 1.15:.1f}pt; font-weight:600">{escape(entity.name)}</p>'
            f'<p style="margin:0 0 10px 0; color:{colour}">{escape(state)}</p>'
        )

    def _path(self, path: Sequence[Entity]) -> str:
        dim = theme.dim(self.palette()).name()
        lines = "".join(
            f'<p style="margin:0 0 2px {depth * 10}px; color:{dim}">{self._link(one.code)}&nbsp; {escape(one.name)}</p>'
            for depth, one in enumerate(path)
        )
        return self._titled(self.tr("Where it stands"), lines)

    def _children(self, concept: Concept) -> str:
        dim = theme.dim(self.palette()).name()
        lines = "".join(
            f'<p style="margin:0 0 3px 0">{self._link(one.code)}&nbsp; {escape(one.name)}</p>'
            for one in concept.children[:CHILDREN_SHOWN]
        )
        more = len(concept.children) - CHILDREN_SHOWN
        if more > 0:
            lines += f'<p style="margin:0; color:{dim}">{wording.fill(self.tr("and %1 more"), more)}</p>'
        return self._titled(self.tr("Narrower codes"), lines)

    def _mapped_here(self) -> str:
        count, mentions = self._mapped
        lines = "".join(
            f'<p style="margin:0 0 3px 0">{escape(one.text)} '
            f'<span style="color:{theme.dim(self.palette()).name()}">×{one.count}</span></p>'
            for one in mentions
        )
        return self._titled(wording.fill(self.tr("Mapped here: %1"), count), lines)

    def _section(self, title: str, lines: Sequence[str]) -> str:
        return self._titled(title, "".join(f'<p style="margin:0 0 3px 0">{escape(one)}</p>' for one in lines))

    def _titled(self, title: str, body: str) -> str:
        if not body:
            return ""
        dim, size = theme.dim(self.palette()).name(), self.font().pointSizeF()
        return (
            f'<p style="margin:12px 0 4px 0; font-size:{size * 0.9:.1f}pt; font-weight:600; color:{dim}">'
            f"{escape(title)}</p>{body}"
        )

    def _link(self, code: str) -> str:
        accent = theme.accent(self.palette()).name()
        return f'<a href="code:{escape(code)}" style="color:{accent}; text-decoration:none">{escape(code)}</a>'


_ICD_TYPES = frozenset(("category", "subcategory", "extension"))
