"""What one project says of teaching: its agreement, its names to mask, its open batches; read and changed on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.records import Changes
from rpdr_desk.operations.agreement import read_agreement
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.teach_state import Agreement, EndpointState, WaitingBatch

if TYPE_CHECKING:
    from rpdr_core.store import Project, ProjectReader
    from rpdr_core.workflow.profiles import Profile


class ProjectConsent(QObject):
    """`read`: the properties are fresh. `altered`: something was changed, and what would be sent with it."""

    read = Signal()
    altered = Signal()
    trouble = Signal(object)

    def __init__(
        self,
        store: StoreThread,
        profile: Callable[[], Profile | None],
        reviewer: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._profile, self._reviewer = store, profile, reviewer
        self.agreement = Agreement()
        self.names: tuple[str, ...] = ()
        self.batches: tuple[WaitingBatch, ...] = ()

    def refresh(self) -> None:
        self._store.query(_read, self._read_done, self.trouble.emit)

    def agree(self, endpoint: EndpointState, typed: str, who: str, *, batch: bool, window: int, retention: str) -> bool:
        """Let this project's text go to the endpoint in use; `typed` is the project's name.

        False where that is no longer the host and model of `endpoint`, which was shown: nothing is agreed.
        """
        from rpdr_core.workflow.consent import grant

        profile = self._profile()
        if profile is None or (profile.address.place, profile.model) != (endpoint.place, endpoint.model):
            return False
        self._alter(
            lambda project: grant(project, profile, who, typed, window=window, retention=retention, batch=batch)
        )
        return True

    def revoke(self) -> None:
        """Nothing more leaves, a run under way included."""
        from rpdr_core.workflow.consent import revoke

        self._alter(lambda project: revoke(project, self._reviewer()))

    def set_credentialed(self, on: bool, typed: str) -> None:
        """Lock the project to this machine, or unlock it; `typed` is the project's name."""
        from rpdr_core.workflow.consent import set_credentialed

        self._alter(lambda project: set_credentialed(project, on, self._reviewer(), typed))

    def set_killed(self, killed: bool) -> None:
        """Keep every project of this user from any teacher, or let them again."""
        from rpdr_core.teacher_switch import switch

        self._alter(lambda _project: switch(not killed))

    def set_names(self, names: tuple[str, ...]) -> None:
        """The project's list of names that are masked wherever they stand."""
        from rpdr_core.workflow.consent import set_masked_names

        self._alter(lambda project: set_masked_names(project, names, self._reviewer()))

    def _alter(self, write: Callable[[Project], object]) -> None:
        def change(project: Project) -> Changes:
            write(project)
            return Changes(frozenset(["settings"]))

        def altered(_changes: Changes) -> None:
            self.refresh()
            self.altered.emit()

        self._store.change(change, altered, self.trouble.emit)

    def _read_done(self, found: _Found) -> None:
        self.agreement, self.names, self.batches = found.agreement, found.names, found.batches
        self.read.emit()


@dataclass(frozen=True, slots=True)
class _Found:
    agreement: Agreement
    names: tuple[str, ...]
    batches: tuple[WaitingBatch, ...]


def _read(reader: ProjectReader) -> _Found:
    from rpdr_core.workflow.batches import open_batches
    from rpdr_core.workflow.consent import masked_names

    batches = tuple(WaitingBatch(one.run, one.host, one.model, one.items) for one in open_batches(reader))
    return _Found(read_agreement(reader), masked_names(reader), batches)
