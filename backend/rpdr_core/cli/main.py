"""The root command: its subcommands are loaded when they are called, and every error ends as one line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from rpdr_core import __version__
from rpdr_core.errors import Cancelled, RpdrError, UserInputError, to_wire
from rpdr_core.home import cause_of

_COMMANDS = {
    "adapters": "rpdr_core.cli.adapters:adapters_group",
    "agreement": "rpdr_core.cli.agreement:agreement_command",
    "align": "rpdr_core.cli.align:align_command",
    "backup": "rpdr_core.cli.backup:backup_command",
    "consent": "rpdr_core.cli.consent:consent_command",
    "decide": "rpdr_core.cli.decide:decide_command",
    "distill": "rpdr_core.cli.distill:distill_command",
    "encoders": "rpdr_core.cli.encoders:encoders_group",
    "endpoint": "rpdr_core.cli.endpoint:endpoint_group",
    "evaluate": "rpdr_core.cli.evaluate:evaluate_command",
    "export": "rpdr_core.cli.export:export_command",
    "host": "rpdr_core.cli.hosts:host_group",
    "import": "rpdr_core.cli.importing:import_command",
    "index": "rpdr_core.cli.retrieve:index_group",
    "kb": "rpdr_core.cli.knowledge_bases:kb_group",
    "ledger": "rpdr_core.cli.ledger:ledger_command",
    "link": "rpdr_core.cli.link:link_command",
    "lint": "rpdr_core.cli.lint:lint_command",
    "relink": "rpdr_core.cli.export:relink_command",
    "retrieve": "rpdr_core.cli.retrieve:retrieve_command",
    "runs": "rpdr_core.cli.runs:runs_group",
    "scope": "rpdr_core.cli.scope:scope_command",
    "status": "rpdr_core.cli.status:status_command",
    "teach": "rpdr_core.cli.teach:teach_command",
    "tune-retriever": "rpdr_core.cli.tune_retriever:tune_retriever_command",
    "upgrade": "rpdr_core.cli.upgrade:upgrade_command",
    "worker": "rpdr_core.cli.worker:worker",
}
USER_ERROR, WORLD_ERROR, CANCELLED = 2, 1, 130


class CommandLine(click.Group):
    """Loads only the command that is called, so that the worker starts without the store and the formats."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run; an error becomes one line on stderr and an exit code (2 user input, 1 the world, 130 cancelled)."""
        try:
            return super().invoke(ctx)
        except (RpdrError, KeyboardInterrupt) as error:
            code = _told(error)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            # Its words may hold mention text, so only its kind is told.
            if ctx.params.get("traceback"):
                raise
            cause = cause_of(error)
            if isinstance(cause, RpdrError):
                return ctx.exit(_told(cause))
            message = f"error: {to_wire(error).message} (a fault of rpdr: see where with rpdr --traceback ..)"
            click.echo(message, err=True)
            code = WORLD_ERROR
        return ctx.exit(code)


def _told(error: RpdrError | KeyboardInterrupt) -> int:
    """Say on stderr what is wrong; the exit code that goes with it."""
    cause = cause_of(error) if isinstance(error, RpdrError) else error
    code = exit_code(cause)
    if code != CANCELLED:
        click.echo(f"error: {' '.join(str(cause).split())}", err=True)
    return code


def exit_code(error: BaseException) -> int:
    """The exit code that tells a script whose fault an error is."""
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return CANCELLED
    return USER_ERROR if isinstance(error, UserInputError) else WORLD_ERROR


@click.group(cls=CommandLine)
@click.version_option(__version__, prog_name="rpdr")
@click.option("--traceback", is_flag=True, help="Show where an unexpected error comes from; it may show mention text.")
def main(traceback: bool) -> None:
    """Map free-text mentions to a terminology, offline."""
    del traceback  # read where errors are caught
