"""`rpdr scope`: which part of the terminology a project proposes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from rpdr_core.cli.login import login
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import Project, open_reader
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.scoping import ScopeSize, measure_scope, scope_of, set_scope


@click.command("scope")
@click.argument("project", type=click.Path(path_type=Path))
@click.argument("expression", required=False, default="")
@click.option("--clear", is_flag=True, help="Propose everything again.")
@click.option("--try", "only_try", is_flag=True, help="Say how much EXPRESSION holds, and change nothing.")
@click.option("--as", "who", default="", help="Who decides this (default: the name you are logged in with).")
@JSON
def scope_command(project: Path, expression: str, clear: bool, only_try: bool, who: str, as_json: bool) -> None:
    """Show PROJECT's scope, or set it to EXPRESSION: nothing outside of it is proposed.

    \b
    << H25                    H25 and all below it
    < H25 OR <! H26           all below H25, and the children of H26
    << H25 MINUS H25.1        without one code
    << 404684003 |Clinical finding| AND type = "disorder"

    The language follows SNOMED CT's expression constraints. Each change is kept in the project's audit.
    """
    if (clear and expression) or (only_try and not expression):
        raise UserInputError("one thing at a time", hint="give EXPRESSION, EXPRESSION --try, or --clear")
    if only_try or not (clear or expression):
        with open_reader(project) as reader:
            catalogue = catalogue_of(Library(), reader.knowledge_base())
            _say(measure_scope(catalogue, expression or scope_of(reader)), as_json)
        return
    with Project.open(project) as opened:
        catalogue = catalogue_of(Library(), opened.knowledge_base())
        set_scope(opened, catalogue, expression, actor=who or login())
        _say(measure_scope(catalogue, scope_of(opened)), as_json)


def _say(size: ScopeSize, as_json: bool) -> None:
    if as_json:
        print_json(asdict(size))
        return
    click.echo(f"{size.scope or 'everything'}: {size.entities:,} of {size.of:,} entities")
