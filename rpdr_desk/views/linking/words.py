"""Words of the page that links files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.link_state import SUFFIXES, Accepted, LinkResult, Readiness, Unfinished, Unlike
from rpdr_desk.views import wording
from rpdr_desk.views.files import words as files

READ = ("csv", "tsv", "xlsx", "parquet", "jsonl", "txt")


def source_kinds() -> str:
    say = QCoreApplication.translate
    return ";;".join(
        (
            say("link", "Mention files") + f" ({' '.join(f'*.{one}' for one in READ)})",
            say("link", "All files") + " (*)",
        )
    )


def output_kinds() -> str:
    return ";;".join(f"{one.upper()} (*.{one})" for one in SUFFIXES)


def proposed(source: Path) -> Path:
    """`list linked.csv` beside `list.csv`; in the file's own format where it is one that is written."""
    suffix = source.suffix.lower() if source.suffix.lower().lstrip(".") in SUFFIXES else ".csv"
    return source.with_name(f"{source.stem} linked{suffix}")


def share(rate: float) -> str:
    """An error rate in per cent, with no more digits than it has."""
    places = next((places for places in range(3) if abs(round(rate, places + 2) - rate) < 1e-9), 2)
    return wording.percentage(rate, places)


def accepted_text(accepted: Accepted, rows: int) -> str:
    """The sentence that a reader wants: how much may stand, at what risk."""
    words = QCoreApplication.translate("link", "Accept %1 of %2 at an error of at most %3")
    return wording.fill(words, wording.number(accepted.rows), wording.number(rows), share(accepted.rate))


def basis_text(accepted: Accepted) -> str:
    """What the promise rests on."""
    say, number = QCoreApplication.translate, wording.number
    words = say(
        "link",
        "With 95% certainty: of %1 reviewed mentions, %2 have a confidence from %3 on, and %4 of these are wrong.",
    )
    sure = wording.percentage(accepted.threshold)
    basis = wording.fill(words, number(accepted.reviewed), number(accepted.judged), sure, number(accepted.wrong))
    return "\n".join((basis, *map(_silent_text, accepted.silent)))


def _silent_text(what: str) -> str:
    say = QCoreApplication.translate
    if what == "student":
        return say(
            "link",
            "Which texts the student was trained on is not known: this holds if no reviewed mention was among them.",
        )
    return say(
        "link",
        "Which texts the encoder was trained on is not known: this holds if no reviewed mention was among them.",
    )


def drift_text(accepted: Accepted) -> str:
    """In what the file is unlike the reviewed mentions, and what to do about it."""
    say = QCoreApplication.translate
    lead = say(
        "link", "This file is not like the reviewed mentions. Review a sample of it before you trust what is accepted."
    )
    return "\n".join((lead, *(f"–  {_unlike_text(one)}" for one in accepted.unlike)))


def _unlike_text(one: Unlike) -> str:
    say = QCoreApplication.translate
    shown = (wording.percentage(float(one.reviewed)), wording.percentage(float(one.file)))
    match one.kind:
        case "confidence":
            words = say("link", "Confidence: the middle one was %1 in the review, here it is %2")
        case "length":
            words = say("link", "Length: the middle one was %1 characters in the review, here it is %2")
            shown = (wording.number(round(one.reviewed)), wording.number(round(one.file)))
        case "exact":
            words = say("link", "Worded exactly as a name or synonym: %1 in the review, here %2")
        case "letters":
            words = say("link", "With letters beyond a to z: %1 in the review, here %2")
        case _:
            words = say("link", "With a sentence around it: %1 in the review, here %2")
    return wording.fill(words, *shown)


def facts(result: LinkResult) -> list[tuple[str, str]]:
    """What came of a file, line by line."""
    say, number = QCoreApplication.translate, wording.number
    lines = [
        (say("link", "Rows"), number(result.rows)),
        (say("link", "Linked"), number(result.rows - result.unlinked)),
        (say("link", "Without a code"), number(result.unlinked)),
        (say("link", "Repeated mentions, linked once"), number(result.rows - result.distinct)),
        (say("link", "Done by an earlier run"), number(result.resumed) if result.resumed else ""),
        (say("link", "Time"), took(result.seconds)),
    ]
    return [(label, value) for label, value in lines if value]


def took(seconds: float) -> str:
    say = QCoreApplication.translate
    if seconds < 90:
        return wording.fill(say("link", "%1 s"), wording.decimal(seconds, 1 if seconds < 10 else 0))
    if seconds < 5_400:
        return wording.fill(say("link", "%1 min"), wording.number(round(seconds / 60)))
    return wording.fill(say("link", "%1 h"), wording.decimal(seconds / 3_600, 1))


def told(result: LinkResult) -> str:
    """The end in a line, for screen readers."""
    words = QCoreApplication.translate("link", "%1 is linked: %2")
    line = wording.fill(words, result.source.name, files.rows(result.rows))
    return f"{line}. {accepted_text(result.accepted, result.rows)}" if result.accepted is not None else line


def unfinished_text(one: Unfinished) -> str:
    words = QCoreApplication.translate(
        "link", "%1 was not finished: %2 of its distinct mentions are linked (begun %3)."
    )
    return wording.fill(words, one.wish.source.name, wording.number(one.done), wording.moment(one.begun_at))


def check_text(found: Readiness, rate: float, least: int) -> str:
    """Whether the project's random check can keep a rate, and what to do where it cannot."""
    say, number, check = QCoreApplication.translate, wording.number, found.reviewed
    if not check.size:
        words = say(
            "link",
            "This project has no random check yet. Draw one on the Dashboard page: at least %1 answered mentions are "
            "needed for %2.",
        )
        return wording.fill(words, number(least), share(rate))
    if not check.ready:
        words = say("link", "The random check is not finished: %1 of %2 answered. Answer the rest first.")
        return wording.fill(words, number(check.answered), number(check.size))
    if check.size < least:
        words = say("link", "%1 reviewed mentions promise nothing at %2: at least %3 are needed, or allow more errors.")
        return wording.fill(words, number(check.size), share(rate), number(least))
    words = say("link", "By the random check of this project: %1 mentions, drawn by lot and answered.")
    return wording.fill(words, number(check.size))


def index_text(found: Readiness) -> str:
    """What to know of the dense index, where it is not complete; empty where it is."""
    say = QCoreApplication.translate
    if found.strings and not found.vectors:
        return say("link", "The dense index is not made yet: the file would be linked by words alone.")
    if found.vectors < found.strings:
        words = say("link", "The dense index is not complete: %1 of %2. Wait for it, and the file is linked better.")
        return wording.fill(words, wording.number(found.vectors), wording.number(found.strings))
    return ""
