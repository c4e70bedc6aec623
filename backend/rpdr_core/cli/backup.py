"""`rpdr backup`: a verified copy of a project, while it is in use or not."""

from __future__ import annotations

from pathlib import Path

import click

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.store import Project, backup_folder


@click.command("backup")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder for the copy (default: beside PROJECT).")
@JSON
def backup_command(project: Path, folder: Path | None, as_json: bool) -> None:
    """Copy PROJECT into a folder of backups, check the copy, and thin old ones."""
    with Project.open(project) as opened:
        copy = opened.backup(folder or backup_folder(project))
    if as_json:
        print_json({"backup": str(copy), "bytes": copy.stat().st_size})
    else:
        click.echo(str(copy))
