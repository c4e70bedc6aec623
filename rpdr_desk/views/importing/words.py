"""Words of the Import page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.door import FileLook, Kind, Taken
from rpdr_desk.views import wording
from rpdr_desk.views.exporting.words import form_text
from rpdr_desk.views.files import words as files

SUFFIXES = ("csv", "tsv", "xlsx", "parquet", "jsonl", "json", "xml", "txt", "pubtator", "docx", "pdf", "zip")
COUNTED = 2_000
"""Up to here the rows of a preview are counted, beyond they are estimated."""
CHANGES = ("added", "taken", "flags", "remarks")
"""What an import of mappings may have changed, and an undo takes back."""
KINDS: tuple[Kind, ...] = get_args(Kind)


def kind_text(kind: Kind) -> str:
    say = QCoreApplication.translate
    match kind:
        case "mentions":
            return say("import", "Mentions")
        case "documents":
            return say("import", "Documents")
        case "mappings":
            return say("import", "Mappings")


def kind_explained(kind: Kind) -> str:
    """What belongs to a kind, and in which formats."""
    say = QCoreApplication.translate
    match kind:
        case "mentions":
            return say(
                "import", "Tables with one mention in each row: CSV, TSV, Excel, Parquet, JSON Lines, plain lists."
            )
        case "documents":
            return say(
                "import",
                "Texts with or without annotations: BioC, PubTator, brat, MedCATtrainer, Word, PDF, folders of notes.",
            )
        case "mappings":
            return say("import", "Terms that somebody mapped before: Usagi, OMOP, FHIR, SSSOM, or an export of ours.")


def field_text(name: str) -> str:
    """What a column of a table of mentions holds."""
    say = QCoreApplication.translate
    match name:
        case "mention":
            return say("import", "Mention")
        case "context":
            return say("import", "Sentence")
        case "count":
            return say("import", "Occurrences")
        case "code":
            return say("import", "Code already given")
        case "department":
            return say("import", "Department")
        case _:
            return say("import", "Row's own id")


def file_kinds() -> str:
    say = QCoreApplication.translate
    return ";;".join(
        (
            say("import", "Files to import") + f" ({' '.join(f'*.{one}' for one in SUFFIXES)})",
            say("import", "All files") + " (*)",
        )
    )


def summary(found: FileLook) -> str:
    """What a file is, in one line."""
    say = QCoreApplication.translate
    parts = [kind_text(found.kind), format_text(found)]
    if found.preview is not None:
        parts.append(found.preview.encoding.upper())
    if found.rows_estimate:
        count = files.rows(found.rows_estimate)
        parts.append(wording.fill(say("import", "about %1"), count) if found.rows_estimate >= COUNTED else count)
    parts += [fact_text(name, count) for name, count in found.facts if count]
    return "   ·   ".join(part for part in parts if part)


def headings(found: FileLook) -> tuple[str, ...]:
    """Of the table that shows how a file begins: its own, or ours where its format has none."""
    return found.headers if found.kind == "mentions" else tuple(map(column_text, found.headers))


def column_text(name: str) -> str:
    say = QCoreApplication.translate
    known = {
        "text": say("import", "Term"),
        "codes": say("import", "Codes"),
        "name": say("import", "Name"),
        "status": say("import", "State"),
        "reviewer": say("import", "Reviewer"),
        "made_at": say("import", "Time of decision"),
        "comment": say("import", "Comment"),
        "document": say("import", "Document"),
        "text_start": say("import", "How it begins"),
        "mentions": say("import", "Mentions"),
    }
    return known.get(name, name)


def cells(found: FileLook) -> list[tuple[str, ...]]:
    """The file's first rows, with states and times in the language of the moment."""
    if found.kind != "mappings":
        return list(found.rows)
    return [tuple(map(_cell, found.headers, row)) for row in found.rows]


def _cell(name: str, value: str) -> str:
    if name == "status":
        return wording.status_text(value)  # type: ignore[arg-type]
    return wording.moment(value) if name == "made_at" and value else value


def format_text(found: FileLook) -> str:
    """A format's name in the language of the moment; one that we have no words for stays as its reader has it."""
    if found.kind == "mentions":
        return found.title.upper()
    known = form_text(found.format)
    return found.title if known == found.format else known


def fact_text(name: str, count: int) -> str:
    return f"{fact_name(name)}: {wording.number(count)}"


def fact_name(name: str) -> str:
    """What is counted; a name that we have no words for stays as it is."""
    say = QCoreApplication.translate
    known = {
        "rows": say("import", "Rows"),
        "added": say("import", "New mentions"),
        "merged": say("import", "Rows that joined a known mention"),
        "named": say("import", "Names that became codes"),
        "unnamed": say("import", "Names that the terminology does not have"),
        "skipped": say("import", "Rows without a mention, left out"),
        "documents": say("import", "Documents"),
        "mentions": say("import", "Mentions"),
        "decided": say("import", "With a decision of this program"),
        "taken": say("import", "Decisions taken over"),
        "same": say("import", "Decisions that were here already"),
        "repeated": say("import", "Rows that say what an earlier row said"),
        "conflict": say("import", "Decisions that differ from those in force, left alone"),
        "contradiction": say("import", "Rows that contradict an earlier row, left alone"),
        "in_review": say("import", "Decisions that two reviewers are at, left alone"),
        "ambiguous": say("import", "Terms that stand in several sentences here, left alone"),
        "remark": say("import", "Comments that differ from those here, left alone"),
        "flags": say("import", "Flags set"),
        "remarks": say("import", "Comments set"),
        "unknown": say("import", "Rows with a code that this terminology does not have, left out"),
        "inactive": say("import", "Rows with a code that is retired"),
        "unassignable": say("import", "Rows with a code that is not to be assigned"),
        "proposals": say("import", "Rows with a code and no decision"),
        "reasonless": say("import", "No match without a reason"),
    }
    return known.get(name, name)


def taken_title(taken: Taken) -> str:
    return wording.fill(QCoreApplication.translate("import", "%1 is imported"), taken.path.name)


def fact_lines(facts: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """The counts that say something: what happened to nobody is not told, but for the rows themselves."""
    return [(fact_name(name), wording.number(count)) for at, (name, count) in enumerate(facts) if count or not at]


def taken_text(taken: Taken) -> str:
    return ". ".join((taken_title(taken), *(": ".join(line) for line in fact_lines(taken.facts))))


def next_step(taken: Taken) -> str:
    say = QCoreApplication.translate
    match taken.kind:
        case "mentions":
            return say("import", "Candidates are being found in the background. You can begin to review at once.")
        case "documents" if dict(taken.facts).get("decided"):
            return say("import", "The file holds decisions, too: import it once more, as mappings, to take them over.")
        case "documents":
            return say("import", "The mentions wait for review; the documents are kept with them.")
        case "mappings" if not any(dict(taken.facts).get(name) for name in CHANGES):
            return say("import", "Nothing here was changed, and there is nothing to undo.")
        case "mappings":
            return say("import", "What was decided stands in the review, with who decided it. One undo takes all back.")
