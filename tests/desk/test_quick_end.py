"""Closing the window ends the process soon, also while ICD-10-CM is being made for the first time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.desk_parts import make_project

pytestmark = pytest.mark.gui

# The library is busy for ever, in Python and without a pause, as it is while it parses a terminology.
DESK = """
import sys, threading, time
from rpdr_core.knowledge_base.library import Library

def busy(*_):
    sum(1 for _ in iter(int, 1))

Library.open = busy
from PySide6.QtCore import QTimer
from rpdr_desk import run

def close_when_busy(window):
    names = {thread.name for thread in threading.enumerate()}
    if names & {"terminology", "store"} and (WAITED in names):
        print(time.time(), flush=True)
        window.close()
    else:
        QTimer.singleShot(20, lambda: close_when_busy(window))

real = run.install_excepthook
def install(show):
    real(show)
    window = show.__self__.window
    QTimer.singleShot(20, lambda: close_when_busy(window))
run.install_excepthook = install
from rpdr_desk.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("waited", ["terminology", "store"])
def test_a_terminology_in_the_making_does_not_keep_the_process(tmp_path: Path, rpdr_home: Path, waited: str) -> None:
    project = "sample" if waited == "store" else str(make_project(tmp_path / "a.rpdr", 3, ranked=True))
    program = DESK.replace("WAITED", repr(waited))
    env = {**os.environ, "RPDR_HOME": str(rpdr_home), "QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run(
        [sys.executable, "-c", program, project], capture_output=True, text=True, env=env, timeout=60, check=False
    )
    seconds = time.time() - float(ran.stdout.splitlines()[0])
    assert ran.returncode == 0, ran.stderr
    assert seconds < 2.0
