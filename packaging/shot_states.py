"""States of the window that no key alone leads to: dialogs of single pages, what runs, what has failed.

Nothing is sent, trained or written for them: a page is shown what it is shown when that happens, with made-up figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from shots import Studio

    from rpdr_desk.views.model.pages import ModelPage

# Scene, its project and its page. What brings it about is the function of that name below.
STATES = {
    "adjudicate-figures": ("sample", "adjudicate"),
    "facets": ("sample", "review"),
    "counting": ("sample", "review"),
    "nothing-found": ("sample", "review"),
    "independent": ("sample", "review"),
    "decided": ("sample", "review"),
    "banner": ("sample", "review"),
    "dialog-endpoint": ("untaught", "teach"),
    "dialog-agreement": ("untaught", "teach"),
    "dialog-names": ("untaught", "teach"),
    "dialog-unlock": ("untaught", "teach"),
    "dialog-ledger": ("untaught", "teach"),
    "teach-running": ("untaught", "teach"),
    "train-running": ("distilled", "train"),
    "dialog-hosts": ("distilled", "train"),
    "compare-changes": ("distilled", "compare"),
    "dialog-accept": ("sample", "dashboard"),
    "dashboard-below": ("sample", "dashboard"),
    "import-done": ("sample", "import"),
    "dialog-exported": ("sample", "export"),
    "link-running": ("sample", "link_file"),
    "encoders-running": ("sample", "encoders"),
    "jobs-running": ("sample", "review"),
    "dialog-about": ("sample", "review"),
}
SURE = 0.4
ADDRESS = Path("/home/meyer/mappings")


@dataclass(frozen=True, slots=True)
class Brought:
    """`above`: the dialog or menu to be laid over the window. `leave` puts all back as it was."""

    above: QWidget | None = None
    leave: Callable[[], object] = lambda: None


def bring(studio: Studio, state: str) -> Brought:
    """Bring the state about on the page that is on screen."""
    kind, _, name = state.partition("-")
    if kind == "menu":
        return _menu(studio, name)
    leave = _WAYS[state](studio, _page(studio))
    if state.startswith("dialog-") or state == "jobs-running":
        studio.wait(lambda: studio.dialog() is not None)
        return Brought(studio.dialog(), leave or _nothing)
    return Brought(None, leave or _nothing)


def _nothing() -> None:
    """Nothing to put back."""


def _page(studio: Studio) -> Any:
    pages = studio.window.pages
    return pages.currentWidget() if pages is not None else None


def _menu(studio: Studio, name: str) -> Brought:
    """As it drops down, without the pointer that it would wait for."""
    menu, bar = studio.window._menus[name], studio.window.menuBar()
    at = bar.actionGeometry(menu.menuAction()).bottomLeft()
    menu.popup(bar.mapToGlobal(at))
    return Brought(menu)


# The review


def _lint(_studio: Studio, page: Any) -> Callable[[], object]:
    """The rule that can say what would cure its findings."""
    page.rules.stand_on("unspecified_side")
    return _nothing


def _figures(_studio: Studio, page: Any) -> Callable[[], object]:
    page.show_figures(True)
    return lambda: page.show_figures(False)


def _facets(studio: Studio, page: Any) -> Callable[[], object]:
    studio.window.actions_["facets"].trigger()
    return page.facets.closed.emit


def _counting(_studio: Studio, page: Any) -> Callable[[], object]:
    """A list of a million is on screen before its end is known."""
    rest = page.queue_pane.rest
    rest.follow(awaited=True)
    rest.show()
    return lambda: rest.follow(awaited=False)


def _nothing_found(_studio: Studio, page: Any) -> Callable[[], object]:
    page.queue_pane.filter.setText("zzz")
    return page.queue_pane.filter.clear


def _independent(studio: Studio, page: Any) -> Callable[[], object] | None:
    """A mention that is to be answered before any ranking is seen."""
    from rpdr_core.store import open_reader

    workspace = studio.window.workspace
    assert workspace is not None
    with open_reader(workspace.path) as reader:
        drawn = [one for one in page.model.ids(0, page.model.rowCount()) if reader.drawn(one).independent]
    if drawn:
        page.go_to(drawn[0])
    return None


def _decided(studio: Studio, page: Any) -> Callable[[], object]:
    """Right after a decision that could be carried over to identical mentions."""
    page.go_to(56)
    studio.still(studio.window)
    page.flow.accept(0)
    studio.still(studio.window)

    def leave() -> None:
        page.flow.undo()
        studio.still(studio.window)

    return leave


def _banner(_studio: Studio, page: Any) -> Callable[[], object]:
    from rpdr_core.errors import WorkerLostError

    page.banner.show_error(WorkerLostError("the worker has not answered for 60 seconds"))
    return page.banner.hide


# Teach, Train, Compare


def _agreement(_studio: Studio, page: Any) -> None:
    page.questions.agreement()


def _endpoint(_studio: Studio, page: Any) -> None:
    page.questions.endpoint(new=True)


def _names(_studio: Studio, page: Any) -> None:
    page.questions.names()


def _unlock(_studio: Studio, page: Any) -> None:
    page.questions.credentialed(False)


def _ledger(studio: Studio, page: Any) -> None:
    from rpdr_desk.operations.teach_state import LedgerLine, LedgerPage, Money

    page.questions.ledger()
    studio.settle(1)
    lines = tuple(
        LedgerLine(
            number, f"2026-11-22T09:{number // 3:02}:1{number % 3}.000Z", "3f9c", 20 + number, "rank",
            "api.deepseek.com:443", "deepseek-chat", 3_900 + 7 * number, f"{number * 7919:064x}"[::-1],
            "answered" if number != 40 else "maybe_sent", 200 if number != 40 else 0, 880 + number, 31, 0.000_26,
        )
        for number in range(42, 0, -1)
    )  # fmt: skip
    page.questions.opened._show(LedgerPage(lines, 42, 0, 42, 169_000, Money(0.0112, "USD", "2026-03")))


def _sending(_studio: Studio, page: Any) -> Callable[[], object]:
    from rpdr_desk.operations.teach_state import Count, Money, Sending

    courier = page.teaching.courier
    before = courier.sending
    now = Sending(
        "3f9c", "api.deepseek.com", "deepseek-chat", 142, 61, 142, 66, 63, 1, 0, 0, 2, 56_020, 1_980, 61,
        Money(0.0171, "USD", "2026-03"), 1.0, None,
        (Count("ok", 58), Count("missing", 3), Count("prose", 2)), "running", seconds=74,
    )  # fmt: skip
    _put(courier, now)
    page._show_sending()

    def leave() -> None:
        _put(courier, before)
        page._show_sending()

    return leave


def _put(courier: Any, sending: object) -> None:
    name = "_sending" if hasattr(courier, "_sending") else "sending"
    setattr(courier, name, sending)


def _training(_studio: Studio, page: Any) -> Callable[[], object]:
    from rpdr_desk.operations.jobs import Point
    from rpdr_desk.operations.train_state import Remark, Run

    curve = tuple(Point(step, 1.9 * 0.985**step + 0.4, 0.6 + step / 600 if step % 20 == 0 else None)
                  for step in range(2, 124, 2))  # fmt: skip
    said = (Remark(21.0, "checkpoint 40 is damaged and left out"),)
    run = Run("r", "eye-clinic-2", "gpu-2", "running", "generative-student", "2026-11-22T09:12:00Z", 122, 400, 0.9,
              860.0, 3 * 2**30, 11 * 2**30, 100, curve, said)  # fmt: skip
    page.earlier.show_runs((run, *page._runs), "r")
    page.panel.show_run(run)
    return page._follow


def _hosts(_studio: Studio, page: Any) -> None:
    page._show_hosts()


def _compare(studio: Studio, page: Any) -> Callable[[], object]:
    """The comparison itself, made now, and once: it takes as long as the student does."""
    if "comparison" in studio.made:
        page._compared(studio.made["comparison"])
    else:
        page._compare(page._chosen)
        studio.wait(lambda: not page._busy, 300)
        studio.made["comparison"] = page._comparison

    def leave() -> None:
        page._comparison = None
        page.report.show_comparison(page._kept.get(page._chosen))
        page.students.show_compared("", busy=False)

    return leave


# Dashboard and files


def _accept(studio: Studio, page: Any) -> None:
    from rpdr_desk.views.model.dashboard.accept_dialog import AcceptDialog

    done: list[Any] = []
    page._workspace.overview.preview(SURE, done.append, done.append)
    studio.wait(lambda: bool(done))
    page.accepting = AcceptDialog(page, done[0], SURE, 0.05, _nothing)


def _below(_studio: Studio, page: Any) -> Callable[[], object]:
    bar = page.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    return lambda: bar.setValue(0)


def _imported(_studio: Studio, page: Any) -> Callable[[], object]:
    from rpdr_desk.operations.door import Taken

    facts = (("mentions", 6), ("rows", 6), ("added", 5), ("merged", 1))
    page._leave_form()
    before = page.door._taken
    page.door.show_taken(Taken(ADDRESS / "eye clinic 2026-Q3.csv", "mentions", facts))

    def leave() -> None:
        page.door._taken = before
        page.door._show_taken()

    return leave


def _exported(studio: Studio, _page: Any) -> None:
    from rpdr_desk.views.exporting.export_report import show_report

    show_report(
        studio.window,
        ADDRESS / "eye clinic usagi.csv",
        99,
        [("reviewers, comments, times and scores", 0), ("the sentences around the mentions", 0)],
    )


def _linking(studio: Studio, page: Any) -> Callable[[], object]:
    from shot_files import look_at

    from rpdr_desk.operations.following import Moved

    look_at(studio, "link")
    page.form.begin("eye clinic 2026-Q3.csv")
    page.form.progress.show_moved(Moved("linking", 3_120, 5_011, 48.0))

    def leave() -> None:
        page.form.end()
        page._leave_form()

    return leave


def _learning(_studio: Studio, page: Any) -> Callable[[], object]:
    from rpdr_desk.operations.train_state import Run

    run = Run("e", "icd10cm-aligned-20261122-091500", "", "running", "self-alignment", "2026-11-22T09:15:00Z", 220,
              900, 0.2, 1_900.0, 2 * 2**30, 0, 200)  # fmt: skip
    page.strip.show_run(run)
    return lambda: page.strip.show_run(None)


def _jobs(studio: Studio, _page: Any) -> Callable[[], object]:
    from rpdr_core.errors import UserInputError
    from rpdr_desk.views.jobs.jobs_dialog import show_jobs

    jobs = studio.window.workspace.jobs  # type: ignore[union-attr]
    lost = jobs.start("import", total=4_000, note="list.csv")
    jobs.fail(lost, UserInputError("12 columns", hint="write only the columns you need"))
    index = jobs.start("index", total=110_255)
    jobs.finish(index)
    going = jobs.start("link", total=5_011, note="eye clinic 2026-Q3.csv", cancel=_nothing)
    jobs.progress(going, 3_120, 5_011, 48.0)
    show_jobs(studio.window, studio.window.workspace)
    # Else the waiting for all that runs would wait for this one.
    jobs.running = list

    def leave() -> None:
        jobs.__dict__.pop("running", None)
        jobs._jobs.clear()
        jobs._cancel.clear()
        studio.window.strip.show_job(None)

    return leave


def _about(studio: Studio, _page: Any) -> None:
    """Without the waiting for its answer."""
    from unittest import mock

    from PySide6.QtWidgets import QMessageBox

    def shown(parent: QWidget, title: str, words: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Information, title, words, QMessageBox.StandardButton.Ok, parent)
        box.setIconPixmap(parent.windowIcon().pixmap(64))
        box.open()

    with mock.patch.object(QMessageBox, "about", shown):
        studio.window.actions_["about"].trigger()


Way = Callable[["Studio", "ModelPage"], Callable[[], object] | None]
_WAYS: dict[str, Any] = {
    "adjudicate-figures": _figures,
    "lint": _lint,
    "facets": _facets,
    "counting": _counting,
    "nothing-found": _nothing_found,
    "independent": _independent,
    "decided": _decided,
    "banner": _banner,
    "dialog-endpoint": _endpoint,
    "dialog-agreement": _agreement,
    "dialog-names": _names,
    "dialog-unlock": _unlock,
    "dialog-ledger": _ledger,
    "teach-running": _sending,
    "train-running": _training,
    "dialog-hosts": _hosts,
    "compare-changes": _compare,
    "dialog-accept": _accept,
    "dashboard-below": _below,
    "import-done": _imported,
    "dialog-exported": _exported,
    "link-running": _linking,
    "encoders-running": _learning,
    "jobs-running": _jobs,
    "dialog-about": _about,
}
