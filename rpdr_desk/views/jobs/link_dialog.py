"""Linking a file: where from, where to, by whom."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk.operations.students import StudentInUse
from rpdr_desk.operations.workspace import Workspace

MENTION_FILES = "(*.csv *.tsv *.xlsx *.txt *.jsonl)"


def ask_link(parent: QWidget, workspace: Workspace) -> None:
    """Ask for the two files, then start the job."""
    say = QCoreApplication.translate
    kinds = say("link", "Mention files") + " " + MENTION_FILES
    name, _ = QFileDialog.getOpenFileName(parent, say("link", "Link a file"), "", kinds)
    if not name:
        return
    source = Path(name)
    proposed = str(source.with_name(f"{source.stem} linked.csv"))
    target, _ = QFileDialog.getSaveFileName(parent, say("link", "Save the links"), proposed, "CSV (*.csv)")
    if target:
        start_link(workspace, source, Path(target))


def start_link(workspace: Workspace, source: Path, target: Path) -> None:
    """Link with the student in use if there is one, else with the retriever."""

    def start(student: StudentInUse) -> None:
        workspace.linking.link(source, target, student.folder, lambda _path: None, failed)

    def failed(error: RpdrError) -> None:
        workspace.store.trouble.emit(error)

    workspace.students.in_use(start, failed)
