"""Options of `rpdr kb look` and `rpdr kb import`, and how their progress is shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import click

from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.release import ReleaseOptions

F = TypeVar("F", bound=Callable[..., Any])
_PAUSE = 0.2

_OPTIONS = (
    click.option("--format", "format_", default="", help="Read FILE in this format (default: by its content)."),
    click.option("--dialect", default="", help="Language tag or reference set whose terms become the names (RF2)."),
    click.option("--vocabulary", multiple=True, help="An OMOP vocabulary to import; repeat it for more."),
    click.option("--module", multiple=True, help="An RF2 module to keep; repeat it for more (default: all)."),
    click.option("--column", multiple=True, help="Which column holds what, e.g. code=编码; repeat it for more."),
    click.option("--sheet", default="", help="The worksheet to read (default: the first that fits)."),
    click.option("--encoding", default="", help="The text's encoding, e.g. gb18030 (default: UTF-8)."),
    click.option("--repeated", is_flag=True, help="Rows that repeat a code give synonyms (tables)."),
    click.option("--no-inactive", is_flag=True, help="Leave retired entities out."),
)


def release_options(command: F) -> F:
    """Add the options; the command gets them as `options`."""

    def wrapped(*args: Any, **said: Any) -> Any:
        options = ReleaseOptions(
            format=said.pop("format_"),
            dialect=said.pop("dialect"),
            vocabularies=tuple(said.pop("vocabulary")),
            modules=tuple(said.pop("module")),
            columns=tuple(map(_column, said.pop("column"))),
            sheet=said.pop("sheet"),
            encoding=said.pop("encoding"),
            repeated=said.pop("repeated"),
            inactive=not said.pop("no_inactive"),
        )
        return command(*args, options=options, **said)

    wrapped.__doc__ = command.__doc__
    wrapped.__name__ = command.__name__
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    # What click has hung on the command below (its arguments) stays with the wrapper.
    wrapped.__click_params__ += getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    return wrapped  # type: ignore[return-value]


def _column(text: str) -> tuple[str, str]:
    field, equals, header = text.partition("=")
    if not equals or not field.strip() or not header.strip():
        raise UserInputError(f"no column in {text[:60]!r}", hint="write for example --column code=编码")
    return field.strip().lower(), header.strip()


class ShownProgress:
    """A watch that writes to stderr: one line that is written over on a screen, one line a stage in a log."""

    def __init__(self) -> None:
        self._stage = ""
        self._shown = 0.0
        self._screen = sys.stderr.isatty()

    def __call__(self, stage: str, done: int, total: int) -> None:
        changed = stage != self._stage
        self._stage = stage
        if self._screen and (changed or time.monotonic() - self._shown > _PAUSE):
            self._shown = time.monotonic()
            share = f" of {total:,} ({min(100, 100 * done // total)} %)" if total else ""
            click.echo(f"\r\x1b[K{stage}: {done:,}{share}", nl=False, err=True)
        elif changed and not self._screen:
            click.echo(f"{stage} ..", err=True)

    def end(self) -> None:
        """Leave the line."""
        if self._screen and self._stage:
            click.echo("\r\x1b[K", nl=False, err=True)
