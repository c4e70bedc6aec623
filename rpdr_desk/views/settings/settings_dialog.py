"""The settings: each change counts at once and is saved at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.settings import LARGEST, SMALLEST, Settings
from rpdr_desk.views.dialogs import dim_label, make_dialog, make_spin_box, size_dialog
from rpdr_desk.views.settings.shortcut_editor import ShortcutEditor


def show_settings(parent: QWidget, settings: Settings, actions: Actions) -> QDialog:
    """Open the dialog."""
    say = QCoreApplication.translate
    dialog, column = make_dialog(parent, say("settings", "Settings"), wide=680)
    tabs = QTabWidget(dialog)
    tabs.setDocumentMode(True)
    tabs.addTab(_general(settings), say("settings", "General"))
    tabs.addTab(ShortcutEditor(settings, actions), say("settings", "Keys"))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(tabs, 1)
    column.addWidget(buttons)
    size_dialog(dialog, 720, 560)
    dialog.open()
    return dialog


def _general(settings: Settings) -> QWidget:
    say = QCoreApplication.translate
    page, values = QWidget(), settings.values
    form = _form(page)
    themes = (("auto", say("settings", "As the system")), ("light", say("settings", "Light")),
              ("dark", say("settings", "Dark")))  # fmt: skip
    languages = (("auto", say("settings", "As the system")), ("en", "English"), ("zh_CN", "简体中文"))
    form.addRow(say("settings", "Theme"), _choice(themes, values.theme, lambda one: settings.change(theme=one)))
    form.addRow(
        say("settings", "Language"), _choice(languages, values.language, lambda one: settings.change(language=one))
    )
    size = make_spin_box()
    size.setRange(SMALLEST, LARGEST)
    size.setSingleStep(10)
    size.setSuffix(" %")
    size.setValue(values.text_size)
    size.valueChanged.connect(lambda percent: settings.change(text_size=percent))
    form.addRow(say("settings", "Text size"), size)
    reviewer = QLineEdit(values.reviewer)
    reviewer.editingFinished.connect(lambda: settings.change(reviewer=reviewer.text().strip()))
    form.addRow(say("settings", "Reviewer"), reviewer)
    reviewer.setPlaceholderText(say("settings", "your name or initials, stored with each decision"))
    form.addRow(say("settings", "Time"), _seconds(settings, page))
    worker = QLineEdit(" ".join(values.worker_command))
    worker.setPlaceholderText(say("settings", "this installation's own worker"))
    worker.editingFinished.connect(lambda: settings.change(worker_command=worker.text().split()))
    form.addRow(say("settings", "Worker command"), worker)
    worker.setToolTip(
        say("settings", "For a worker on another machine: ssh -T HOST rpdr worker. Counts from the next opening.")
    )
    return page


def _seconds(settings: Settings, page: QWidget) -> QWidget:
    """Whether to record how long decisions take, and in plain words what that means."""
    say = QCoreApplication.translate
    part = QWidget(page)
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.UNIT)
    box = QCheckBox(say("settings", "Record how long decisions take"), part)
    box.setChecked(settings.values.record_seconds)
    box.toggled.connect(lambda wanted: settings.change(record_seconds=wanted))
    words = say(
        "settings",
        "If on, the seconds you spent on a mention are kept with your decision in the project file, and nowhere else; "
        "a pause counts one minute at most. If off, nothing is measured. It counts for you alone, on this machine.",
    )
    box.setAccessibleDescription(words)
    column.addWidget(box)
    column.addWidget(dim_label(words, part))
    return part


def _choice(options: tuple[tuple[str, str], ...], current: str, chosen: Callable[[str], object]) -> QComboBox:
    box = QComboBox()
    for value, words in options:
        box.addItem(words, value)
    box.setCurrentIndex(next(number for number, (value, _) in enumerate(options) if value == current))
    box.activated.connect(lambda _number: chosen(str(box.currentData())))
    return box


def _form(page: QWidget) -> QFormLayout:
    form = QFormLayout(page)
    form.setContentsMargins(0, theme.MARGIN, 0, 0)
    form.setHorizontalSpacing(theme.WIDE)
    form.setVerticalSpacing(theme.GAP + 2)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return form
