"""Exporting decisions: choose a file, the format follows its name."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording


def ask_export(parent: QWidget, workspace: Workspace) -> None:
    """Ask for the file, then write it as a job."""
    say = QCoreApplication.translate
    proposed = str(workspace.path.with_name(f"{workspace.path.stem} decisions.csv"))
    kinds = ";;".join(("CSV (*.csv)", "TSV (*.tsv)", "Excel (*.xlsx)", "JSON Lines (*.jsonl)"))
    name, _ = QFileDialog.getSaveFileName(parent, say("export", "Export decisions"), proposed, kinds)
    if not name:
        return

    def done(rows: int) -> None:
        words = say("export", "%1 rows written to %2")
        workspace.notices.emit(wording.fill(words, wording.number(rows), Path(name).name))

    def failed(error: RpdrError) -> None:
        workspace.store.trouble.emit(error)

    workspace.exchange.export(Path(name), done, failed)
