"""The machines that can train: this one, and those behind ssh. A worker there is started when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rpdr_core.errors import NotAllowedError
from rpdr_desk.operations.train_state import THIS_MACHINE, HostLine
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.workflow.hosts import Host
    from rpdr_core.workflow.runs import RunSettings

Connect = Callable[["Host"], WorkerLink]
"""Makes a link to the worker of a host; it is not started yet."""


def no_other_machine(host: Host) -> WorkerLink:
    """For a window that was given no way to other machines."""
    raise NotAllowedError(f"this window cannot reach {host.name}", hint="train on this machine")


class Machines:
    """Links by machine name. A link that has failed is made anew when it is asked for again."""

    def __init__(self, here: WorkerLink, connect: Connect) -> None:
        self._here, self._connect = here, connect
        self._far: dict[str, WorkerLink] = {}

    def link(self, name: str) -> WorkerLink:
        """The worker of a machine. Raises `NotFoundError` for a name that is not on the list."""
        if name == THIS_MACHINE:
            return self._here
        known = self._far.get(name)
        if known is None or known.state in ("failed", "stopped"):
            self.forget(name)
            self._far[name] = self._connect(self.host(name))
            self._far[name].start()
        return self._far[name]

    def forget(self, name: str) -> None:
        """Close the link to a machine; runs there go on."""
        known = self._far.pop(name, None)
        if known is not None:
            known.close()

    def host(self, name: str) -> Host:
        from rpdr_core.workflow.hosts import find_host

        return find_host(name)

    def run_settings(self, name: str) -> RunSettings | None:
        """How a run is carried out there; None for this machine's own way."""
        from rpdr_core.workflow.runs import RunSettings

        if name == THIS_MACHINE:
            return None
        known = self.host(name)
        return RunSettings(launcher=known.launcher, cluster=known.cluster)

    def lines(self) -> tuple[HostLine, ...]:
        """This machine, then the hosts. Raises `DamagedFileError`."""
        from rpdr_core.workflow.hosts import list_hosts

        return (HostLine(THIS_MACHINE), *(HostLine(host.name, host.destination) for host in list_hosts()))

    def close(self) -> None:
        for name in tuple(self._far):
            self.forget(name)
