"""The switch that keeps all of this user's projects from teachers: `RPDR_NO_TEACHER=1`, or a file beside the profiles.

Whoever may send asks here first: the command line, the desk, and the worker once more before each run.
"""

from __future__ import annotations

import os
from pathlib import Path

from rpdr_core.errors import NotAllowedError
from rpdr_core.paths import config_dir

VARIABLE = "RPDR_NO_TEACHER"


def switch_file() -> Path:
    """While this file exists, nothing is sent."""
    return config_dir() / "no-teacher"


def why_off() -> str:
    """Why the teacher is off for this user; empty while it is on."""
    if os.environ.get(VARIABLE, "") not in ("", "0"):
        return f"the environment variable {VARIABLE} is set"
    return "it is switched off for this user" if switch_file().exists() else ""


def refuse_if_off() -> None:
    """Raise `NotAllowedError` while the teacher is off."""
    if reason := why_off():
        cure = f"unset {VARIABLE}" if VARIABLE in reason else "switch it on with: rpdr endpoint on"
        raise NotAllowedError(f"no teacher: {reason}", hint=cure)


def switch(on: bool) -> None:
    """Let teachers be asked, or keep every project from them until switched on again."""
    if on:
        switch_file().unlink(missing_ok=True)
        return
    switch_file().parent.mkdir(parents=True, exist_ok=True)
    switch_file().touch()
