from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from helpers.command_line import rpdr

from rpdr_core.cli import main
from rpdr_core.errors import Bug, Cancelled, DamagedFileError, FileFormatError, NotFoundError, WorldError


def _failing(error: BaseException) -> click.Command:
    @click.command("fail")
    def fail() -> None:
        raise error

    return fail


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def install(error: BaseException) -> None:
        monkeypatch.setitem(main.commands, "fail", _failing(error))

    return install


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (FileFormatError("bad cell", hint="mend it", file="a.csv", line=7), 2, "error: a.csv:7: bad cell (mend it)\n"),
        (NotFoundError("no such\nthing"), 2, "error: no such thing\n"),
        (WorldError("disk full", hint="free some space"), 1, "error: disk full (free some space)\n"),
        (DamagedFileError("damaged"), 1, "error: damaged\n"),
        (Bug("impossible"), 1, "error: impossible\n"),
        (Cancelled("stop"), 130, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_every_error_is_one_line_and_a_code(fail, error: BaseException, code: int, line: str) -> None:  # type: ignore[no-untyped-def]
    fail(error)
    done = rpdr("fail")
    assert (done.code, done.err, done.out) == (code, line, "")


def test_the_words_of_an_unexpected_error_stay_inside(fail) -> None:  # type: ignore[no-untyped-def]
    fail(ValueError("Mr Smith has glaucoma"))
    done = rpdr("fail")
    assert done.code == 1
    assert done.err.startswith("error: unexpected ValueError")
    assert "Smith" not in done.err


def test_the_words_are_shown_on_demand(fail) -> None:  # type: ignore[no-untyped-def]
    fail(ValueError("where"))
    with pytest.raises(ValueError, match="where"):
        rpdr("--traceback", "fail")


def test_wrong_usage_is_the_users() -> None:
    assert rpdr("import").code == 2
    assert rpdr("no-such-command").code == 2


def test_every_command_is_listed_with_its_help() -> None:
    listed = rpdr("--help").out
    for name in (
        "backup",
        "decide",
        "evaluate",
        "export",
        "import",
        "index",
        "kb",
        "link",
        "relink",
        "retrieve",
        "worker",
    ):
        assert f"\n  {name} " in listed


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found += _commands(command, (*path, name)) if isinstance(command, click.Group) else [((*path, name), command)]
    return found


@pytest.mark.parametrize(
    ("path", "command"), _commands(main), ids=lambda part: " ".join(part) if isinstance(part, tuple) else ""
)
def test_every_command_says_what_it_does_and_takes_json(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options or path == ("worker",)


def test_help_and_the_worker_load_neither_store_nor_models() -> None:
    code = (
        "import sys; from rpdr_core.cli import main; from rpdr_core.cli import worker\n"
        "heavy = {'sqlite_utils', 'openpyxl', 'torch', 'numpy', 'PySide6', 'charset_normalizer'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_loads_no_models() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom rpdr_core.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "sys.exit(', '.join({'torch', 'transformers', 'PySide6', 'openpyxl', 'openai'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version(tmp_path: Path) -> None:
    from rpdr_core import __version__

    assert rpdr("--version").out == f"rpdr, version {__version__}\n"
