"""Whether the folders of this program can be written: nothing works without them, so it is told first."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rpdr_core.errors import Bug, WorldError
from rpdr_core.paths import cache_dir, config_dir, data_dir, log_dir


def check_writable() -> None:
    """Make the four folders where they are missing.

    Raises `WorldError` with the folder that cannot be made or written to.
    """
    for folder in (data_dir(), cache_dir(), config_dir(), log_dir()):
        _check(folder)


def cause_of(error: Exception) -> Exception:
    """The error itself, or that the folders cannot be written where this may be what is behind it."""
    if not isinstance(error, OSError | Bug):
        return error
    try:
        check_writable()
    except WorldError as cause:
        return cause
    return error


def _check(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Permissions tell too little: a file system may be read-only, or full of rules of its own.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise WorldError(
            "this folder of RPDR Desk cannot be written to",
            hint="make it writable, or set the environment variable RPDR_HOME to a folder of yours and start again",
            file=str(folder),
        ) from error
