"""Exporting decisions and training rows: choose a file, the format follows its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.exporting.export_report import show_report
from rpdr_desk.views.exporting.proposed import proposed_file

if TYPE_CHECKING:
    from rpdr_desk.operations.exchanging import Exported


def ask_export(parent: QWidget, workspace: Workspace) -> None:
    """Ask for the file, then write the decisions as a job."""
    say = QCoreApplication.translate
    proposed = str(proposed_file(workspace.path, "decisions.csv"))
    kinds = ";;".join(("CSV (*.csv)", "Excel (*.xlsx)", "JSON Lines (*.jsonl)"))
    name, _ = QFileDialog.getSaveFileName(parent, say("export", "Export decisions"), proposed, kinds)
    if name:
        workspace.exchange.export(Path(name), lambda done: _tell(parent, done), workspace.store.trouble.emit)


def ask_export_training(parent: QWidget, workspace: Workspace) -> None:
    """Ask for the file; the kind chosen says whether the rows hold text."""
    say = QCoreApplication.translate
    proposed = str(proposed_file(workspace.path, "training.jsonl"))
    text_free = say("export", "Without any text (*.jsonl)")
    with_text = say("export", "With mentions and sentences (*.jsonl)")
    title = say("export", "Export training rows")
    name, kind = QFileDialog.getSaveFileName(parent, title, proposed, f"{text_free};;{with_text}")
    if name:
        workspace.exchange.export_training(
            Path(name), kind != with_text, lambda done: _tell(parent, done), workspace.store.trouble.emit
        )


def _tell(parent: QWidget, exported: Exported) -> None:
    losses = [(loss.what, loss.times) for loss in exported.report.losses]
    show_report(parent, exported.path, exported.rows, losses)
