"""The mention, large and calm: what was written, in its sentence, how often and where."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from rpdr_core.records import Mention
from rpdr_desk import icons, theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, text_font
from rpdr_desk.item_models.opinions import Opinion, agreed
from rpdr_desk.views import wording
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.review.context_view import ContextView


class MentionPane(QFrame):
    """Its height never changes with its contents, so that the table below stays where the eye left it.

    `state`: whether it says what is decided; a dispute shows both answers instead.
    """

    def __init__(self, parent: QWidget | None = None, *, state: bool = True) -> None:
        super().__init__(parent)
        self._state = state
        self.setProperty("surface", True)
        self._mention: Mention | None = None
        self._note = self._standing = ""
        self._further: tuple[str, ...] = ()
        self._opinions: tuple[Opinion, ...] = ()
        self._title = _Elided(self, 1.75)
        self._chip = _Chip(self)
        self.context = ContextView(self)
        self.opinions = QLabel(self)
        self.opinions.setTextFormat(Qt.TextFormat.RichText)
        self.opinions.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._facts = QLabel(self)
        self._facts.setProperty("dim", True)
        self._facts.setTextFormat(Qt.TextFormat.PlainText)  # a comment may hold anything
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self._set_fonts()

    def show_mention(
        self, mention: Mention | None, note: str = "", further: Sequence[str] = (), standing: str = ""
    ) -> None:
        """`note` adds a word on the decision in force, e.g. the reason for no match, `further` facts. `standing` says
        what the mention asks of its reviewer before it shows everything.
        """
        self._mention, self._note, self._further = mention, note, tuple(further)
        self._standing = standing
        self._render()
        self._render_opinions()

    def show_opinions(self, opinions: Sequence[Opinion]) -> None:
        """What the rankers put first; silent while only one has spoken."""
        self._opinions = tuple(opinions)
        self._render_opinions()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._render()
            self._render_opinions()
        elif event.type() in TEXT_CHANGED:
            self._set_fonts()
            self._render()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.MARGIN)
        head.addWidget(self._title, 1)
        head.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, 20, theme.WIDE, theme.GAP + 2)
        column.setSpacing(theme.UNIT)
        column.addLayout(head)
        column.addWidget(self._facts)
        column.addSpacing(2)
        column.addWidget(self.context)
        column.addWidget(self.opinions)

    def _set_fonts(self) -> None:
        base = text_font()
        self.opinions.setFixedHeight(QFontMetrics(base).height() + 2)

    def _render(self) -> None:
        mention = self._mention
        if mention is None:
            self._title.set_text("")
            self.context.show_context(None)
            self._facts.clear()
            self._chip.show_mention(None, "")
            return
        self._title.set_text(mention.text)
        self.context.show_context(mention, self.tr("This mention came without its sentence."))
        self.context.setAccessibleName(self.tr("Sentence"))
        self._facts.setText("   ·   ".join(self._fact_list(mention)))
        self._chip.show_mention(mention if self._state else None, self._note)
        self.setAccessibleName(wording.described(mention) if self._state else mention.text)
        self.setAccessibleDescription(mention.context)

    def flag_words(self) -> str:
        """That the mention is flagged, and why; empty where it is not."""
        if self._mention is None or not self._mention.flagged:
            return ""
        why = wording.flag_text(self._mention.flag_reason)
        return wording.fill(self.tr("Flagged: %1"), why) if why else self.tr("Flagged")

    def _fact_list(self, mention: Mention) -> list[str]:
        facts = [wording.occurrences(mention.count)]
        if mention.department:
            facts.append(mention.department)
        if mention.flagged:
            facts.append(self.flag_words())
        if mention.comment:
            facts.append(wording.fill(self.tr("Comment: %1"), mention.comment))
        return [*facts, *self._further]

    def _render_opinions(self) -> None:
        """In words and with a mark, not by colour: who says what, where they differ."""
        told = [wording.opinion_text(one) for one in self._opinions]
        if self._standing:
            accent = theme.accent(self.palette()).name()
            self.opinions.setText(f'<span style="color:{accent}; font-weight:600">{escape(self._standing)}</span>')
            told = [self._standing, *told]
        elif len(told) < 2:
            self.opinions.clear()
        elif agreed(self._opinions):
            dim = theme.dim(self.palette()).name()
            self.opinions.setText(f'<span style="color:{dim}">{escape(self.tr("All agree"))}</span>')
        else:
            alert, between = theme.alert(self.palette()).name(), "&nbsp;&nbsp;·&nbsp;&nbsp;"
            words = between.join(escape(one) for one in told)
            self.opinions.setText(f'<span style="color:{alert}; font-weight:600">≠</span>&nbsp; {words}')
        self.opinions.setToolTip("<br>".join(escape(one) for one in told))
        self.opinions.setAccessibleName(", ".join(told))


class _Elided(Heading):
    """One line of text, cut in the middle where it does not fit."""

    def __init__(self, parent: QWidget, factor: float) -> None:
        super().__init__(parent, factor)
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_text(self, words: str) -> None:
        self._words = words
        self.setText(words or " ")
        self.setToolTip(words)
        self.setAccessibleName(words)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        shown = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)


class _Chip(QWidget):
    """The state in an icon and words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._flag = QLabel(self)
        self._words = QLabel(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT + 2)
        for part in (self._flag, self._icon, self._words):
            row.addWidget(part)

    def show_mention(self, mention: Mention | None, note: str) -> None:
        self.setVisible(mention is not None)
        if mention is None:
            return
        palette, ratio = self.palette(), self.devicePixelRatioF()
        decided = mention.status in ("accepted", "corrected", "no_match")
        ink = theme.accent(palette) if decided else theme.dim(palette)
        self._icon.setPixmap(icons.cached(mention.status, ink.name(), grown(18), ratio))
        self._flag.setPixmap(icons.cached("flag", theme.accent(palette).name(), grown(18), ratio))
        self._flag.setVisible(mention.flagged)
        state = "  ".join(filter(None, (wording.status_text(mention.status), mention.code)))
        self._words.setText("  ·  ".join(filter(None, (state, note))))
        self._words.setStyleSheet(f"color: {ink.name()}; font-weight: 600;")
