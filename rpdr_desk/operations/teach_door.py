"""Where a run of requests works, and who stands at its door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rpdr_core.protocol.messages import BatchByTeacher, RankByTeacher, SendIntent, SendOutcome, SendPermit
from rpdr_core.records import Changes
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.workflow.batches import BatchKeeper
    from rpdr_core.workflow.sending import Gatekeeper


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where a run works."""

    store: StoreThread
    worker: WorkerLink
    jobs: Jobs


class Gate(Protocol):
    """Writes rows and says what may leave; used in the store's thread alone."""

    def permit(self, intent: SendIntent) -> SendPermit: ...

    def close(self, outcome: SendOutcome) -> Changes: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """What the worker is asked, and who stands at the door. `keeper` and `batch` for a batch alone."""

    gatekeeper: Gatekeeper
    params: RankByTeacher
    keeper: BatchKeeper | None = None
    batch: BatchByTeacher | None = None

    @property
    def gate(self) -> Gate:
        return self.gatekeeper if self.keeper is None else self.keeper
