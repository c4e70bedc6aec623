"""`rpdr agreement`: how far the reviewers of a project agree, and how often the machine changed their minds."""

from __future__ import annotations

from pathlib import Path

import click

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.evaluation import Agreement, Missing, Rate
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import open_reader
from rpdr_core.workflow.agreement import AgreementReport, Figures
from rpdr_core.workflow.agreement_report import ReviewReport, material_of, report_json, review_report, write_report
from rpdr_core.workflow.automation_bias import Bias
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.double_review import lineage_in

_WHY: dict[Missing, str] = {"empty": "none", "raters": "not two", "one_category": "all alike", "": ""}
_COLUMNS = ("raw", "Cohen", "Fleiss", "alpha", "alpha near")
_WIDE = 30


@click.command("agreement")
@click.argument("project", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write it to a file: .json, .csv, .xlsx or .jsonl."
)
@JSON
def agreement_command(project: Path, output: Path | None, as_json: bool) -> None:
    """How far the reviewers of PROJECT agree, per pair and chapter, and how often the machine changed their minds."""
    with open_reader(project) as reader:
        material = material_of(reader)
        lineage = lineage_in(catalogue_of(Library(), reader.knowledge_base()))
    report = review_report(material, lineage)
    if output is not None:
        write_report(output, report)
    if as_json:
        print_json(report_json(report))
    else:
        _print_agreement(report.agreement)
        _print_bias(report)


def _print_agreement(found: AgreementReport) -> None:
    if not found.overall.n:
        click.echo("no mention has two answers yet: switch double review on and let a second reviewer answer")
        return
    click.echo(" " * _WIDE + "".join(f"{name:>23}" for name in _COLUMNS) + f"{'n':>8}")
    _line("all", found.overall)
    for pair in found.pairs:
        _line(f"{pair.first} / {pair.second}", pair.figures)
    for chapter in found.chapters:
        _line(f"{chapter.code} {chapter.name}".strip() or "no code", chapter.figures)
    click.echo("answers: " + ", ".join(f"{kind} {count:,}" for kind, count in found.overall.kinds.items()))


def _line(name: str, figures: Figures) -> None:
    short = name if len(name) < _WIDE else name[: _WIDE - 4] + ".. "
    cells = (figures.raw, figures.cohen, figures.fleiss, figures.alpha, figures.near)
    click.echo(f"{short:<{_WIDE}}" + "".join(f"{_cell(one):>23}" for one in cells) + f"{figures.n:>8,}")


def _cell(found: Agreement) -> str:
    if found.value is None:
        return _WHY[found.missing]
    if found.low is None or found.high is None:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} [{found.low:.2f}, {found.high:.2f}]"


def _print_bias(report: ReviewReport) -> None:
    for bias in report.bias:
        click.echo(_bias(bias))


def _bias(bias: Bias) -> str:
    lost, won = bias.spoilt_by_machine, bias.mended
    return (
        f"{bias.reviewer or 'all reviewers'}: of {bias.n:,} own answers {bias.to_machine.count:,} were changed to what"
        f" the model said {_share(bias.to_machine)}; of {lost.n:,} right ones {lost.count:,} became wrong by it"
        f" {_share(lost)}; of {won.n:,} wrong ones {won.count:,} became right {_share(won)}"
    )


def _share(rate: Rate) -> str:
    if rate.value is None or rate.low is None or rate.high is None:
        return "(unknown)"
    return f"({rate.value:.0%}, 95 %: {rate.low:.0%}-{rate.high:.0%})"
