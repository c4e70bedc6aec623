"""The table of an open project's pages beside the review. A page is made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from rpdr_desk.actions import Actions
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.banner import Banner

REVIEW = "review"
FILES = "files"
"""The tab of the pages where files come in and go out."""


class ModelPage(QWidget):
    """A page of the project. Overrides are called by `ProjectPages` alone."""

    banner: Banner

    def entered(self) -> None:
        """It is on screen now: read afresh what may have changed, and put the focus where work begins."""

    def as_reviewer(self) -> None:
        """Another person sits down: what is on screen may be more than they may see."""

    def leave(self) -> None:
        """The project closes: stop timers and requests of the page's own."""


@dataclass(frozen=True, slots=True)
class PageSpec:
    """`tab`: the tab that it shares with other pages; empty where it has one of its own."""

    id: str
    make: Callable[[Workspace, Actions, QWidget], ModelPage]
    tab: str = ""

    @property
    def action(self) -> str:
        """The id of the action that goes there: a tab's is `go_<tab>`, that of one page among several its own."""
        return self.id if self.tab else f"go_{self.id}"


def model_pages() -> tuple[PageSpec, ...]:
    """In the order of their tabs."""
    return (
        PageSpec("teach", _teach),
        PageSpec("train", _train),
        PageSpec("compare", _compare),
        PageSpec("adjudicate", _adjudicate),
        PageSpec("lint", _lint),
        PageSpec("dashboard", _dashboard),
        PageSpec("terminologies", _terminologies, FILES),
        PageSpec("encoders", _encoders, FILES),
        PageSpec("import", _import, FILES),
        PageSpec("export", _export, FILES),
        PageSpec("link_file", _link, FILES),
    )


def _teach(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.model.teach.page import TeachPage

    return TeachPage(workspace, actions, parent)


def _train(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.model.train.train_page import TrainPage

    return TrainPage(workspace, actions, parent)


def _compare(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.model.compare.compare_page import ComparePage

    return ComparePage(workspace, actions, parent)


def _adjudicate(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.model.adjudicate.adjudicate_page import AdjudicatePage

    return AdjudicatePage(workspace, actions, parent)


def _lint(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.model.lint.lint_page import LintPage

    return LintPage(workspace, actions, parent)


def _dashboard(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.model.dashboard.dashboard_page import DashboardPage

    return DashboardPage(workspace, actions, parent)


def _terminologies(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.terminologies.terminologies_page import TerminologiesPage

    return TerminologiesPage(workspace, actions, parent)


def _encoders(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.encoders.encoders_page import EncodersPage

    return EncodersPage(workspace, actions, parent)


def _import(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.importing.import_page import ImportPage

    return ImportPage(workspace, actions, parent)


def _export(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.exporting.export_page import ExportPage

    return ExportPage(workspace, actions, parent)


def _link(workspace: Workspace, actions: Actions, parent: QWidget) -> ModelPage:
    from rpdr_desk.views.linking.link_page import LinkPage

    return LinkPage(workspace, actions, parent)
