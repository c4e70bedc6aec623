"""Agreement and automation bias of a project in one report, and its two files: a table or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import UserInputError
from rpdr_core.evaluation import Agreement, Rate
from rpdr_core.formats.writing import writer_for
from rpdr_core.store import ProjectReader
from rpdr_core.store.lineage import Lineage
from rpdr_core.store.staging import staged
from rpdr_core.workflow.agreement import AgreementReport, Figures, agreement_of
from rpdr_core.workflow.automation_bias import Bias, OwnAnswer, bias_of, own_answers
from rpdr_core.workflow.double_review import DoubleReview, codes_in, double_reviews
from rpdr_core.workflow.exporting import check_folder

HEADERS = ("part", "name", "measure", "value", "low", "high", "n", "remark")
ENDINGS = (".csv", ".xlsx", ".jsonl")
_COEFFICIENTS = (("raw", "raw agreement"), ("cohen", "Cohen's kappa"), ("fleiss", "Fleiss' kappa"),
                 ("alpha", "Krippendorff's alpha"), ("near", "Krippendorff's alpha, near codes near"))  # fmt: skip
_RATES = (("kept", "own answer kept"), ("to_machine", "changed to the machine's first"),
          ("to_other", "changed to another"), ("spoilt", "right to wrong"),
          ("spoilt_by_machine", "right to wrong, to the machine's first"), ("mended", "wrong to right"),
          ("mended_by_machine", "wrong to right, to the machine's first"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """Both halves. `bias` is empty where nobody has answered before seeing rankings."""

    agreement: AgreementReport
    bias: tuple[Bias, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewMaterial:
    """What the store gives for a report; reckoning it needs no store any more. `codes`: whose lineage is wanted."""

    reviews: tuple[DoubleReview, ...]
    own: tuple[OwnAnswer, ...]

    @property
    def codes(self) -> frozenset[str]:
        return codes_in(self.reviews)


def material_of(reader: ProjectReader) -> ReviewMaterial:
    """Read what a report is made of. The cost grows with the second and independent opinions."""
    return ReviewMaterial(tuple(double_reviews(reader)), tuple(own_answers(reader)))


def review_report(material: ReviewMaterial, lineage: Lineage, check: Callable[[], None] = lambda: None) -> ReviewReport:
    """The figures with their intervals; takes seconds for thousands of answers."""
    return ReviewReport(agreement_of(material.reviews, lineage, check), bias_of(material.own))


def report_json(report: ReviewReport) -> object:
    """The report as JSON-ready values."""
    return msgspec.to_builtins(report)


def write_report(path: Path, report: ReviewReport) -> None:
    """As .json, or as a table in .csv, .xlsx or .jsonl; the name decides."""
    check_folder(path)
    if path.suffix.lower() == ".json":
        with staged(path, "the report") as staging:
            staging.write_bytes(msgspec.json.format(msgspec.json.encode(report_json(report))) + b"\n")
        return
    if path.suffix.lower() not in ENDINGS:
        raise UserInputError(
            f"no format is known by {path.suffix or 'a name without ending'!r}",
            hint="let the name end in .json, .csv, .xlsx or .jsonl",
            file=path.name,
        )
    write = writer_for(path, mark=True)
    with staged(path, "the report") as staging:
        write(staging, HEADERS, table(report))


def table(report: ReviewReport) -> Iterator[tuple[str, ...]]:
    """One measure a row, under `HEADERS`."""
    agreement = report.agreement
    yield from _figures("overall", "", agreement.overall)
    for pair in agreement.pairs:
        yield from _figures("reviewers", f"{pair.first} / {pair.second}", pair.figures)
    for chapter in agreement.chapters:
        yield from _figures("chapter", f"{chapter.code} {chapter.name}".strip() or "no code", chapter.figures)
    for bias in report.bias:
        for name, words in _RATES:
            yield _rate(bias.reviewer or "all reviewers", words, getattr(bias, name))


def _figures(part: str, name: str, figures: Figures) -> Iterable[tuple[str, ...]]:
    for attribute, words in _COEFFICIENTS:
        found: Agreement = getattr(figures, attribute)
        yield (part, name, words, *_numbers(found.value, found.low, found.high), str(found.n), found.missing)
    for kind, count in figures.kinds.items():
        yield (part, name, f"answers: {kind}", str(count), "", "", str(figures.n), "")


def _rate(name: str, words: str, rate: Rate) -> tuple[str, ...]:
    numbers = _numbers(rate.value, rate.low, rate.high)
    return ("automation bias", name, words, *numbers, str(rate.n), f"{rate.count} of {rate.n}")


def _numbers(*values: float | None) -> tuple[str, ...]:
    return tuple("" if value is None else f"{value:.4f}" for value in values)
