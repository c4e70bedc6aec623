"""One of the two answers: who gave it, the code with its place, relation, comment, and what was on screen then."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from rpdr_core.records import Decision, Opinion, Ranking
from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, scaled, text_font
from rpdr_desk.item_models.candidate_rows import leading
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.adjudicate.words import relation_text
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.review import painting

SHOWN = 5


class AnswerCard(QFrame):
    """`taken`: a click on the key. The card grows with its text; nothing in it takes the focus."""

    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        self._answer: Decision | Opinion | None = None
        self._path: tuple[str, ...] = ()
        self._frozen: tuple[Ranking, ...] | None = None
        self.cap = _Cap(self)
        self._who, self._code = Heading(self, 1.0), Heading(self, 1.3)
        self._when, self._place, self._list_title = (dim_label("", self) for _ in range(3))
        self._name, self._relation, self._more, self._comment, self._list = (_text(self) for _ in range(5))
        self._list.setTextFormat(Qt.TextFormat.RichText)
        self.cap.clicked.connect(self.taken)
        self._lay_out()

    def show_answer(self, answer: Decision | Opinion | None, path: tuple[str, ...]) -> None:
        """`path`: names from the root to the code's parent."""
        self._answer, self._path, self._frozen = answer, path, None
        self._render()

    def show_frozen(self, rankings: Sequence[Ranking]) -> None:
        """The rankings that were on screen when it was given."""
        self._frozen = tuple(rankings)
        self._render_list()

    def _render(self) -> None:
        answer = self._answer
        self.setVisible(answer is not None)
        if answer is None:
            return
        self._who.setText(answer.reviewer or self.tr("without a name"))
        self._when.setText(_local(answer.made_at))
        none = answer.kind == "no_match"
        self._code.setText(self.tr("No match") if none else answer.code)
        self._name.setText(wording.reason_text(answer.reason) if none else answer.name)
        self._place.setText("  ›  ".join(self._path))
        self._place.setVisible(bool(self._path))
        self._relation.setText("" if none else relation_text(answer.relation))
        self._relation.setVisible(not none)
        also = [f"{one.code}  {one.name} ({relation_text(one.relation)})" for one in answer.also]
        self._more.setText("\n".join(wording.fill(self.tr("and %1"), one) for one in also))
        self._more.setVisible(bool(also))
        self._comment.setText(wording.fill(self.tr("“%1”"), answer.comment) if answer.comment else "")
        self._comment.setVisible(bool(answer.comment))
        told = (self._who.text(), self._code.text(), self._name.text(), self._relation.text(), answer.comment)
        self.setAccessibleName(", ".join(part for part in told if part))
        self._render_list()

    def _render_list(self) -> None:
        answer, first = self._answer, leading(self._frozen or ())
        there = answer is not None and self._frozen is not None
        self._list_title.setVisible(there)
        self._list.setVisible(there and first is not None)
        if answer is None or not there:
            return
        if first is None:
            self._list_title.setText(self.tr("Answered without any ranking on screen."))
            return
        self._list_title.setText(wording.fill(self.tr("On screen then, by the %1"), self._ranker(first)))
        rows = [(one.code, one.name) for one in first.candidates]
        shown = rows[:SHOWN]
        place = next((at for at, (code, _) in enumerate(rows) if code == answer.code), -1)
        lines = [_line(at, code, name, chosen=at == place) for at, (code, name) in enumerate(shown)]
        if place >= SHOWN:
            lines.append(_line(place, *rows[place], chosen=True))
        missing = escape(self.tr("The code was not among them.")) if place < 0 and answer.code else ""
        self._list.setText(f'<table cellspacing="0">{"".join(lines)}</table>{missing}')

    def _ranker(self, ranking: Ranking) -> str:
        match ranking.ranker.partition(":")[0]:
            case "teacher":
                return self.tr("teacher")
            case "student":
                return self.tr("student")
            case _:
                return self.tr("retriever")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self.cap, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._who, 1)
        self._who.setWordWrap(True)
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN - 4, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.UNIT)
        column.addLayout(head)
        column.addSpacing(theme.UNIT)
        for widget in (self._code, self._name, self._place, self._relation, self._more, self._comment):
            column.addWidget(widget)
        column.addSpacing(theme.GAP)
        column.addWidget(self._list_title)
        column.addWidget(self._list)
        column.addSpacing(theme.GAP)
        column.addWidget(self._when)
        column.addStretch(1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._render()
        super().changeEvent(event)


class _Cap(QWidget):
    """The key that takes the answer, as it looks on the keyboard; the mouse may press it too."""

    clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._key = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_key(self, key: str, told: str) -> None:
        self._key = key
        self.setToolTip(told)
        self.setAccessibleName(told)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        area = painting.cap_area(QPointF(0, 0), self._key, scaled(text_font(), 1.0))
        return QSize(round(area.width()) + 4, round(area.height()) + 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in TEXT_CHANGED:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        painting.key_cap(painter, middle, self._key, scaled(text_font(), 1.0), self.palette(), strong=True)


def _line(at: int, code: str, name: str, *, chosen: bool) -> str:
    """A candidate; the chosen one has a mark and weight."""
    mark, weight = ("●", "600") if chosen else ("", "400")
    cells = (f"{at + 1}", escape(code), f"{escape(name)} {mark}")
    return "".join(
        ("<tr>", *(f'<td style="padding:1px 10px 1px 0; font-weight:{weight}">{cell}</td>' for cell in cells), "</tr>")
    )


def _text(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _local(moment: str) -> str:
    """A stored moment (UTC) as the clock on the wall has it."""
    return wording.moment(moment)
