"""The forms of a file, below what they are for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, grown, tall, text_font
from rpdr_desk.operations.exports import Form
from rpdr_desk.views.exporting import words

WIDTH = 250
HEADING = 38
_FORM = Qt.ItemDataRole.UserRole


class FormList(QListWidget):
    """`chosen` carries a `Form`. Headings are passed over by the keys."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms: tuple[Form, ...] = ()
        self.setProperty("plain", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(True)
        self.setSpacing(1)
        self.currentItemChanged.connect(self._changed)
        self._measure()
        self._retranslate()

    def show_forms(self, forms: Sequence[Form]) -> None:
        self._forms = tuple(forms)
        self._retranslate()

    def form(self) -> Form | None:
        form = self.currentIndex().data(_FORM)
        return form if isinstance(form, Form) else None

    def stand_on(self, id: str) -> None:
        """On this form, or on the first."""
        rows = [row for row in range(self.count()) if isinstance(self.item(row).data(_FORM), Form)]
        wanted = [row for row in rows if self.item(row).data(_FORM).id == id]
        if rows:
            self.setCurrentRow((wanted or rows)[0])

    def _changed(self, item: QListWidgetItem | None, _before: object) -> None:
        form = item.data(_FORM) if item is not None else None
        if isinstance(form, Form):
            self.chosen.emit(form)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Formats"))
        here = self.form()
        with QSignalBlocker(self):
            self.clear()
            for group in words.GROUPS:
                forms = [form for form in self._forms if form.group == group]
                if forms:
                    self._add_heading(words.group_text(group))
                for form in forms:
                    item = QListWidgetItem(words.form_text(form.id), self)
                    item.setData(_FORM, form)
                    item.setToolTip(words.form_explained(form.id))
            if here is not None:
                self.stand_on(here.id)

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text, self)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = text_font()
        font.setWeight(font.Weight.DemiBold)
        item.setFont(font)
        # Nearer to what it heads than to what is above it.
        item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        item.setSizeHint(QSize(0, tall(HEADING)))
        item.setForeground(theme.dim(self.palette()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()
        elif event.type() in TEXT_CHANGED:
            self._measure()
            self._retranslate()

    def _measure(self) -> None:
        self.setFixedWidth(grown(WIDTH))
