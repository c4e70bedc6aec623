"""Words that several views share, in the language of the moment."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, Qt

from rpdr_core.records import DecisionKind, Mention, Status, TermSource, Verdict
from rpdr_desk.item_models.opinions import Opinion
from rpdr_desk.views.loss_words import loss_words

_PLACES = re.compile(r"%([1-9])")


def locale() -> QLocale:
    """How the language of the window writes numbers and dates. The one place that knows."""
    spoken = QLocale()
    return spoken if spoken.language() == QLocale.Language.Chinese else QLocale(QLocale.Language.English)


def number(value: int) -> str:
    """A count with the language's group separators."""
    return locale().toString(value)


def decimal(value: float, places: int) -> str:
    """A figure with so many places and the language's separators."""
    return locale().toString(value, "f", places)


def sentences(*said: str) -> str:
    """One after the other; those of a language that writes without spaces have none between them."""
    words = QCoreApplication.translate("encoders", "%1 %2")
    told = ""
    for one in said:
        told = fill(words, told, one) if told and one else told or one
    return told


def percentage(share: float, places: int = 0) -> str:
    """A share (0..1) in per cent."""
    return fill(QCoreApplication.translate("words", "%1%"), decimal(100 * share, places))


def moment(at: str) -> str:
    """A stored moment (ISO 8601) as the clock on the wall has it; one that is none stays as it is."""
    found = QDateTime.fromString(at, Qt.DateFormat.ISODateWithMs)
    if not found.isValid():
        return at
    return locale().toString(found.toLocalTime(), QCoreApplication.translate("words", "d MMM yyyy, HH:mm"))


def day(at: str) -> str:
    """A stored date (ISO 8601), with its year; one that is none stays as it is."""
    found = QDate.fromString(at[:10], Qt.DateFormat.ISODate)
    return locale().toString(found, QCoreApplication.translate("words", "d MMM yyyy")) if found.isValid() else at


def fill(text: str, *values: object) -> str:
    """Put values in the places %1, %2, ... of a translated text, in one go: a value may hold "%1" itself."""
    said = {str(place): str(value) for place, value in enumerate(values, 1)}
    return _PLACES.sub(lambda found: said.get(found[1], found[0]), text)


def status_text(status: Status) -> str:
    say = QCoreApplication.translate
    match status:
        case "unreviewed":
            return say("words", "Unreviewed")
        case "accepted":
            return say("words", "Accepted")
        case "corrected":
            return say("words", "Corrected")
        case "no_match":
            return say("words", "No match")
        case "deferred":
            return say("words", "Deferred")


def source_text(source: TermSource) -> str:
    """The badge that says where a matched string comes from. Our own lexicon is never called official."""
    say = QCoreApplication.translate
    match source:
        case "name":
            return say("words", "official")
        case "synonym":
            return say("words", "synonym")
        case "lexicon":
            return say("words", "ours")
        case "memory":
            return say("words", "memory")
        case "code":
            return say("words", "code")
        case "replaces":
            return say("words", "replaces")
        case "instead":
            return say("words", "instead of")


def found_by(by: str) -> str:
    """Why a search found a string, where its source does not say so by itself."""
    say = QCoreApplication.translate
    match by:
        case "part":
            return say("words", "part of a word")
        case "spelling":
            return say("words", "spelling corrected")
        case "pinyin":
            return say("words", "pinyin")
        case _:
            return ""


def source_explained(source: TermSource) -> str:
    say = QCoreApplication.translate
    match source:
        case "name":
            return say("words", "matched the official name")
        case "synonym":
            return say("words", "matched an official synonym")
        case "lexicon":
            return say("words", "matched this program's own lexicon, which is not official")
        case "memory":
            return say("words", "matched an earlier decision of this project")
        case "code":
            return say("words", "matched the code")
        case "replaces":
            return say("words", "by the new release's own word it replaces what was retired")
        case "instead":
            return say("words", "to be looked at in place of what was retired")


def verdict_text(verdict: Verdict) -> str:
    """What a ranker says of its first candidate."""
    say = QCoreApplication.translate
    match verdict:
        case "exact":
            return say("words", "exact")
        case "close":
            return say("words", "close")
        case "none":
            return say("words", "none fits")
        case _:
            return ""


def reason_text(reason: str) -> str:
    say = QCoreApplication.translate
    match reason:
        case "not_in_terminology":
            return say("words", "not in the terminology")
        case "not_retrieved":
            return say("words", "exists, not retrieved")
        case "not_a_mention":
            return say("words", "not a diagnosis")
        case "unreadable":
            return say("words", "unreadable")
        case _:
            return ""


def route_text(reason: str) -> str:
    """Who can cure a mention without a match."""
    say = QCoreApplication.translate
    match reason:
        case "not_in_terminology":
            return say("words", "Requests to the owner of the terminology")
        case "not_retrieved":
            return say("words", "Misses of the retriever")
        case "not_a_mention":
            return say("words", "Errors of the mention detector")
        case "unreadable":
            return say("words", "Questions to the source")
        case _:
            return ""


def flag_text(reason: str) -> str:
    """Why a mention is flagged."""
    say = QCoreApplication.translate
    match reason:
        case "guideline":
            return say("words", "guideline question")
        case "source_unclear":
            return say("words", "source unclear")
        case "needs_expert":
            return say("words", "needs an expert")
        case "terminology_error":
            return say("words", "terminology error")
        case _:
            return ""


def note_heading(kind: str) -> str:
    say = QCoreApplication.translate
    match kind:
        case "includes":
            return say("words", "Includes")
        case "excludes1":
            return say("words", "Excludes 1: never coded together")
        case "excludes2":
            return say("words", "Excludes 2: not included here")
        case "code_first":
            return say("words", "Code first")
        case "use_additional":
            return say("words", "Use an additional code")
        case "code_also":
            return say("words", "Code also")
        case "seventh_character":
            return say("words", "Seventh character")
        case "other_code":
            return say("words", "Code elsewhere")
        case _:
            return say("words", "Note")


def occurrences(count: int) -> str:
    say = QCoreApplication.translate
    if count == 1:
        return say("words", "1 occurrence")
    return fill(say("words", "%1 occurrences"), number(count))


def mentions(count: int) -> str:
    """A number of mentions."""
    say = QCoreApplication.translate
    return say("words", "1 mention") if count == 1 else fill(say("words", "%1 mentions"), number(count))


def outcome(mention: Mention) -> str:
    """The decision in force in a few words, further codes as a number; empty while there is none."""
    if mention.status in ("accepted", "corrected"):
        return f"{mention.code} +{number(mention.more)}" if mention.more else mention.code
    return "" if mention.status == "unreviewed" else status_text(mention.status)


def described(mention: Mention) -> str:
    """A mention in one line for screen readers."""
    parts = [mention.text, occurrences(mention.count), status_text(mention.status)]
    parts.append(outcome(mention) if mention.code else "")
    if mention.flagged:
        parts.append(QCoreApplication.translate("words", "flagged"))
        parts.append(flag_text(mention.flag_reason))
    return ", ".join(part for part in parts if part)


def kind_text(kind: DecisionKind) -> str:
    say = QCoreApplication.translate
    match kind:
        case "accept":
            return say("words", "Accepted")
        case "correct":
            return say("words", "Corrected")
        case "no_match":
            return say("words", "No match")
        case "defer":
            return say("words", "Deferred")
        case "reopen":
            return say("words", "Reopened")


def chosen_text() -> str:
    """The badge of the candidate that was decided for."""
    return QCoreApplication.translate("words", "chosen")


def own_text() -> str:
    """The badge of the candidate that the reviewer named before there were rankings."""
    return QCoreApplication.translate("words", "yours")


def further_text() -> str:
    """The badge of a candidate that is ticked as a further code."""
    return QCoreApplication.translate("words", "also")


def relation_text(relation: str) -> str:
    """The relation in words that cannot be read the other way round."""
    say = QCoreApplication.translate
    match relation:
        case "equivalent":
            return say("words", "means the same")
        case "broader":
            return say("words", "code is broader")
        case "narrower":
            return say("words", "code is narrower")
        case "inexact":
            return say("words", "code only overlaps")
        case _:
            return ""


def further_codes(count: int) -> str:
    """How many further codes there are; empty for none."""
    say = QCoreApplication.translate
    if count == 1:
        return say("words", "and 1 further code")
    return fill(say("words", "and %1 further codes"), number(count)) if count else ""


def review_text(review: str) -> str:
    """Where a mention stands in double review."""
    say = QCoreApplication.translate
    match review:
        case "waiting":
            return say("words", "waits for a second reviewer")
        case "agreed":
            return say("words", "two reviewers agree")
        case "disputed":
            return say("words", "disputed")
        case "adjudicated":
            return say("words", "adjudicated")
        case _:
            return ""


def time_left(seconds: float | None) -> str:
    say = QCoreApplication.translate
    if seconds is None:
        return ""
    if seconds < 90:
        return fill(say("words", "%1 s left"), max(1, round(seconds)))
    if seconds < 5_400:
        return fill(say("words", "%1 min left"), round(seconds / 60))
    return fill(say("words", "%1 h left"), decimal(seconds / 3_600, 1))


def ranker_text(kind: str) -> str:
    say = QCoreApplication.translate
    match kind:
        case "retriever":
            return say("words", "Retriever")
        case "teacher":
            return say("words", "Teacher")
        case _:
            return say("words", "Student")


def opinion_text(opinion: Opinion) -> str:
    """A ranker's first and what it says of it, e.g. `Teacher H25.12 (exact, recorded)`."""
    recorded = QCoreApplication.translate("words", "recorded") if opinion.recorded else ""
    remarks = [word for word in (verdict_text(opinion.verdict), recorded) if word]
    asides = QCoreApplication.translate("words", " (%1)")
    comma = QCoreApplication.translate("words", ", ")
    return f"{ranker_text(opinion.kind)} {opinion.code}" + (fill(asides, comma.join(remarks)) if remarks else "")


def sure_explained() -> str:
    return QCoreApplication.translate(
        "words",
        "The number is a calibrated chance that the candidate is right. Only the retriever's first and the student's "
        "first have one. The other bars show the retriever's weight beside its first; without a bar, the retriever "
        "did not find the candidate.",
    )


def loss_text(what: str) -> str:
    """A loss in the language of the moment; one that we have no words for stays as it was told."""
    return loss_words().get(what, what)


def masked_text(masked: int, flagged: int) -> str:
    """How much of a text is masked and how much is to be read by a person; empty for nothing."""
    say = QCoreApplication.translate
    parts = [fill(say("words", "%1 masked"), masked)] if masked else []
    parts += [fill(say("words", "%1 flagged for you to read"), flagged)] if flagged else []
    return say("words", ", ").join(parts)
