"""The preview of identical mentions: who they are, in groups, and a button that says what it will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import scaled, text_font
from rpdr_desk.item_models.identical_model import IdenticalModel
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.dialogs import button_row, dim_label, size_dialog
from rpdr_desk.views.review import identical_words
from rpdr_desk.views.review.identical_list import IdenticalList

if TYPE_CHECKING:
    from rpdr_desk.operations.identical import Preview


class IdenticalDialog(QDialog):
    """`applied` carries the ids that were ticked when Return or the button was pressed."""

    applied = Signal(object)

    def __init__(self, parent: QWidget, preview: Preview) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        say = QCoreApplication.translate
        one, many = say("identical", "1 identical mention"), say("identical", "%1 identical mentions")
        title = wording.fill(one if preview.count == 1 else many, wording.number(preview.count))
        self.setWindowTitle(title)
        self.model = IdenticalModel(preview, identical_words.described, self)
        self.list = IdenticalList(self.model, self)
        self.button = QPushButton(self)
        self.button.setDefault(True)
        cancel = QPushButton(QCoreApplication.translate("identical", "Cancel"), self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.button.clicked.connect(lambda _checked=False: self.apply())
        self.list.entered.connect(self.apply)
        self.model.ticked.connect(self._tell)
        self._lay_out(title, preview, cancel)
        self._label(len(self.model.chosen))
        size_dialog(self, 860, 620)
        self.list.setFocus()

    def apply(self) -> None:
        """Close, and carry the decision over to what is ticked."""
        chosen = self.model.chosen
        if chosen:
            self.accept()
            self.applied.emit(chosen)

    def _tell(self, count: int) -> None:
        self._label(count)
        announce(self, self.button.text())

    def _label(self, count: int) -> None:
        words = QCoreApplication.translate("identical", "Apply to %1")
        self.button.setText(wording.fill(words, wording.mentions(count)))
        self.button.setEnabled(count > 0)

    def _lay_out(self, title: str, preview: Preview, cancel: QPushButton) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE - 4, theme.WIDE, theme.MARGIN)
        column.setSpacing(theme.GAP + 4)
        heading = QLabel(title, self)
        heading.setFont(scaled(text_font(), 1.4, QFont.Weight.DemiBold))
        column.addWidget(heading)
        for words in (identical_words.lead(preview), identical_words.left_out(preview)):
            if words:
                column.addWidget(dim_label(words, self))
        column.addWidget(self.list, 1)
        say = QCoreApplication.translate
        keys = say("identical", "Arrows move, Space ticks, left and right close and open a group, Return applies.")
        row = button_row(cancel, self.button)
        row.insertWidget(0, dim_label(keys, self), 1)
        column.addLayout(row)
