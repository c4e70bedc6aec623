"""Other machines: their keys confirmed by a person, their workers asked what they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from rpdr_core.protocol.messages import Empty
from rpdr_core.protocol.run_messages import HostInfo
from rpdr_desk.operations.machines import Machines
from rpdr_desk.operations.one_thread import Failed, OneThread

if TYPE_CHECKING:
    from rpdr_core.workflow.hosts import Host, HostKey


@dataclass(frozen=True, slots=True)
class NewHost:
    """What a person says of a machine. `port` 0, `identity` empty: as ssh has them. `slurm`: a cluster's front end."""

    name: str
    destination: str
    port: int = 0
    identity: str = ""
    command: str = "rpdr worker"
    slurm: bool = False


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What a machine has. Memory in bytes. `missing`: libraries that training needs; `trouble`: why torch is no use."""

    system: str
    cores: int
    memory: int
    disk_free: int
    gpus: tuple[tuple[str, int], ...]
    versions: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    trains_on: str
    trouble: str


class Hosts(QObject):
    """ssh is spoken to in a thread of its own, for it may take its time to find a machine."""

    def __init__(self, machines: Machines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._machines = machines
        self._thread = OneThread("hosts", self)
        self._key: HostKey | None = None

    def fingerprint(self, new: NewHost, done: Callable[[str], None], failed: Failed) -> None:
        """The fingerprint that the machine shows now, for a person to compare."""
        from rpdr_core.workflow.hosts import fetch_key

        def shown(key: HostKey) -> None:
            self._key = key
            done(key.fingerprint)

        self._thread.submit(lambda: fetch_key(_host(new)), shown, failed)

    def add(self, new: NewHost, fingerprint: str, done: Callable[[], None], failed: Failed) -> None:
        """Keep a machine whose fingerprint was just shown and confirmed."""
        from rpdr_core.workflow.hosts import add_host, confirm_key

        key = self._key
        assert key is not None, "the page shows the fingerprint before it can be confirmed"

        def keep() -> None:
            confirm_key(key, fingerprint)
            add_host(_host(new), key)

        def kept(_nothing: None) -> None:
            self._machines.forget(new.name)
            done()

        self._thread.submit(keep, kept, failed)

    def test(self, name: str, done: Callable[[MachineFacts], None], failed: Failed) -> None:
        """Connect, and ask what is there."""
        try:
            worker = self._machines.link(name)
        except Exception as error:  # noqa: BLE001 - told like any failure of the connection
            from rpdr_desk.operations.one_thread import as_known

            failed(as_known(error))
            return
        worker.request("host.describe", Empty(), done=lambda info: done(_facts(info)), failed=failed)

    def remove(self, name: str, done: Callable[[], None], failed: Failed) -> None:
        from rpdr_core.workflow.hosts import remove_host

        def removed(_nothing: None) -> None:
            self._machines.forget(name)
            done()

        self._thread.submit(lambda: remove_host(name), removed, failed)

    def close(self) -> None:
        self._thread.abandon()


def _host(new: NewHost) -> Host:
    from rpdr_core.workflow.hosts import Host

    return Host(
        new.name,
        new.destination,
        new.port,
        new.identity,
        command=new.command,
        launcher="slurm" if new.slurm else "process",
    )


def _facts(info: HostInfo) -> MachineFacts:
    return MachineFacts(
        f"{info.name}, {info.system}",
        info.cores,
        info.memory,
        info.disk_free,
        tuple((gpu.name, gpu.memory_total) for gpu in info.gpus),
        (("Python", info.python), *sorted(info.libraries.items())),
        info.missing,
        info.trains_on,
        info.trouble,
    )
