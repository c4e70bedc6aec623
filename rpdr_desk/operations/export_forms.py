"""The forms of a file that goes out, by what it is for; each knows how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rpdr_core.knowledge_base.release import Watch
    from rpdr_core.store import ProjectReader
    from rpdr_core.workflow.exporting import Exported
    from rpdr_core.workflow.training_forms import Form as TrainingForm

Group = Literal["people", "pipelines", "corpora", "training", "checking"]
Option = Literal["level", "only", "text_free", "mark", "source"]


@dataclass(frozen=True, slots=True)
class Choice:
    """`rows`: a line for each row of the imported files, not for each distinct mention. `decided`: decided mentions
    only. `text_free`: no mention and no sentence. `mark`: begin with a byte order mark, so that Excel sees UTF-8.
    `source`: id of the imported file whose documents are written, 0 for the only one.
    """

    rows: bool = True
    decided: bool = False
    text_free: bool = False
    mark: bool = False
    source: int = 0


Write = Callable[["ProjectReader", Path, Choice, "Watch"], "Exported"]


@dataclass(frozen=True, slots=True)
class Form:
    """`suffix` with its dot; `options`: which parts of a `Choice` it heeds."""

    id: str
    group: Group
    suffix: str
    options: frozenset[Option]
    write: Write


def _mappings(format_id: str) -> Write:
    def write(reader: ProjectReader, path: Path, choice: Choice, watch: Watch) -> Exported:
        from rpdr_core.workflow.mapping_export import ExportOptions, export_mappings

        options = ExportOptions(
            level="rows" if choice.rows else "mentions",
            only="decided" if choice.decided else "all",
            mark=choice.mark,
        )
        return export_mappings(reader, path, format_id, options, watch)

    return write


def _documents(format_id: str) -> Write:
    def write(reader: ProjectReader, path: Path, choice: Choice, watch: Watch) -> Exported:
        from rpdr_core.workflow.document_export import DocumentExportOptions, export_documents

        options = DocumentExportOptions(choice.source, choice.text_free)
        return export_documents(reader, path, format_id, options, watch)

    return write


def _training(form: TrainingForm) -> Write:
    def write(reader: ProjectReader, path: Path, choice: Choice, watch: Watch) -> Exported:
        from rpdr_core.workflow.training import export_training

        return export_training(reader, path, text_free=choice.text_free, form=form, watch=watch)

    return write


def _candidates(reader: ProjectReader, path: Path, choice: Choice, watch: Watch) -> Exported:
    from rpdr_core.workflow.candidates_export import export_candidates

    return export_candidates(reader, path, only="decided" if choice.decided else "all", mark=choice.mark, watch=watch)


_LINES: frozenset[Option] = frozenset(("level", "only"))
_TEXT: frozenset[Option] = frozenset(("text_free",))
_SOURCE: frozenset[Option] = frozenset(("source",))
FORMS: tuple[Form, ...] = (
    Form("csv", "people", ".csv", _LINES | {"mark"}, _mappings("csv")),
    Form("xlsx", "people", ".xlsx", _LINES, _mappings("xlsx")),
    Form("jsonl", "pipelines", ".jsonl", _LINES, _mappings("jsonl")),
    Form("parquet", "pipelines", ".parquet", _LINES, _mappings("parquet")),
    Form("usagi", "pipelines", ".csv", _LINES, _mappings("usagi")),
    Form("stcm", "pipelines", ".csv", _LINES, _mappings("stcm")),
    Form("fhir-r4", "pipelines", ".json", _LINES, _mappings("fhir-r4")),
    Form("fhir-r5", "pipelines", ".json", _LINES, _mappings("fhir-r5")),
    Form("sssom", "pipelines", ".sssom.tsv", _LINES, _mappings("sssom")),
    Form("bioc-xml", "corpora", ".xml", _SOURCE, _documents("bioc-xml")),
    Form("bioc-json", "corpora", ".json", _SOURCE, _documents("bioc-json")),
    Form("pubtator", "corpora", ".txt", _SOURCE, _documents("pubtator")),
    Form("brat", "corpora", ".zip", _SOURCE, _documents("brat")),
    Form("medcattrainer", "corpora", ".json", _SOURCE | {"text_free"}, _documents("medcattrainer")),
    Form("chat", "training", ".jsonl", _TEXT, _training("chat")),
    Form("alpaca", "training", ".jsonl", _TEXT, _training("alpaca")),
    Form("pairs", "training", ".jsonl", _TEXT, _training("pairs")),
    Form("candidates", "checking", ".csv", frozenset(("only", "mark")), _candidates),
)
_BY_NAME = frozenset(("usagi", "stcm", "fhir-r4", "fhir-r5", "sssom"))


def forms() -> tuple[Form, ...]:
    """Those that can be written here."""
    from rpdr_core.formats.mappings import FORMATS

    known = {one.id for one in FORMATS}
    return tuple(form for form in FORMS if form.id not in _BY_NAME or form.id in known)
