"""The bundled fonts hold every letter that the window can say, so that no machine shows boxes."""

from __future__ import annotations

import io
import json
import tokenize
from pathlib import Path

import pytest
from helpers.translatable import texts
from PySide6.QtGui import QFont, QRawFont
from PySide6.QtWidgets import QApplication

from rpdr_core.resources import resource_path
from rpdr_desk.fonts import BASE_POINTS, FAMILIES, base_font, grown, load_fonts, tall

pytestmark = pytest.mark.gui
DESK = Path(__file__).parents[2] / "rpdr_desk"


def said_in_chinese() -> str:
    catalogues = ("zh_CN.json", "errors_zh_CN.json")
    values = [json.loads(resource_path("translations", name).read_text(encoding="utf-8")) for name in catalogues]
    pages = [path.read_text(encoding="utf-8") for path in resource_path("help", "zh_CN").glob("*.md")]
    return "".join([*(text for one in values for text in one.values()), *pages])


def raw_fonts() -> list[QRawFont]:
    return [QRawFont(str(path), 12) for path in resource_path("fonts").iterdir() if path.suffix == ".otf"]


def test_every_letter_of_both_languages_is_in_a_bundled_font(qapp: QApplication) -> None:
    letters = set(said_in_chinese()) | set("".join(one.text for one in texts(DESK)))
    fonts = raw_fonts()
    assert [one for one in sorted(letters) if one.isprintable() and not _held(one, fonts)] == []


def test_every_sign_that_the_window_paints_is_in_a_bundled_font(qapp: QApplication) -> None:
    """Marks and arrows stand in no catalogue; of a sign that no bundled font has each system shows what it likes."""
    fonts = raw_fonts()
    lacking = {
        (token.string, path.name)
        for path in DESK.rglob("*.py")
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type == tokenize.STRING
        and not all(_held(one, fonts) for one in token.string if not one.isascii() and one.isprintable())
    }
    assert lacking == set()


def _held(letter: str, fonts: list[QRawFont]) -> bool:
    return any(font.supportsCharacter(ord(letter)) for font in fonts)


def test_the_sample_can_be_shown_too(qapp: QApplication) -> None:
    words = resource_path("samples", "eye_clinic", "mentions.csv").read_text(encoding="utf-8")
    fonts = raw_fonts()
    assert [one for one in sorted(set(words)) if one.isprintable() and not _held(one, fonts)] == []


def test_the_bundled_families_come_first_and_the_systems_own_after_them(qapp: QApplication) -> None:
    families = base_font(load_fonts(), 100).families()
    assert tuple(families[: len(FAMILIES)]) == FAMILIES
    assert len(families) > len(FAMILIES)


def test_lengths_grow_with_the_text_and_never_shrink(qapp: QApplication) -> None:
    before = qapp.font()
    try:
        sizes = {}
        for percent in (80, 100, 150, 200):
            font = QFont(before)
            font.setPointSizeF(BASE_POINTS * percent / 100)
            qapp.setFont(font)
            sizes[percent] = (grown(40), tall(40), tall(40, 2))
        assert sizes[80] == sizes[100] == (40, 40, 40)
        assert sizes[200][0] == 80
        assert 40 < sizes[150][1] < sizes[200][1] < sizes[200][2]
    finally:
        qapp.setFont(before)
