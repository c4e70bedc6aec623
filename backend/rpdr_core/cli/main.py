"""The root command."""

from __future__ import annotations

import click

from rpdr_core import __version__
from rpdr_core.cli.evaluate import evaluate_command
from rpdr_core.cli.link import link_command
from rpdr_core.cli.retrieve import index_group, retrieve_command
from rpdr_core.cli.worker import worker


@click.group()
@click.version_option(__version__, prog_name="rpdr")
def main() -> None:
    """Map free-text mentions to a terminology, offline."""


main.add_command(worker)
main.add_command(retrieve_command)
main.add_command(index_group)
main.add_command(evaluate_command)
main.add_command(link_command)
