"""Words and the page of a mention's history."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QCoreApplication

from rpdr_core.records import Decision, Ranking
from rpdr_desk.fonts import grown
from rpdr_desk.item_models.candidate_rows import CandidateRow, rows_of
from rpdr_desk.operations.history import Entry
from rpdr_desk.views import wording


def what(entry: Entry) -> str:
    """What was said, in a few words."""
    said = entry.said
    parts = [kind_of(entry)]
    parts.append(f"{said.code} {said.name}".strip() if said.code else wording.reason_text(said.reason))
    return "  ".join(part for part in parts if part)


def kind_of(entry: Entry) -> str:
    """What sort of word it was."""
    say = QCoreApplication.translate
    said = entry.said
    if isinstance(said, Decision):
        return wording.kind_text(said.kind)
    return say("history", "Own answer first") if said.stage == "independent" else say("history", "Second answer")


def fate(entry: Entry) -> str:
    """Whether it counts: in force, undone, or followed by another."""
    say = QCoreApplication.translate
    if entry.in_force:
        return say("history", "in force")
    if entry.said.undone:
        return say("history", "undone")
    return say("history", "replaced") if isinstance(entry.said, Decision) else say("history", "on record")


def who(entry: Entry) -> str:
    return entry.said.reviewer or QCoreApplication.translate("history", "no name")


def described(entry: Entry) -> str:
    """An entry in one line."""
    return ", ".join((wording.moment(entry.said.made_at), who(entry), what(entry), fate(entry)))


def mode_text(mode: str) -> str:
    say = QCoreApplication.translate
    match mode:
        case "independent":
            return say("history", "after an answer of one's own without rankings")
        case "propagated":
            return say("history", "carried over from an identical mention")
        case "adjudicated":
            return say("history", "settled a dispute")
        case "agreed":
            return say("history", "two reviewers answered alike")
        case _:
            return say("history", "with the rankings on screen")


def page(entry: Entry, shown: Sequence[Ranking], dim: str, tint: str) -> str:
    """An entry with everything that was kept with it, as HTML."""
    return f"{_facts(entry, dim)}{_table(rows_of(shown), entry, dim, tint)}"


def _facts(entry: Entry, dim: str) -> str:
    say = QCoreApplication.translate
    said = entry.said
    rows = [(say("history", "When"), wording.moment(said.made_at)), (say("history", "Who"), who(entry))]
    rows += [(say("history", "Said"), what(entry)), (say("history", "Counts"), fate(entry))]
    if said.code:
        rows.append((say("history", "Relation"), wording.relation_text(said.relation)))
    rows += [(say("history", "Further code"), f"{one.code} {one.name}") for one in said.also]
    if isinstance(said, Decision):
        rows.append((say("history", "How"), mode_text(said.mode)))
    if entry.origin is not None:
        words = say("history", "decision %1 on “%2”, mention %3")
        rows.append((say("history", "From"), wording.fill(words, entry.origin_id, entry.origin.text, entry.origin.id)))
    if entry.carried:
        rows.append((say("history", "Carried over to"), wording.mentions(entry.carried)))
    if said.comment:
        rows.append((say("history", "Comment"), said.comment))
    if said.seconds is not None:
        rows.append((say("history", "Took"), wording.fill(say("history", "%1 s"), wording.decimal(said.seconds, 1))))
    if said.knowledge_base:
        rows.append((say("history", "Terminology"), said.knowledge_base[:12]))
    cells = "".join(
        f'<tr><td style="color:{dim}; padding:2px 18px 2px 0">{escape(name)}</td>'
        f'<td style="padding:2px 0">{escape(words)}</td></tr>'
        for name, words in rows
    )
    return f"<table>{cells}</table>"


def _table(rows: Sequence[CandidateRow], entry: Entry, dim: str, tint: str) -> str:
    say = QCoreApplication.translate
    if not rows:
        words = say("history", "No ranking was on screen.")
        return f'<p style="color:{dim}; margin-top:14px">{escape(words)}</p>'
    table = say("CandidateTable", "R"), say("CandidateTable", "T"), say("CandidateTable", "S")
    heads = "".join(f'<td align="center" width="{grown(30)}">{escape(head)}</td>' for head in table)
    body = "".join(_row(row, row.code == entry.said.code, tint) for row in rows)
    title = escape(say("history", "What was on screen then"))
    return (
        f'<p style="color:{dim}; font-weight:600; margin:16px 0 4px 0">{title}</p>'
        f'<table width="100%" cellspacing="0"><tr style="color:{dim}"><td colspan="2"></td>{heads}</tr>{body}</table>'
    )


def _row(row: CandidateRow, chosen: bool, tint: str) -> str:
    style = f' bgcolor="{tint}"' if chosen else ""
    ranks = "".join(
        f'<td align="center" style="padding:3px 0">{"–" if rank is None else rank}</td>'
        for rank in (row.retriever, row.teacher, row.student)
    )
    mark = f"  ({wording.chosen_text()})" if chosen else ""
    return (
        f'<tr{style}><td style="padding:3px 12px 3px 6px; font-weight:600">{escape(row.code)}</td>'
        f'<td style="padding:3px 6px">{escape(row.name + mark)}</td>{ranks}</tr>'
    )
