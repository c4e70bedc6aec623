"""The typefaces: whatever lies in the bundled folder, else the system's own."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication

from rpdr_core.errors import Bug
from rpdr_core.resources import resource_path

FAMILIES = ("Inter", "RPDR Sans SC")
BASE_POINTS = 10.0
TEXT_CHANGED = frozenset((QEvent.Type.FontChange, QEvent.Type.StyleChange))
"""Either tells of another text size: what a style sheet has dressed hears of the new sheet alone."""
FIXED = ("SF Mono", "Menlo", "Cascadia Mono", "Consolas", "Noto Sans Mono", "DejaVu Sans Mono", "Liberation Mono",
         "Courier New")  # fmt: skip


def load_fonts() -> tuple[str, ...]:
    """Register the bundled files; returns the families that are there, in our order of preference."""
    try:
        folder = resource_path("fonts")
    except Bug:
        return ()
    found: set[str] = set()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".ttf", ".otf"):
            number = QFontDatabase.addApplicationFont(str(path))
            found.update(QFontDatabase.applicationFontFamilies(number))
    return tuple(family for family in FAMILIES if family in found)


def base_font(families: tuple[str, ...], percent: int) -> QFont:
    """The application's font: bundled families first, then what the system would have taken."""
    font = QFont()
    font.setFamilies([*families, *font.families()])
    font.setPointSizeF(BASE_POINTS * percent / 100)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font


def scaled(font: QFont, factor: float, weight: QFont.Weight | None = None) -> QFont:
    """A copy of `font` at `factor` times its size."""
    copy = QFont(font)
    copy.setPointSizeF(font.pointSizeF() * factor)
    if weight is not None:
        copy.setWeight(weight)
    return copy


def text_font() -> QFont:
    """The application's font of the moment. A widget's own may lag behind it, once one was set."""
    return QGuiApplication.font()


def grown(pixels: int) -> int:
    """A length that holds text: `pixels` at a text size of 100 %, more where the text is larger, never less."""
    return round(pixels * max(1.0, text_font().pointSizeF() / BASE_POINTS))


def tall(pixels: int, lines: int = 1) -> int:
    """A height around `lines` lines: `pixels` at a text size of 100 %, and what the lines themselves have grown."""
    high = QFontMetricsF(text_font()).height()
    scale = max(1.0, text_font().pointSizeF() / BASE_POINTS)
    return round(pixels + lines * high * (1 - 1 / scale))


def figures(font: QFont) -> QFont:
    """A copy whose digits all have one width, for columns of numbers and codes."""
    copy = QFont(font)
    copy.setFeature(QFont.Tag("tnum"), 1)
    return copy


def fixed(font: QFont, factor: float = 1.0) -> QFont:
    """A fixed-width font at `factor` times the size of `font`, which stands in for characters that it lacks."""
    there = set(QFontDatabase.families())
    own = next((family for family in FIXED if family in there), "")
    made = scaled(font, factor)
    made.setFamilies([family for family in (own, *font.families()) if family])
    made.setStyleHint(QFont.StyleHint.Monospace)
    return made


class Cuts:
    """The sizes and weights of one font that a delegate paints with, made once and not for every cell."""

    def __init__(self) -> None:
        self._base = QFont()
        self._made: dict[tuple[float, bool, bool], QFont] = {}

    def of(self, base: QFont, factor: float = 1.0, *, bold: bool = False, tabular: bool = False) -> QFont:
        """`base` at `factor` times its size, perhaps semi-bold, perhaps with figures of one width."""
        if base != self._base:
            self._base = QFont(base)
            self._made.clear()
        key = (factor, bold, tabular)
        found = self._made.get(key)
        if found is None:
            found = scaled(base, factor, QFont.Weight.DemiBold if bold else None)
            self._made[key] = found = figures(found) if tabular else found
        return found
