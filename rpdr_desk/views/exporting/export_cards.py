"""The cards of the Export page: what may be chosen, what the file will not hold, what was written."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.exports import Choice, Form, Losses, Sent
from rpdr_desk.operations.following import Moved
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.exporting import words
from rpdr_desk.views.files import words as files
from rpdr_desk.views.model.card import Card, Facts


class OptionsCard(Card):
    """`changed`: another choice. Only what the form heeds is shown."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source, self.level, self.only = QComboBox(self), QComboBox(self), QComboBox(self)
        self._sources: tuple[tuple[int, str], ...] = ()
        self._form: Form | None = None
        self.text_free, self.mark = QCheckBox(self), QCheckBox(self)
        for box in (self.level, self.only):
            box.addItems(["", ""])
        row, boxes = QHBoxLayout(), QVBoxLayout()
        boxes.setSpacing(self.column.spacing())
        for box in (self.source, self.level, self.only):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.activated.connect(lambda _row: self.changed.emit())
            boxes.addWidget(box)
        row.addLayout(boxes)
        row.addStretch(1)
        self.column.addLayout(row)
        for tick in (self.text_free, self.mark):
            tick.toggled.connect(lambda _on: self.changed.emit())
            self.column.addWidget(tick)
        self._retranslate()

    def show_sources(self, sources: tuple[tuple[int, str], ...]) -> None:
        """The imported files that brought documents: one of them goes into a file."""
        if sources != self._sources:
            self._sources = sources
            self.source.clear()
            for number, name in sources:
                self.source.addItem(name, number)
        if self._form is not None:
            self.show_form(self._form)

    def show_form(self, form: Form) -> None:
        self._form = form
        several = len(self._sources) > 1
        self.source.setVisible("source" in form.options and several)
        self.level.setVisible("level" in form.options)
        self.only.setVisible("only" in form.options)
        self.text_free.setVisible("text_free" in form.options)
        self.mark.setVisible("mark" in form.options)
        self.setVisible(bool(form.options - {"source"}) or ("source" in form.options and several))

    def choice(self) -> Choice:
        return Choice(
            rows=self.level.currentIndex() == 0,
            decided=self.only.currentIndex() == 1,
            text_free=self.text_free.isChecked(),
            mark=self.mark.isChecked(),
            source=int(self.source.currentData() or 0),
        )

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.set_title(self.tr("What goes into it"))
        self.source.setAccessibleName(self.tr("Documents of"))
        self.level.setAccessibleName(self.tr("A line for each"))
        self.level.setItemText(0, self.tr("A line for each row of the imported files"))
        self.level.setItemText(1, self.tr("A line for each distinct mention"))
        self.only.setAccessibleName(self.tr("Which mentions"))
        self.only.setItemText(0, self.tr("All mentions, also those without a decision"))
        self.only.setItemText(1, self.tr("Decided mentions only"))
        self.text_free.setText(self.tr("Without any text: no mention and no sentence leaves the project"))
        self.mark.setText(self.tr("Begin with a byte order mark, so that Excel reads Chinese and accents"))


class LossesCard(Card):
    """What the file will not hold of this project; while that is counted, how far the counting is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._losses: Losses | None = None
        self._trouble = ""
        self._moved = Moved("", 0, 0)
        self._held, self._hidden = dim_label("", self), QLabel(self)
        self._hidden.setWordWrap(True)
        self._list = QLabel(self)
        self._list.setWordWrap(True)
        self._list.setTextFormat(Qt.TextFormat.PlainText)
        for widget in (self._held, self._list, self._hidden):
            self.column.addWidget(widget)
        self._render()

    @property
    def losses(self) -> Losses | None:
        return self._losses

    def show_counting(self, moved: Moved | None = None) -> None:
        self._losses, self._trouble, self._moved = None, "", moved or Moved("", 0, 0)
        self._render()

    def show_losses(self, losses: Losses) -> None:
        self._losses, self._trouble = losses, ""
        self._render()

    def show_trouble(self, trouble: str) -> None:
        self._losses, self._trouble = None, trouble
        self._render()

    def _render(self) -> None:
        self.set_title(self.tr("What this file will not hold"))
        losses = self._losses
        if losses is None:
            self._held.setText(self._trouble or self._counting())
            self._list.hide()
            self._hidden.hide()
            return
        lines = words.losses_lines(losses)
        self._held.setText(words.held_text(losses))
        self._list.setText("\n".join(f"–  {line}" for line in lines) or self.tr("Nothing: it holds all of it."))
        self._list.show()
        self._hidden.setText(words.hidden_text(losses.hidden) if losses.hidden else "")
        self._hidden.setVisible(losses.hidden > 0)

    def _counting(self) -> str:
        counted = files.counted(self._moved.done, self._moved.total)
        return wording.fill(self.tr("Counting what this project has ... %1"), counted).strip()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)


class SentCard(Card):
    """The file that was written: where, how much, and by what to know it again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sent: Sent | None = None
        self._facts = Facts(self)
        self.folder = QPushButton(self)
        self.folder.clicked.connect(lambda _checked=False: self._open())
        row = QHBoxLayout()
        row.setContentsMargins(0, theme.UNIT, 0, 0)
        row.addWidget(self.folder)
        row.addStretch(1)
        self.column.addWidget(self._facts)
        self.column.addLayout(row)
        self.hide()

    def show_sent(self, sent: Sent | None) -> None:
        self._sent = sent
        self.setVisible(sent is not None)
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)

    def _open(self) -> None:
        if self._sent is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._sent.path.parent)))

    def _render(self) -> None:
        self.folder.setText(self.tr("Open the folder"))
        if self._sent is None:
            return
        self.set_title(wording.fill(self.tr("%1 is written"), self._sent.path.name))
        digest = self._sent.sha256
        self._facts.show_lines(
            [
                (self.tr("Folder"), str(self._sent.path.parent)),
                (self.tr("Rows"), wording.number(self._sent.rows)),
                # In groups, which can be compared by eye, and wrap.
                (self.tr("SHA-256"), " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))),
            ]
        )
