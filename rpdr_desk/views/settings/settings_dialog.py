"""The settings: each change counts at once and is saved at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.settings import LARGEST, SMALLEST, Settings
from rpdr_desk.views.dialogs import dim_label, furnish, make_spin_box, size_dialog
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.settings.shortcut_editor import ShortcutEditor


def show_settings(parent: QWidget, settings: Settings, actions: Actions, reviewers: tuple[str, ...] = ()) -> QDialog:
    """Open the dialog. `reviewers` of the open project, where it has a list: one's name is chosen from it."""
    dialog = SettingsDialog(parent, settings, actions, reviewers)
    dialog.open()
    return dialog


class SettingsDialog(QDialog):
    """Made anew inside when the language or the size of the text changes, for it is here that they are changed."""

    def __init__(self, parent: QWidget, settings: Settings, actions: Actions, reviewers: tuple[str, ...]) -> None:
        super().__init__(parent)
        self._settings, self._actions, self._reviewers = settings, actions, reviewers
        self._column = furnish(self, QCoreApplication.translate("settings", "Settings"), wide=680)
        self._tabs = QTabWidget(self)
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self._column.addWidget(self._tabs, 1)
        self._column.addWidget(buttons)
        # Later, and once: the change comes out of a field that must not vanish under its own signal.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._fill)
        self._fill()
        size_dialog(self, 720, 560)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._later.start()
        super().changeEvent(event)

    def _fill(self) -> None:
        """Each tab in the language of the moment; tab and field stay the ones that were in use."""
        say, shown, focused = QCoreApplication.translate, max(0, self._tabs.currentIndex()), self._focused()
        self.setWindowTitle(say("settings", "Settings"))
        self._tabs.setAccessibleName(say("settings", "Settings"))
        for title in self.findChildren(Heading):
            title.setText(say("settings", "Settings"))
        while self._tabs.count():
            page = self._tabs.widget(0)
            self._tabs.removeTab(0)
            if page is not None:
                page.deleteLater()
        self._tabs.addTab(_general(self._settings, self._reviewers), say("settings", "General"))
        self._tabs.addTab(ShortcutEditor(self._settings, self._actions), say("settings", "Keys"))
        self._tabs.setCurrentIndex(shown)
        fields = self._fields()
        if 0 <= focused < len(fields):
            fields[focused].setFocus()

    def _fields(self) -> list[QWidget]:
        if not self._tabs.count():
            return []
        kinds = (QComboBox, QLineEdit, QCheckBox, QSpinBox)
        return [one for one in self._tabs.currentWidget().findChildren(QWidget) if isinstance(one, kinds)]

    def _focused(self) -> int:
        return next((at for at, field in enumerate(self._fields()) if field.hasFocus()), -1)


def _general(settings: Settings, reviewers: tuple[str, ...]) -> QWidget:
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
    size.setSuffix("%")
    size.setValue(values.text_size)
    size.valueChanged.connect(lambda percent: settings.change(text_size=percent))
    form.addRow(say("settings", "Text size"), size)
    form.addRow(say("settings", "Reviewer"), _reviewer(settings, reviewers))
    form.addRow(say("settings", "Time"), _seconds(settings, page))
    worker = QLineEdit(" ".join(values.worker_command))
    worker.setPlaceholderText(say("settings", "this installation's own worker"))
    worker.editingFinished.connect(lambda: settings.change(worker_command=worker.text().split()))
    form.addRow(say("settings", "Worker command"), worker)
    worker.setToolTip(
        say("settings", "For a worker on another machine: ssh -T HOST rpdr worker. Counts from the next opening.")
    )
    return page


def _reviewer(settings: Settings, reviewers: tuple[str, ...]) -> QWidget:
    """A name: chosen from the project's list where it has one, else typed."""
    say, me = QCoreApplication.translate, settings.values.reviewer
    if reviewers:
        names = dict.fromkeys((*([] if me else [""]), *reviewers, *([me] if me else [])))
        nobody = say("settings", "nobody: decisions carry no name")
        options = tuple((name, name or nobody) for name in names)
        return _choice(options, me, lambda name: settings.change(reviewer=name))
    field = QLineEdit(me)
    field.editingFinished.connect(lambda: settings.change(reviewer=field.text().strip()))
    field.setPlaceholderText(say("settings", "your name or initials, stored with each decision"))
    return field


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
