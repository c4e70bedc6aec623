"""The look: Fusion with two palettes of our own, one accent, and a style sheet made from the palette alone.

Colours live here and nowhere else; widgets ask the palette for a role. The few shades that Qt has no role for
are mixed from roles, so both themes follow by themselves.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from rpdr_core.resources import resource_path
from rpdr_desk.settings import Scheme

# One unit of air; every margin is a multiple of it.
UNIT = 4
GAP = 2 * UNIT
MARGIN = 4 * UNIT
WIDE = 6 * UNIT
ROW = 46
QUEUE_ROW = 34
RADIUS = 6

_LIGHT = {
    "window": "#f4f6f8",
    "base": "#ffffff",
    "alternate": "#f8fafb",
    "text": "#1b2530",
    "dim": "#54626f",
    "placeholder": "#54626f",
    "off": "#8a96a3",
    "line": "#dfe4e9",
    "button": "#ffffff",
    "accent": "#0a6a7c",
    "on_accent": "#ffffff",
    "alert": "#a63a1e",
}
_DARK = {
    "window": "#15191e",
    "base": "#1c2127",
    "alternate": "#20262d",
    "text": "#e4e9ee",
    "dim": "#a3afbb",
    "placeholder": "#a0acb8",
    "off": "#75818d",
    "line": "#303840",
    "button": "#262d35",
    "accent": "#4cc2d6",
    "on_accent": "#08252b",
    "alert": "#f0a58a",
}


def palette(dark: bool) -> QPalette:
    """The light or the dark palette."""
    colours = {name: QColor(value) for name, value in (_DARK if dark else _LIGHT).items()}
    role = QPalette.ColorRole
    pairs = {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "base",
        role.AlternateBase: "alternate",
        role.Text: "text",
        role.PlaceholderText: "placeholder",
        role.Button: "button",
        role.ButtonText: "text",
        role.BrightText: "on_accent",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.Accent: "accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.ToolTipBase: "base",
        role.ToolTipText: "text",
        role.Mid: "line",
        role.Midlight: "line",
        role.Dark: "dim",
        role.Light: "base",
        role.Shadow: "window",
    }
    made = QPalette()
    for one, name in pairs.items():
        made.setColor(one, colours[name])
    for one in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, one, colours["off"])
    return made


def apply(app: QApplication, scheme: Scheme, size: float = 1.0) -> None:
    """Put the theme on. `auto` follows the system's scheme; a platform that knows none is light. `size` of the text."""
    dark = scheme == "dark" or (scheme == "auto" and system_is_dark())
    app.setStyle(QStyleFactory.create("Fusion"))
    made = palette(dark)
    app.setPalette(made)
    app.setStyleSheet(style_sheet(made, size))


def system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def is_dark(made: QPalette) -> bool:
    return made.color(QPalette.ColorRole.Base).lightnessF() < 0.5


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of `other` in `one`."""
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def accent(made: QPalette) -> QColor:
    return made.color(QPalette.ColorRole.Accent)


def line(made: QPalette) -> QColor:
    return made.color(QPalette.ColorRole.Mid)


def edge(made: QPalette) -> QColor:
    """The outline of what has no words of its own, such as a box to tick; above 3:1 on the base."""
    return mix(line(made), dim(made), 0.75)


def dim(made: QPalette) -> QColor:
    """Secondary text; above 4.5:1 on both bases."""
    return made.color(QPalette.ColorRole.Dark)


def alert(made: QPalette) -> QColor:
    """For what must not be overlooked. Qt has no role for it; never the only mark, words always stand with it."""
    return QColor((_DARK if is_dark(made) else _LIGHT)["alert"])


def tint(made: QPalette, share: float = 0.12) -> QColor:
    """The base with a breath of accent: selection, marks, badges."""
    return mix(made.color(QPalette.ColorRole.Base), accent(made), share)


def style_sheet(made: QPalette, size: float = 1.0) -> str:
    """The little that Fusion cannot be told by palette. `size` of the text, 1 is 100 %."""
    names = {
        "line": line(made).name(),
        "accent": accent(made).name(),
        "tint": tint(made).name(),
        "hover": tint(made, 0.06).name(),
        "base": made.color(QPalette.ColorRole.Base).name(),
        "window": made.color(QPalette.ColorRole.Window).name(),
        "text": made.color(QPalette.ColorRole.Text).name(),
        "dim": dim(made).name(),
        "off": made.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text).name(),
        "edge": edge(made).name(),
        # A style sheet takes pictures from files only, so the arrows have one grey that stands on both grounds.
        "down": resource_path("icons", "arrow_down.svg").as_posix(),
        "up": resource_path("icons", "arrow_up.svg").as_posix(),
        "check": resource_path("icons", "check_dark.svg" if is_dark(made) else "check_white.svg").as_posix(),
        "grip": mix(line(made), dim(made), 0.35).name(),
        # What stands beside words grows with them.
        **{str(pixels): str(round(pixels * max(1.0, size))) for pixels in (12, 14, 16, 22, 26)},
    }
    sheet = _SHEET
    for name, value in names.items():
        sheet = sheet.replace(f"@{name}@", value)
    return sheet


_SHEET = """
QToolTip { color: @text@; background: @base@; border: 1px solid @line@; padding: 4px 6px; }
QMenuBar { background: @window@; border-bottom: 1px solid @line@; padding: 2px 6px; }
QMenuBar::item { padding: 5px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @tint@; }
QMenu { background: @base@; border: 1px solid @line@; padding: 5px; icon-size: @16@px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @tint@; color: @text@; }
QMenu::item:disabled { color: @off@; }
QMenu::icon { padding-left: 6px; }
QMenu::separator { height: 1px; background: @line@; margin: 5px 8px; }
QLineEdit, QPlainTextEdit {
  background: @base@; border: 1px solid @line@; border-radius: 6px; padding: 6px 8px;
  selection-background-color: @accent@; }
QLineEdit:focus, QPlainTextEdit:focus { border-color: @accent@; }
QComboBox, QAbstractSpinBox {
  background: @base@; border: 1px solid @line@; border-radius: 6px; padding: 5px 8px; min-height: 20px;
  selection-background-color: @accent@; }
QComboBox:focus, QAbstractSpinBox:focus { border-color: @accent@; }
QComboBox:disabled { color: @off@; background: @window@; }
QComboBox::drop-down { border: none; width: @26@px; }
QComboBox::down-arrow { image: url(@down@); width: @14@px; height: @14@px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: @22@px; background: transparent; }
QAbstractSpinBox::up-arrow { image: url(@up@); width: @12@px; height: @12@px; }
QAbstractSpinBox::down-arrow { image: url(@down@); width: @12@px; height: @12@px; }
QComboBox QLineEdit { border: none; padding: 0; background: transparent; }
QAbstractSpinBox { padding: 5px 0; }
QAbstractSpinBox QLineEdit { border: none; padding: 0 8px; background: transparent; }
QPushButton { background: @base@; border: 1px solid @line@; border-radius: 6px; padding: 7px 14px; }
QPushButton:hover { background: @hover@; }
QPushButton:focus { border-color: @accent@; }
QPushButton:default, QPushButton[primary="true"] { background: @accent@; border-color: @accent@; color: @base@; }
QPushButton:default:focus, QPushButton[primary="true"]:focus { border: 2px solid @text@; padding: 6px 13px; }
QPushButton[small="true"] { padding: 5px 11px; }
QPushButton[segment="true"] { padding: 4px 11px; color: @dim@; }
QPushButton[segment="true"]:checked { background: @tint@; color: @text@; border-color: @tint@; }
QPushButton[segment="true"]:focus { border-color: @accent@; }
QPushButton:disabled { color: @off@; background: @window@; border-color: @line@; }
QCheckBox { spacing: 8px; padding: 2px; border-radius: 4px; }
QCheckBox::indicator, QListView::indicator { width: @16@px; height: @16@px; border: 1px solid @edge@;
  border-radius: 4px; background: @base@; }
QCheckBox::indicator:hover { border-color: @accent@; }
QCheckBox::indicator:focus { border: 2px solid @accent@; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: @accent@; border-color: @accent@;
  image: url(@check@); }
QCheckBox::indicator:checked:focus { border: 2px solid @text@; }
QCheckBox::indicator:disabled { background: @window@; border-color: @line@; }
QCheckBox::indicator:checked:disabled { background: @off@; }
QToolButton { border: none; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: @hover@; }
QAbstractItemView { background: @base@; border: none; outline: none; }
QTableWidget, QTableView[plain="true"], QTreeView { border: 1px solid @line@; border-radius: 6px; }
QTableWidget::item, QTableView[plain="true"]::item { padding: 0 8px; }
QTableWidget::item:selected, QTableView[plain="true"]::item:selected { background: @tint@; color: @text@; }
QListWidget[plain="true"] { background: transparent; }
QListWidget[plain="true"]::item { padding: 6px 8px; border-radius: 5px; }
QListWidget[plain="true"]::item:selected { background: @tint@; color: @text@; }
QProgressBar { background: @line@; border: none; border-radius: 3px; }
QProgressBar::chunk { background: @accent@; border-radius: 3px; }
QHeaderView { background: @base@; }
QHeaderView::section {
  background: @base@; color: @dim@; border: none; border-bottom: 1px solid @line@; padding: 6px 6px; text-align: left; }
QTableWidget QHeaderView::section, QTableView[plain="true"] QHeaderView::section { padding: 6px 11px; }
QTableView[wide="true"] QHeaderView::section { padding: 6px 15px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QSplitter::handle { background: @line@; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @grip@; border-radius: 3px; min-height: 28px; min-width: 28px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: none; border: none; width: 0; height: 0; }
QTabBar::tab { padding: 7px 14px; border: none; border-bottom: 2px solid transparent; color: @dim@; }
QTabBar::tab:selected { color: @text@; border-bottom-color: @accent@; }
QTabWidget::pane { border: none; border-top: 1px solid @line@; }
QFrame[card="true"] { background: @base@; border: 1px solid @line@; border-radius: 8px; }
QWidget[surface="true"] { background: @base@; }
QWidget[rule="true"] { background: @line@; }
QLabel[dim="true"] { color: @dim@; }
QLabel[caption="true"] { color: @dim@; font-weight: 600; }
"""
