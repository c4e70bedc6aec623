"""Text and marks stand out from their ground in both themes: WCAG 2, AA."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QPalette

from rpdr_desk import theme

TEXT, MARK = 4.5, 3.0
# The strongest tints that words stand on: rows under the eye, badges, chips, marks in a sentence.
TINTS = (0.05, 0.06, 0.08, 0.1, 0.12, 0.13, 0.14, 0.16, 0.2)


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2 contrast ratio of two sRGB colours."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def grounds(palette: QPalette) -> dict[str, QColor]:
    roles = QPalette.ColorRole
    plain = {role.name: palette.color(role) for role in (roles.Base, roles.Window, roles.AlternateBase, roles.Button)}
    return plain | {f"tint {share}": theme.tint(palette, share) for share in TINTS}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_can_be_read_on_every_ground(dark: bool) -> None:
    palette = theme.palette(dark)
    inks = {
        "text": palette.color(QPalette.ColorRole.Text),
        "secondary": theme.dim(palette),
        "accent": theme.accent(palette),
        "alert": theme.alert(palette),
        "placeholder": palette.color(QPalette.ColorRole.PlaceholderText),
    }
    found = {
        f"{ink} on {ground}": contrast(colour, below)
        for (ink, colour), (ground, below) in itertools.product(inks.items(), grounds(palette).items())
    }
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_can_be_read_on_the_accent_and_beside_an_alert(dark: bool) -> None:
    palette = theme.palette(dark)
    accent, base = theme.accent(palette), palette.color(QPalette.ColorRole.Base)
    for ink in (base, palette.color(QPalette.ColorRole.HighlightedText)):
        assert contrast(ink, accent) >= TEXT
    alarmed = theme.mix(base, theme.alert(palette), 0.07)
    for ink in (palette.color(QPalette.ColorRole.Text), theme.alert(palette), theme.dim(palette), accent):
        assert contrast(ink, alarmed) >= TEXT


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_marks_without_words_stand_out(dark: bool) -> None:
    palette = theme.palette(dark)
    for ground in grounds(palette).values():
        assert contrast(theme.accent(palette), ground) >= MARK
        assert contrast(theme.dim(palette), ground) >= MARK
    for ground in (palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Window)):
        assert contrast(theme.edge(palette), ground) >= MARK
