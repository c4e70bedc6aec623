"""The tree of the terminology: read lazily, honest to Qt's tester, opened at the candidate; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable

from helpers.desk_parts import Rig, focus_is_in, wait_until
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from rpdr_desk.item_models.tree_model import PAGE, TWIG, TreeModel
from rpdr_desk.operations.terminology import Twig
from rpdr_desk.views.review.tree_dialog import TreeDialog

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class Forest:
    """Roots R0 and R1; R0 has 450 children, the second of them has two. Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int, Callable[[list[Twig]], None]]] = []
        self.children = {"R0": [f"C{number}" for number in range(450)], "C1": ["L0", "L1"], "FALSE": []}

    def twig(self, code: str) -> Twig:
        announced = 3 if code == "FALSE" else len(self.children.get(code, []))
        return Twig(code, f"name of {code}", code.startswith("L"), True, announced)

    def __call__(self, code: str, start: int, most: int, arrived: Callable[[list[Twig]], None]) -> None:
        self.asked.append((code, start, most, arrived))

    def answer(self) -> None:
        while self.asked:
            code, start, most, arrived = self.asked.pop(0)
            arrived([self.twig(one) for one in self.children.get(code, [])[start : start + most]])


def tree() -> tuple[TreeModel, Forest]:
    forest = Forest()
    model = TreeModel(forest, lambda twig: f"told {twig.code}")
    model.set_roots([forest.twig("R0"), forest.twig("R1"), forest.twig("FALSE")])
    return model, forest


def test_a_branch_is_read_in_pages_and_only_when_asked_for(qapp: QApplication) -> None:
    model, forest = tree()
    tester = QAbstractItemModelTester(model, FATAL)
    forest.answer()
    root = model.index(0, 0)
    assert model.hasChildren(root)
    assert not model.hasChildren(model.index(1, 0))
    while model.rowCount(root) < 450:
        before = model.rowCount(root)
        assert model.canFetchMore(root)
        model.fetchMore(root)
        model.fetchMore(root)
        assert len([one for one in forest.asked if one[0] == "R0"]) == 1, "asked once for each page"
        forest.answer()
        assert model.rowCount(root) <= before + PAGE
    assert not model.canFetchMore(root)
    assert model.index(449, 0, root).data(TWIG).code == "C449"
    assert model.index(449, 0, root).parent() == root
    assert model.index(0, 0, root).data(Qt.ItemDataRole.AccessibleTextRole) == "told C0"
    del tester


def test_a_path_is_read_as_far_as_needed(qapp: QApplication) -> None:
    model, forest = tree()
    found: list[QModelIndex] = []
    model.find(["R0", "C1", "L1"], found.append)
    assert not found
    forest.answer()
    assert found[0].data(TWIG).code == "L1"
    assert found[0].parent().data(TWIG).code == "C1"
    model.find(["R0", "C1", "nobody"], found.append)
    forest.answer()
    assert found[1].data(TWIG).code == "C1", "as far as it leads"
    model.find(["nowhere"], found.append)
    assert not found[2].isValid()


def test_two_who_look_for_the_same_both_find_it(qapp: QApplication) -> None:
    model, forest = tree()
    found: list[QModelIndex] = []
    model.find(["R0", "C300"], found.append)
    model.find(["R0", "C301"], found.append)
    forest.answer()
    assert [index.data(TWIG).code for index in found] == ["C300", "C301"]


def test_fewer_children_than_announced_end_the_asking(qapp: QApplication) -> None:
    model, forest = tree()
    false = model.index(2, 0)
    model.fetchMore(false)
    forest.answer()
    assert not model.canFetchMore(false)
    assert not model.hasChildren(false)


def test_an_answer_for_a_tree_that_is_gone_is_dropped(qapp: QApplication) -> None:
    model, forest = tree()
    model.fetchMore(model.index(0, 0))
    model.set_roots([forest.twig("R1")])
    forest.answer()
    assert model.rowCount() == 1


# The dialog


def opened(rig: Rig) -> TreeDialog:
    wait_until(lambda: rig.page.concept_pane.concept is not None)
    rig.page.table.setFocus()
    rig.press("t")
    wait_until(lambda: rig.page.concept.tree is not None)
    dialog = rig.page.concept.tree
    assert dialog is not None
    QTest.qWaitForWindowActive(dialog)
    wait_until(lambda: dialog.current() is not None)
    return dialog


def in_front(rig: Rig) -> None:
    """A window manager sees to that when a dialog closes, the offscreen one does not."""
    rig.window.activateWindow()
    wait_until(rig.window.isActiveWindow)


def statuses(rig: Rig) -> set[str]:
    return {one.status for one in rig.workspace.reading.mentions(range(1, 13))}


def code(dialog: TreeDialog) -> str:
    twig = dialog.current()
    return twig.code if twig is not None else ""


def test_it_opens_at_the_candidate_with_its_ancestors_open(rig: Rig) -> None:
    wanted = rig.page.flow.rows[0].code
    dialog = opened(rig)
    wait_until(lambda: code(dialog) == wanted)
    above = dialog.tree.currentIndex().parent()
    assert above.data(TWIG).code == "X"
    assert dialog.tree.isExpanded(above)
    assert dialog.tree.isExpanded(above.parent())
    wait_until(lambda: focus_is_in(dialog.tree))
    dialog.reject()
    rig.settle()
    assert rig.page.concept.tree is None
    assert statuses(rig) == {"unreviewed"}


def test_space_and_return_show_it_as_a_candidate_and_decide_nothing(rig: Rig) -> None:
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        dialog = opened(rig)
        QTest.keyClick(dialog.tree, Qt.Key.Key_Home)
        wait_until(lambda: code(dialog) == "ROOT")  # noqa: B023
        QTest.keyClick(dialog.tree, key)
        assert [row.code for row in rig.page.flow.rows] == ["ROOT"]
        assert rig.window.focusWidget() is rig.page.table
        in_front(rig)
        rig.settle()
        assert statuses(rig) == {"unreviewed"}
        rig.press(Qt.Key.Key_Escape)
        assert rig.page.flow.mode == "candidates"


def test_letters_find_and_return_in_the_line_only_goes_to_the_tree(rig: Rig) -> None:
    dialog = opened(rig)
    QTest.keyClicks(dialog.tree, "Split")
    assert focus_is_in(dialog.line)
    assert dialog.line.text() == "Split"
    wait_until(lambda: code(dialog) == "X20")
    assert "1 of 3" in dialog.note.text()
    QTest.keyClick(dialog.line, Qt.Key.Key_Down)
    wait_until(lambda: code(dialog) == "X20.1")
    QTest.keyClick(dialog.line, Qt.Key.Key_Up)
    wait_until(lambda: code(dialog) == "X20")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    assert focus_is_in(dialog.tree)
    assert dialog.isVisible()
    dialog.line.setText("")
    QTest.keyClicks(dialog.line, "zzzz")
    wait_until(lambda: "Nothing" in dialog.note.text())
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert rig.page.concept.tree is None
    rig.settle()
    assert statuses(rig) == {"unreviewed"}


def test_the_window_may_close_with_the_tree_open(rig: Rig) -> None:
    opened(rig)
    rig.window.close()
