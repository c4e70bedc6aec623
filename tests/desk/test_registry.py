"""One table of actions: menus, palette, key sheet and shortcut editor show all of it, and no key has two meanings."""

from __future__ import annotations

from itertools import combinations

import pytest
from helpers.desk_parts import Rig
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QTextBrowser

from rpdr_desk.actions import Actions, Spec, specs
from rpdr_desk.shortcuts import Claim, Scope, conflicts, overlap
from rpdr_desk.views.help_sheet import _is_further
from rpdr_desk.views.palette import ACTION, show_palette
from rpdr_desk.views.settings.shortcut_editor import ShortcutEditor

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]


def test_every_action_can_be_reached() -> None:
    """By a key, by a menu, or by its answer to a question; else nobody would ever find it."""
    assert [spec.id for spec in specs() if not spec.keys and not spec.menu and not _is_further(spec)] == []


def test_every_action_with_a_menu_is_in_it(rig: Rig) -> None:
    for spec in specs():
        if spec.menu:
            assert rig.window.actions_[spec.id] in rig.window._menus[spec.menu].actions(), spec.id


def test_the_shortcut_editor_lists_every_action(rig: Rig) -> None:
    editor = ShortcutEditor(rig.settings, rig.window.actions_)
    assert editor._shown == [spec.id for spec in specs()]
    editor.filter.setText("undo")
    assert editor._shown[0] == "undo"
    editor.deleteLater()


def test_the_palette_lists_everything_that_can_be_done_now(rig: Rig) -> None:
    palette = show_palette(rig.window, rig.window.actions_)
    rows = palette.list  # type: ignore[attr-defined]
    listed = {str(rows.item(row).data(ACTION)) for row in range(rows.count())}
    assert listed == {spec.id for spec in specs() if rig.window.actions_[spec.id].isEnabled()}
    palette.close()


def test_the_key_sheet_names_every_action_that_has_a_key(rig: Rig) -> None:
    rig.window.actions_["keys"].trigger()
    [dialog] = [one for one in rig.window.findChildren(QDialog) if one.isVisible()]
    page = dialog.findChild(QTextBrowser)
    assert page is not None
    words = page.toPlainText().replace("\xa0", " ")
    dialog.close()
    missing = [spec.id for spec in specs() if spec.keys and not _told(rig.window.actions_, spec, words)]
    assert missing == []


def _told(actions: Actions, spec: Spec, words: str) -> bool:
    """Candidates and queues stand in one line each; that line names the first and the last key."""
    series = spec.id.rpartition("_")[0]
    if series in ("pick", "queue"):
        return actions.key_text(f"{series}_1") in words
    return spec.text().removesuffix(" ...") in words and actions.key_text(spec.id) in words


@pytest.mark.parametrize("scope", list(Scope))
def test_two_actions_of_one_scope_may_not_share_a_key(scope: Scope) -> None:
    [found] = conflicts([Claim("a", scope, ("X",)), Claim("b", scope, ("x",))])
    assert (found.key, found.first, found.second) == ("X", "a", "b")


def test_scopes_that_are_heard_together_are_known_to_overlap() -> None:
    """What is on one page at one time: the review with its lists, the questions only while they stand."""
    asked = {Scope.REASONS, Scope.RELATIONS, Scope.FLAGS}
    assert overlap(Scope.REVIEW, Scope.LISTS)
    for one in asked:
        assert not overlap(one, Scope.REVIEW)
        assert overlap(one, Scope.WINDOW)
    for one, other in combinations(asked, 2):
        assert not overlap(one, other)


def test_every_scope_is_put_somewhere(rig: Rig) -> None:
    for scope in Scope:
        assert any(spec.scope is scope for spec in specs()), f"no action of scope {scope}"
    for spec in specs():
        assert rig.window.actions_[spec.id].shortcuts() == [QKeySequence(key) for key in spec.keys], spec.id


def test_a_key_of_ones_own_shows_everywhere_and_goes_back(rig: Rig) -> None:
    rig.settings.change(shortcuts={"identical": ["Y"]})
    assert rig.window.actions_.key_text("identical") == "Y"
    editor = ShortcutEditor(rig.settings, rig.window.actions_)
    editor.select("identical")
    editor.reset()
    assert rig.window.actions_.key_text("identical") == "I"
    editor.deleteLater()
