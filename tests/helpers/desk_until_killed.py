"""A desk to be killed: the real window over the real store, deciding by keys and saying each decision once it shows.

It starts Qt, waits for a line with a project's path on stdin, opens the window on it and presses Space for ever. The
number of decided mentions is said when the window has gone on to the next mention: what a reviewer would believe.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from helpers.killable import Killable
from helpers.killable import start as begin


def start() -> Killable:
    """A desk, loading."""
    return begin(main)


def main() -> None:
    from helpers.desk_parts import FakeWorker, open_rig, wait_until
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    app = QApplication(["desk", "-platform", "offscreen"])
    path = Path(sys.stdin.readline().strip())
    with tempfile.TemporaryDirectory() as settings:
        rig = open_rig(path, Path(settings), FakeWorker())
        while True:
            before = rig.mention
            rig.press(Qt.Key.Key_Space)
            wait_until(lambda before=before: rig.mention != before)
            print(before, flush=True)
            app.processEvents()
