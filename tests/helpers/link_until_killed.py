"""`rpdr link` in a process that a test kills: the real command with its real worker, loaded before it is told to begin.

Started as a program it says `ready`, reads one line of arguments (JSON) and runs the command. Chunks are small and no
vectors are made, so that a run is short and has many moments to be killed in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CHUNK = 40


def start() -> subprocess.Popen[str]:
    """A process group of its own, so that the worker dies with the command."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def run() -> None:
    from rpdr_core.cli import link, main
    from rpdr_core.protocol.client import WorkerClient
    from rpdr_core.workflow import retrieving

    link.CHUNK = CHUNK  # type: ignore[misc]
    retrieving.SMALL = 0  # type: ignore[misc]
    worker = WorkerClient.start()
    link.WorkerClient.start = lambda: worker  # type: ignore[method-assign,assignment,misc]
    print("ready", flush=True)
    arguments = json.loads(sys.stdin.readline())
    print("begun", flush=True)
    main(arguments)


if __name__ == "__main__":
    run()
