"""The file that an export proposes: beside the project, or in Documents where the project lies in our own folders."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

from rpdr_core.paths import data_dir


def proposed_file(project: Path, ending: str) -> Path:
    """`clinic decisions.csv` for `clinic.rpdr`. Beside the sample, in our own data, nobody would find it."""
    name = f"{project.stem} {ending}"
    if not project.absolute().is_relative_to(data_dir().absolute()):
        return project.with_name(name)
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    folder = Path(documents) if documents and Path(documents).is_dir() else Path.home()
    return folder / name
