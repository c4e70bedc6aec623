"""The Terminologies page: what is here, a release to import, a project to move to another release."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.actions import Actions
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.shelf import Held
from rpdr_desk.operations.upgrades import UpgradeWish
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.error_words import told
from rpdr_desk.views.files import words as files
from rpdr_desk.views.files.files_page import FilesPage
from rpdr_desk.views.terminologies import upgrade_words
from rpdr_desk.views.terminologies.release_flow import ReleaseFlow
from rpdr_desk.views.terminologies.release_form import ReleaseForm
from rpdr_desk.views.terminologies.shelf_dialog import remove_asked
from rpdr_desk.views.terminologies.shelf_pane import ShelfPane
from rpdr_desk.views.terminologies.upgrade_pane import UpgradePane

if TYPE_CHECKING:
    from rpdr_desk.operations.upgrades import UpgradePlan


from rpdr_desk.views.files.layouts import local_file


class TerminologiesPage(FilesPage):
    """The shelf, or the form of a release. An import goes on while other pages are on screen."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(actions, "terminologies", parent)
        self._workspace, self._actions = workspace, actions
        self._busy = False
        self._prefer = ""
        self._to: KnowledgeBaseInfo | None = None
        self._plan: UpgradePlan | None = None
        self.upgrade = UpgradePane(self)
        self.shelf, self.form = ShelfPane(workspace.knowledge_base.fingerprint, self), ReleaseForm(self)
        self._flow = ReleaseFlow(workspace.shelf, self.form, self.banner, self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.shelf)
        self._stack.addWidget(self.form)
        self._stack.addWidget(self.upgrade)
        self.body.addWidget(self._stack, 1)
        self.setAcceptDrops(True)
        self._connect()

    def entered(self) -> None:
        self._read()
        self._workspace.scopes.read(self.shelf.scope.show_now, self.shelf.scope.show_error)
        self._workspace.upgrades.waiting(lambda ids: self.shelf.show_reopened(len(ids)))
        self._focus()

    def leave(self) -> None:
        self.shelf.scope.leave()
        self.form.leave()
        self._workspace.upgrades.stop()

    def ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a terminology's file"), "")
        if name:
            self.open_file(Path(name))

    def ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Choose a terminology's folder"))
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Look at a release, and show what it would become."""
        if not self._busy and not self._flow.busy:
            self._stack.setCurrentWidget(self.form)
            self._flow.begin(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._busy and not self._flow.busy and local_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = local_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.open_file(path)

    # The shelf

    def _read(self) -> None:
        self._workspace.shelf.list(self._listed, self.banner.show_error)

    def _listed(self, held: tuple[Held, ...]) -> None:
        used = self._workspace.knowledge_base.fingerprint
        self.shelf.show_held(held, used, self._prefer)
        self._prefer = ""

    def _remove(self, held: Held) -> None:
        remove_asked(self, self._workspace.shelf, held, self.banner)

    def _keep_scope(self, text: str) -> None:
        def kept(_changes: object) -> None:
            self.banner.show_text(self.tr("The scope is kept. Undecided mentions are searched anew."))
            self._workspace.scopes.read(self.shelf.scope.show_now, self.shelf.scope.show_error)

        self._workspace.scopes.keep(text, kept, self.shelf.scope.show_error)

    # A release

    def _taken(self, info: KnowledgeBaseInfo) -> None:
        self._prefer = info.fingerprint
        self._stack.setCurrentWidget(self.shelf)
        words_ = self.tr("%1 is here: %2. Use it for this project, or for a new one.")
        title = f"{info.title} {info.version}".strip()
        self.banner.show_text(wording.fill(words_, title, files.entities(info.entities)))
        self._focus()

    # Another release for the project

    def _ask_upgrade(self, held: Held) -> None:
        self._to = held.info
        self.banner.hide()
        self.upgrade.show_wanted(held.info)
        self._stack.setCurrentWidget(self.upgrade)
        self._plan_upgrade(UpgradeWish())

    def _plan_upgrade(self, wish: UpgradeWish) -> None:
        if self._to is None:
            return
        self._plan = None
        self.upgrade.show_planning()
        upgrades = self._workspace.upgrades
        upgrades.plan(self._to, wish, self._planned, self._not_planned)
        upgrades.following.moved.connect(self.upgrade.progress.show_moved)

    def _planned(self, plan: UpgradePlan) -> None:
        self._plan = plan
        self.upgrade.show_plan(plan)
        announce(self, ". ".join(": ".join(line) for line in upgrade_words.decision_lines(plan.counts)))

    def _not_planned(self, error: RpdrError) -> None:
        if isinstance(error, Cancelled):
            self._leave_form()
            return
        self.upgrade.show_trouble(told(error))
        self.banner.show_error(error)

    def _apply_upgrade(self) -> None:
        plan = self._plan
        if plan is None or self._busy:
            return
        self._busy = True
        self.upgrade.begin()
        force = self.upgrade.wish().force
        self._workspace.upgrades.apply(plan, force, lambda _changes: self._upgraded(plan), self._not_upgraded)

    def _upgraded(self, plan: UpgradePlan) -> None:
        self._busy = False

        def go(ids: Sequence[int]) -> None:
            self._workspace.move(plan.after, self._reopened(plan.after, ids) if ids else None)

        self._workspace.upgrades.waiting(go)

    def _reopened(self, by: KnowledgeBaseInfo, ids: Sequence[int]) -> GivenList:
        return GivenList(wording.fill(self.tr("Reopened by %1"), upgrade_words.release_text(by)), array("q", ids))

    def _review_reopened(self) -> None:
        base = self._workspace.knowledge_base
        self._workspace.upgrades.waiting(lambda ids: self._workspace.list_asked.emit(self._reopened(base, ids)))

    def _not_upgraded(self, error: RpdrError) -> None:
        self._busy = False
        self.upgrade.end()
        self.banner.show_error(error)

    def _leave_form(self) -> None:
        self._plan, self._to = None, None
        self._flow.forget()
        self._workspace.upgrades.stop()
        self._stack.setCurrentWidget(self.shelf)
        self._focus()

    def _focus(self) -> None:
        if not self.isVisible() or self._busy or self._flow.busy:
            return
        if self._stack.currentWidget() is self.shelf:
            self.shelf.table.setFocus()
        elif self._stack.currentWidget() is self.form:
            self.form.first().setFocus()

    def _connect(self) -> None:
        shelf, form = self.shelf, self.form
        shelf.file_asked.connect(self.ask_file)
        shelf.folder_asked.connect(self.ask_folder)
        shelf.remove_asked.connect(self._remove)
        shelf.use_asked.connect(self._ask_upgrade)
        shelf.reopened_asked.connect(self._review_reopened)
        scope, scopes = shelf.scope, self._workspace.scopes
        scope.measured.connect(lambda text: scopes.measure(text, scope.show_measured, scope.show_error))
        scope.kept.connect(self._keep_scope)
        self.upgrade.wished.connect(self._plan_upgrade)
        self.upgrade.applied.connect(self._apply_upgrade)
        self.upgrade.left.connect(self._leave_form)
        self.upgrade.progress.cancelled.connect(lambda: self._workspace.upgrades.following.cancel())
        form.left.connect(self._leave_form)
        self._flow.taken.connect(self._taken)
        self._flow.waiting.connect(self._focus)
        self._workspace.shelf.changed.connect(self._read)
