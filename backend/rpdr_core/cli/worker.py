"""`rpdr worker`: become the worker, for a client on stdin and stdout (on another machine: behind ssh)."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from rpdr_core.protocol.process import worker_command


@click.command()
def worker() -> None:
    """Serve one client on stdin and stdout. Not for people: see PROTOCOL.md beside the wire's code."""
    # The worker is a package of its own, started as a command: nothing of it is imported here.
    command = worker_command()
    if sys.platform == "win32":
        # exec on Windows returns to the caller at once and leaves the new process behind.
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted
