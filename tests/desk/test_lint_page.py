"""The Map lint page, by keys, and the models behind it."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.desk_parts import Rig, wait_until
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from rpdr_core.records import Mention, NewDecision
from rpdr_core.workflow.lint.findings import RULES as CORE_RULES
from rpdr_core.workflow.lint.findings import SENTENCES, SEVERITY
from rpdr_desk.item_models.finding_model import LINE, MENTION, PAGE, Column, FindingModel
from rpdr_desk.item_models.rule_model import RuleModel, RuleRow
from rpdr_desk.operations.lint_state import FindingLine, LintPiece
from rpdr_desk.translation import Languages
from rpdr_desk.views import lint_words
from rpdr_desk.views.model.lint.groups import RULES, Groups
from rpdr_desk.views.model.lint.lint_page import LintPage

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def line(number: int, rule: str = "wrong_side", ids: tuple[int, ...] = (), dismissed: str = "") -> FindingLine:
    words = ("right", f"X{number:02}", "left")
    return FindingLine(
        f"k{number}",
        rule,
        "error",
        f"X{number:02}",
        ids or (number,),
        words,
        "X01",
        "One",
        dismissed,  # type: ignore[arg-type]
    )


# Models


class Reader:
    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def __call__(self, ids: Sequence[int]) -> list[Mention]:
        self.calls.append(list(ids))
        return [
            Mention(one, f"mention {one}", "", None, None, 1, "", "accepted", False, "") for one in ids if one < 500
        ]


def model() -> tuple[FindingModel, Reader]:
    reader = Reader()
    made = FindingModel(reader, lambda column: column.name, lambda found, column: f"{column.name} of {found.key}")
    return made, reader


def test_findings_satisfy_qts_tester_and_are_read_in_pages(qapp: QApplication) -> None:
    made, reader = model()
    tester = QAbstractItemModelTester(made, FATAL)
    made.set_lines([line(number) for number in range(1, 301)])
    made.add([line(301), line(302, ids=(1, 2, 3)), line(999)])
    made.add([])
    assert made.rowCount() == 303
    assert made.index(0, Column.MENTION).data() == "mention 1"
    assert all(len(call) <= PAGE for call in reader.calls)
    calls = len(reader.calls)
    assert made.index(PAGE - 1, Column.MENTION).data() == f"mention {PAGE}"
    assert len(reader.calls) == calls, "read with its page"
    assert made.index(301, Column.MENTION).data() == "MENTION of k302"
    assert made.index(302, Column.MENTION).data() == "", "a mention that is not there"
    assert made.index(5, Column.CURE).data() == "CURE of k6"
    assert made.index(5, 0).data(LINE).key == "k6"
    assert made.index(5, 0).data(MENTION).id == 6
    made.remove(frozenset(("k1", "k300", "k999")))
    assert made.rowCount() == 300
    assert made.index(0, 0).data() == "mention 2"
    made.forget([2])
    assert made.index(0, 0).data() == "mention 2"
    made.set_lines([])
    assert made.rowCount() == 0
    del tester


def test_rules_satisfy_qts_tester_and_keep_their_place(qapp: QApplication) -> None:
    made = RuleModel(lambda row: str(row.rule))
    tester = QAbstractItemModelTester(made, FATAL)
    resets: list[bool] = []
    made.modelReset.connect(lambda: resets.append(True))
    made.set_rows((RuleRow("wrong_side", "error", 3), RuleRow(None, None, 1)))
    made.set_rows((RuleRow("wrong_side", "error", 2), RuleRow(None, None, 2)))
    assert len(resets) == 1
    assert (made.row_of(None), made.row_of("excludes1")) == (1, -1)
    made.set_rows(())
    assert made.rowCount() == 0
    del tester


def test_groups() -> None:
    groups = Groups()
    groups.add([line(1), line(2, "many_unlike", (2, 3)), line(3, dismissed="so"), line(4)])
    assert [(row.rule, row.count) for row in groups.rows()] == [("wrong_side", 2), ("many_unlike", 1), (None, 1)]
    assert groups.count() == 3
    assert [one.key for one in groups.add([line(1), line(5), line(5)])] == ["k5"], "each once"
    groups.remove(frozenset(("k5",)))
    assert groups.remove_about(frozenset((2, 3, 4))) == frozenset(("k3", "k4")), "what is about several stays"
    assert [row.rule for row in groups.rows()] == ["wrong_side", "many_unlike"]


def test_the_window_has_the_cores_rules_and_words(qapp: QApplication) -> None:
    assert RULES == CORE_RULES
    for rule in RULES:
        words = tuple("%" + str(number) for number in range(1, 5))
        told = lint_words.sentence(FindingLine("k", rule, SEVERITY[rule], "X", (1,), words))
        assert told == SENTENCES[rule]
        assert lint_words.rule_text(rule)


# The page


def map_to(rig: Rig, mention_id: int, code: str) -> None:
    rig.workspace.store.change(lambda project: project.decide(NewDecision(mention_id, "correct", code, code)))


def comment_texts(rig: Rig) -> dict[int, str]:
    return {mention.id: mention.code for mention in rig.workspace.reading.mentions(range(1, 13))}


def shown(rig: Rig) -> LintPage:
    """The page with three faulty decisions: a code that does not exist, and two that may not be assigned."""
    map_to(rig, 1, "NONE")
    map_to(rig, 2, "X20")
    map_to(rig, 3, "X20")
    map_to(rig, 4, "X04")
    rig.settle()
    rig.press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, LintPage)
    wait_until(lambda: page.rules.rules.rowCount() == 2 and not page._running)
    return page


def rules_shown(page: LintPage) -> list[tuple[str | None, int]]:
    return [(row.rule, row.count) for row in page.rules.rules.rows]


def test_findings_by_rule_gravest_first_and_no_row_twice(rig: Rig) -> None:
    page = shown(rig)
    assert rules_shown(page) == [("unknown_code", 1), ("not_billable", 2)]
    assert page.model.rowCount() == 1
    rig.press("g")
    assert page.rules.hasFocus()
    rig.press(Qt.Key.Key_Down)
    assert [one.mention_ids for one in page.model.lines] == [(2,), (3,)]
    rig.press(Qt.Key.Key_Return)
    assert page.table.hasFocus()


def test_return_opens_the_mention_in_the_review(rig: Rig) -> None:
    page = shown(rig)
    rig.press("g")
    rig.press(Qt.Key.Key_Down)
    rig.press("g")
    rig.press(Qt.Key.Key_Down)
    rig.press(Qt.Key.Key_Return)
    assert rig.window.pages is not None
    assert rig.window.pages.currentWidget() is rig.page
    assert rig.mention == 3
    assert page.table.current() is not None
    before = comment_texts(rig)
    rig.settle()
    assert comment_texts(rig) == before, "opening decides nothing"


def test_one_key_takes_the_cure_and_undo_brings_the_finding_back(rig: Rig, monkeypatch: object) -> None:
    page = shown(rig)
    finding = page.table.current()
    assert finding is not None
    assert not finding.suggested
    assert not rig.window.actions_["lint_cure"].isEnabled(), "there is none for an unknown code"
    from dataclasses import replace

    page.model.set_lines([replace(finding, suggested="X01", suggested_name="Disorder number 1")])
    page.table.stand_on(0)
    assert rig.window.actions_["lint_cure"].isEnabled()
    rig.press("a")
    wait_until(lambda: comment_texts(rig)[1] == "X01")
    wait_until(lambda: rules_shown(page) == [("not_billable", 2)])
    assert "X01" in page.banner.text
    rig.press("z", Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: comment_texts(rig)[1] == "NONE")


def test_a_dismissal_wants_a_reason_and_can_be_taken_back(rig: Rig) -> None:
    page = shown(rig)
    rig.press("x")
    assert page.card.reason.hasFocus()
    rig.press(Qt.Key.Key_Return)
    assert page.card.reason.hasFocus(), "no reason, no dismissal"
    rig.press(Qt.Key.Key_Escape)
    assert page.table.hasFocus()
    rig.press("x")
    QTest.keyClicks(page.card.reason, "axr local code")
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: rules_shown(page) == [("not_billable", 2), (None, 1)])
    assert page.table.hasFocus()
    page.rules.stand_on(None)
    assert page.model.rowCount() == 1
    assert page.table.current() is not None
    rig.press("r")
    wait_until(lambda: not page._running and (None, 1) in rules_shown(page))
    page.rules.stand_on(None)
    rig.press("x")
    wait_until(lambda: rules_shown(page) == [("unknown_code", 1), ("not_billable", 2)])


def test_what_is_decided_meanwhile_is_seen(rig: Rig) -> None:
    page = shown(rig)
    map_to(rig, 2, "X02")
    wait_until(lambda: rules_shown(page) == [("unknown_code", 1), ("not_billable", 1)])
    rig.press(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    map_to(rig, 3, "X03")
    rig.settle()
    rig.press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: rules_shown(page) == [("unknown_code", 1)] and not page._running)


def test_what_is_decided_while_it_looks_is_judged_anew_too(rig: Rig) -> None:
    page = shown(rig)
    found = LintPiece(2, 4, tuple(line(number, "not_billable") for number in (2, 3)))
    page._run()
    page._running = True
    page._piece(found)
    map_to(rig, 2, "X02")
    rig.settle()
    wait_until(lambda: 2 not in {one.mention_ids[0] for one in page._groups.of("not_billable")} and not page._arrived)
    wait_until(lambda: ("unknown_code", 1) in rules_shown(page) and not page._running)


def test_the_keys_of_the_page_are_off_elsewhere(rig: Rig) -> None:
    shown(rig)
    rig.press(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert not any(
        rig.window.actions_[one].isEnabled() for one in ("lint_open", "lint_cure", "lint_dismiss", "lint_run")
    )


def test_nothing_mapped_says_what_to_do(rig: Rig) -> None:
    rig.press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, LintPage)
    wait_until(lambda: not page._running)
    assert page.table._empty.startswith("Nothing is mapped yet")
    languages = Languages(QApplication.instance())  # type: ignore[arg-type]
    languages.use("zh_CN")
    try:
        QApplication.processEvents()
        assert page.table._empty.startswith("尚无映射")
    finally:
        languages.use("en")
