"""The card that says which mentions are asked about, how, and where spending ends."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.operations.teach_state import Choice, Examples, Plan, Selection
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import make_spin_box
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.teach import words
from rpdr_desk.views.model.teach.check_line import CheckLine

_SELECTIONS: tuple[Selection, ...] = ("varied", "frequent", "first")
_EXAMPLES: tuple[Examples, ...] = ("template", "decisions")
_TEMPLATES = ("rerank_en", "rerank_zh")
MOST = 100_000


class MentionsCard(Card):
    """`changed` carries the new `Choice`; `names_asked`: the list of names is to be edited."""

    changed = Signal(object)
    names_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = Choice()
        self._names = self._waiting = 0
        self._currency = "USD"
        self.count = make_spin_box(self)
        self.count.setRange(1, MOST)
        self.count.setSingleStep(50)
        self.count.setKeyboardTracking(False)
        self.count.setGroupSeparatorShown(True)
        self.selection, self.template, self.examples = QComboBox(self), QComboBox(self), QComboBox(self)
        for box in (self.selection, self.template, self.examples):
            # Long words must not make the column wider than it is.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        for one in _SELECTIONS:
            self.selection.addItem("", one)
        for name in _TEMPLATES:
            self.template.addItem("", name)
        for kind in _EXAMPLES:
            self.examples.addItem("", kind)
        self.twice, self.batch = CheckLine(self), CheckLine(self)
        self.ceiling = QComboBox(self)
        self.ceiling.addItem("", "money")
        self.ceiling.addItem("", "requests")
        self.money, self.requests = _money_box(self), make_spin_box(self)
        self.requests.setRange(1, 10 * MOST)
        self.requests.setKeyboardTracking(False)
        self._boxes = QStackedWidget(self)
        self._boxes.addWidget(self.money)
        self._boxes.addWidget(self.requests)
        self.names = QPushButton(self)
        self.names.setProperty("small", True)
        self._labels = {name: QLabel(self) for name in ("count", "selection", "template", "examples", "names", "most")}
        self._lay_out()
        self._connect()
        self.retranslate()

    def show_choice(self, choice: Choice, names: int, plan: Plan) -> None:
        """`names`: how many are on the list; `plan`: says how many mentions wait, and in which money it is reckoned."""
        self._choice, self._names, self._currency = choice, names, plan.cost.currency
        self._waiting = plan.waiting
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.set_title(self.tr("Mentions"))
        labels = {
            "count": (self.tr("How many"), self.count),
            "selection": (self.tr("Which"), self.selection),
            "template": (self.tr("Prompt"), self.template),
            "examples": (self.tr("Examples"), self.examples),
            "names": (self.tr("Also mask"), self.names),
            "most": (self.tr("Stop at"), self.ceiling),
        }
        for name, (text, field) in labels.items():
            self._labels[name].setText(text)
            field.setAccessibleName(text)
        for at, one in enumerate(_SELECTIONS):
            self.selection.setItemText(at, words.selection_text(one))
        for at, text in enumerate((self.tr("English"), self.tr("Chinese"))):
            self.template.setItemText(at, text)
        for at, text in enumerate((self.tr("The template's own"), self.tr("Nearest of our decisions"))):
            self.examples.setItemText(at, text)
        for at, text in enumerate((self.tr("this much money"), self.tr("this many requests"))):
            self.ceiling.setItemText(at, text)
        self.twice.say(self.tr("Ask twice, candidates shuffled"))
        self.twice.setToolTip(self.tr("Where both orders agree, the label counts for more. It costs twice as much."))
        self.batch.say(self.tr("As a batch: half price, up to a day"))
        self.money.setAccessibleName(self.tr("Ceiling in money"))
        self.requests.setAccessibleName(self.tr("Ceiling in requests"))
        self._render()

    def _render(self) -> None:
        choice = self._choice
        fields = (self.count, self.selection, self.template, self.examples, self.twice.box, self.batch.box,
                  self.ceiling, self.money, self.requests)  # fmt: skip
        blocked = [QSignalBlocker(field) for field in fields]
        self.count.setSuffix(wording.fill(self.tr("  of %1"), wording.number(self._waiting)) if self._waiting else "")
        self.count.setMaximum(self._waiting or MOST)
        self.count.setValue(choice.count)
        self.selection.setCurrentIndex(_SELECTIONS.index(choice.selection))
        self.template.setCurrentIndex(max(0, self.template.findData(choice.template)))
        self.examples.setCurrentIndex(_EXAMPLES.index(choice.examples))
        self.twice.box.setChecked(choice.orders > 1)
        self.batch.box.setChecked(choice.batch)
        by_money = choice.most_money is not None
        self.ceiling.setCurrentIndex(0 if by_money else 1)
        self._boxes.setCurrentIndex(0 if by_money else 1)
        self.money.setPrefix(f"{words.sign(self._currency)} ")
        if choice.most_money is not None:
            self.money.setValue(choice.most_money)
        if choice.most_requests is not None:
            self.requests.setValue(choice.most_requests)
        several, one, none = self.tr("%1 names ..."), self.tr("1 name ..."), self.tr("Add names ...")
        text = none if not self._names else one if self._names == 1 else wording.fill(several, self._names)
        self.names.setText(text)
        del blocked

    def _connect(self) -> None:
        put = self._put
        self.count.valueChanged.connect(lambda number: put(count=number))
        self.selection.activated.connect(lambda _at: put(selection=self.selection.currentData()))
        self.template.activated.connect(lambda _at: put(template=self.template.currentData()))
        self.examples.activated.connect(lambda _at: put(examples=self.examples.currentData()))
        self.twice.box.clicked.connect(lambda on: put(orders=2 if on else 1))
        self.batch.box.clicked.connect(lambda on: put(batch=on))
        self.ceiling.activated.connect(lambda _at: self._put_ceiling())
        self.money.valueChanged.connect(lambda _value: self._put_ceiling())
        self.requests.valueChanged.connect(lambda _value: self._put_ceiling())
        self.names.clicked.connect(lambda _checked=False: self.names_asked.emit())

    def _put(self, **values: object) -> None:
        self._choice = replace(self._choice, **values)  # type: ignore[arg-type]
        self.changed.emit(self._choice)

    def _put_ceiling(self) -> None:
        by_money = self.ceiling.currentData() == "money"
        self._boxes.setCurrentIndex(0 if by_money else 1)
        self._put(
            most_money=self.money.value() if by_money else None,
            most_requests=None if by_money else self.requests.value(),
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(theme.MARGIN)
        form.setVerticalSpacing(theme.GAP)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self._labels["count"], self.count)
        form.addRow(self._labels["selection"], self.selection)
        form.addRow(self._labels["template"], self.template)
        form.addRow(self._labels["examples"], self.examples)
        form.addRow(self._labels["names"], _left(self.names))
        form.addRow(self._labels["most"], self.ceiling)
        form.addRow("", self._boxes)
        for label in self._labels.values():
            label.setProperty("dim", True)
        self.column.addLayout(form)
        self.column.addWidget(self.twice)
        self.column.addWidget(self.batch)


def _left(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(widget)
    row.addStretch(1)
    return row


def _money_box(parent: QWidget) -> QDoubleSpinBox:
    box = QDoubleSpinBox(parent)
    for edit in box.findChildren(QLineEdit):
        edit.setTextMargins(theme.GAP, 0, 0, 0)
    box.setDecimals(2)
    box.setRange(0.01, 100_000)
    box.setSingleStep(0.5)
    box.setKeyboardTracking(False)
    return box
