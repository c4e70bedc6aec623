"""The sheet of keys (F1), made from the table of actions."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import PICKS, Actions, Spec
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views.dialogs import make_dialog


def show_keys(parent: QWidget, actions: Actions) -> QDialog:
    """Open the sheet."""
    say = QCoreApplication.translate
    lead = say("keys", "Everything works without the mouse. Keys can be changed in Settings.")
    dialog, column = make_dialog(parent, say("keys", "Keys"), lead, wide=820)
    page = QTextBrowser(dialog)
    page.setFrameShape(QTextBrowser.Shape.NoFrame)
    page.setStyleSheet("background: transparent;")
    page.setHtml(_html(actions, theme.dim(dialog.palette()).name(), theme.tint(dialog.palette(), 0.12).name()))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(page, 1)
    column.addWidget(buttons)
    dialog.resize(860, 640)
    dialog.open()
    return dialog


def _html(actions: Actions, dim: str, cap: str) -> str:
    say = QCoreApplication.translate
    groups = [
        (say("keys", "Decide"), [spec for spec in actions.specs if spec.scope in (Scope.LISTS, Scope.REVIEW)]),
        (say("keys", "After N, the reason"), [spec for spec in actions.specs if spec.scope is Scope.REASONS]),
        (say("keys", "Everywhere"), [spec for spec in actions.specs if spec.scope is Scope.WINDOW]),
    ]
    halves = ([groups[0], groups[1]], [groups[2]])
    cells = "".join(
        f'<td width="50%" style="padding-right:20px">{"".join(_group(actions, *one, dim, cap) for one in half)}</td>'
        for half in halves
    )
    return f'<table width="100%"><tr>{cells}</tr></table>'


def _group(actions: Actions, title: str, specs: list[Spec], dim: str, cap: str) -> str:
    rows = "".join(
        f'<tr><td style="padding:3px 12px 3px 0">{escape(_text(spec))}</td><td style="padding:3px 0">{keys}</td></tr>'
        for spec in specs
        if (keys := _keys(actions, spec, cap)) and not (spec.id.startswith("pick_") and spec.id != "pick_1")
    )
    return f'<p style="color:{dim}; font-weight:600; margin:8px 0 4px 0">{escape(title)}</p><table>{rows}</table>'


def _text(spec: Spec) -> str:
    if spec.id == "pick_1":
        return QCoreApplication.translate("keys", "Take candidate 1 to 9")
    return spec.text().removesuffix(" ...")


def _keys(actions: Actions, spec: Spec, cap: str) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    keys = [key.toString(native) for key in actions[spec.id].shortcuts()]
    if spec.id == "pick_1":
        keys = [actions.key_text("pick_1"), "…", actions.key_text(f"pick_{PICKS}")]
    style = f"background-color:{cap}"
    return "&nbsp; ".join(f'<span style="{style}">&nbsp;{escape(key)}&nbsp;</span>' for key in keys if key)
