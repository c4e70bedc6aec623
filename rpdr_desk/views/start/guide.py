"""The guided review: when it begins, what it says at each step, and that it is over for good once done or left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from rpdr_desk.operations.guided import STEPS, Task, find_tasks
from rpdr_desk.operations.opening import sample_path
from rpdr_desk.translation import chosen
from rpdr_desk.views.model.pages import REVIEW
from rpdr_desk.views.review.guide_course import DONE, UNDO, GuideCourse
from rpdr_desk.views.review.guide_strip import GuideStrip

if TYPE_CHECKING:
    from rpdr_desk.views.main_window import MainWindow


class Guide(QObject):
    """Begins by itself with the sample until it was done or left once; after that only when it is asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._wanted = False
        self._back: Callable[[], object] | None = None
        self.course: GuideCourse | None = None
        self.strip = GuideStrip(window)
        self.strip.left.connect(self.leave)

    def ask(self) -> None:
        """From the Help menu: on the sample, whatever is open now."""
        self._wanted = True
        workspace = self._window.workspace
        if workspace is None or workspace.path != sample_path():
            self._window.open_sample()
        else:
            self.opened()

    def opened(self) -> None:
        """A project is on screen."""
        workspace = self._window.workspace
        if workspace is None:
            return
        asked, self._wanted = self._wanted, False
        if asked or (workspace.path == sample_path() and not self._window.settings.values.guided):
            self.begin(asked)

    def begin(self, asked: bool = True) -> None:
        """On the project that is open, if it holds the mentions of the guide. Unasked it goes on where it was left."""
        if self._window.workspace is not None:
            language = chosen(self._window.settings.values.language)
            find_tasks(self._window.workspace.store, language, lambda tasks: self._begin(tasks, asked))

    def leave(self) -> None:
        """Over, for good: it comes again only when it is asked for."""
        if self.course is not None:
            self.stop()
            self._taken()
            if self._window.page is not None:
                self._window.page.reload()
                self._window.page.table.setFocus()

    def stop(self) -> None:
        """The project closes: nothing is said to be done."""
        if self.course is not None:
            self.course.stop()
            self.course.deleteLater()
            self.course = None
            if self._back is not None:
                self._window.actions_.on("back", self._back)
        self.strip.hide()

    def show_page(self, page: str) -> None:
        """It speaks of the review, so it is in sight there alone."""
        self.strip.setVisible(self.course is not None and page == REVIEW)

    def _begin(self, tasks: tuple[Task, ...], asked: bool) -> None:
        page, pages = self._window.page, self._window.pages
        if not tasks or page is None or pages is None:
            return
        self.stop()
        pages.go(REVIEW)
        step = 0 if asked else next((at for at, task in enumerate(tasks) if not task.done), UNDO)
        self.course = GuideCourse(page, self._window.actions_, tasks, self, step)
        self.course.changed.connect(self._went_on)
        self._back = self._window.actions_.handler("back")
        self._window.actions_.on("back", self._escape)
        page.table.setFocus()
        self.show()

    def _escape(self) -> None:
        """Esc leaves the guide where it has nothing nearer to leave: a question, a search."""
        page = self._window.page
        if page is None:
            return
        if page.faces.asked is None and page.flow.mode == "candidates":
            self.leave()
        elif self._back is not None:
            self._back()

    def _went_on(self) -> None:
        if self.course is not None and self.course.step == DONE:
            # Who goes on working from here without closing the line is not led through it again tomorrow.
            self._taken()
        self.show()

    def _taken(self) -> None:
        if not self._window.settings.values.guided:
            self._window.settings.change(guided=True)

    def show(self) -> None:
        """The words of the step, in the language of the moment."""
        course = self.course
        if course is None:
            return
        done = course.step == DONE
        words, keys = self._said(course)
        key = self._window.actions_.key_text("back")
        leave = self.tr("Close") if done else self.tr("Leave the guide")
        self.strip.show_step(course.step, len(STEPS) + 1, words, keys, f"{leave}   {key}")

    def _said(self, course: GuideCourse) -> tuple[str, tuple[str, ...]]:
        key = self._window.actions_.key_text
        match course.step:
            case 0:
                words = self.tr(
                    "The large words are a mention as somebody wrote it; below them are candidate codes. The first one "
                    "is right. Press %1 to accept it: it is saved at once, and the next mention comes."
                )
                return words, (key("accept"),)
            case 1:
                words = self.tr(
                    "Two conditions are named here, and the first candidate is only one of them. Press %1 to take the "
                    "other one: a correction costs one key, too."
                )
                return words, (key(f"pick_{course.digit}") if 1 <= course.digit <= 9 else "1–9",)
            case 2:
                words = self.tr(
                    "No candidate says that the new vessels are active. Press %1 and type %2. %3 goes to the results, "
                    "%4 takes the marked one."
                )
                typed = course.task.type if course.task is not None else ""
                return words, (key("search"), typed, self._enter(), key("accept"))
            case 3:
                words = self.tr("Every decision can be taken back, also tomorrow. Press %1 to undo the last one.")
                return words, (key("undo"),)
            case _:
                words = self.tr("That is all it takes. %1 shows every key, %2 finds every command.")
                return words, (key("keys"), key("palette"))

    def _enter(self) -> str:
        return self.tr("Return")
