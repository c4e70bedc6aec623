"""A new project: its file and its terminology."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk import theme
from rpdr_desk.operations.opening import default_folder, known_terminologies
from rpdr_desk.settings import Settings
from rpdr_desk.views.dialogs import button_row, dim_label, make_dialog
from rpdr_desk.views.terminologies.shelf_dialog import show_shelf


def ask_new_project(
    parent: QWidget,
    settings: Settings,
    suffix: str,
    create: Callable[[Path, str, str], None],
    on: KnowledgeBaseInfo | None = None,
) -> QDialog:
    """Open the dialog; `create` gets path, name and the reference of a terminology, at first that of `on`."""
    say = QCoreApplication.translate
    lead = say("new", "A project is one file on this machine. Mentions are imported in the next step.")
    dialog, column = make_dialog(parent, say("new", "New project"), lead, wide=600)
    name = QLineEdit(say("new", "My project"), dialog)
    folder = QLineEdit(str(default_folder()), dialog)
    terminology = QComboBox(dialog)
    folder.setAccessibleName(say("new", "Folder"))
    terminology.setAccessibleName(say("new", "Terminology"))
    _offer(terminology, on)
    form = QFormLayout()
    form.setHorizontalSpacing(theme.WIDE)
    form.setVerticalSpacing(theme.GAP + 2)
    form.addRow(say("new", "Name"), name)
    form.addRow(
        say("new", "Folder"), _with_button(folder, say("new", "Choose ..."), lambda: _choose_folder(dialog, folder))
    )
    form.addRow(
        say("new", "Terminology"),
        _with_button(
            terminology,
            say("new", "Import another ..."),
            lambda: show_shelf(dialog, settings, lambda info: _offer(terminology, info)),
        ),
    )
    column.addLayout(form)
    column.addWidget(dim_label(say("new", "The first project with a terminology takes a few seconds longer."), dialog))
    column.addStretch(1)
    cancel, go = QPushButton(say("new", "Cancel"), dialog), QPushButton(say("new", "Create"), dialog)
    go.setDefault(True)
    cancel.clicked.connect(dialog.reject)
    go.clicked.connect(dialog.accept)
    name.textChanged.connect(lambda text: go.setEnabled(bool(text.strip())))
    column.addLayout(button_row(cancel, go))

    def accepted() -> None:
        title = name.text().strip()
        file = "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in title).strip()
        create(Path(folder.text()) / f"{file or 'project'}{suffix}", title, str(terminology.currentData()))

    dialog.accepted.connect(accepted)
    dialog.open()
    name.setFocus()
    name.selectAll()
    return dialog


def _with_button(field: QWidget, words: str, clicked: Callable[[], object]) -> QHBoxLayout:
    button = QPushButton(words, field.parentWidget())
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: clicked())
    row = QHBoxLayout()
    row.setSpacing(theme.GAP)
    row.addWidget(field, 1)
    row.addWidget(button)
    return row


def _choose_folder(dialog: QDialog, field: QLineEdit) -> None:
    chosen = QFileDialog.getExistingDirectory(dialog, QCoreApplication.translate("new", "Folder"), field.text())
    if chosen:
        field.setText(chosen)


def _offer(box: QComboBox, on: KnowledgeBaseInfo | None) -> None:
    """All that are here, this one chosen."""
    box.clear()
    for at, (reference, title, fingerprint) in enumerate(known_terminologies()):
        box.addItem(title, reference)
        if on is not None and fingerprint == on.fingerprint and (fingerprint or title.startswith(on.title)):
            box.setCurrentIndex(at)
