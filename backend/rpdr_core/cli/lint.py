"""`rpdr lint`: what map lint has to say of a project's decisions. Ends with 1 where it has anything to say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import ProjectReader, open_reader
from rpdr_core.workflow.lint.findings import RULES
from rpdr_core.workflow.lint.project_lint import Found, by_weight, lint_project, open_book

FOUND = 1
_IDS_SHOWN = 5


@click.command("lint")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--rule", "rules", multiple=True, type=click.Choice(RULES), help="Only this rule; may be given again.")
@click.option("--dismissed", is_flag=True, help="List what somebody dismissed, too; it still does not count.")
@JSON
@click.pass_context
def lint_command(ctx: click.Context, project: Path, rules: tuple[str, ...], dismissed: bool, as_json: bool) -> None:
    """Look for decisions of PROJECT that may be wrong; nothing is changed. Ends with 0 if there are none, else 1."""
    with open_reader(project) as reader:
        book = open_book(project, reader.knowledge_base(), Library())
        try:
            found = by_weight(one for piece in lint_project(reader, book) for one in piece.found)
        finally:
            book.search.close()
        found = [one for one in found if not rules or one.finding.rule in rules]
        shown = [one for one in found if dismissed or one.dismissal is None]
        if as_json:
            print_json({"counts": _counts(found), "findings": [_as_json(one) for one in shown]})
        else:
            _print(reader, found, shown)
    if _counts(found):
        ctx.exit(FOUND)


def _counts(found: list[Found]) -> dict[str, int]:
    counts = Counter(one.finding.rule for one in found if one.dismissal is None)
    return {rule: counts[rule] for rule in RULES if counts[rule]}


def _as_json(one: Found) -> dict[str, object]:
    finding = one.finding
    dismissal = {"reason": one.dismissal.reason, "reviewer": one.dismissal.reviewer} if one.dismissal else None
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "code": finding.code,
        "mention_ids": list(finding.mention_ids),
        "sentence": finding.sentence,
        "suggested": finding.suggested,
        "key": finding.key,
        "dismissed": dismissal,
    }


def _print(reader: ProjectReader, found: list[Found], shown: list[Found]) -> None:
    rule = ""
    counts = _counts(found)
    for one in shown:
        if one.finding.rule != rule:
            rule = one.finding.rule
            click.echo(f"{rule} ({one.finding.severity}, {counts.get(rule, 0):,})")
        cure = f"  take {one.finding.suggested} {one.finding.suggested_name}" if one.finding.suggested else ""
        aside = f"  [dismissed: {one.dismissal.reason}]" if one.dismissal else ""
        click.echo(f"  {_mentions(reader, one)}: {one.finding.sentence}{cure}{aside}")
    quiet = sum(one.dismissal is not None for one in found)
    click.echo(f"{sum(counts.values()):,} findings" + (f", {quiet:,} dismissed" if quiet else ""))


def _mentions(reader: ProjectReader, one: Found) -> str:
    ids = one.finding.mention_ids
    if len(ids) == 1:
        return f"mention {ids[0]} {reader.mentions(ids)[0].text!r}"
    more = f" and {len(ids) - _IDS_SHOWN:,} more" if len(ids) > _IDS_SHOWN else ""
    return "mentions " + ", ".join(map(str, ids[:_IDS_SHOWN])) + more
