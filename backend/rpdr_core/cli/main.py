"""The root command."""

from __future__ import annotations

import click

from rpdr_core import __version__
from rpdr_core.cli.worker import worker


@click.group()
@click.version_option(__version__, prog_name="rpdr")
def main() -> None:
    """Map free-text mentions to a terminology, offline."""


main.add_command(worker)
