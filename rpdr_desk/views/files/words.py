"""Words for files, stages and sizes."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_desk.views import wording


def stage_text(stage: str) -> str:
    """A stage of an import or export, as its worker calls it; one that we have no words for stays as it is."""
    say = QCoreApplication.translate
    known = {
        "rows": "",
        "entities": say("files", "Reading entities"),
        "reading": say("files", "Reading"),
        "reading the old release": say("files", "Reading the old release"),
        "reading the new release": say("files", "Reading the new release"),
        "checking": say("files", "Checking"),
        "structure": say("files", "Looking at its parts"),
        "finishing": say("files", "Finishing"),
        "hierarchy": say("files", "Checking the hierarchy"),
        "taking": say("files", "Taking over decisions"),
        "classes": say("files", "Reading classes"),
        "tabular list": say("files", "Reading the tabular list"),
        "alphabetic index": say("files", "Reading the alphabetic index"),
        "order file": say("files", "Reading the order file"),
        "concepts": say("files", "Reading concepts"),
        "descriptions": say("files", "Reading descriptions"),
        "relationships": say("files", "Reading relationships"),
        "dialects": say("files", "Reading the language reference set"),
        "associations": say("files", "Reading what replaced what"),
        "maps": say("files", "Reading maps"),
        "names": say("files", "Reading names"),
        "synonyms": say("files", "Reading synonyms"),
        "parents": say("files", "Reading the hierarchy"),
        "writing": say("files", "Writing"),
        "mentions": say("files", "Reading mentions"),
        "documents": say("files", "Reading documents"),
        "mappings": say("files", "Reading mappings"),
        "decisions": say("files", "Reading decisions"),
        "reading rows": say("files", "Reading rows"),
        "reviewed mentions": say("files", "Linking the reviewed mentions"),
        "linking": say("files", "Linking distinct mentions"),
        "counting what may stand": say("files", "Counting what may stand"),
        "writing rows": say("files", "Writing"),
    }
    return known.get(stage, stage)


_MENTIONS = frozenset(("linking", "reviewed mentions"))
"""Stages that count mentions and not rows."""


def counted(done: int, total: int, stage: str = "") -> str:
    """How many rows (or what the stage counts) are done; empty before the first."""
    if not done:
        return ""
    if stage in _MENTIONS:
        words = QCoreApplication.translate("files", "%1 of %2 mentions")
        return wording.fill(words, wording.number(done), wording.number(total))
    if not total:
        return rows(done)
    words = QCoreApplication.translate("files", "%1 of %2 rows")
    return wording.fill(words, wording.number(done), wording.number(total))


def rows(count: int) -> str:
    say = QCoreApplication.translate
    return say("files", "1 row") if count == 1 else wording.fill(say("files", "%1 rows"), wording.number(count))


def entities(count: int) -> str:
    say = QCoreApplication.translate
    if count == 1:
        return say("files", "1 entity")
    return wording.fill(say("files", "%1 entities"), wording.number(count))


def size(count: int) -> str:
    """Bytes for the eye."""
    return wording.locale().formattedDataSize(count, 1)
