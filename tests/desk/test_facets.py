"""Facets: counted beside the window's thread, ticked by keys, kept in chips; chapters come from the terminology."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, focus_is_in, make_project, ranking, wait_until
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from rpdr_core.records import NewDecision
from rpdr_core.store import Project
from rpdr_core.store.grouping import CodeGroup, Groups
from rpdr_desk import theme
from rpdr_desk.item_models.facet_model import SHOWN, FacetModel, FacetRow, FacetWords
from rpdr_desk.operations.facets import FacetGroup, FacetValue, Pick, toggled, told_of
from rpdr_desk.views.review.chips import Chips

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
WORDS = FacetWords(str, lambda _facet, value: value.value, lambda count: f"{count} more", str)


@pytest.fixture
def mixed(open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path) -> Rig:
    """20 mentions: 1 to 4 accepted by Chen, 5 and 6 without a match by Li, 7 deferred, a teacher differs on 10, 11."""
    path = make_project(tmp_path / "mixed.rpdr", 20, ranked=True)
    with Project.open(path) as project:
        for number in range(1, 5):
            project.decide(NewDecision(number, "accept", "X01", "Disorder number 1"), reviewer="Chen")
        project.decide(NewDecision(5, "no_match", reason="unreadable"), reviewer="Li")
        project.decide(NewDecision(6, "no_match", reason="not_in_terminology"), reviewer="Li")
        project.decide(NewDecision(7, "defer"), reviewer="Li")
        project.record_rankings([ranking(10, "teacher", first=1), ranking(11, "teacher", first=1)])
    rig = open_window(path, FakeWorker())
    rig.press("9", ALT)
    wait_until(lambda: rig.page.model.rowCount() == 20)
    return rig


def open_panel(rig: Rig) -> None:
    rig.press(Qt.Key.Key_F, CTRL | SHIFT)
    wait_until(lambda: bool(rig.page.facets.model.rows))


def value(rig: Rig, facet: str, name: str) -> FacetRow:
    return next(row for row in rig.page.facets.model.rows if row.key == ("value", facet, name))


def stand_on(rig: Rig, facet: str, name: str) -> None:
    model = rig.page.facets.model
    rig.page.facets.view.setCurrentIndex(model.index(model.row_of(("value", facet, name))))


def rows(rig: Rig) -> list[int]:
    return rig.page.model.ids(0, 1000)


# In the window


def test_ticking_values_by_keys_narrows_the_list_and_the_counts(mixed: Rig) -> None:
    open_panel(mixed)
    assert focus_is_in(mixed.page.facets.view)
    assert value(mixed, "reviewer", "Chen").value.count == 4
    stand_on(mixed, "reviewer", "Li")
    mixed.press(Qt.Key.Key_Space)
    wait_until(lambda: rows(mixed) == [5, 6, 7])
    wait_until(lambda: value(mixed, "reviewer", "Li").picked)
    assert value(mixed, "reviewer", "Chen").value.count == 4  # under all other conditions
    stand_on(mixed, "status", "no_match")
    mixed.press(Qt.Key.Key_Return)
    wait_until(lambda: rows(mixed) == [5, 6])
    stand_on(mixed, "reviewer", "Chen")
    mixed.press(Qt.Key.Key_Space)
    wait_until(lambda: value(mixed, "reviewer", "Chen").picked)
    assert rows(mixed) == [5, 6]
    assert mixed.page.queue_pane.chips.texts == ["Reviewer: Chen", "Reviewer: Li", "Status: No match"]


def test_no_key_in_the_panel_decides(mixed: Rig) -> None:
    open_panel(mixed)
    for key in "1ndfrai":
        mixed.press(key)
    mixed.settle()
    decided: list[int] = []
    mixed.workspace.store.query(lambda project: project.progress().decided, decided.append)
    wait_until(lambda: decided == [6])
    assert mixed.page.faces.asked is None


def test_escape_closes_the_panel_and_the_focus_goes_back(mixed: Rig) -> None:
    mixed.page.table.setFocus()
    here = mixed.mention
    open_panel(mixed)
    mixed.press(Qt.Key.Key_Escape)
    assert not mixed.page.facets.isVisible()
    assert focus_is_in(mixed.page.table)
    assert mixed.mention == here
    open_panel(mixed)
    mixed.press(Qt.Key.Key_F, CTRL | SHIFT)
    assert not mixed.page.facets.isVisible()


def test_the_panes_keep_their_width_while_the_panel_is_open(mixed: Rig) -> None:
    before = mixed.page.splitter.sizes()
    open_panel(mixed)
    assert mixed.page.splitter.sizes() == before


def test_who_disagrees_and_the_reasons_are_facets(mixed: Rig) -> None:
    open_panel(mixed)
    stand_on(mixed, "quarrel", "1")
    mixed.press(Qt.Key.Key_Space)
    wait_until(lambda: rows(mixed) == [10, 11])
    mixed.page.queue_pane.clear()
    wait_until(lambda: len(rows(mixed)) == 20)
    wait_until(lambda: mixed.page.facets.model.row_of(("value", "reason", "unreadable")) >= 0)
    stand_on(mixed, "reason", "unreadable")
    mixed.press(Qt.Key.Key_Space)
    wait_until(lambda: rows(mixed) == [5])


def test_chapters_come_from_the_terminology(mixed: Rig) -> None:
    open_panel(mixed)
    wait_until(lambda: mixed.page.facets.model.row_of(("value", "chapter", "X")) >= 0)
    found = value(mixed, "chapter", "X")
    assert found.value.name == "Numbered disorders"
    stand_on(mixed, "chapter", "X")
    mixed.press(Qt.Key.Key_Space)
    wait_until(lambda: mixed.page.queue_pane.chips.texts == ["Chapter: X  Numbered disorders"])
    wait_until(lambda: len(rows(mixed)) == found.value.count)


def test_a_chapter_waits_for_the_terminology_at_a_restart(
    open_window: Callable[[Path, FakeWorker], Rig], project: Path
) -> None:
    with Project.open(project) as opened:
        opened.record_rankings([ranking(number) for number in range(1, 6)])
    rig = open_window(project, FakeWorker(alive=False))
    rig.page.queue_pane.toggle(Pick("chapter", "X"))
    wait_until(lambda: rows(rig) == [1, 2, 3, 4, 5])
    rig = open_window(project, FakeWorker(alive=False))
    wait_until(lambda: rows(rig) == [1, 2, 3, 4, 5])
    wait_until(lambda: rig.page.queue_pane.chips.texts == ["Chapter: X  Numbered disorders"])


def test_status_is_a_facet_only_of_queues_with_several(mixed: Rig) -> None:
    open_panel(mixed)
    assert any(row.facet == "status" for row in mixed.page.facets.model.rows)
    mixed.press("8", ALT)
    wait_until(lambda: rows(mixed) == [1, 2, 3, 4, 5, 6])
    wait_until(
        lambda: (
            {row.value.value for row in mixed.page.facets.model.rows if row.facet == "status"}
            == {"", "accepted", "no_match"}
        )
    )
    mixed.press("1", ALT)
    wait_until(lambda: not any(row.facet == "status" for row in mixed.page.facets.model.rows))


def test_chips_are_taken_away_one_by_one_by_keys_and_all_at_once(mixed: Rig) -> None:
    pane = mixed.page.queue_pane
    for pick in (Pick("reviewer", "Chen"), Pick("reviewer", "Li"), Pick("status", "accepted")):
        pane.toggle(pick)
    wait_until(lambda: rows(mixed) == [1, 2, 3, 4])
    pane.chips.chip(0).setFocus()
    mixed.press(Qt.Key.Key_Delete)
    wait_until(lambda: rows(mixed) == [])
    assert focus_is_in(pane.chips.chip(0))
    mixed.press(Qt.Key.Key_Space)
    wait_until(lambda: pane.chips.texts == ["Status: Accepted"])
    wait_until(lambda: rows(mixed) == [1, 2, 3, 4])
    mixed.press(Qt.Key.Key_X, CTRL | SHIFT)
    wait_until(lambda: len(rows(mixed)) == 20)
    assert pane.chips.isHidden()


def test_a_chips_own_keys_decide_nothing(mixed: Rig) -> None:
    mixed.page.queue_pane.toggle(Pick("reviewer", "Li"))
    wait_until(lambda: rows(mixed) == [5, 6, 7])
    mixed.page.queue_pane.chips.chip(0).setFocus()
    mixed.press(Qt.Key.Key_Return)
    mixed.settle()
    decisions: list[int] = []
    mixed.workspace.store.query(lambda project: len(list(project.decisions())), decisions.append)
    wait_until(lambda: decisions == [7])


# The pieces


def test_the_facet_model_satisfies_qt(qapp: QApplication) -> None:
    model = FacetModel(WORDS)
    tester = QAbstractItemModelTester(model, FATAL)
    many = tuple(FacetValue(f"d{n}", 50 - n) for n in range(20))
    groups = [FacetGroup("status", (FacetValue("accepted", 3),)), FacetGroup("department", many)]
    model.show(groups, frozenset((Pick("department", "d15"),)))
    kinds = [row.kind for row in model.rows]
    assert kinds.count("value") == 1 + SHOWN + 1
    assert kinds.count("more") == 1
    model.show_all("department")
    assert [row.kind for row in model.rows].count("value") == 21
    model.show(groups[:1], frozenset())
    model.show([], frozenset())
    assert tester.model() is model


def test_headings_cannot_be_reached_and_values_say_whether_they_are_ticked(qapp: QApplication) -> None:
    model = FacetModel(WORDS)
    model.show(
        [FacetGroup("status", (FacetValue("accepted", 3), FacetValue("deferred", 1)))],
        frozenset((Pick("status", "accepted"),)),
    )
    flags = [model.flags(model.index(row)) for row in range(3)]
    assert not flags[0] & Qt.ItemFlag.ItemIsEnabled
    assert flags[1] & Qt.ItemFlag.ItemIsUserCheckable
    assert all(not one & Qt.ItemFlag.ItemIsEditable for one in flags)
    states = [model.index(row).data(Qt.ItemDataRole.CheckStateRole) for row in range(3)]
    assert states == [None, Qt.CheckState.Checked, Qt.CheckState.Unchecked]
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "accepted, 3"


def test_other_counts_move_no_row(qapp: QApplication) -> None:
    model = FacetModel(WORDS)
    model.show([FacetGroup("status", (FacetValue("accepted", 3),))], frozenset())
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.show([FacetGroup("status", (FacetValue("accepted", 2),))], frozenset((Pick("status", "accepted"),)))
    assert not resets
    assert model.rows[1].value.count == 2


def test_chips_break_into_lines_and_long_ones_get_a_line_at_most(qtbot: object) -> None:
    chips = Chips(None)  # type: ignore[arg-type]
    picks = [(Pick("department", str(n)), "科室：" + "很长的科室名称" * (1 + 4 * n)) for n in range(4)]
    chips.show_picks(picks)
    chips.resize(230, 10)
    assert chips.heightForWidth(230) > 4 * chips.chip(0).sizeHint().height()
    chips.resize(230, chips.heightForWidth(230))
    chips.layout().activate()
    assert all(chips.chip(n).width() <= 230 for n in range(4))
    chips.deleteLater()


def test_a_margin_is_one_of_its_values(qapp: QApplication) -> None:
    picks = toggled(frozenset((Pick("margin", "0.05"), Pick("status", "accepted"))), Pick("margin", "0.2"))
    assert picks == {Pick("margin", "0.2"), Pick("status", "accepted")}
    assert toggled(picks, Pick("margin", "0.2")) == {Pick("status", "accepted")}


codes = st.dictionaries(
    st.sampled_from("ABCDEFGH"), st.tuples(st.sampled_from("xy"), st.sampled_from("st")), max_size=8
)


@given(codes, st.sets(st.sampled_from("xy")), st.sets(st.sampled_from("st")))
def test_chapters_and_types_are_counted_under_each_other(
    of: dict[str, tuple[str, str]], chapters: set[str], types: set[str]
) -> None:
    groups = Groups({code: CodeGroup(*both) for code, both in of.items()}, {"x": "Ex", "y": "Why"})
    targets = [(code, number + 1) for number, code in enumerate(sorted(of))]
    picks = frozenset({*(Pick("chapter", one) for one in chapters), *(Pick("type", one) for one in types)})
    told = told_of([*targets, ("unknown", 99)], groups, picks)
    counted = {group.facet: {value.value: value.count for value in group.values} for group in told.groups}
    for chapter in "xy":
        expected = sum(n for code, n in targets if of[code][0] == chapter and (not types or of[code][1] in types))
        assert counted["chapter"].get(chapter, 0) == expected
    inside = {
        code
        for code, (chapter, kind) in of.items()
        if (not chapters or chapter in chapters) and (not types or kind in types)
    }
    assert told.codes == (frozenset(inside) if picks else None)


def test_codes_in_sight_are_asked_of_the_store_once_until_something_changes(
    mixed: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    original = Project.targets

    def counted(project: Project, query: object) -> list[tuple[str, int]]:
        asked.append(query)
        return original(project, query)  # type: ignore[arg-type]

    monkeypatch.setattr(Project, "targets", counted)
    open_panel(mixed)
    wait_until(lambda: mixed.page.facets.model.row_of(("value", "chapter", "X")) >= 0)
    mixed.page.queue_pane.toggle(Pick("chapter", "X"))
    wait_until(lambda: value(mixed, "chapter", "X").picked)
    mixed.settle()
    assert len(asked) == 1
    mixed.workspace.store.change(
        lambda project: project.decide(NewDecision(15, "accept", "X20.1", "Split"), reviewer="")
    )
    mixed.settle()
    mixed.page.queue_pane.toggle(Pick("chapter", "X"))
    mixed.settle()
    mixed.page.queue_pane.toggle(Pick("chapter", "X"))
    wait_until(lambda: 15 in rows(mixed))
    assert len(asked) >= 2


def test_the_panels_title_grows_with_the_text(mixed: Rig, qapp: QApplication) -> None:
    open_panel(mixed)
    title, before = mixed.page.facets._title, qapp.font()
    small = title.font().pointSizeF()
    larger = QFont(before)
    larger.setPointSizeF(before.pointSizeF() * 2)
    try:
        qapp.setFont(larger)
        theme.apply(qapp, "light", 2.0)
        wait_until(lambda: title.font().pointSizeF() == pytest.approx(2 * small))
    finally:
        qapp.setFont(before)
        theme.apply(qapp, "light")
