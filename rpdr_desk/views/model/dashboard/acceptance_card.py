"""What may be accepted unseen, at an error rate that the user chooses, and what must be done before that."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.dashboard_state import ALPHAS, CERTAINTY, LARGEST_CHECK, Offer, Safety, size_for
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.dashboard import words
from rpdr_desk.views.model.heading import Heading

_FIRST = 2


class AcceptanceCard(Card):
    """`draw_asked` carries a size; `check_asked`: the check is to be answered; `review_asked` carries a threshold
    (0..1), `accept_asked` a threshold and the error rate.
    """

    draw_asked = Signal(int)
    check_asked = Signal()
    review_asked = Signal(float)
    accept_asked = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._safety, self._unreviewed = Safety(), 0
        self._question, self._why = QLabel(self), dim_label("", self)
        self._question.setWordWrap(True)
        self.result = Heading(self, 1.15)
        self.result.setWordWrap(True)
        self._detail = QLabel(self)
        self._detail.setWordWrap(True)
        self.draw, self.check, self.review, self.accept = (QPushButton(self) for _ in range(4))
        self.check.setProperty("primary", True)
        self.alphas = [QPushButton(self) for _ in ALPHAS]
        self._group = QButtonGroup(self)
        self._lay_out()
        self.draw.clicked.connect(lambda _checked=False: self.draw_asked.emit(self._size()))
        self.check.clicked.connect(lambda _checked=False: self.check_asked.emit())
        self.review.clicked.connect(lambda _checked=False: self.review_asked.emit(self._threshold()))
        self.accept.clicked.connect(lambda _checked=False: self.accept_asked.emit(self._threshold(), self.alpha))
        self._render()

    @property
    def alpha(self) -> float:
        """The error rate that is chosen."""
        return ALPHAS[max(0, self._group.checkedId())]

    def choose(self, place: int) -> None:
        """Choose the error rate at this place of `ALPHAS`."""
        self.alphas[place].setChecked(True)
        self._render()

    def show_safety(self, safety: Safety, unreviewed: int) -> None:
        """`unreviewed`: how many mentions a check could be drawn from."""
        self._safety, self._unreviewed = safety, unreviewed
        self._render()

    def _may_draw(self) -> bool:
        return self._unreviewed >= 2 * self._size() and self._size() <= LARGEST_CHECK

    def _size(self) -> int:
        """How large the next check should be: larger than one that was answered and did not do."""
        offer = self._offer()
        more = offer.promise.more if offer is not None and self._safety.promises else None
        return max(size_for(self.alpha), self._safety.size + (more or 0) if self._safety.promises else 0)

    def _offer(self) -> Offer | None:
        offers = self._safety.promises or self._safety.guesses
        return offers[max(0, self._group.checkedId())] if offers else None

    def _threshold(self) -> float:
        offer = self._offer()
        return 1.0 if offer is None or offer.promise.threshold is None else offer.promise.threshold

    def _render(self) -> None:
        self.set_title(self.tr("Safe acceptance"))
        self._question.setText(self.tr("Of what is accepted unseen, at most this share may be wrong:"))
        for alpha, button in zip(ALPHAS, self.alphas, strict=True):
            button.setText(f"{alpha:.0%}")
            button.setAccessibleName(wording.fill(self.tr("at most %1 wrong"), f"{alpha:.0%}"))
        offer, promised = self._offer(), bool(self._safety.promises)
        found = offer is not None and offer.promise.threshold is not None
        self.result.setText(self._result(offer))
        self._detail.setText(self._basis(offer))
        self._detail.setVisible(bool(self._detail.text()))
        self._why.setText(self._assumption())
        self._why.setVisible(found)
        self._name_buttons(offer)
        waits = self._safety.check == "open"
        self.draw.setVisible(not (promised and found) and not waits and self._may_draw())
        self.check.setVisible(waits)
        self.review.setVisible(found and offer is not None and offer.mentions > 0)
        self.accept.setVisible(promised and found and offer is not None and offer.mentions > 0)

    def _result(self, offer: Offer | None) -> str:
        if offer is None or (offer.promise.n == 0 and offer.promise.threshold is None and not offer.mentions):
            return self.tr("Nothing can be promised yet")
        promise, number = offer.promise, wording.number
        if promise.threshold is None and promise.more is None:
            return self.tr("No threshold keeps this promise: even the surest answers are wrong too often")
        if promise.threshold is None:
            said = self.tr("No threshold keeps this promise yet: at least %1 more decisions needed")
            return wording.fill(said, number(promise.more or 0))
        said = self.tr("From a confidence of %1 on: %2 mentions, %3 occurrences")
        return wording.fill(
            said, words.percent(promise.threshold, 0), number(offer.mentions), number(offer.occurrences)
        )

    def _basis(self, offer: Offer | None) -> str:
        """What the result rests on, and that it is a guess where it is."""
        safety, number = self._safety, wording.number
        parts = []
        if offer is not None and offer.promise.n:
            if offer.promise.threshold is None:
                judged = self.tr("Of the %1 surest decisions, %2 went against the first candidate.")
            else:
                judged = self.tr("Of %1 decisions at or above it, %2 went against the first candidate.")
            parts.append(wording.fill(judged, number(offer.promise.n), number(offer.promise.wrong)))
        match safety.check:
            case "done" if offer is not None and offer.promise.threshold is None:
                answered = self.tr("All %1 mentions of the random check are answered.")
                parts.append(wording.fill(answered, number(safety.size)))
            case "done":
                held = self.tr("This holds with %1 certainty: all %2 mentions of the random check are answered.")
                parts.append(wording.fill(held, f"{CERTAINTY:.0%}", number(safety.size)))
            case "open":
                going = self.tr("The random check is under way: %1 of %2 answered. Until then this is a guess.")
                parts.append(wording.fill(going, number(safety.answered), number(safety.size)))
            case "stale":
                parts.append(
                    self.tr(
                        "The random check no longer fits: mentions were imported, or another student, encoder, "
                        "terminology or scope is in use. Draw a new one."
                    )
                )
            case "none" if not self._may_draw():
                few = self.tr("A check of %1 mentions pays where twice as many are unreviewed; here they are %2.")
                parts.append(wording.fill(few, number(self._size()), number(self._unreviewed)))
            case "none":
                parts.append(
                    self.tr(
                        "A guess, not a promise: nobody drew by lot what was decided so far. "
                        "A random check makes it a promise."
                    )
                )
        return wording.sentences(*parts)

    def _assumption(self) -> str:
        return self.tr(
            "It holds for mentions like those the check was drawn from, judged by people who saw the candidates: "
            "not for later imports, another ranker, or a rest from which the easy ones were picked out."
        )

    def _name_buttons(self, offer: Offer | None) -> None:
        number, safety = wording.number, self._safety
        draw = self.tr("Draw a random check of %1 mentions")
        self.draw.setText(wording.fill(draw, number(self._size())))
        self.check.setText(wording.fill(self.tr("Answer the check (%1 left)"), number(safety.size - safety.answered)))
        self.review.setText(self.tr("Review these"))
        covered = offer.mentions if offer is not None else 0
        self.accept.setText(wording.fill(self.tr("Accept %1 mentions ..."), number(covered)))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.UNIT)
        for place, button in enumerate(self.alphas):
            button.setCheckable(True)
            button.setProperty("segment", True)
            self._group.addButton(button, place)
            button.clicked.connect(partial(self._chosen, place))
            row.addWidget(button)
        row.addStretch(1)
        self.alphas[_FIRST].setChecked(True)
        self.column.addWidget(self._question)
        self.column.addLayout(row)
        self.column.addSpacing(theme.UNIT)
        for widget in (self.result, self._detail, self._why):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.column.addLayout(button_row(self.draw, self.check, self.review, self.accept))

    def _chosen(self, _place: int, _checked: bool = False) -> None:
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
