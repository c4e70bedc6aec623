"""The dense index makes itself, and what was ranked without it is ranked again; nothing moves under the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.building_worker import TOTAL, BuildingWorker
from helpers.desk_parts import Rig, make_project, open_rig, wait_until
from PySide6.QtCore import Qt

from rpdr_core.errors import MissingExtraError
from rpdr_core.protocol.messages import RetrievalState
from rpdr_desk.operations import ranking_anew
from rpdr_desk.operations.door import Wish
from rpdr_desk.operations.ranking_anew import vectors_of

pytestmark = pytest.mark.gui
MENTIONS = 12

Open = Callable[..., tuple[Rig, BuildingWorker]]


@pytest.fixture
def open_(tmp_path: Path, qtbot: object) -> Iterator[Open]:
    rigs: list[Rig] = []

    def open_one(
        path: Path | None = None, *, vectors: int = 0, mentions: int = MENTIONS, priority: tuple[str, ...] = ()
    ) -> tuple[Rig, BuildingWorker]:
        while rigs:
            rigs.pop().close()
        worker = BuildingWorker(vectors)
        rigs.append(open_rig(path or make_project(tmp_path / "small.rpdr", mentions), tmp_path, worker, priority))
        return rigs[0], worker

    yield open_one
    for rig in rigs:
        rig.close()


def vectors(rig: Rig, mention: int) -> float:
    return next(vectors_of(one.provenance) for one in rig.workspace.reading.rankings(mention))


def quiet(rig: Rig, times: int = 12) -> None:
    """Nothing more comes by itself."""
    for _ in range(times):
        rig.settle()


def test_it_starts_when_the_mention_on_screen_has_its_candidates(open_: Open) -> None:
    rig, worker = open_()
    wait_until(lambda: len(worker.builds) == 1)
    methods = worker.methods()
    assert methods.index("retrieve") < methods.index("index.build")
    assert not worker.builds[0].params.priority_only
    worker.finish(TOTAL)
    quiet(rig)
    assert len(worker.builds) == 1
    assert [job.state for job in rig.workspace.jobs.all() if job.kind == "index"] == ["done"]


def test_what_was_ranked_with_letters_alone_is_ranked_again_but_not_on_screen(open_: Open) -> None:
    rig, worker = open_()
    wait_until(lambda: len(worker.builds) == 1)
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in range(1, MENTIONS + 1)))
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    shown = [row.code for row in rig.page.flow.rows]
    worker.retrieved.clear()
    worker.finish(TOTAL)
    wait_until(lambda: all(vectors(rig, number) == TOTAL for number in range(3, MENTIONS + 1)))
    quiet(rig)
    assert vectors(rig, 1) == 0, "a decided mention stays as it was decided"
    assert vectors(rig, 2) == 0
    assert not any(2 in batch for batch in worker.retrieved)
    assert [row.code for row in rig.page.flow.rows] == shown
    rig.press("j")
    wait_until(lambda: rig.mention == 3)
    wait_until(lambda: vectors(rig, 2) == TOTAL)


def test_priority_codes_come_first_and_count_at_once(open_: Open) -> None:
    rig, worker = open_(priority=("X0",))
    wait_until(lambda: len(worker.builds) == 1)
    assert worker.builds[0].params.priority_only
    worker.finish(10)
    wait_until(lambda: len(worker.builds) == 2)
    assert not worker.builds[1].params.priority_only
    wait_until(lambda: vectors(rig, 5) == 10)
    worker.finish(TOTAL)
    wait_until(lambda: vectors(rig, 5) == TOTAL)
    quiet(rig)
    assert len(worker.builds) == 2
    assert len([job for job in rig.workspace.jobs.all() if job.kind == "index"]) == 2


def test_retrieval_serves_while_the_index_is_built(open_: Open) -> None:
    rig, worker = open_(mentions=100)
    wait_until(lambda: len(worker.builds) == 1)
    rig.page.flow._go(90)
    wait_until(lambda: bool(rig.page.flow.rows))
    assert rig.workspace.jobs.is_running("index")


def test_who_cancels_is_not_asked_again_until_asking(open_: Open) -> None:
    rig, worker = open_()
    wait_until(lambda: len(worker.builds) == 1)
    job = next(job for job in rig.workspace.jobs.running() if job.kind == "index")
    rig.workspace.jobs.cancel(job.id)
    quiet(rig)
    assert rig.workspace.jobs.get(job.id).state == "cancelled"
    assert len(worker.builds) == 1
    path = rig.workspace.path
    rig, worker = open_(path)
    quiet(rig)
    assert worker.builds == []
    rig.window.actions_["build_index"].trigger()
    wait_until(lambda: len(worker.builds) == 1)
    rig, worker = open_(path)
    wait_until(lambda: len(worker.builds) == 1)


def test_cancelling_the_priority_part_cancels_the_rest(open_: Open) -> None:
    rig, worker = open_(priority=("X0",))
    wait_until(lambda: len(worker.builds) == 1)
    rig.workspace.jobs.cancel(rig.workspace.jobs.running()[-1].id)
    quiet(rig)
    assert len(worker.builds) == 1


def test_a_crash_is_followed_by_the_rest_of_the_build(open_: Open) -> None:
    rig, worker = open_()
    wait_until(lambda: len(worker.builds) == 1)
    worker.vectors = 10
    worker.crash()
    wait_until(lambda: len(worker.builds) == 2)
    worker.finish(TOTAL)
    wait_until(lambda: vectors(rig, MENTIONS) == TOTAL)


def test_a_build_that_always_crashes_is_given_up_until_asked(open_: Open) -> None:
    rig, worker = open_()
    for number in range(1, 4):
        wait_until(lambda number=number: len(worker.builds) == number)
        worker.crash()
    quiet(rig)
    assert len(worker.builds) == 3
    rig.window.actions_["build_index"].trigger()
    wait_until(lambda: len(worker.builds) == 4)


def test_a_missing_extra_is_told_once(open_: Open) -> None:
    rig, worker = open_()
    wait_until(lambda: len(worker.builds) == 1)
    worker.builds[0].failed(MissingExtraError("torch is not installed", hint="install it"))
    quiet(rig)
    assert len(worker.builds) == 1
    assert [job.state for job in rig.workspace.jobs.all() if job.kind == "index"] == ["failed"]


@pytest.mark.parametrize("dense", ["unavailable", "ready"])
def test_where_there_is_nothing_to_build_nothing_starts(tmp_path: Path, qtbot: object, dense: str) -> None:
    worker = BuildingWorker(TOTAL)
    state = RetrievalState("numbers", 16, TOTAL, 0, TOTAL, dense, "fake")  # type: ignore[arg-type]
    worker.answers["retrieval.open"] = lambda *_: state
    rig = open_rig(make_project(tmp_path / "small.rpdr", 3), tmp_path, worker)
    quiet(rig)
    assert worker.builds == []
    rig.close()


def test_rankings_left_behind_are_made_again_at_the_next_opening_and_only_once(
    open_: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, worker = open_()
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in range(1, MENTIONS + 1)))
    path = rig.workspace.path
    rig, worker = open_(path, vectors=TOTAL)
    wait_until(lambda: all(vectors(rig, number) == TOTAL for number in range(2, MENTIONS + 1)))
    quiet(rig)
    looked: list[object] = []
    monkeypatch.setattr(ranking_anew, "ranked_otherwise", lambda *page: looked.append(page) or [])
    rig, worker = open_(path, vectors=TOTAL)
    quiet(rig)
    assert worker.retrieved == []
    assert looked == [], "a project that is up to date is not looked through again"


def test_a_long_queue_is_ranked_again_as_a_job(open_: Open) -> None:
    rig, worker = open_(mentions=300)
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in (1, 150, 300)))
    wait_until(lambda: not rig.workspace.jobs.is_running("retrieve"))
    before = len([job for job in rig.workspace.jobs.all() if job.kind == "retrieve"])
    worker.finish(TOTAL)
    wait_until(lambda: vectors(rig, 300) == TOTAL)
    wait_until(lambda: not rig.workspace.jobs.is_running("retrieve"))
    jobs = [job for job in rig.workspace.jobs.all() if job.kind == "retrieve"]
    assert len(jobs) == before + 1
    assert jobs[-1].state == "done"
    assert max(len(batch) for batch in worker.retrieved) <= 32


def test_a_correction_counts_at_once_for_the_same_wording_elsewhere(open_: Open, tmp_path: Path) -> None:
    rig, worker = open_(vectors=TOTAL)
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in range(1, MENTIONS + 1)))
    source = tmp_path / "more.csv"
    source.write_text('mention,context\nMention  1,"elsewhere: Mention  1"\nmention 1x,\n', encoding="utf-8")
    done: list[object] = []
    door = rig.workspace.door
    door.look(source, Wish(), lambda found: door.take(found, Wish(), done.append, done.append), done.append)
    wait_until(lambda: bool(rig.workspace.reading.rankings(MENTIONS + 2)))
    quiet(rig)
    worker.retrieved.clear()
    rig.press("2")
    wait_until(lambda: [MENTIONS + 1] in worker.retrieved)
    methods = worker.methods()
    assert methods.index("memory.remember") < len(methods) - 1 - methods[::-1].index("retrieve")
    quiet(rig)
    assert [MENTIONS + 2] not in worker.retrieved
    worker.retrieved.clear()
    rig.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: any(MENTIONS + 1 in batch for batch in worker.retrieved))


def test_closing_during_a_build_asks_nothing(open_: Open) -> None:
    rig, worker = open_()
    wait_until(lambda: len(worker.builds) == 1)
    assert rig.window.commands.may_close()
