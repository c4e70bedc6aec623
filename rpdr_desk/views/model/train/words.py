"""Runs and rows in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.train_state import Run, RunStateName
from rpdr_desk.views import wording


def state_text(state: RunStateName) -> str:
    say = QCoreApplication.translate
    match state:
        case "preparing":
            return say("train", "Preparing")
        case "queued":
            return say("train", "Waiting")
        case "running":
            return say("train", "Running")
        case "paused":
            return say("train", "Paused")
        case "cancelled":
            return say("train", "Cancelled")
        case "failed":
            return say("train", "Failed")
        case "done":
            return say("train", "Done")
        case "lost":
            return say("train", "Interrupted")


def origin_text(origin: str) -> str:
    """Where rows come from; an origin that we have no words for stays as it is."""
    say = QCoreApplication.translate
    known = {
        "teacher-exact": say("train", "Teacher: exact match"),
        "teacher-close": say("train", "Teacher: close match"),
        "teacher-none": say("train", "Teacher: none fits"),
        "accepted": say("train", "Accepted by a person"),
        "corrected": say("train", "Corrected by a person"),
        "blind": say("train", "Decided without a ranking"),
        "propagated": say("train", "Decided together"),
        "no_match": say("train", "No match, by a person"),
    }
    return known.get(origin, origin)


def left_out_text(reason: str) -> str:
    """Why a labelled mention teaches nothing; a reason that we have no words for stays as it was told."""
    say = QCoreApplication.translate
    known = {
        "deferred": say("train", "deferred"),
        "no candidates were on screen": say("train", "no candidates were on screen"),
        "the chosen entity was not among the candidates": say(
            "train", "the chosen entity was not among the candidates"
        ),
        "the mention is none (not a mention, or unreadable)": say("train", "not a mention, or unreadable"),
        "held out to judge students by": say("train", "held out to judge students by"),
        "a single candidate has no order": say("train", "a single candidate has no order"),
        "the teacher gave no verdict": say("train", "the teacher gave no verdict"),
        "accepted unseen: the ranker said so, nobody else": say("train", "accepted unseen: only the ranker said so"),
        "two reviewers differ, and nobody has settled it": say(
            "train", "two reviewers differ, and nobody has settled it"
        ),
    }
    return known.get(reason, reason)


def bytes_text(count: int) -> str:
    """Memory in the language's own way, e.g. `1.2 GiB`."""
    return wording.locale().formattedDataSize(count, 1)


def host_text(name: str) -> str:
    return name or QCoreApplication.translate("train", "this machine")


def headline(run: Run) -> str:
    """How the run stands, in one line."""
    say = QCoreApplication.translate
    if run.state in ("running", "paused") and run.steps:
        words = wording.fill(say("train", "Step %1 of %2"), wording.number(run.step), wording.number(run.steps))
        left = wording.time_left(run.seconds_left) if run.state == "running" else ""
        return "  ·  ".join(part for part in (words, left) if part)
    if run.state == "done" and run.accuracy is not None:
        return wording.fill(say("train", "Right in %1 of the validation rows"), f"{run.accuracy:.1%}")
    if run.ended and run.message:
        return f"{run.message}. {run.hint}" if run.hint else run.message
    return ""


def spoken(run: Run) -> str:
    """The run in one line for the list and for screen readers."""
    return ", ".join(part for part in (run.name, host_text(run.host), state_text(run.state), headline(run)) if part)
