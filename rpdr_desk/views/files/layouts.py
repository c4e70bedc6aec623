"""How the pages about files are laid out: a form that scrolls over its buttons, a door in the middle of a page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.views.dialogs import rule


def form_column(inside: QWidget) -> QVBoxLayout:
    """The column of a form's widgets."""
    column = QVBoxLayout(inside)
    column.setContentsMargins(theme.WIDE, theme.MARGIN, theme.WIDE, theme.MARGIN)
    column.setSpacing(theme.GAP + 2)
    return column


def scrolling(inside: QWidget) -> QScrollArea:
    """`inside` as wide as there is room; what is too high scrolls."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def over_foot(owner: QWidget, content: QWidget, foot: QLayout, side: int = theme.WIDE) -> None:
    """Fill `owner`: the content takes the room, the foot stays below a line. `side`: pixels beside the foot."""
    foot.setContentsMargins(side, theme.GAP + 2, side, theme.GAP + 2)
    outer = QVBoxLayout(owner)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.setSpacing(0)
    outer.addWidget(content, 1)
    outer.addWidget(rule(owner))
    outer.addLayout(foot)


def in_the_middle(inner: QWidget) -> QWidget:
    """A page with `inner` across its middle, a little above half its height."""
    across = QHBoxLayout()
    across.addStretch(1)
    across.addWidget(inner, 10_000)
    across.addStretch(1)
    outer = QWidget()
    page = QVBoxLayout(outer)
    page.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE)
    page.addStretch(1)
    page.addLayout(across)
    page.addStretch(2)
    return outer


def local_file(dragged: QMimeData) -> Path | None:
    """The first file of this machine among what is dragged or dropped."""
    name = next((url.toLocalFile() for url in dragged.urls() if url.isLocalFile()), "")
    return Path(name) if name else None
