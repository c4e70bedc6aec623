"""How queues, facets and their values are called, in the language of the moment."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, Qt

from rpdr_desk.item_models.facet_model import FacetWords
from rpdr_desk.operations.asked import QueueName, Since
from rpdr_desk.operations.facets import Facet, FacetValue, Pick
from rpdr_desk.views import wording

_QUARRELS = {"1": ("retriever", "teacher"), "2": ("retriever", "student"), "4": ("teacher", "student")}


def queue_text(queue: QueueName) -> str:
    return _queue(queue)[0]


def queue_tip(queue: QueueName) -> str:
    return _queue(queue)[1]


def _queue(queue: QueueName) -> tuple[str, str]:
    say = QCoreApplication.translate
    match queue:
        case "unreviewed":
            return say("queue", "Unreviewed"), say("queue", "In the order of the import")
        case "disagreement":
            return (
                say("queue", "Disagreement"),
                say("queue", "Where most is to be won: rankers disagree, often, and by little"),
            )
        case "least_sure":
            return say("queue", "Least sure"), say("queue", "Lowest confidence first")
        case "most_frequent":
            return say("queue", "Most frequent"), say("queue", "Most occurrences first")
        case "deferred":
            return say("queue", "Deferred"), say("queue", "Put off for later")
        case "flagged":
            return say("queue", "Flagged"), say("queue", "Marked for discussion, with the reason")
        case "changed":
            return say("queue", "Changed"), say("queue", "Decided, flagged, commented or ranked anew since then")
        case "decided":
            return say("queue", "Decided"), say("queue", "Accepted, corrected, or without a match")
        case "all":
            return say("queue", "All"), say("queue", "Every mention of the project")
        case "second_review":
            return say("queue", "Second review"), say("queue", "Decided by another reviewer; your answer is wanted too")
        case "disputed":
            return say("queue", "Disputed"), say("queue", "Two reviewers answered differently")


def since_text(since: Since, day: str = "") -> str:
    """`day`: the one chosen, ISO 8601; without one the words offer a choice."""
    say = QCoreApplication.translate
    match since:
        case "closed":
            return say("queue", "since I was here last")
        case "today":
            return say("queue", "since midnight")
        case "week":
            return say("queue", "in the last 7 days")
        case "yesterday":
            return say("queue", "since yesterday")
        case "day":
            if not QDate.fromString(day, Qt.DateFormat.ISODate).isValid():
                return say("queue", "since a day ...")
            return wording.fill(say("queue", "since %1"), wording.day(day))
        case "student":
            return say("queue", "since the student was put in use")


def facet_text(facet: Facet) -> str:
    say = QCoreApplication.translate
    match facet:
        case "status":
            return say("facets", "Status")
        case "chapter":
            return say("facets", "Chapter")
        case "type":
            return say("facets", "Type of code")
        case "quarrel":
            return say("facets", "Who disagrees")
        case "margin":
            return say("facets", "Margin of the first")
        case "verdict":
            return say("facets", "Verdict on the first")
        case "flag_reason":
            return say("facets", "Flagged because")
        case "reason":
            return say("facets", "No match because")
        case "relation":
            return say("facets", "Relation")
        case "reviewer":
            return say("facets", "Reviewer")
        case "department":
            return say("facets", "Department")


def value_text(facet: Facet, value: FacetValue) -> str:
    """A value in words; names of people, departments and codes are their own words."""
    match facet:
        case "status":
            return wording.status_text(value.value)  # type: ignore[arg-type]
        case "chapter":
            return "  ".join(part for part in (value.value, value.name) if part)
        case "quarrel":
            return " ≠ ".join(wording.ranker_text(one) for one in _QUARRELS[value.value])
        case "margin":
            return wording.fill(QCoreApplication.translate("facets", "below %1"), value.value)
        case "verdict":
            return wording.verdict_text(value.value)  # type: ignore[arg-type]
        case "flag_reason":
            return wording.flag_text(value.value)
        case "reason":
            return wording.reason_text(value.value)
        case "relation":
            return relation_text(value.value)
        case "type":
            return type_text(value.value)
        case _:
            return value.value


def relation_text(relation: str) -> str:
    say = QCoreApplication.translate
    return {
        "equivalent": say("facets", "the code means the same"),
        "broader": say("facets", "the code is broader"),
        "narrower": say("facets", "the code is narrower"),
        "inexact": say("facets", "the code only overlaps"),
    }.get(relation, relation)


def type_text(kind: str) -> str:
    """ICD-10-CM's own levels in our words; semantic types of other terminologies as they are."""
    say = QCoreApplication.translate
    return {
        "chapter": say("facets", "chapter"),
        "block": say("facets", "block"),
        "category": say("facets", "category"),
        "subcategory": say("facets", "subcategory"),
        "extension": say("facets", "with an extension"),
    }.get(kind, kind)


def chip_text(pick: Pick, name: str = "") -> str:
    """What a chip says: the facet and the value. `name`: a chapter's."""
    words = value_text(pick.facet, FacetValue(pick.value, 0, name))
    return f"{facet_text(pick.facet)}: {words}"


def facet_words() -> FacetWords:
    def more(count: int) -> str:
        return wording.fill(QCoreApplication.translate("facets", "Show %1 more"), wording.number(count))

    return FacetWords(facet_text, value_text, more, wording.number)
