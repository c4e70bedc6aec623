"""The help: the same pages in both languages, found by words, with the keys of the moment, from this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from helpers.desk_parts import Rig
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTextDocument, QTextFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from rpdr_core.resources import resource_path
from rpdr_desk.actions import Actions, specs
from rpdr_desk.views.help_dialog import HelpDialog, help_pages, show_help

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
LANGUAGES = ("en", "zh_CN")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
MOST = 2_000_000
"""Bytes of all pictures together."""


@pytest.fixture
def actions(qapp: QApplication) -> Iterator[Actions]:
    window = QWidget()
    yield Actions(window, {})
    window.deleteLater()


def files(language: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in resource_path("help", language).glob("*.md")}


def test_both_languages_have_the_same_pages_pictures_and_keys() -> None:
    english, chinese = (files(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    assert len(english) == 9
    for name, text in english.items():
        assert PICTURE.findall(text) == PICTURE.findall(chinese[name]), name
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", chinese[name])), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_there_and_they_are_small(language: str) -> None:
    folder = resource_path("help", "pictures", language)
    wanted = {name for text in files(language).values() for name in PICTURE.findall(text)}
    assert {path.name for path in folder.glob("*.png")} == wanted
    assert all(QImage(str(folder / name)).width() >= 800 for name in wanted)
    assert sum(path.stat().st_size for path in folder.parent.rglob("*.png")) < MOST


def test_every_key_in_the_pages_is_one_of_an_action(actions: Actions) -> None:
    known = {spec.id for spec in specs()}
    for language in LANGUAGES:
        named = {found for text in files(language).values() for found in re.findall(r"\{(\w+)\}", text)}
        assert named - known == set()
        for page in help_pages(language, actions):
            assert "{" not in page.text
            assert "`–`" not in page.text, "a key that the help speaks of has to be there"


def test_the_keys_are_those_of_the_moment(actions: Actions) -> None:
    actions.rebind({"identical": ["Y"]})
    assert any("`Y`" in page.text for page in help_pages("en", actions))


@pytest.fixture
def help_(rig: Rig) -> Iterator[HelpDialog]:
    dialog = show_help(rig.window, rig.window.actions_)
    yield dialog
    dialog.close()


def titles(dialog: HelpDialog) -> list[str]:
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def test_words_find_their_pages(help_: HelpDialog) -> None:
    assert len(titles(help_)) == 9
    help_.search.setText("seventh character")
    assert titles(help_) == ["Map lint"]
    assert help_.page.textCursor().selectedText().casefold() == "seventh"
    help_.search.setText("no such word at all")
    assert titles(help_) == []
    assert "No page" in help_.page.toPlainText()
    help_.search.clear()
    assert len(titles(help_)) == 9


def test_keys_lead_from_page_to_page(help_: HelpDialog) -> None:
    help_.search.setFocus()
    QTest.keyClick(help_.search, Qt.Key.Key_Down)
    assert help_.list.currentRow() == 1
    assert help_.page.toPlainText().strip().startswith("Deciding")


def test_every_page_stands_there_once_in_letters_of_its_own(help_: HelpDialog, rig: Rig) -> None:
    for row, page in enumerate(help_pages("en", rig.window.actions_)):
        help_.list.setCurrentRow(row)
        rig.settle()
        alone = QTextDocument()
        alone.setMarkdown(page.text)
        assert help_.page.toPlainText().replace("\ufffc", "") == alone.toPlainText().replace("\ufffc", ""), page.title
        assert letters(help_.page.document()) == letters(alone), page.title


def letters(document: QTextDocument) -> list[tuple[int, object]]:
    """Of each block: which heading it is, and how much larger than other words its first letters are."""
    found, block = [], document.begin()
    while block.isValid():
        adjusted = block.begin().fragment().charFormat().property(QTextFormat.Property.FontSizeAdjustment)
        found.append((block.blockFormat().headingLevel(), adjusted))
        block = block.next()
    return found


def test_pictures_come_from_the_installation_and_links_lead_nowhere(help_: HelpDialog) -> None:
    assert not help_.page.openLinks()
    assert not help_.page.openExternalLinks()
    from PySide6.QtCore import QUrl

    for address in ("https://example.org/x.png", "file:///etc/hostname", "../../icons/app.svg"):
        assert help_.page.loadResource(2, QUrl(address)) is None
    assert not help_.page.loadResource(2, QUrl("review.png")).isNull()  # type: ignore[union-attr]
