"""What became of an export: where the file is, how many rows, what it does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import scaled
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog


def show_report(parent: QWidget, path: Path, rows: int, losses: Sequence[tuple[str, int]]) -> QDialog:
    """Open the report. `losses` pair what the file cannot hold with how often that happened (0: always)."""
    say = QCoreApplication.translate
    dialog, column = make_dialog(parent, say("export", "Exported"), wide=600)
    words = say("export", "1 row written to") if rows == 1 else say("export", "%1 rows written to")
    column.addWidget(QLabel(wording.fill(words, wording.number(rows)), dialog))
    column.addWidget(_path_card(path, dialog))
    if losses:
        title = QLabel(say("export", "What this file does not hold"), dialog)
        title.setProperty("caption", True)
        column.addSpacing(theme.UNIT)
        column.addWidget(title)
        column.addWidget(_list([_loss(*loss) for loss in losses], dialog))
    column.addStretch(1)
    folder = QPushButton(say("export", "Open the folder"), dialog)
    folder.setAutoDefault(False)
    folder.clicked.connect(lambda _checked=False: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))))
    close = QPushButton(say("export", "Close"), dialog)
    close.setDefault(True)
    close.clicked.connect(dialog.accept)
    column.addLayout(button_row(folder, close))
    dialog.open()
    return dialog


def _path_card(path: Path, parent: QWidget) -> QFrame:
    card = QFrame(parent)
    card.setProperty("card", True)
    name, folder = QLabel(path.name, card), QLabel(str(path.parent), card)
    name.setFont(scaled(card.font(), 1.0, QFont.Weight.DemiBold))
    folder.setProperty("dim", True)
    for label in (name, folder):
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(True)
    inside = QVBoxLayout(card)
    inside.setContentsMargins(theme.MARGIN, theme.GAP + 2, theme.MARGIN, theme.GAP + 2)
    inside.setSpacing(2)
    inside.addWidget(name)
    inside.addWidget(folder)
    return card


def _list(lines: Sequence[str], parent: QWidget) -> QLabel:
    label = QLabel("\n".join(f"–  {line}" for line in lines), parent)
    label.setWordWrap(True)
    return label


def _loss(what: str, times: int) -> str:
    return f"{wording.loss_text(what)}: {wording.number(times)}" if times else wording.loss_text(what)
