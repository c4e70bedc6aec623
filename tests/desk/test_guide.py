"""The guided review: it watches what the reviewer really does, and it is over for good once done or left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_catalogue, open_rig, wait_until
from PySide6.QtCore import Qt

from rpdr_core.knowledge_base.catalogue import read_manifest
from rpdr_core.records import Candidate, NewMention, Provenance, Ranking
from rpdr_core.store import Project, SourceFile
from rpdr_core.workflow.sample import sample_mentions
from rpdr_desk.operations import guided
from rpdr_desk.operations.guided import Task, tasks
from rpdr_desk.operations.opening import sample_path
from rpdr_desk.views.review.guide_course import DONE, UNDO

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier
# Disorders of the small terminology: the second mention wants its third candidate, the third one that is not listed.
TASKS = (Task("one", "X01"), Task("two", "X03"), Task("three", "X09", "trouble 9"))


def make_sample(path: Path) -> Path:
    """A project where the sample lies, with the teacher's rankings alone: no retriever, no index, no worker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Project.create(path, name="Sample", knowledge_base=read_manifest(make_catalogue()).info) as project:
        rows = [NewMention(name, f"seen {name}", 5, 5 + len(name)) for name in ("zero", "one", "two", "three", "four")]
        project.add_mentions(SourceFile("m.csv", "0" * 64, "csv", "utf-8"), rows)
        listed = tuple(Candidate(f"X0{number}", f"Disorder number {number}") for number in (1, 2, 3))
        where = Provenance("teacher", "recorded", "numbers", recorded=True)
        project.record_rankings(Ranking(number, "teacher", listed, where, "exact") for number in range(1, 6))
    return path


@pytest.fixture
def desk(
    tmp_path: Path, rpdr_home: Path, qtbot: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Rig]]:
    monkeypatch.setattr(guided, "tasks", lambda _language: TASKS)
    rigs: list[Rig] = []

    def open_() -> Rig:
        for one in rigs:
            one.close()
        path = sample_path() if sample_path().exists() else make_sample(sample_path())
        rigs[:] = [open_rig(path, tmp_path, FakeWorker(alive=False))]
        return rigs[0]

    yield open_
    for one in rigs:
        one.close()


def words(rig: Rig) -> str:
    return rig.window.guide.strip.words


def begun(rig: Rig) -> None:
    wait_until(lambda: rig.window.guide.course is not None and rig.mention == 2)


def step(rig: Rig) -> int:
    assert rig.window.guide.course is not None
    return rig.window.guide.course.step


def test_three_mentions_and_an_undo_by_keys_alone(desk: Callable[[], Rig]) -> None:
    rig = desk()
    begun(rig)
    assert rig.window.guide.strip.isVisible()
    assert "Space" in words(rig)
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: step(rig) == 1 and rig.mention == 3)
    wait_until(lambda: "Press 3 " in words(rig))
    rig.press("3")
    wait_until(lambda: step(rig) == 2 and rig.mention == 4)
    assert "trouble 9" in words(rig)
    rig.press("/")
    rig.press("trouble 9")
    wait_until(lambda: rig.page.flow.mode == "search")
    rig.press(Qt.Key.Key_Return)
    assert step(rig) == 2, "Return in the search line decides nothing"
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: step(rig) == UNDO)
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: step(rig) == DONE)
    assert "Ctrl+K" in words(rig)
    rig.press(Qt.Key.Key_Escape)
    assert rig.window.guide.course is None
    assert rig.settings.values.guided
    wait_until(lambda: rig.workspace.reading.decision(4) is None)
    decided = [(one.mention_id, one.code) for number in (2, 3, 4) if (one := rig.workspace.reading.decision(number))]
    assert decided == [(2, "X01"), (3, "X03")]


def test_once_done_or_left_it_comes_only_when_asked_for(desk: Callable[[], Rig]) -> None:
    rig = desk()
    begun(rig)
    rig.press(Qt.Key.Key_Escape)
    assert not rig.window.guide.strip.isVisible()
    rig = desk()
    rig.settle()
    rig.settle()
    assert rig.window.guide.course is None
    rig.window.actions_["guide"].trigger()
    begun(rig)
    assert rig.window.guide.strip.isVisible()


def test_who_did_all_of_it_is_not_led_again_tomorrow(desk: Callable[[], Rig]) -> None:
    rig = desk()
    begun(rig)
    course = rig.window.guide.course
    assert course is not None
    course.step = UNDO
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: step(rig) == DONE)
    rig = desk()
    rig.settle()
    rig.settle()
    assert rig.window.guide.course is None, "the line was not closed, and it was done all the same"


def test_escape_leaves_what_is_nearest_first(desk: Callable[[], Rig]) -> None:
    rig = desk()
    begun(rig)
    rig.press("n")
    rig.press(Qt.Key.Key_Escape)
    assert rig.window.guide.course is not None, "that Esc was for the reasons"
    rig.press("/")
    rig.press("trouble")
    wait_until(lambda: rig.page.flow.mode == "search")
    rig.press(Qt.Key.Key_Escape)
    assert rig.window.guide.course is not None, "that Esc was for the search"
    rig.press(Qt.Key.Key_Escape)
    assert rig.window.guide.course is None
    rig.press("n")
    rig.press(Qt.Key.Key_Escape)
    assert rig.page.faces.asked is None, "Esc is the review's again"


def test_what_no_step_asked_for_ends_no_step(desk: Callable[[], Rig]) -> None:
    rig = desk()
    begun(rig)
    rig.press("d")
    rig.settle()
    wait_until(lambda: rig.mention == 2)
    assert step(rig) == 0
    rig.press("j")
    rig.press(Qt.Key.Key_Space)
    rig.settle()
    assert step(rig) == 0, "another mention was decided"


def test_it_is_in_sight_on_the_review_page_alone(desk: Callable[[], Rig]) -> None:
    rig = desk()
    begun(rig)
    rig.window.actions_["go_train"].trigger()
    assert not rig.window.guide.strip.isVisible()
    rig.window.actions_["go_review"].trigger()
    assert rig.window.guide.strip.isVisible()


def test_no_other_project_is_guided_through(rig: Rig) -> None:
    rig.settle()
    assert rig.window.guide.course is None
    assert not rig.settings.values.guided


@pytest.mark.parametrize("language", ["en", "zh_CN", "fr"])
def test_the_sample_holds_the_mentions_of_the_guide(language: str) -> None:
    rows = sample_mentions().read_text(encoding="utf-8")
    found = tasks(language)
    assert len(found) == 3
    assert all(f",{task.mention}," in rows for task in found)
    assert found[2].type


def test_a_window_that_was_closed_goes_on_with_the_guide_where_it_was_and_help_begins_it_anew(
    desk: Callable[[], Rig],
) -> None:
    rig = desk()
    begun(rig)
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: step(rig) == 1)
    rig = desk()
    wait_until(lambda: rig.window.guide.course is not None)
    wait_until(lambda: step(rig) == 1 and rig.mention == 3)
    rig.window.guide.ask()
    wait_until(lambda: step(rig) == 0 and rig.mention == 2)
