"""The shelf of queues, the queue of changes, flags with a reason, saved filters: by keys, over the real store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, focus_is_in, make_project, ranking, wait_until
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QDateEdit, QDialog, QLineEdit, QMessageBox, QPushButton

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.records import NewDecision
from rpdr_core.store import Project, Promotion
from rpdr_desk.item_models.shelf_model import ShelfModel, ShelfRow
from rpdr_desk.operations.asked import QUEUES, Asked, Viewer, moment_of, query_of
from rpdr_desk.operations.facets import Pick
from rpdr_desk.operations.queues import Turns
from rpdr_desk.operations.saved_filters import SavedFilter, cleaned, encoded, filters_of, renamed, with_filter
from rpdr_desk.translation import Languages

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def shelf(rig: Rig) -> list[str]:
    return [row.id for row in rig.page.queue_pane.shelf.rows]


def counts(rig: Rig) -> dict[str, str]:
    return {row.id: row.count for row in rig.page.queue_pane.shelf.rows}


def rows(rig: Rig) -> list[int]:
    return rig.page.model.ids(0, 1000)


def change(rig: Rig, write: Callable[[Project], object]) -> None:
    rig.workspace.store.change(write)  # type: ignore[arg-type]
    rig.settle()


# The shelf


def test_the_shelf_satisfies_qt(qapp: QApplication) -> None:
    model = ShelfModel()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([ShelfRow("queue", "all", "All"), ShelfRow("saved", "mine", "Mine", "what it is", "3", "Alt+0")])
    model.show([ShelfRow("queue", "all", "All", count="7"), ShelfRow("saved", "mine", "Mine")])
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "All, 7"
    model.show([])
    assert tester.model() is model


def test_queues_of_double_review_are_there_only_where_there_is_some(rig: Rig) -> None:
    assert shelf(rig) == [queue for queue in QUEUES if queue not in ("second_review", "disputed")]


@pytest.mark.parametrize(("digit", "queue"), [*((str(n + 1), queue) for n, queue in enumerate(QUEUES[:9]))])
def test_alt_and_a_digit_go_to_the_queues_in_the_order_shown(rig: Rig, digit: str, queue: str) -> None:
    rig.press(digit, ALT)
    assert rig.page.queue_pane.queue == queue
    assert rig.page.queue_pane.queues.current() is rig.page.queue_pane.shelf.rows[int(digit) - 1]


def test_a_key_that_leads_nowhere_is_off_and_not_in_the_palette(rig: Rig) -> None:
    rig.press("0", ALT)
    assert rig.page.queue_pane.queue == "unreviewed"
    assert not rig.window.actions_["queue_10"].isEnabled()
    assert rig.window.actions_["queue_3"].text() == "Go to: Least sure"


def test_arrows_in_the_shelf_change_the_queue(rig: Rig) -> None:
    rig.page.queue_pane.queues.setFocus()
    rig.press(Qt.Key.Key_Down)
    assert rig.page.queue_pane.queue == "disagreement"
    assert focus_is_in(rig.page.queue_pane.queues)


def test_counts_follow_decisions_and_flags(rig: Rig) -> None:
    wait_until(lambda: counts(rig)["unreviewed"] == "12")
    rig.press("1")
    wait_until(lambda: counts(rig)["unreviewed"] == "11" and counts(rig)["decided"] == "1")
    rig.press("f")
    rig.press("e")
    wait_until(lambda: counts(rig)["flagged"] == "1")


def test_disagreement_holds_what_rankers_differ_on_and_nothing_else(rig: Rig) -> None:
    change(
        rig, lambda project: project.record_rankings([ranking(4, "teacher", first=9), ranking(9, "teacher", first=2)])
    )
    change(rig, lambda project: project.record_rankings([ranking(6, "teacher")]))
    rig.press("2", ALT)
    wait_until(lambda: sorted(rows(rig)) == [4, 9])


def test_second_review_and_disputed_appear_when_they_hold_something(
    open_window: Callable[[Path, FakeWorker], Rig], project: Path
) -> None:
    from rpdr_core.records import ReviewPlan

    with Project.open(project) as opened:
        opened.set_review_plan(ReviewPlan(double_share=1.0), actor="lead")
        opened.decide(NewDecision(3, "accept", "X01", "Disorder number 1"), reviewer="somebody else")
    rig = open_window(project, FakeWorker())
    rig.settings.change(reviewer="me")
    wait_until(lambda: "second_review" in shelf(rig))
    rig.press("0", ALT)
    assert rig.page.queue_pane.queue == "second_review"
    wait_until(lambda: rows(rig) == [3])


# Changed since


def test_changed_counts_from_this_persons_last_closing(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path
) -> None:
    path = make_project(tmp_path / "changes.rpdr", 12, ranked=True)
    rig = open_window(path, FakeWorker())
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    rig.close()
    with Project.open(path) as project:
        project.set_comment(7, "look again", reviewer="somebody else")
    rig = open_window(path, FakeWorker())
    rig.press("7", ALT)
    wait_until(lambda: rows(rig) == [7])
    assert rig.page.queue_pane.since.isVisible()
    rig.page.queue_pane.since.chosen.emit("week")
    wait_until(lambda: rows(rig) == [7, 1])  # changed last, first
    assert rig.page.queue_pane.since.accessibleName() == "in the last 7 days"
    rig.press("1", ALT)
    assert not rig.page.queue_pane.since.isVisible()


def test_since_is_a_day_of_ones_own_chosen_anew_and_kept(rig: Rig) -> None:
    pane = rig.page.queue_pane
    pane.set_queue("changed")
    rig.settle()
    for number, day in enumerate(("2026-01-31", "2025-12-24")):
        pane.since._fill()
        pane.since._menu.actions()[-1].trigger()
        dialog = next(one for one in pane.since.findChildren(QDialog) if one.isVisible())
        field = dialog.findChild(QDateEdit)
        assert field is not None
        if number:
            assert field.date() == QDate(2026, 1, 31)
        field.setDate(QDate.fromString(day, Qt.DateFormat.ISODate))
        dialog.accept()
        rig.settle()
        assert (pane.asked.since, pane.asked.day) == ("day", day)
    assert rig.page.queue.place().asked.day == "2025-12-24"
    pane.set_queue("all")
    pane.set_queue("changed")
    assert pane.asked.day == "2025-12-24"
    pane.since.chosen.emit("yesterday")
    assert (pane.asked.since, pane.asked.day) == ("yesterday", "")


def test_a_day_begins_at_midnight_here() -> None:
    now = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    begin = datetime(2026, 11, 1).astimezone().astimezone(UTC).isoformat()
    assert moment_of("day", None, "", now, "2026-11-01") == begin  # type: ignore[arg-type]
    assert moment_of("day", None, "", now, "gone") == moment_of("today", None, "", now)  # type: ignore[arg-type]
    assert moment_of("yesterday", None, "", now) < moment_of("today", None, "", now)  # type: ignore[arg-type]


def test_moments_of_since(project: Path) -> None:
    now = datetime(2026, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=8)))
    with Project.open(project) as opened:
        assert moment_of("closed", opened, "2026-01-01T00:00:00Z", now) == "2026-01-01T00:00:00Z"
        assert moment_of("closed", opened, "", now) == ""
        assert moment_of("week", opened, "", now) == "2026-02-24T21:06:00+00:00"
        midnight = datetime.fromisoformat(moment_of("today", opened, "", now))
        assert midnight.tzinfo == UTC
        assert timedelta(0) <= now - midnight < timedelta(days=1)
        assert moment_of("student", opened, "", now) == ""


def test_since_the_student_in_use_counts_from_its_promotion_not_from_a_rollback() -> None:
    class Reader:
        def promotions(self) -> list[Promotion]:
            return [
                Promotion(1, "old", "2026-01-01T00:00:00Z", "me", "promote", ""),
                Promotion(2, "new", "2026-02-01T00:00:00Z", "me", "promote", ""),
                Promotion(3, "", "2026-03-01T00:00:00Z", "me", "rollback", ""),
            ]

    assert moment_of("student", Reader(), "", datetime.now(UTC)) == "2026-02-01T00:00:00Z"  # type: ignore[arg-type]


# Flags


@pytest.mark.parametrize(
    ("key", "reason", "words"),
    [
        ("g", "guideline", "guideline question"),
        ("s", "source_unclear", "source unclear"),
        ("e", "needs_expert", "needs an expert"),
        ("t", "terminology_error", "terminology error"),
    ],
)
def test_a_flag_asks_for_one_reason_and_shows_it(rig: Rig, key: str, reason: str, words: str) -> None:
    rig.press("f")
    assert rig.page.flow.mention is not None
    assert not rig.page.flow.mention.flagged
    rig.press(key)
    wait_until(lambda: rig.page.flow.mention is not None and rig.page.flow.mention.flagged)
    assert rig.page.flow.mention.flag_reason == reason
    assert rig.mention == 1
    wait_until(lambda: words in rig.page.mention_pane.flag_words())
    index = rig.page.model.index(0)
    assert words in index.data(Qt.ItemDataRole.ToolTipRole)
    assert words in index.data(Qt.ItemDataRole.AccessibleTextRole)
    rig.press("f")
    wait_until(lambda: rig.page.flow.mention is not None and not rig.page.flow.mention.flagged)
    assert rig.page.flow.mention.flag_reason == ""
    wait_until(lambda: rig.page.mention_pane.flag_words() == "")


def test_while_a_flags_reason_is_asked_no_key_decides_and_escape_ends_it(rig: Rig) -> None:
    rig.press("f")
    rig.press("1")
    rig.press("d")
    rig.press(Qt.Key.Key_Escape)
    rig.settle()
    assert rig.page.flow.mention is not None
    assert not rig.page.flow.mention.flagged
    assert rig.page.flow.mention.status == "unreviewed"
    assert rig.mention == 1


def test_a_flag_is_one_step_of_undo_with_its_reason(rig: Rig) -> None:
    rig.press("f")
    rig.press("s")
    wait_until(lambda: rig.page.flow.mention is not None and rig.page.flow.mention.flagged)
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: rig.page.flow.mention is not None and not rig.page.flow.mention.flagged)
    rig.press(Qt.Key.Key_Z, CTRL | SHIFT)
    wait_until(lambda: rig.page.flow.mention is not None and rig.page.flow.mention.flag_reason == "source_unclear")


# Saved filters


def save(rig: Rig, name: str) -> None:
    rig.press(Qt.Key.Key_S, CTRL | SHIFT)
    field = dialog_field(rig)
    field.setText(name)
    press_button(rig, "Save")
    wait_until(lambda: name in shelf(rig))


def dialog_field(rig: Rig) -> QLineEdit:
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    field = dialog.findChild(QLineEdit)
    assert field is not None
    return field


def press_button(rig: Rig, words: str) -> None:
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    button = next(one for one in dialog.findChildren(QPushButton) if words in one.text())
    button.click()
    wait_until(lambda: QApplication.activeModalWidget() is None)
    rig.window.activateWindow()
    wait_until(rig.window.isActiveWindow)


def test_a_filter_is_saved_listed_reached_by_key_and_survives_a_restart(
    open_window: Callable[[Path, FakeWorker], Rig], project: Path
) -> None:
    rig = open_window(project, FakeWorker())
    rig.page.queue_pane.ask(Asked("all", "mention 1"))
    save(rig, "Ones, 一号 only")
    assert shelf(rig)[-1] == "Ones, 一号 only"
    assert rig.page.queue_pane.shelf.rows[-1].key == "Alt+0"
    rig = open_window(project, FakeWorker())
    wait_until(lambda: "Ones, 一号 only" in shelf(rig))
    rig.press("1", ALT)
    assert rig.page.queue_pane.asked == Asked()
    rig.press("0", ALT)
    wait_until(lambda: rows(rig) == [1, 10, 11, 12])
    assert rig.page.queue_pane.filter.text() == "mention 1"
    wait_until(lambda: counts(rig)["Ones, 一号 only"] == "4")
    assert rig.window.actions_["queue_10"].text() == "Go to: Ones, 一号 only"
    with_audit: list[int] = []
    rig.workspace.store.query(
        lambda project: project._connection.value("SELECT count(*) FROM audit WHERE action = 'saved_filters'"),
        with_audit.append,
    )
    wait_until(lambda: with_audit == [1])


def test_a_saved_filter_is_renamed_and_deleted_by_keys(rig: Rig) -> None:
    rig.page.queue_pane.ask(Asked("all", "5"))
    save(rig, "fives")
    rig.page.queue_pane.queues.setFocus()
    rig.press(Qt.Key.Key_F2)
    dialog_field(rig).setText("Fives")
    press_button(rig, "Save")
    wait_until(lambda: "Fives" in shelf(rig))
    assert "fives" not in shelf(rig)
    rig.page.queue_pane.queues.setFocus()
    rig.press(Qt.Key.Key_Delete)
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    press_button(rig, "Delete")
    wait_until(lambda: "Fives" not in shelf(rig))
    assert rig.page.queue_pane.saved == ""
    assert rig.page.queue_pane.asked.text == "5"


def test_leaving_a_saved_filter_leaves_what_it_narrowed_by(rig: Rig) -> None:
    rig.page.queue_pane.ask(Asked("all", "5"))
    save(rig, "fives")
    rig.press("1", ALT)
    assert rig.page.queue_pane.asked == Asked()
    rig.page.queue_pane.filter.setText("mention 1")
    wait_until(lambda: rig.page.queue_pane.asked.text == "mention 1")
    rig.press("4", ALT)
    assert rig.page.queue_pane.asked == Asked("most_frequent", "mention 1")


def test_a_name_that_is_taken_is_refused_in_the_banner(rig: Rig) -> None:
    rig.page.queue_pane.ask(Asked("all", "5"))
    save(rig, "one")
    rig.page.queue_pane.ask(Asked("all", "6"))
    save(rig, "two")
    rig.workspace.saved_filters.rename("two", "one", rig.page.banner.show_error)
    wait_until(rig.page.banner.isVisible)
    assert "one" in rig.page.banner.text
    assert shelf(rig)[-2:] == ["one", "two"]


def test_filters_are_pure_functions_of_what_was_kept() -> None:
    one, two = SavedFilter("one", Asked("all", "1")), SavedFilter("two", Asked("flagged"))
    assert with_filter((one,), two) == (one, two)
    assert with_filter((one, two), SavedFilter("one", Asked())) == (SavedFilter("one", Asked()), two)
    assert renamed((one, two), "one", "three")[0] == SavedFilter("three", one.asked)
    with pytest.raises(UserInputError):
        renamed((one, two), "one", "two")
    assert cleaned("  a \t b ") == "a b"
    for bad in ("", "   ", "x" * 81):
        with pytest.raises(UserInputError):
            cleaned(bad)


def test_what_is_kept_is_read_back_and_what_cannot_be_is_said(project: Path) -> None:
    picks = frozenset((Pick("chapter", "7"), Pick("margin", "0.1"), Pick("reviewer", "李娜")))
    kept = (SavedFilter("eyes", Asked("disagreement", "葡萄膜", picks, "week")),)
    with Project.open(project) as opened:
        opened.set_setting("saved_filters", encoded(kept))
        assert filters_of(opened) == kept
        opened.set_setting("saved_filters", '[{"name": 3}]')
        with pytest.raises(FileFormatError):
            filters_of(opened)


# Queries


def test_what_is_ticked_never_leaves_its_queue() -> None:
    def picked(queue: str, *statuses: str) -> object:
        return query_of(Asked(queue, picks=frozenset(Pick("status", one) for one in statuses)), Viewer())  # type: ignore[arg-type]

    assert picked("decided", "accepted").statuses == {"accepted"}  # type: ignore[attr-defined]
    assert picked("all", "accepted", "deferred").statuses == {"accepted", "deferred"}  # type: ignore[attr-defined]
    nothing = picked("unreviewed", "accepted")
    assert nothing.codes == frozenset()  # type: ignore[attr-defined]


def test_queries_of_the_queues() -> None:
    assert query_of(Asked("disagreement"), Viewer()).order == "worth"
    assert query_of(Asked("disagreement", picks=frozenset((Pick("quarrel", "4"),))), Viewer()).quarrel == 4
    picks = frozenset((Pick("quarrel", "1"), Pick("quarrel", "2"), Pick("margin", "0.05"), Pick("margin", "0.2")))
    query = query_of(Asked("all", picks=picks), Viewer())
    assert (query.quarrel, query.margin_below) == (3, 0.2)
    assert query_of(Asked("second_review"), Viewer("me")).not_by == "me"
    assert query_of(Asked("changed"), Viewer()).changed_since > "1970"
    assert query_of(Asked("changed"), Viewer(), "2026-01-01").changed_since == "2026-01-01"


def test_an_answer_to_an_earlier_question_never_arrives(rig: Rig) -> None:
    arrived: list[int] = []
    for text in ("mention 1", "mention 2", "mention 3"):
        rig.workspace.queues.snapshot(Asked("all", text), lambda ids: arrived.append(ids[0]))
    rig.settle()
    rig.settle()
    assert arrived == [3]


def test_turns() -> None:
    turns = Turns()
    first = turns.next()
    assert first()
    second = turns.next()
    assert not first()
    assert second()


# Words


def test_empty_queues_say_what_to_do_next(rig: Rig) -> None:
    rig.press("5", ALT)
    wait_until(lambda: rig.mention == 0)
    wait_until(lambda: "Next queue: Unreviewed (12), Alt+1" in rig.page.table._empty)
    rig.press("1", ALT)
    rig.page.queue_pane.ask(Asked("all", "nowhere"))
    wait_until(lambda: "Ctrl+Shift+X" in rig.page.table._empty)
    rig.press(Qt.Key.Key_X, CTRL | SHIFT)
    wait_until(lambda: len(rows(rig)) == 12)


def test_the_shelf_speaks_the_language_of_the_moment(rig: Rig, qapp: QApplication) -> None:
    languages = Languages(qapp)
    languages.use("zh_CN")
    try:
        QApplication.processEvents()
        assert rig.page.queue_pane.shelf.rows[2].text == "把握最小"
        assert rig.window.actions_["queue_3"].text() == "转到：把握最小"
    finally:
        languages.use("en")
        QApplication.processEvents()
    assert rig.page.queue_pane.shelf.rows[2].text == "Least sure"
