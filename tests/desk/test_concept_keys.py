"""The concept pane by keys: links, what speaks against a code, memory, the way back. Nothing there ever decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, focus_is_in, make_project, wait_until
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from rpdr_core.records import Entity, Mention, NewDecision, NewMention, SourceRow
from rpdr_core.store import Project, SourceFile
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.views.review.concept_pane import ConceptPane

LEAF = Entity("B", "the leaf", tuple(f"synonym {number}" for number in range(40)))
CONCEPT = Concept(LEAF, (Entity("A", "the root", assignable=False),), (), (Entity("C", "a sibling"),))
WRONG = FindingLine("k", "wrong_side", "error", "B", (1,), ("right", "B", "left"), "C", "a sibling")


@pytest.fixture
def pane(qapp: QApplication) -> ConceptPane:
    made = ConceptPane()
    made.show_concept(CONCEPT)
    return made


def words(pane: ConceptPane) -> str:
    return pane.page.toPlainText().replace("\xa0", " ")


def test_findings_are_told_with_mark_words_and_cure(pane: ConceptPane) -> None:
    pane.show_lint("X", (WRONG,))
    assert "says" not in words(pane), "about another code"
    pane.show_lint("B", (WRONG,))
    assert "The mention says right, B says left." in words(pane)
    assert "Rather C  a sibling" in words(pane).replace("C a", "C  a")
    assert 'src="mark:lint_error"' in pane.page.toHtml()
    assert "code:C" in pane.page.links
    assert "says left" in pane.accessibleDescription()
    pane.show_lint("B", ())
    assert "says left" not in words(pane)


def test_forty_synonyms_fold(pane: ConceptPane) -> None:
    assert "open:synonyms" in pane.page.links
    assert "synonym 30" not in words(pane)
    pane.page.followed.emit("open:synonyms")
    assert "synonym 39" in words(pane)
    pane.show_concept(Concept(Entity("N", "no synonyms")))
    assert "Synonyms" not in words(pane)


def test_what_is_not_among_the_candidates_can_be_shown_there(pane: ConceptPane) -> None:
    asked: list[bool] = []
    pane.candidate_asked.connect(lambda: asked.append(True))
    assert "candidate:" not in pane.page.links
    pane.show_concept(CONCEPT, offered=False)
    assert pane.page.links[0] == "candidate:"
    pane.page.followed.emit("candidate:")
    assert asked == [True]


def test_all_mapped_can_be_listed_where_not_all_are_shown(pane: ConceptPane) -> None:
    one = Mention(1, "POAG OU", "", None, None, 3, "", "accepted", False, "")
    pane.show_mapped("B", 1, [one])
    assert "mapped:" not in pane.page.links
    pane.show_mapped("B", 12, [one])
    assert "mapped:" in pane.page.links


# In the window


def into_pane(rig: Rig) -> None:
    """Tab from the table, as a hand would."""
    wait_until(lambda: bool(rig.page.concept_pane.page.links))
    rig.page.table.setFocus()
    for _ in range(12):
        if focus_is_in(rig.page.concept_pane.page):
            return
        rig.press(Qt.Key.Key_Tab)
    raise AssertionError("Tab does not lead to the concept")


def statuses(rig: Rig) -> list[str]:
    return [one.status for one in rig.workspace.reading.mentions(range(1, 13))]


def shown_code(rig: Rig) -> str:
    concept = rig.page.concept_pane.concept
    return concept.entity.code if concept is not None else ""


def test_tab_comes_and_goes_and_arrows_go_from_link_to_link(rig: Rig) -> None:
    into_pane(rig)
    page = rig.page.concept_pane.page
    assert page.marked == page.links[0]
    rig.press(Qt.Key.Key_Down)
    assert page.marked == page.links[1]
    rig.press(Qt.Key.Key_Up)
    rig.press(Qt.Key.Key_Up)
    assert page.marked == page.links[0]
    for _ in range(len(page.links) + 3):
        rig.press(Qt.Key.Key_Down)
    assert page.marked == page.links[-1]
    assert page.textCursor().selectedText()
    rig.press(Qt.Key.Key_Tab)
    assert not focus_is_in(page)
    assert not page.textCursor().hasSelection()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_return_in_the_pane_follows_links_and_never_decides(rig: Rig, key: Qt.Key) -> None:
    into_pane(rig)
    before, here, code = statuses(rig), rig.mention, shown_code(rig)
    page = rig.page.concept_pane.page
    while page.marked != "code:X":
        rig.press(Qt.Key.Key_Down)
    rig.press(key)
    wait_until(lambda: shown_code(rig) == "X")
    for _ in range(3):
        rig.press(key)
        rig.press(Qt.Key.Key_Down)
        QApplication.processEvents()
    while rig.page.concept.tree is not None:
        rig.page.concept.tree.reject()
    rig.settle()
    assert statuses(rig) == before
    assert rig.mention == here
    assert code


def test_return_with_no_link_marked_goes_nowhere(rig: Rig) -> None:
    into_pane(rig)
    rig.page.concept_pane.show_concept(None, "nothing to show")
    rig.press(Qt.Key.Key_Return)
    rig.press(Qt.Key.Key_Space)
    rig.settle()
    assert set(statuses(rig)) == {"unreviewed"}


def test_backspace_goes_back_and_a_row_begins_anew(rig: Rig) -> None:
    into_pane(rig)
    first = shown_code(rig)
    rig.page.concept.show("X")
    wait_until(lambda: shown_code(rig) == "X")
    rig.page.concept.show("ROOT")
    wait_until(lambda: shown_code(rig) == "ROOT")
    rig.press(Qt.Key.Key_Backspace)
    wait_until(lambda: shown_code(rig) == "X")
    rig.press(Qt.Key.Key_Backspace)
    wait_until(lambda: shown_code(rig) == first)
    rig.press(Qt.Key.Key_Backspace)
    rig.settle()
    assert shown_code(rig) == first


def test_show_as_a_candidate_puts_it_in_the_table_undecided(rig: Rig) -> None:
    into_pane(rig)
    rig.page.concept.show("X20.1")
    wait_until(lambda: shown_code(rig) == "X20.1")
    assert rig.page.concept_pane.page.links[0] == "candidate:"
    rig.page.concept_pane.page.followed.emit("candidate:")
    assert [row.code for row in rig.page.flow.rows] == ["X20.1"]
    assert focus_is_in(rig.page.table)
    rig.settle()
    assert set(statuses(rig)) == {"unreviewed"}
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: statuses(rig).count("corrected") == 1)


def with_a_side(folder: Path) -> Path:
    """The small project with one mention more, the last: it names a side."""
    path = make_project(folder / "sided.rpdr", 3)
    with Project.open(path) as project:
        row = NewMention("split disorder on the right", count=99, row=SourceRow(1, "s"))
        project.add_mentions(SourceFile("more.csv", "1" * 64, "csv", "utf-8"), [row])
    return path


def test_what_speaks_against_a_candidate_is_told_and_hinders_nobody(
    tmp_path: Path, open_window: Callable[[Path, FakeWorker], Rig]
) -> None:
    rig = open_window(with_a_side(tmp_path), FakeWorker())
    rig.page.go_to(4)
    wait_until(lambda: bool(rig.page.flow.rows))
    rig.page.concept.show("X20.1")
    wait_until(lambda: "The mention says right, X20.1 says left." in words(rig.page.concept_pane))
    assert "Rather X20.2" in words(rig.page.concept_pane)
    rig.page.concept.wanted.emit(Entity("X20.1", "Split disorder, left"))
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: rig.workspace.reading.mentions([4])[0].code == "X20.1")


def test_what_the_state_tells_is_not_told_twice(pane: ConceptPane) -> None:
    group = Concept(Entity("G", "a group", assignable=False), (), (Entity("G1", "its part"),))
    pane.show_concept(group)
    line = FindingLine("k", "not_billable", "error", "G", (1,), ("G",))
    pane.show_lint("G", (line,))
    assert "is not billable" not in words(pane)
    pane.show_lint("G", (replace(line, suggested="G1", suggested_name="its part"),))
    assert "Rather G1" in words(pane)


def test_the_memory_line_tells_whose_decision_it_was(rig: Rig) -> None:
    rig.settings.change(reviewer="Ann")
    rig.workspace.store.change(
        lambda project: project.decide(NewDecision(5, "correct", "X07", "Disorder number 7"), reviewer="Ann")
    )
    row = replace(rig.page.flow.rows[0], code="X07", matched="mention 5", source="memory")
    rig.page.concept.show_row(row)
    wait_until(lambda: "As in decision 1, Ann" in words(rig.page.concept_pane))
    rig.page.concept.show_row(replace(row, source="synonym"))
    rig.settle()
    wait_until(lambda: "As in decision" not in words(rig.page.concept_pane))


def test_all_mapped_here_become_a_list(rig: Rig) -> None:
    for mention_id in range(2, 10):
        rig.workspace.store.change(
            lambda project, one=mention_id: project.decide(NewDecision(one, "correct", "X03", "Three"))
        )
    rig.settle()
    given: list[GivenList] = []
    rig.workspace.list_asked.connect(given.append)
    rig.page.concept.show("X03")
    wait_until(lambda: "mapped:" in rig.page.concept_pane.page.links)
    rig.page.concept_pane.page.followed.emit("mapped:")
    wait_until(lambda: bool(given))
    assert sorted(given[0].ids) == list(range(2, 10))
    assert "X03" in given[0].title


def test_a_search_says_why_it_found_something(rig: Rig) -> None:
    rig.press("/")
    rig.press("disrder 7")
    wait_until(lambda: rig.page.flow.mode == "search" and bool(rig.page.flow.rows))
    assert rig.page.flow.rows[0].code == "X07"
    assert rig.page.flow.rows[0].by == "spelling"
    told = rig.page.table.model_.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "spelling corrected" in told
    rig.page.table.viewport().grab()
    rig.press(Qt.Key.Key_Return)
    assert focus_is_in(rig.page.table)
    assert set(statuses(rig)) == {"unreviewed"}


def test_one_who_owes_an_own_answer_is_told_nothing_by_lint(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from rpdr_desk.views.review.review_flow import ReviewFlow

    monkeypatch.setattr(ReviewFlow, "owes", property(lambda _flow: True))
    linting = rig.workspace.linting
    monkeypatch.setattr(linting, "judge", lambda *_: pytest.fail("judged"))
    rig.page.concept.show("X20")
    wait_until(lambda: shown_code(rig) == "X20")
    rig.settle()
