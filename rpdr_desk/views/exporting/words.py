"""Words of the Export page."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.exports import Group, Losses, LossLine
from rpdr_desk.views import wording
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.files import words as files

GROUPS: tuple[Group, ...] = get_args(Group)


def group_text(group: Group) -> str:
    say = QCoreApplication.translate
    match group:
        case "people":
            return say("export", "For people")
        case "pipelines":
            return say("export", "For pipelines")
        case "corpora":
            return say("export", "For corpora")
        case "training":
            return say("export", "For training")
        case "checking":
            return say("export", "For checking")


def form_text(id: str) -> str:
    """What a form is called; formats keep their own names in every language."""
    say = QCoreApplication.translate
    known = {
        "csv": say("export", "CSV"),
        "xlsx": say("export", "Excel"),
        "jsonl": say("export", "JSON Lines"),
        "parquet": say("export", "Parquet"),
        "usagi": say("export", "Usagi CSV"),
        "stcm": say("export", "OMOP SOURCE_TO_CONCEPT_MAP"),
        "fhir-r4": say("export", "FHIR ConceptMap (R4)"),
        "fhir-r5": say("export", "FHIR ConceptMap (R5)"),
        "sssom": say("export", "SSSOM TSV"),
        "bioc-xml": say("export", "BioC XML"),
        "bioc-json": say("export", "BioC JSON"),
        "pubtator": say("export", "PubTator"),
        "brat": say("export", "brat standoff"),
        "medcattrainer": say("export", "MedCATtrainer JSON"),
        "notes": say("export", "Notes"),
        "chat": say("export", "Chat rows"),
        "alpaca": say("export", "Instruction rows (Alpaca)"),
        "pairs": say("export", "Cross-encoder pairs"),
        "candidates": say("export", "All candidates with ranks"),
    }
    return known.get(id, id)


def form_explained(id: str) -> str:
    """What a form is for, in one sentence."""
    say = QCoreApplication.translate
    known = {
        "csv": say("export", "Every decision with who made it and when, for any spreadsheet and for reading it back."),
        "xlsx": say("export", "The same table as a workbook, with text that no spreadsheet takes for a formula."),
        "jsonl": say("export", "The same table for programs: one object on each line."),
        "parquet": say("export", "The same table for data frames: typed columns, compressed."),
        "usagi": say("export", "Opens in OHDSI's Usagi with status, comment and who approved it."),
        "stcm": say("export", "The table that an OMOP pipeline reads to translate source codes."),
        "fhir-r4": say(
            "export", "For FHIR servers of release 4: the relation says how the target stands to the source."
        ),
        "fhir-r5": say(
            "export", "For FHIR servers of release 5: the relation says how the source stands to the target."
        ),
        "sssom": say("export", "The mapping commons' table, with who decided, why, and how sure it is."),
        "bioc-xml": say("export", "The documents with their annotations and codes, for biomedical text mining."),
        "bioc-json": say("export", "The same documents, annotations and codes as JSON."),
        "pubtator": say("export", "The documents with one line for each annotation and its code."),
        "brat": say("export", "The documents beside their annotations, as the brat annotator opens them."),
        "medcattrainer": say("export", "The documents with decided annotations, as MedCATtrainer reads them."),
        "chat": say("export", "Questions with numbered candidates and answers, to fine-tune a chat model."),
        "alpaca": say("export", "Instruction, input and output, as BenTsao and LLaMA-Factory read them."),
        "pairs": say("export", "Mention and entity with a label, to train a cross-encoder."),
        "candidates": say("export", "Every mention with all its candidates and each ranker's rank, to judge rankers."),
    }
    return known.get(id, "")


def file_ending(id: str, suffix: str) -> str:
    """The end of the proposed file's name, after the project's."""
    endings = {
        "csv": "decisions", "xlsx": "decisions", "jsonl": "decisions", "parquet": "decisions", "chat": "training",
        "alpaca": "training alpaca", "pairs": "training pairs", "fhir-r4": "conceptmap r4",
        "fhir-r5": "conceptmap r5",
    }  # fmt: skip
    return f"{endings.get(id, id.replace('-', ' '))}{suffix}"


def loss_text(line: LossLine) -> str:
    words = in_language(wording.loss_text(line.what))
    return f"{words}: {wording.number(line.times)}" if line.times else words


def losses_lines(losses: Losses) -> list[str]:
    """Counted losses first, for they are this project's; then what lies in the format."""
    counted = [one for one in losses.lines if one.times]
    always = [one for one in losses.lines if not one.times]
    return [loss_text(one) for one in (*counted, *always)]


def hidden_text(hidden: int) -> str:
    """Why some decided mentions stand in the file as undecided."""
    say = QCoreApplication.translate
    if hidden == 1:
        return say("export", "1 mention waits for your own, blind answer: it stands in the file as undecided.")
    words = say("export", "%1 mentions wait for your own, blind answer: they stand in the file as undecided.")
    return wording.fill(words, wording.number(hidden))


def held_text(losses: Losses) -> str:
    return wording.fill(QCoreApplication.translate("export", "The file would hold %1."), files.rows(losses.rows))
