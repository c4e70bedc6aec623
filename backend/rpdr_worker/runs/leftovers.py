"""Rows that were sent and never started: nobody lists them, and they hold mention texts."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from rpdr_worker.runs.folder import SPEC

ABANDONED = 24 * 3600.0
"""Seconds after which a start that never came is given up, and a removal that was cut short is ended."""


def remove_abandoned(runs: Path) -> None:
    """Delete the folders that are no runs, once nothing has been written to them for `ABANDONED` seconds."""
    if not runs.is_dir():
        return
    for folder in runs.iterdir():
        no_run = folder.name.startswith(".") or not (folder / SPEC).exists()
        if folder.is_dir() and no_run and time.time() - _written(folder) > ABANDONED:
            shutil.rmtree(folder, ignore_errors=True)


def _written(folder: Path) -> float:
    return max((path.stat().st_mtime for path in (folder, *folder.iterdir())), default=0.0)
