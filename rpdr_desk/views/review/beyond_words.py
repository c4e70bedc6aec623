"""Words for what a release says of a code beside its entity: where it maps to, and what became of it."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QCoreApplication

from rpdr_core.knowledge_base.release import AssociationKind, MapTarget
from rpdr_desk.operations.terminology import Beyond
from rpdr_desk.views import wording


def successor_text(kind: AssociationKind) -> str:
    """How the code that follows stands to the retired one."""
    say = QCoreApplication.translate
    match kind:
        case "replaced_by":
            return say("concept", "Replaced by")
        case "same_as":
            return say("concept", "The same as")
        case "possibly_replaced_by":
            return say("concept", "Possibly replaced by")
        case "possibly_equivalent_to":
            return say("concept", "Possibly the same as")
        case "partially_equivalent_to":
            return say("concept", "In part the same as")
        case "alternative":
            return say("concept", "Instead perhaps")
        case "was_a":
            return say("concept", "It was a")
        case "moved_to":
            return say("concept", "Moved to")


def map_title(to: str) -> str:
    return wording.fill(QCoreApplication.translate("concept", "Maps to %1"), to)


def no_target() -> str:
    return QCoreApplication.translate("concept", "no code")


def condition(row: MapTarget) -> str:
    """When a map's row holds, as the release says it; empty for one that always does."""
    said = row.advice or row.rule
    always = said.upper() in ("", "TRUE", f"ALWAYS {row.target}".upper())
    return "" if always else said


def by_terminology(maps: tuple[MapTarget, ...]) -> list[tuple[str, list[list[MapTarget]]]]:
    """For each other terminology its groups in order, each with its rows by priority. One of each group holds."""
    found = []
    ordered = sorted(maps, key=lambda one: (one.to, one.group, one.priority))
    for to, rows in groupby(ordered, key=lambda one: one.to):
        found.append((to, [list(group) for _, group in groupby(rows, key=lambda one: one.group)]))
    return found


def beyond_told(beyond: Beyond) -> list[str]:
    """The same for the ear."""
    told = [f"{successor_text(one.kind)} {one.code} {one.name}".strip() for one in beyond.successors]
    for to, groups in by_terminology(beyond.maps):
        codes = [row.target or no_target() for group in groups for row in group]
        told.append(f"{map_title(to)}: {', '.join(dict.fromkeys(codes))}")
    return told
