"""Makes the plan: draws it up in the store's thread, lets the worker count it, and shows any of its requests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.protocol.messages import PreviewPrompt, PromptPreview
from rpdr_core.records import Changes
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.teach_plan import Drafted, draft, with_figures
from rpdr_desk.operations.teach_state import BodyKind, Choice, ExactBody, Hindrance, Plan, RequestBody
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.workflow.preparing import Prepared
    from rpdr_core.workflow.prices import Tariff
    from rpdr_core.workflow.profiles import Profile
    from rpdr_core.workflow.teaching import Asking

SETTLE_MS = 250


@dataclass(frozen=True, slots=True)
class Ready:
    """A plan that may be sent as it is: the very items that the digest is about."""

    asking: Asking
    prepared: Prepared
    preview: PromptPreview
    tariff: Tariff


def exact(kind: BodyKind, body: str) -> ExactBody:
    """A body with its own hash, reckoned here from what is shown."""
    content = body.encode()
    return ExactBody(kind, body, hashlib.sha256(content).hexdigest(), len(content))


class Planner(QObject):
    """`profile` is asked when a plan is made. `state` is empty once there is one.

    `kept`: while a run is on screen, the plan stays as it is.
    """

    plan_changed = Signal()
    body_changed = Signal()
    bare = Signal(object)
    """Ids of mentions that were chosen and have no candidates yet."""
    trouble = Signal(object)

    def __init__(
        self,
        store: StoreThread,
        worker: WorkerLink,
        profile: Callable[[], Profile | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._worker, self._profile = store, worker, profile
        self._drafts = self._wanted = 0
        self._bare: frozenset[int] = frozenset()
        self.kept = False
        self.ready: Ready | None = None
        self.state: Hindrance = "preparing"
        self.choice, self.plan = Choice(), Plan()
        self.body: RequestBody | None = None
        self._later = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._later.timeout.connect(self._draft)
        store.changed.connect(self._project_changed)
        worker.state_changed.connect(lambda _state: self._worker_changed())

    def choose(self, choice: Choice) -> None:
        """What to ask about, and how. Another ceiling needs no other plan."""
        before, self.choice = self.choice, choice
        if replace(before, most_money=None, most_requests=None) == replace(choice, most_money=None, most_requests=None):
            self.plan_changed.emit()
        else:
            self.prepare()

    def prepare(self) -> None:
        """Make the plan anew, a moment from now: several changes make one plan."""
        self.ready, self._drafts = None, self._drafts + 1
        self.state = "preparing"
        self._later.start()
        self.plan_changed.emit()

    def show_body(self, mention_id: int) -> None:
        """The exact request about one mention of the plan; `body_changed` follows."""
        self._wanted = mention_id
        ready = self.ready
        item = next((one for one in ready.prepared.items if one.mention.id == mention_id), None) if ready else None
        if ready is None or item is None:
            return

        bodies: list[ExactBody] = []
        plain: list[ExactBody] = []

        def ask(order: int) -> None:
            asking = ready.asking
            params = PreviewPrompt(
                asking.profile.endpoint, asking.template, (item,), asking.orders, asking.seed, order=order
            )
            self._worker.request("rank.teacher.preview", params, done=shown, failed=self.trouble.emit)

        def shown(preview: PromptPreview) -> None:
            if self._wanted != mention_id or self.ready is not ready:
                return
            bodies.append(exact("shuffled" if bodies else "asked", preview.body))
            if preview.fallback:
                plain.append(exact("plain_shuffled" if plain else "plain", preview.fallback))
            if len(bodies) < ready.asking.orders:
                ask(len(bodies))
                return
            self.body = RequestBody(mention_id, preview.url, (*bodies, *plain))
            self.body_changed.emit()

        ask(0)

    def close(self) -> None:
        self._later.stop()
        self._drafts += 1

    def _draft(self) -> None:
        profile, number = self._profile(), self._drafts
        if profile is None:
            self._show(Plan(), "no_endpoint")
            return
        choice = self.choice

        def drafted(found: Drafted) -> None:
            if number == self._drafts:
                self._bare = frozenset(found.bare)
                if found.bare:
                    self.bare.emit(found.bare)
                self._count(found, profile)

        self._store.query(lambda project: draft(project, choice), drafted, lambda error: self._broke(number, error))

    def _count(self, found: Drafted, profile: Profile) -> None:
        from rpdr_core.workflow.prices import tariff_for
        from rpdr_core.workflow.teaching import Asking, preview_params

        if not found.plan.mentions:
            self._show(found.plan, "no_candidates" if found.bare else "nothing_waits")
            return
        number, choice = self._drafts, self.choice
        asking = Asking(profile, choice.template, choice.orders)

        def counted(preview: PromptPreview) -> None:
            if number != self._drafts:
                return
            try:
                tariff = tariff_for(profile.address, profile.model)
            except RpdrError as error:
                self._broke(number, error)
                return
            self.ready = Ready(asking, found.prepared, preview, tariff)
            self._show(with_figures(found.plan, preview, tariff, batch=choice.batch), "")

        params = preview_params(asking, found.prepared)
        self._worker.request(
            "rank.teacher.preview", params, done=counted, failed=lambda error: self._broke(number, error)
        )

    def _show(self, plan: Plan, state: Hindrance) -> None:
        self.plan, self.state = plan, state
        if not plan.mentions:
            self.body = None
            self.body_changed.emit()
        self.plan_changed.emit()
        self.show_body(self._wanted)

    def _broke(self, number: int, error: RpdrError) -> None:
        if number == self._drafts:
            self._show(Plan(), "failed" if self._worker.state == "ready" else "worker")
            if self.state == "failed":
                self.trouble.emit(error)

    def _project_changed(self, changes: Changes) -> None:
        if not self.kept and self.state != "preparing" and self._bare.intersection(changes.mention_ids):
            self.prepare()

    def _worker_changed(self) -> None:
        if self._worker.state == "ready" and self.state == "worker":
            self.prepare()
