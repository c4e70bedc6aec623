"""Machines that can train: add one by its fingerprint, see what it has, remove it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from rpdr_core.errors import RpdrError
from rpdr_desk.fonts import grown
from rpdr_desk.operations.hosts import MachineFacts, NewHost
from rpdr_desk.operations.train_state import THIS_MACHINE, HostLine
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label, make_dialog, make_spin_box, rule
from rpdr_desk.views.error_words import told
from rpdr_desk.views.model.card import Facts
from rpdr_desk.views.model.train.words import bytes_text, host_text


def show_hosts(parent: QWidget, workspace: Workspace) -> QDialog:
    """Open the dialog."""
    panel = HostsPanel(parent, workspace)
    panel.dialog.open()
    return panel.dialog


class HostsPanel(QWidget):
    """A machine is added only after its fingerprint was on screen and confirmed."""

    def __init__(self, parent: QWidget, workspace: Workspace) -> None:
        super().__init__(parent)
        self.hide()
        self._workspace = workspace
        self._shown = ""
        self._open = True
        lead = self.tr(
            "Training rows go to the machine that trains, through your own ssh. It needs this program's worker "
            "(rpdr-desk[worker])."
        )
        self.dialog, column = make_dialog(parent, self.tr("Machines"), lead, wide=620)
        self.setParent(self.dialog)
        self.list = QListWidget(self.dialog)
        self.list.setProperty("plain", True)
        self.list.setFixedHeight(grown(110))
        self.list.setAccessibleName(self.tr("Machines"))
        self.facts = Facts(self.dialog)
        self.test, self.remove = QPushButton(self.tr("Test"), self.dialog), QPushButton(self.tr("Remove"), self.dialog)
        column.addWidget(self.list)
        column.addWidget(self.facts)
        column.addLayout(button_row(self.remove, self.test))
        column.addWidget(rule(self.dialog))
        column.addLayout(self._form())
        self.state = dim_label("", self.dialog)
        column.addWidget(self.state)
        self.show_key, self.add = QPushButton(self.tr("Show its key"), self.dialog), QPushButton("", self.dialog)
        close = QPushButton(self.tr("Close"), self.dialog)
        column.addLayout(button_row(close, self.show_key, self.add))
        for button in (self.test, self.remove, self.show_key, self.add, close):
            button.setAutoDefault(False)
        self.add.setText(self.tr("The key is right: add"))
        self.add.setEnabled(False)
        self.add.setProperty("primary", True)
        close.clicked.connect(self.dialog.close)
        self.dialog.finished.connect(lambda _code: self._leave())
        self.show_key.clicked.connect(lambda _checked=False: self._fetch())
        self.add.clicked.connect(lambda _checked=False: self._add())
        self.test.clicked.connect(lambda _checked=False: self._test(self._current()))
        self.remove.clicked.connect(lambda _checked=False: self._remove())
        self.list.currentItemChanged.connect(lambda _now, _before: self._chosen())
        self._read()

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        self.name, self.destination, self.identity = (QLineEdit(self.dialog) for _ in range(3))
        self.command = QLineEdit("rpdr worker", self.dialog)
        self.port = make_spin_box(self.dialog)
        self.port.setRange(0, 65535)
        self.port.setSpecialValueText(self.tr("as ssh has it"))
        self.slurm = QCheckBox(self.tr("A SLURM cluster: runs are submitted as jobs"), self.dialog)
        self.destination.setPlaceholderText(self.tr("user@host, or a name of your ssh configuration"))
        self.identity.setPlaceholderText(self.tr("as ssh has it"))
        rows = (
            (self.tr("Name"), self.name),
            (self.tr("Address"), self.destination),
            (self.tr("Port"), self.port),
            (self.tr("Key file"), self.identity),
            (self.tr("Command there"), self.command),
        )
        for words, field in rows:
            label = QLabel(words, self.dialog)
            label.setBuddy(field)
            field.setAccessibleName(words)
            form.addRow(label, field)
        form.addRow("", self.slurm)
        for edit in (self.name, self.destination, self.identity, self.command):
            edit.textChanged.connect(lambda _text: self._changed())
        self.port.valueChanged.connect(lambda _value: self._changed())
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        return form

    def _new(self) -> NewHost:
        return NewHost(
            self.name.text().strip(),
            self.destination.text().strip(),
            self.port.value(),
            self.identity.text().strip(),
            self.command.text().strip(),
            self.slurm.isChecked(),
        )

    def _leave(self) -> None:
        self._open = False

    def _while_open(self, tell: Callable[..., None]) -> Callable[..., None]:
        """A machine may answer long after the dialog was closed; its widgets are gone then."""

        def told(*answer: object) -> None:
            if self._open:
                tell(*answer)

        return told

    def _changed(self) -> None:
        """What was confirmed is no longer what is meant."""
        self._shown = ""
        self.add.setEnabled(False)

    def _fetch(self) -> None:
        asked = self._new()
        self.state.setText(self.tr("Asking the machine for its key ..."))
        fetched = self._while_open(lambda fingerprint: self._fetched(asked, fingerprint))
        self._workspace.hosts.fingerprint(asked, fetched, self._while_open(self._failed))

    def _fetched(self, asked: NewHost, fingerprint: str) -> None:
        if asked != self._new():
            # The address was changed meanwhile: this is the key of another machine.
            self.state.clear()
            return
        self._shown = fingerprint
        words = self.tr("It shows the key %1. Compare it with what the machine's administrator gave you.")
        self.state.setText(wording.fill(words, fingerprint))
        self.add.setEnabled(True)
        self.add.setFocus()

    def _add(self) -> None:
        new = self._new()

        def added() -> None:
            self.add.setEnabled(False)
            self._read(new.name)
            self._test(new.name)

        self._workspace.hosts.add(new, self._shown, self._while_open(added), self._while_open(self._failed))

    def _test(self, name: str) -> None:
        self.state.setText(wording.fill(self.tr("Connecting to %1 ..."), host_text(name)))
        self._workspace.hosts.test(name, self._while_open(self._tested), self._while_open(self._failed))

    def _tested(self, facts: MachineFacts) -> None:
        self.facts.show_lines(_lines(facts))
        if facts.missing:
            words = wording.fill(self.tr("It cannot train yet. Missing there: %1"), ", ".join(facts.missing))
        elif facts.trouble:
            words = wording.fill(self.tr("It cannot train yet: %1"), facts.trouble)
        else:
            words = wording.fill(self.tr("It can train, on %1."), facts.trains_on.upper())
        self.state.setText(words)

    def _remove(self) -> None:
        if self._current() != THIS_MACHINE:
            done, failed = self._while_open(self._read), self._while_open(self._failed)
            self._workspace.hosts.remove(self._current(), done, failed)

    def _read(self, chosen: str = THIS_MACHINE) -> None:
        self._workspace.runs.read_hosts(lambda hosts: self._list(hosts, chosen), self._failed)

    def _list(self, hosts: tuple[HostLine, ...], chosen: str) -> None:
        self.list.clear()
        for one in hosts:
            words = f"{host_text(one.name)}  ·  {one.note}" if one.note else host_text(one.name)
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, one.name)
            self.list.addItem(item)
            if one.name == chosen:
                self.list.setCurrentItem(item)

    def _current(self) -> str:
        chosen = self.list.selectedItems()
        return str(chosen[0].data(Qt.ItemDataRole.UserRole)) if chosen else THIS_MACHINE

    def _chosen(self) -> None:
        self.facts.show_lines([])
        self.remove.setEnabled(self._current() != THIS_MACHINE)

    def _failed(self, error: RpdrError) -> None:
        self.state.setText(told(error))


def _lines(facts: MachineFacts) -> list[tuple[str, str]]:
    say = QCoreApplication.translate
    gpus = ", ".join(f"{name} ({bytes_text(memory)})" if memory else name for name, memory in facts.gpus)
    return [
        (say("hosts", "Machine"), facts.system),
        (say("hosts", "GPU"), gpus or say("hosts", "none")),
        (
            say("hosts", "Cores and memory"),
            wording.fill(say("hosts", "%1 cores, %2"), facts.cores, bytes_text(facts.memory)),
        ),
        (say("hosts", "Free disk"), bytes_text(facts.disk_free)),
        (say("hosts", "Versions"), ", ".join(f"{name} {version}" for name, version in facts.versions)),
    ]
