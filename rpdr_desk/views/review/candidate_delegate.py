"""A candidate in the table: key cap, code, name, what brought it, three ranks, how sure."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from rpdr_desk import theme
from rpdr_desk.actions import PICKS
from rpdr_desk.fonts import Cuts, tall
from rpdr_desk.item_models.candidate_model import ROW, Column
from rpdr_desk.item_models.candidate_rows import CandidateRow, percent
from rpdr_desk.views import wording
from rpdr_desk.views.review import painting

LEAST_MATCHED = 56
_Index = QModelIndex | QPersistentModelIndex


class CandidateDelegate(QStyledItemDelegate):
    """Paints every column. The selected row is the one that Space and Enter take."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.decided = self.own = ""
        self.further: frozenset[str] = frozenset()
        self._cuts = Cuts()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        del option, index
        return QSize(40, tall(theme.ROW, 2))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _background(painter, option, index.column())
        if isinstance(row, CandidateRow):
            self._paint_cell(painter, option, index, row)
        painter.restore()

    def _paint_cell(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, row: CandidateRow) -> None:
        box = option.rect.adjusted(6, 0, -6, 0)
        match Column(index.column()):
            case Column.KEY:
                _key(painter, option, index.row(), self._cuts)
            case Column.CODE:
                font = self._cuts.of(option.font, bold=True, tabular=True)
                painting.text(painter, box, row.code, font, option.palette.color(QPalette.ColorRole.Text))
            case Column.NAME:
                self._name(painter, option, box, row)
            case Column.MATCHED:
                _matched(painter, option, box, row, self._cuts)
            case Column.SURE:
                _sure(painter, option, box, row, self._cuts)
            case _:
                _rank(painter, option, str(index.data() or ""), self._cuts)

    def marks_of(self, code: str) -> tuple[str, ...]:
        """What is said of a code beside its name: chosen, the reviewer's own answer, ticked as a further one."""
        marks = (
            (code == self.decided, wording.chosen_text()),
            (code == self.own, wording.own_text()),
            (code in self.further, wording.further_text()),
        )
        return tuple(words for holds, words in marks if holds and code)

    def _name(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, row: CandidateRow) -> None:
        palette = option.palette
        for words in self.marks_of(row.code):
            small = self._cuts.of(option.font, 0.84)
            tick = "+ " if words == wording.further_text() else ""
            left = painting.badge(painter, box.right(), box, tick + words, small, palette, strong=True)
            box = QRect(box.left(), box.top(), left - theme.GAP - box.left(), box.height())
        painting.two_lines(painter, box, row.name, option.font, palette.color(QPalette.ColorRole.Text))


def _background(painter: QPainter, option: QStyleOptionViewItem, column: int) -> None:
    palette = option.palette
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(option.rect, theme.tint(palette, 0.13))
        if column == Column.KEY:
            painter.fillRect(
                QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), theme.accent(palette)
            )
    painter.fillRect(
        QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
        theme.mix(palette.color(QPalette.ColorRole.Base), theme.line(palette), 0.6),
    )


def _key(painter: QPainter, option: QStyleOptionViewItem, row: int, cuts: Cuts) -> None:
    if row < PICKS:
        centre = QPointF(option.rect.center()) + QPointF(2, 0.5)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painting.key_cap(
            painter, centre, str(row + 1), cuts.of(option.font, 0.88, tabular=True), option.palette, selected
        )


def _matched(painter: QPainter, option: QStyleOptionViewItem, box: QRect, row: CandidateRow, cuts: Cuts) -> None:
    """The badge wherever a string brought the candidate; the string itself where it says more than the name."""
    if not row.matched:
        return
    small, palette = cuts.of(option.font, 0.84), option.palette
    strong = row.source in ("memory", "lexicon", "replaces")
    left = painting.badge(painter, box.right(), box, wording.source_text(row.source), small, palette, strong)
    if why := wording.found_by(row.by):
        left = painting.badge(painter, left - theme.UNIT, box, why, small, palette, strong=False)
    if row.matched.casefold() != row.name.casefold():
        area = QRect(box.left(), box.top(), left - theme.GAP - box.left(), box.height())
        if area.width() < LEAST_MATCHED:
            return
        painting.two_lines(painter, area, row.matched, cuts.of(option.font, 0.92), theme.dim(palette))


def _rank(painter: QPainter, option: QStyleOptionViewItem, words: str, cuts: Cuts) -> None:
    palette = option.palette
    first = words == "1"
    font = cuts.of(option.font, 0.96, bold=first, tabular=True)
    colour = palette.color(QPalette.ColorRole.Text) if first else theme.dim(palette)
    if not words:
        words, colour = "–", palette.color(QPalette.ColorRole.PlaceholderText)
    painting.text(painter, option.rect, words, font, colour, painting.CENTRE)


def _sure(painter: QPainter, option: QStyleOptionViewItem, box: QRect, row: CandidateRow, cuts: Cuts) -> None:
    palette = option.palette
    small = cuts.of(option.font, 0.9, tabular=True)
    box = box.adjusted(0, 0, -theme.GAP, 0)
    room = painting.width(">99%", small)
    track = QRectF(box.left(), box.center().y() - 2, box.width() - room - theme.GAP, 5)
    if row.confidence is not None:
        painting.bar(painter, track, row.confidence, palette, strong=True)
        colour = palette.color(QPalette.ColorRole.Text)
        painting.text(painter, box, percent(row.confidence), small, colour, painting.RIGHT)
    elif row.weight is not None:
        painting.bar(painter, track, row.weight, palette, strong=False)
