"""The middle's upper part: who says what, and the sentence around the mention."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, ranking, wait_until
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from rpdr_core.records import Mention
from rpdr_core.store import Project
from rpdr_desk.item_models.opinions import Opinion
from rpdr_desk.translation import Languages
from rpdr_desk.views.review.context_view import ContextView
from rpdr_desk.views.review.mention_pane import MentionPane

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
DIFFER = (Opinion("retriever", "H25.1"), Opinion("teacher", "H25.12", "exact", recorded=True))


def words_of(label: QLabel) -> str:
    from PySide6.QtGui import QTextDocumentFragment

    return QTextDocumentFragment.fromHtml(label.text()).toPlainText().replace("\xa0", " ")


def mention(context: str, text: str = "cataract") -> Mention:
    start = context.find(text)
    place = (start, start + len(text)) if start >= 0 else (None, None)
    return Mention(1, text, context, *place, 1, "", "unreviewed", False, "")


# Opinions


@pytest.fixture
def pane(qapp: QApplication) -> MentionPane:
    made = MentionPane()
    made.resize(700, 200)
    return made


def test_rankers_that_differ_are_named_with_verdict_and_record(pane: MentionPane) -> None:
    pane.show_opinions(DIFFER)
    assert words_of(pane.opinions) == "≠  Retriever H25.1  ·  Teacher H25.12 (exact, recorded)"


def test_agreement_takes_two_words(pane: MentionPane) -> None:
    pane.show_opinions([Opinion("retriever", "A"), Opinion("student", "A")])
    assert words_of(pane.opinions) == "All agree"


def test_one_voice_alone_is_no_agreement(pane: MentionPane) -> None:
    pane.show_opinions(DIFFER[:1])
    assert pane.opinions.text() == ""


def test_a_teacher_that_finds_none_fitting_says_so(pane: MentionPane) -> None:
    pane.show_opinions([Opinion("retriever", "A"), Opinion("teacher", "A", "none")])
    assert words_of(pane.opinions) == "≠  Retriever A  ·  Teacher A (none fits)"


def test_opinions_change_language_and_never_the_height(pane: MentionPane, qapp: QApplication) -> None:
    high = pane.sizeHint().height()
    pane.show_opinions(DIFFER)
    assert pane.sizeHint().height() == high
    languages = Languages(qapp)
    languages.use("zh_CN")
    try:
        QApplication.processEvents()
        assert words_of(pane.opinions) == "≠  检索器 H25.1  ·  教师模型 H25.12（吻合，预先记录）"
    finally:
        languages.use("en")


def test_the_window_shows_the_opinions_of_the_mention_on_screen(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path
) -> None:
    path = make_project(tmp_path / "two.rpdr", 3, ranked=True)
    project = Project.open(path)
    project.record_rankings([ranking(1, "teacher", 5)])
    project.close()
    rig = open_window(path, FakeWorker(alive=False))
    assert words_of(rig.page.mention_pane.opinions) == "≠  Retriever X02  ·  Teacher X06"
    rig.press("j")
    wait_until(lambda: rig.mention == 2)
    assert rig.page.mention_pane.opinions.text() == ""


# The sentence


@pytest.fixture
def view(qapp: QApplication) -> ContextView:
    made = ContextView()
    made.resize(500, made.height())
    made.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    made.show()
    yield made  # type: ignore[misc]
    made.close()


def test_a_short_sentence_stands_in_the_middle(view: ContextView) -> None:
    view.show_context(mention("a cataract here"))
    above = view.document().rootFrame().frameFormat().topMargin()
    assert above > 2
    assert view.verticalScrollBar().maximum() == 0


def test_a_long_sentence_scrolls_to_the_mention(view: ContextView) -> None:
    view.show_context(mention("much before it, " * 60 + "cataract" + " and much after it" * 60))
    assert view.verticalScrollBar().maximum() > 0
    assert view.verticalScrollBar().value() > 0
    assert view.mark_is_visible()
    view.resize(320, view.height())
    assert view.mark_is_visible()


def test_a_short_one_after_a_long_one_is_in_the_middle_again(view: ContextView) -> None:
    view.show_context(mention("before " * 200 + "cataract"))
    view.show_context(mention("a cataract here"))
    assert view.verticalScrollBar().maximum() == 0
    assert view.document().rootFrame().frameFormat().topMargin() > 2


def test_offsets_count_characters_not_half_characters(view: ContextView) -> None:
    view.show_context(mention("😀😀 has cataract\nand more"))
    assert view.toPlainText() == "😀😀 has \u202fcataract\u202f and more"


def test_a_book_of_a_context_is_cut_around_the_mention(view: ContextView) -> None:
    view.show_context(mention("x" * 9_000 + "cataract" + "y" * 9_000))
    assert len(view.toPlainText()) < 9_000
    assert view.toPlainText().startswith("… x")
    assert view.mark_is_visible()


def test_a_context_without_the_mention_is_shown_from_its_beginning(view: ContextView) -> None:
    view.show_context(mention("nothing of the kind " * 100, "glaucoma"))
    assert view.verticalScrollBar().value() == 0


def test_no_context_is_said_in_words(view: ContextView) -> None:
    view.show_context(mention(""), "came alone")
    assert view.toPlainText() == "came alone"
    view.show_context(None, "came alone")
    assert view.toPlainText() == ""
