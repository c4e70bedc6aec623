"""`rpdr consent`: whether a project's text may leave, where to, and who said so. It may not until this is used."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from rpdr_core.cli.login import login
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import UserInputError
from rpdr_core.formats.lines import read_lines
from rpdr_core.store import Project, ProjectReader, open_reader
from rpdr_core.teacher_switch import why_off
from rpdr_core.workflow.consent import (
    WINDOW,
    consent_of,
    grant,
    is_credentialed,
    masked_names,
    revoke,
    set_credentialed,
    set_masked_names,
)
from rpdr_core.workflow.profiles import find_profile


@click.command("consent")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--grant", "profile", default="", help="Let mentions go to this endpoint profile's host and model.")
@click.option("--revoke", "withdrawn", is_flag=True, help="Let nothing leave any more.")
@click.option("--show", is_flag=True, help="Show what is in force (the default).")
@click.option("--as", "who", default="", help="Who decides this; required to grant.")
@click.option("--project-name", default="", help="The project's name, in place of typing it when asked.")
@click.option("--window", default=WINDOW, show_default=True, type=int, help="Characters on each side of a mention.")
@click.option("--retention", default="", help="What the vendor keeps and for how long, as you know it.")
@click.option("--batch", is_flag=True, help="Also for the batch interface, where files stay at the vendor.")
@click.option("--credentialed", type=click.Choice(["on", "off"]), help="Lock to (on) model servers on this machine.")
@click.option("--names", type=click.Path(path_type=Path), help="Names to mask wherever they occur, one a line.")
@JSON
def consent_command(
    project: Path,
    profile: str,
    withdrawn: bool,
    show: bool,
    who: str,
    project_name: str,
    window: int,
    retention: str,
    batch: bool,
    credentialed: str | None,
    names: Path | None,
    as_json: bool,
) -> None:
    """Switch the teacher on or off for PROJECT. Each change is kept in the project's audit."""
    if sum((bool(profile), withdrawn, credentialed is not None, names is not None)) > 1:
        raise UserInputError("one change at a time", hint="--grant, --revoke, --credentialed or --names")
    if not profile and (batch or retention or window != WINDOW):
        raise UserInputError("--batch, --window and --retention belong to a consent", hint="give --grant PROFILE, too")
    if show or not (profile or withdrawn or credentialed or names):
        with open_reader(project) as reader:
            _show(reader, as_json)
        return
    with Project.open(project) as opened:
        if profile:
            found = find_profile(profile)
            typed = project_name or _ask(f"Mentions of this project may then go to {found.model} at {found.base_url}.")
            grant(opened, found, who, typed, window=window, retention=retention, batch=batch)
        elif withdrawn:
            revoke(opened, who or login())
        elif credentialed:
            typed = project_name or _ask("Whether these data may leave this machine is about to change.")
            set_credentialed(opened, credentialed == "on", who or login(), typed)
        elif names is not None:
            set_masked_names(opened, tuple(_lines(names)), who or login())
        _show(opened, as_json)


def _ask(about: str) -> str:
    click.echo(about, err=True)
    answer: str = click.prompt("Type the project's name to go on", err=True)
    return answer


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in read_lines(path, "utf-8")]


def _show(project: ProjectReader, as_json: bool) -> None:
    given = consent_of(project)
    state = {
        "consent": None if given is None else asdict(given),
        "credentialed": is_credentialed(project),
        "names_masked": len(masked_names(project)),
        "switched_off": why_off(),
    }
    if as_json:
        print_json(state)
        return
    if given is None:
        click.echo("off: nothing of this project may leave")
    else:
        click.echo(f"on for {given.model} at {given.host}, by {given.who}, {given.at}")
        click.echo(f"window: {given.window} characters on each side; batches: {'yes' if given.batch else 'no'}")
        click.echo(f"the vendor keeps: {given.retention or 'not said'}")
    if state["credentialed"]:
        click.echo("credentialed data: model servers on this machine only")
    if state["names_masked"]:
        click.echo(f"{state['names_masked']:,} names are masked wherever they occur")
    if state["switched_off"]:
        click.echo(f"the teacher is off: {state['switched_off']}")
