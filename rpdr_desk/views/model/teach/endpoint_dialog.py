"""Adding or editing an endpoint profile; a preset fills in what is known of a vendor or a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.endpoints import OTHER, Preset, presets
from rpdr_desk.operations.teach_state import EndpointState
from rpdr_desk.views.dialogs import button_row, dim_label, make_dialog
from rpdr_desk.views.model.teach.notes import Note


@dataclass(frozen=True, slots=True)
class Edited:
    """What the dialog gives: the profile, the name it had before (empty: a new one), and a key if one was typed."""

    profile: EndpointState
    before: str
    key: str


def ask_endpoint(
    parent: QWidget, before: EndpointState | None, taken: tuple[str, ...], save: Callable[[Edited], str]
) -> EndpointDialog:
    """Open the dialog. `save` answers why not, or nothing."""
    made = EndpointDialog(parent, before, taken, save)
    made.dialog.open()
    (made.preset if before is None else made.url).setFocus()
    return made


class EndpointDialog:
    """The fields and what they say to each other."""

    def __init__(
        self, parent: QWidget, before: EndpointState | None, taken: tuple[str, ...], save: Callable[[Edited], str]
    ) -> None:
        say = QCoreApplication.translate
        self._before, self._save = before, save
        self._taken = tuple(one for one in taken if before is None or one != before.name)
        title = say("endpoint", "Add an endpoint") if before is None else say("endpoint", "Edit the endpoint")
        lead = say("endpoint", "Where the teacher is reached. Saving sends nothing.")
        self.dialog, column = make_dialog(parent, title, lead, wide=560)
        self.preset = QComboBox(self.dialog)
        self._presets = {one.id: one for one in presets()}
        for one in self._presets.values():
            self.preset.addItem(one.title, one.id)
        self.name, self.url, self.model = (QLineEdit(self.dialog) for _ in range(3))
        self.key_name, self.key, self.key_env = (QLineEdit(self.dialog) for _ in range(3))
        self.url.setPlaceholderText("https://host/v1")
        self.key_env.setPlaceholderText(say("endpoint", "none: from the keyring"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(say("endpoint", "unchanged") if before is not None else "")
        self.wrong = Note(self.dialog, alert=True)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.WIDE)
        form.setVerticalSpacing(theme.GAP + 2)
        for words, field in (
            (say("endpoint", "Kind"), self.preset), (say("endpoint", "Name"), self.name),
            (say("endpoint", "Address"), self.url), (say("endpoint", "Model"), self.model),
            (say("endpoint", "Key name"), self.key_name), (say("endpoint", "Key"), self.key),
            (say("endpoint", "Key variable"), self.key_env),
        ):  # fmt: skip
            form.addRow(words, field)
            field.setAccessibleName(words)
        column.addLayout(form)
        note = say("endpoint", "The key goes into the system's keyring under its name, and nowhere else. A variable of "
                               "the environment comes first. Leave both empty where no key is needed.")  # fmt: skip
        column.addWidget(dim_label(note, self.dialog))
        column.addWidget(self.wrong)
        cancel, self.go = QPushButton(say("endpoint", "Cancel"), self.dialog), QPushButton(self.dialog)
        self.go.setText(say("endpoint", "Save"))
        self.go.setDefault(True)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.dialog.reject)
        self.go.clicked.connect(lambda _checked=False: self._accept())
        column.addLayout(button_row(cancel, self.go))
        self.preset.activated.connect(lambda _at: self._take_preset())
        for field in (self.name, self.url, self.model):
            field.textChanged.connect(lambda _text: self._judge())
        self._fill()

    def _fill(self) -> None:
        before = self._before
        if before is None:
            self._take_preset()
            return
        self.preset.setCurrentIndex(max(0, self.preset.findData(before.preset)))
        self.name.setText(before.name)
        self.url.setText(before.base_url)
        self.model.setText(before.model)
        self.key_name.setText(before.key_name)
        self.key_env.setText(before.key_env)
        self._judge()

    def _take_preset(self) -> None:
        preset = self._presets[str(self.preset.currentData())]
        self.name.setText(self._free_name(preset))
        self.url.setText(preset.base_url)
        self.key_name.setText(preset.key_name)
        self._judge()

    def _free_name(self, preset: Preset) -> str:
        wanted = preset.title if preset.id != OTHER else QCoreApplication.translate("endpoint", "Teacher")
        number, name = 1, wanted
        while name in self._taken:
            number += 1
            name = f"{wanted} {number}"
        return name

    def _judge(self) -> None:
        name = self.name.text().strip()
        full = bool(name and self.url.text().strip() and self.model.text().strip())
        say = QCoreApplication.translate
        self.wrong.say(say("endpoint", "There is an endpoint of this name already.") if name in self._taken else "")
        self.go.setEnabled(full and name not in self._taken)

    def _accept(self) -> None:
        profile = EndpointState(
            self.name.text().strip(),
            str(self.preset.currentData()),
            self.url.text().strip(),
            self.model.text().strip(),
            key_name=self.key_name.text().strip(),
            key_env=self.key_env.text().strip(),
        )
        before = self._before.name if self._before is not None else ""
        why = self._save(Edited(profile, before, self.key.text().strip()))
        self.wrong.say(why)
        if not why:
            self.key.clear()
            self.dialog.accept()
