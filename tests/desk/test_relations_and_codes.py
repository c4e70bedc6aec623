"""Relation and further codes: set by a key, seen beside the mention, stored with the choice, back on a later visit."""

from __future__ import annotations

import pytest
from helpers.desk_parts import Rig, wait_until
from PySide6.QtCore import Qt

from rpdr_core.records import Changes, Decision, NewDecision
from rpdr_desk.item_models.candidate_rows import CandidateRow, in_order_of, with_codes
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views import wording
from rpdr_desk.views.review.draft import Draft, draft_of

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier


def decide(rig: Rig, key: Qt.Key | str) -> None:
    before = rig.mention
    rig.press(key)
    wait_until(lambda: rig.mention != before)


def decision(rig: Rig, mention_id: int = 1) -> Decision:
    found = rig.workspace.reading.decision(mention_id)
    assert found is not None
    return found


def chip(rig: Rig) -> str:
    return rig.page.mention_pane._chip._words.text()


# Relation


@pytest.mark.parametrize(
    ("key", "relation"), [("e", "equivalent"), ("b", "broader"), ("n", "narrower"), ("i", "inexact")]
)
def test_the_relation_goes_with_the_next_choice(rig: Rig, key: str, relation: str) -> None:
    rig.press("r")
    assert rig.page.faces.asked is Scope.RELATIONS
    rig.press(key)
    assert rig.page.faces.asked is None
    assert rig.mention == 1
    assert rig.workspace.reading.decision(1) is None
    decide(rig, "2")
    assert decision(rig).relation == relation


def test_the_relation_is_for_one_mention_only(rig: Rig) -> None:
    rig.press("r")
    rig.press("b")
    assert "code is broader" in chip(rig)
    decide(rig, "1")
    assert "broader" not in chip(rig)
    decide(rig, "1")
    assert (decision(rig, 1).relation, decision(rig, 2).relation) == ("broader", "equivalent")


def test_while_the_relation_is_asked_no_other_key_of_the_review_is_heard(rig: Rig) -> None:
    rig.press("r")
    rig.press("1")
    rig.press(Qt.Key.Key_Space)
    rig.press("d")
    rig.settle()
    assert rig.workspace.reading.decision(1) is None
    rig.press(Qt.Key.Key_Escape)
    assert rig.page.faces.asked is None
    decide(rig, "1")


def test_on_a_decided_mention_the_relation_is_stored_at_once_and_undone_alone(rig: Rig) -> None:
    decide(rig, "2")
    first = decision(rig)
    rig.press("k")
    rig.press("r")
    rig.press("n")
    wait_until(lambda: "code is narrower" in chip(rig))
    assert rig.mention == 1
    again = decision(rig)
    assert (again.kind, again.code, again.id) == (first.kind, first.code, first.id + 1)
    assert again.relation == "narrower"
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: decision(rig).relation == "equivalent")
    assert decision(rig).id == first.id


def test_a_decision_that_news_of_rankings_bring_along_is_shown_as_it_is(rig: Rig) -> None:
    decide(rig, "2")
    rig.press("k")
    first = decision(rig)
    stored = NewDecision(1, first.kind, first.code, first.name, relation="narrower")
    done: list[Changes] = []
    rig.workspace.store.query(lambda project: project.decide(stored), done.append)
    wait_until(lambda: bool(done))
    rig.page.flow._changed(Changes(frozenset(["rankings"]), (1,)))
    rig.page.flow._changed(done[0])
    assert "code is narrower" in chip(rig)
    assert rig.page.flow.draft.relation == "narrower"


def test_the_relation_of_one_code_is_not_carried_to_another(rig: Rig) -> None:
    rig.press("r")
    rig.press("b")
    decide(rig, "2")
    rig.press("k")
    decide(rig, "3")
    assert decision(rig).relation == "equivalent"
    rig.press("k")
    assert "broader" not in chip(rig)


def test_the_same_relation_again_stores_nothing(rig: Rig) -> None:
    decide(rig, "1")
    first = decision(rig)
    rig.press("k")
    rig.press("r")
    rig.press("e")
    rig.settle()
    assert decision(rig).id == first.id


# Several codes


def test_ticked_rows_go_along_as_further_codes(rig: Rig) -> None:
    rows = [row.code for row in rig.page.flow.rows]
    for _ in range(2):
        rig.press(Qt.Key.Key_Down)
        rig.press("a")
        rig.settle()
    wait_until(lambda: rig.page.flow.draft.codes == {rows[1], rows[2]})
    assert "and 2 further codes" in chip(rig)
    decide(rig, "1")
    stored = decision(rig)
    assert (stored.code, [one.code for one in stored.also]) == (rows[0], rows[1:3])
    rig.press("k")
    wait_until(lambda: rig.page.flow.mention is not None and rig.page.flow.mention.more == 2)
    assert rig.page.flow.mention is not None
    assert wording.outcome(rig.page.flow.mention) == f"{rows[0]} +2"
    assert f"{rows[0]} +2" in wording.described(rig.page.flow.mention)


def test_the_row_that_is_taken_is_not_its_own_further_code(rig: Rig) -> None:
    rig.press("a")
    wait_until(lambda: bool(rig.page.flow.draft.also))
    decide(rig, Qt.Key.Key_Space)
    assert decision(rig).also == ()


def test_a_tick_is_taken_away_by_the_same_key(rig: Rig) -> None:
    rig.press(Qt.Key.Key_Down)
    for ticked in (1, 0, 1):
        rig.press("a")
        wait_until(lambda count=ticked: len(rig.page.flow.draft.also) == count)  # type: ignore[misc]


def test_ticks_are_seen_and_heard_and_come_back_on_a_later_visit(rig: Rig) -> None:
    second = rig.page.flow.rows[1].code
    rig.press(Qt.Key.Key_Down)
    rig.press("a")
    wait_until(lambda: rig.page.flow.draft.codes == {second})
    model = rig.page.table.model_
    assert "also" in str(model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert "also" not in str(model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    decide(rig, "1")
    assert rig.page.flow.draft == Draft()
    rig.press("k")
    assert rig.page.flow.draft.codes == {second}
    assert "and 1 further code" in chip(rig)
    assert "also" in str(model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_a_code_from_the_search_is_ticked_and_stands_below_the_candidates(rig: Rig) -> None:
    rig.press("/")
    rig.press("X20.1")
    wait_until(lambda: rig.page.flow.mode == "search" and bool(rig.page.flow.rows))
    rig.press(Qt.Key.Key_Return)
    rig.press("a")
    wait_until(lambda: rig.page.flow.draft.codes == {"X20.1"})
    rig.press(Qt.Key.Key_Escape)
    assert rig.page.flow.mode == "candidates"
    assert rig.page.flow.rows[-1].code == "X20.1"
    decide(rig, "1")
    assert [one.code for one in decision(rig).also] == ["X20.1"]


def test_a_group_that_may_not_be_assigned_is_not_ticked(rig: Rig) -> None:
    rig.press("/")
    rig.press("X20")
    wait_until(lambda: rig.page.flow.mode == "search" and bool(rig.page.flow.rows))
    rig.press(Qt.Key.Key_Return)
    rig.press("a")
    wait_until(lambda: rig.page.flow.mode == "narrower")
    assert rig.page.flow.draft.also == ()


def test_ticks_that_no_decision_holds_yet_say_so(rig: Rig) -> None:
    decide(rig, "1")
    rig.press("k")
    rig.press(Qt.Key.Key_Down)
    rig.press("a")
    wait_until(lambda: "not saved yet" in rig.page.mention_pane._facts.text())
    rig.press(Qt.Key.Key_Up)
    decide(rig, Qt.Key.Key_Space)
    rig.press("k")
    assert "not saved yet" not in rig.page.mention_pane._facts.text()


# The parts alone


def test_a_draft_remembers_whose_relation_it_is() -> None:
    said = Decision(1, 1, "correct", "A", "a", "", "", "", "", False, "broader")
    draft = draft_of(said)
    assert (draft.relation_for("A"), draft.relation_for("B")) == ("broader", "equivalent")
    assert draft.related("inexact").relation_for("B") == "inexact"
    assert draft_of(None) == draft_of(Decision(1, 1, "no_match", "", "", "unreadable", "", "", "", False)) == Draft()


def test_chosen_codes_are_added_once_and_rows_stay_in_order() -> None:
    rows = with_codes([CandidateRow("A", "a")], [("A", "x"), ("B", "b"), ("", ""), ("B", "b")])
    assert [(row.code, row.name) for row in rows] == [("A", "a"), ("B", "b")]
    fresh = [CandidateRow("C", "c"), CandidateRow("A", "new"), CandidateRow("B", "b")]
    assert [row.name for row in in_order_of(rows, fresh)] == ["new", "b", "c"]
