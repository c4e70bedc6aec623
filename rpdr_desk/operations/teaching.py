"""The teacher, as the Teach page sees it: where it is, what was agreed, what would be sent, what is being sent.

Text leaves this machine in `send` alone, and only as the prepared plan shows it: the worker refuses any other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError
from rpdr_desk.operations.agreement import host_shown, with_endpoint
from rpdr_desk.operations.consent import ProjectConsent
from rpdr_desk.operations.endpoints import EndpointBook
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.ledger_view import export_csv, read_page
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.teach_door import Rooms
from rpdr_desk.operations.teach_planner import Planner
from rpdr_desk.operations.teach_sender import Sender
from rpdr_desk.operations.teach_state import Agreement, EndpointState, Hindrance, LedgerPage, WaitingBatch
from rpdr_desk.operations.worker_link import WorkerLink
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.workflow.profiles import Profile


class Teaching(QObject):
    """`planner`: what would be sent; `courier`: what is being sent; `book`: the endpoints; `consent`: what was agreed.

    `agreement_changed`: agreement, names, open batches or endpoints are new. `trouble` carries an error for the page.
    """

    agreement_changed = Signal()
    trouble = Signal(object)

    def __init__(
        self, store: StoreThread, worker: WorkerLink, jobs: Jobs, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._settings = store, settings
        self.book = EndpointBook(settings, self)
        self.planner = Planner(store, worker, self._profile, self)
        self.courier = Sender(Rooms(store, worker, jobs), self)
        self.consent = ProjectConsent(store, self._profile, lambda: self.reviewer, self)
        self.agreement = Agreement()
        self.book.changed.connect(self._compare)
        self.consent.read.connect(self._compare)
        self.consent.altered.connect(self._prepare)
        self.courier.changed.connect(self._sending_changed)
        for part in (self.book, self.planner, self.consent):
            part.trouble.connect(self.trouble)

    # How it stands

    @property
    def reviewer(self) -> str:
        return self._settings.values.reviewer

    @property
    def may_leave_to(self) -> str:
        """The host that this project's text may go to; empty while it may go nowhere."""
        now = self.agreement
        return host_shown(now.host) if now.on and not now.killed else ""

    @property
    def hindrance(self) -> Hindrance:
        """Why nothing can be sent now; empty: it can."""
        endpoint = self.book.state.current
        if endpoint is None:
            return "no_endpoint"
        if self.agreement.killed:
            return "killed"
        if self.agreement.credentialed and not endpoint.local:
            return "credentialed"
        return self.planner.state or self._missing(endpoint)

    def _missing(self, endpoint: EndpointState) -> Hindrance:
        plan, choice = self.planner.plan, self.planner.choice
        if not plan.to_send:
            return ""
        if not self.agreement.covers:
            return "no_consent"
        if choice.batch and not self.agreement.batch:
            return "no_batch_consent"
        if endpoint.key in ("missing", "unknown"):
            return "no_key"
        return "no_price" if plan.most is None and choice.most_requests is None else ""

    def refresh(self) -> None:
        """Read everything afresh: the page is on screen."""
        self.book.read()
        self.consent.refresh()
        self._prepare()

    # Endpoints

    def choose_endpoint(self, name: str) -> None:
        self.book.choose(name)
        self._prepare()

    def save_endpoint(self, edited: EndpointState, before: str, key: str) -> str:
        """Keep a profile; the reason where it cannot be kept, else empty."""
        try:
            self.book.save(edited, before, key)
        except RpdrError as error:
            return str(error)
        self._prepare()
        return ""

    def remove_endpoint(self, name: str) -> None:
        try:
            self.book.remove(name)
        except RpdrError as error:
            self.trouble.emit(error)
        self._prepare()

    # Sending

    def send(self) -> None:
        """Send what the plan shows, to the last byte."""
        ready = self.planner.ready
        if ready is None or self.hindrance or self.courier.sending.running:
            return
        if self._profile() != ready.asking.profile:
            # Changed on disk meanwhile: its key is not for the address that the plan was made for.
            self.refresh()
            return

        def keyed(key: str) -> None:
            endpoint, planner = self.book.state.current, self.planner
            if planner.ready is ready and endpoint is not None and not (self.hindrance or self.courier.sending.running):
                actor = self.agreement.who or self.reviewer
                self.courier.start(ready, planner.plan, planner.choice, endpoint.host, key, actor)

        if self.planner.plan.to_send:
            self.book.read_key(keyed, self.trouble.emit)
        else:
            keyed("")

    def fetch_batch(self, waiting: WaitingBatch) -> None:
        """Get the answers of a batch that was handed in before; the endpoint in use must be the one that has it."""
        from rpdr_core.workflow.prices import tariff_for

        profile = self._profile()
        if profile is None or self.courier.sending.running:
            return

        def keyed(key: str) -> None:
            try:
                tariff = tariff_for(profile.address, profile.model)
            except RpdrError as error:
                self.trouble.emit(error)
            else:
                self.courier.fetch(profile, waiting, tariff, key, self.agreement.who or self.reviewer)

        self.book.read_key(keyed, self.trouble.emit)

    def prepare_again(self) -> None:
        """The last run was looked at: on to the next."""
        self.courier.clear()
        self._prepare()

    # The ledger

    def read_ledger(self, done: Callable[[LedgerPage], None], failed: Failed) -> None:
        self._store.query(read_page, done, failed)

    def export_ledger(self, path: Path, done: Callable[[int], None], failed: Failed) -> None:
        """Write the ledger as CSV; `done` gets the number of rows."""
        self._store.query(lambda project: export_csv(project, path), done, failed)

    def close(self) -> None:
        self.planner.close()
        self.courier.close()
        self.book.close()

    # Within

    def _prepare(self) -> None:
        if not self.courier.sending.running:
            self.planner.prepare()

    def _sending_changed(self) -> None:
        self.planner.kept = self.courier.sending.state != "idle"
        if self.courier.sending.batch and not self.courier.sending.running:
            self.consent.refresh()

    def _profile(self) -> Profile | None:
        try:
            return self.book.profile()
        except RpdrError as error:
            self.trouble.emit(error)
            return None

    def _compare(self) -> None:
        self.agreement = with_endpoint(self.consent.agreement, self.book.state.current)
        self.agreement_changed.emit()
