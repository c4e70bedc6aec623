"""The sheet of keys (F1), made from the table of actions, and what the candidate table's marks mean."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QWidget

from rpdr_desk import theme
from rpdr_desk.actions import PICKS, QUEUE_KEYS, Actions, Spec
from rpdr_desk.shortcuts import ADJUDICATING, LINTING, Scope
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import make_dialog, size_dialog

_LEVEL = "vertical-align:middle"
_SERIES = {"pick": PICKS, "queue": QUEUE_KEYS}


def show_keys(parent: QWidget, actions: Actions) -> QDialog:
    """Open the sheet."""
    say = QCoreApplication.translate
    lead = say("keys", "Everything works without the mouse. Keys can be changed in Settings.")
    dialog, column = make_dialog(parent, say("keys", "Keys"), lead, wide=820)
    page = QTextBrowser(dialog)
    page.setFrameShape(QTextBrowser.Shape.NoFrame)
    page.setAccessibleName(say("keys", "Keys"))
    page.setStyleSheet("background: transparent;")
    page.setHtml(_html(actions, theme.dim(dialog.palette()).name(), theme.tint(dialog.palette(), 0.12).name()))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(page, 1)
    column.addWidget(buttons)
    size_dialog(dialog, 940, 800)
    dialog.open()
    return dialog


def _html(actions: Actions, dim: str, cap: str) -> str:
    say = QCoreApplication.translate
    groups = [
        (say("keys", "Decide"), (Scope.LISTS, Scope.REVIEW)),
        (say("keys", "After N, the reason"), (Scope.REASONS,)),
        (say("keys", "After F, the reason"), (Scope.FLAGS,)),
        (say("keys", "After R, the relation"), (Scope.RELATIONS,)),
        (say("keys", "On the Adjudicate page"), ADJUDICATING),
        (say("keys", "On the Map lint page"), LINTING),
        (say("keys", "On the Dashboard"), (Scope.DASHBOARD,)),
        (say("keys", "Everywhere"), (Scope.WINDOW,)),
    ]
    decide, *asked, everywhere = (
        _group(actions, title, [spec for spec in actions.specs if spec.scope in scopes], dim, cap)
        for title, scopes in groups
    )
    halves = (decide + _columns(dim), everywhere + "".join(asked))
    cells = "".join(f'<td width="50%" style="padding-right:20px">{half}</td>' for half in halves)
    return f'<table width="100%"><tr>{cells}</tr></table>'


def _columns(dim: str) -> str:
    """What the letters, marks and bars of the candidate table mean."""
    say = QCoreApplication.translate
    rows = (
        ("  ".join(_letters()), say("keys", "Rank by the retriever, the teacher, the student")),
        ("≠", say("keys", "Their first candidates differ")),
        (wording.source_text("lexicon"), wording.source_explained("lexicon")),
        (wording.source_text("memory"), wording.source_explained("memory")),
        (say("CandidateTable", "Sure"), wording.sure_explained()),
    )
    body = "".join(
        f'<tr><td style="padding:3px 12px 3px 0; font-weight:600">{escape(mark).replace(" ", "&nbsp;")}</td>'
        f'<td style="padding:3px 0">{escape(words)}</td></tr>'
        for mark, words in rows
    )
    return f"{_title(say('keys', 'The candidate table'), dim)}<table>{body}</table>"


def _group(actions: Actions, title: str, specs: list[Spec], dim: str, cap: str) -> str:
    rows = "".join(
        f'<tr><td style="padding:3px 12px 3px 0; {_LEVEL}">{escape(_text(spec))}</td>'
        f'<td style="padding:3px 0; {_LEVEL}">{keys}</td></tr>'
        for spec in specs
        if (keys := _keys(actions, spec, cap)) and not _is_further(spec)
    )
    return f"{_title(title, dim)}<table>{rows}</table>"


def _letters() -> tuple[str, str, str]:
    """The table's own headings."""
    say = QCoreApplication.translate
    return say("CandidateTable", "R"), say("CandidateTable", "T"), say("CandidateTable", "S")


def _title(title: str, dim: str) -> str:
    return f'<p style="color:{dim}; font-weight:600; margin:12px 0 4px 0">{escape(title)}</p>'


def _is_further(spec: Spec) -> bool:
    """Candidates and queues stand in one line each."""
    series, _, number = spec.id.rpartition("_")
    return series in _SERIES and number != "1"


def _text(spec: Spec) -> str:
    if spec.id == "pick_1":
        return QCoreApplication.translate("keys", "Take candidate 1 to 9")
    if spec.id == "queue_1":
        return QCoreApplication.translate("keys", "Go to queue or saved filter 1 to 10")
    return spec.text().removesuffix(" ...").removesuffix("…")


def _keys(actions: Actions, spec: Spec, cap: str) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    keys = [key.toString(native) for key in actions[spec.id].shortcuts()]
    series, _, number = spec.id.rpartition("_")
    if number == "1" and series in _SERIES:
        keys = [actions.key_text(spec.id), "…", actions.key_text(f"{series}_{_SERIES[series]}")]
    style = f"background-color:{cap}"
    return "&nbsp; ".join(
        # Two keys may have one name, as Return and Enter have in Chinese.
        f'<span style="{style}">&nbsp;{escape(key)}&nbsp;</span>'
        for key in dict.fromkeys(keys)
        if key
    )
