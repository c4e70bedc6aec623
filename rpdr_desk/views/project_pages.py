"""The pages of an open project, one on screen: the review first, the others made when they are first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes
from rpdr_desk.actions import Actions
from rpdr_desk.operations.encoder_state import Learned, Lesson
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.error_words import told
from rpdr_desk.views.model.pages import REVIEW, ModelPage, PageSpec
from rpdr_desk.views.review.review_page import ReviewPage


class PageTabs(QTabBar):
    """`chosen` carries a tab's id: its page's, or what its pages share. `resized`: its words have changed. The tabs
    never take the focus: the keys stay with the page.
    """

    chosen = Signal(str)
    resized = Signal()

    def __init__(self, actions: Actions, specs: Sequence[PageSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tab_of = {REVIEW: REVIEW} | {spec.id: spec.tab or spec.id for spec in specs}
        self._ids = tuple(dict.fromkeys(self._tab_of.values()))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(False)
        for _id in self._ids:
            self.addTab("")
        self.retranslate()
        self.tabBarClicked.connect(lambda at: self.chosen.emit(self._ids[at]) if at >= 0 else None)

    def show_current(self, id: str) -> None:
        """The tab of a page."""
        self.setCurrentIndex(self._ids.index(self._tab_of[id]))

    def retranslate(self) -> None:
        for at, page in enumerate(self._ids):
            action = self._actions[f"go_{page}"]
            self.setTabText(at, action.text())
            self.setTabToolTip(at, f"{action.text()} ({self._actions.key_text(f'go_{page}')})")
        self.resized.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


class ProjectPages(QStackedWidget):
    """`shown` carries the id of the page on screen."""

    shown = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        actions: Actions,
        review: ReviewPage,
        specs: Sequence[PageSpec],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._actions, self.review = workspace, actions, review
        self._specs = {spec.id: spec for spec in specs}
        self._made: dict[str, ModelPage] = {}
        self._seen_by = workspace.reviewer
        review.flow.trouble.connect(self._not_done)
        review.flow.replayed.connect(self._replayed)
        workspace.release_asked.connect(self._open_release)
        workspace.encoders.learned.connect(self._learned)
        actions.on("teach_names", partial(self._teach, "names"))
        actions.on("teach_decisions", partial(self._teach, "decisions"))
        self.addWidget(review)
        actions.on(f"go_{REVIEW}", partial(self.go, REVIEW))
        self._of_tab: dict[str, str] = {}
        for spec in specs:
            actions.on(spec.action, partial(self.go, spec.id))
            if spec.tab and self._of_tab.setdefault(spec.tab, spec.id) == spec.id:
                actions.on(f"go_{spec.tab}", partial(self._go_tab, spec.tab))

    def go(self, id: str) -> None:
        """Show a page. Going where one is already does nothing."""
        page = self.page(id)
        if page is self.currentWidget():
            return
        self.setCurrentWidget(page)
        if id in self._specs and self._specs[id].tab:
            self._of_tab[self._specs[id].tab] = id
        self.shown.emit(id)
        if isinstance(page, ModelPage):
            page.entered()
        else:
            self.review.table.setFocus()

    def _open_release(self, path: Path) -> None:
        from rpdr_desk.views.terminologies.terminologies_page import TerminologiesPage

        page = self.page("terminologies")
        self.go("terminologies")
        if isinstance(page, TerminologiesPage):
            page.open_file(path)

    def _teach(self, lesson: Lesson) -> None:
        from rpdr_desk.views.encoders.encoders_page import EncodersPage

        page = self.page("encoders")
        self.go("encoders")
        if isinstance(page, EncodersPage):
            page.choose(lesson)

    def _learned(self, learned: Learned) -> None:
        """Told on whatever page is on screen; the page for it tells more."""
        from rpdr_desk.views.encoders import words

        if self.currentWidget() is not self._made.get("encoders"):
            self.banner.show_text(words.notice(learned))

    def _go_tab(self, tab: str) -> None:
        """The page of this tab that was shown last."""
        self.go(self._of_tab[tab])

    def page(self, id: str) -> QWidget:
        if id == REVIEW:
            return self.review
        if id not in self._made:
            self._made[id] = self._specs[id].make(self._workspace, self._actions, self)
            self.addWidget(self._made[id])
        return self._made[id]

    def as_reviewer(self, name: str) -> None:
        """Who reviews now, which may be who reviewed before."""
        if name != self._seen_by:
            self._seen_by = name
            for page in self._made.values():
                page.as_reviewer()

    @property
    def banner(self) -> Banner:
        """Of the page that is on screen: where a key was pressed, what it did is told."""
        page = self.currentWidget()
        return page.banner if isinstance(page, ModelPage) else self.review.banner

    # Undo is heard on every page, and it is the review that carries it out.

    def _not_done(self, error: RpdrError) -> None:
        if self.currentWidget() is not self.review:
            self.banner.show_trouble(wording.fill(self.tr("Not saved: %1"), told(error)))

    def _replayed(self, changes: Changes) -> None:
        if changes.mention_ids and self.currentWidget() is not self.review:
            count, here = len(changes.mention_ids), self.review.flow.mention
            what = here.text if count == 1 and here is not None else wording.mentions(count)
            self.banner.show_text(wording.fill(self.tr("%1: as it was"), what))

    def leave(self) -> None:
        for page in self._made.values():
            page.leave()
        self.review.leave()
