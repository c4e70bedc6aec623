"""Opening and making projects: slow, so in the thread that will own the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from rpdr_core.paths import data_dir
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.workspace import OpenedProject

Opened = Callable[[OpenedProject], None]
SAMPLE = "eye_clinic"
SUFFIX = ".rpdr"


def open_project(path: Path, done: Opened, failed: Failed, parent: QObject | None = None) -> OneThread:
    """Open a project file. The thread lives on as the project's own; on failure the caller closes it."""
    return _in_new_thread(lambda thread: _open(path, thread), done, failed, parent)


def create_project(
    path: Path, name: str, knowledge_base: str, done: Opened, failed: Failed, parent: QObject | None = None
) -> OneThread:
    """Make an empty project on a knowledge base (an id, or the path of a CSV/TSV table)."""
    return _in_new_thread(lambda thread: _create(path, name, knowledge_base, thread), done, failed, parent)


def both(done: Opened, then: Callable[[], None]) -> Opened:
    """One after the other, once the project is open."""

    def opened(project: OpenedProject) -> None:
        done(project)
        then()

    return opened


def open_sample(done: Opened, failed: Failed, parent: QObject | None = None) -> OneThread:
    """The sample project in the user's data folder, made on first use."""
    return _in_new_thread(_sample, done, failed, parent)


def sample_path() -> Path:
    return default_folder() / f"{SAMPLE}{SUFFIX}"


def priority_of(project: Path) -> tuple[str, ...]:
    """Code prefixes to embed first: the sample's chapter for the sample, none for others."""
    return ("H0", "H1", "H2", "H3", "H4", "H5") if project == sample_path() else ()


def default_folder() -> Path:
    """Where new projects go unless the user says otherwise."""
    return data_dir() / "projects"


def known_terminologies() -> list[tuple[str, str, str]]:
    """Reference, title and fingerprint of what can be mapped to without importing anything first."""
    from rpdr_core.knowledge_base.library import Library

    library = Library()
    return [
        (library.reference(info), f"{info.title}  {info.version}".strip(), info.fingerprint) for info in library.list()
    ]


def _in_new_thread(
    work: Callable[[OneThread], OpenedProject], done: Opened, failed: Failed, parent: QObject | None
) -> OneThread:
    thread = OneThread("store", parent)
    thread.submit(lambda: work(thread), done, failed)
    return thread


def _open(path: Path, thread: OneThread) -> OpenedProject:
    # The store's libraries are loaded here, beside the window that is being built.
    from rpdr_core.store import Project

    project = Project.open(path)
    return OpenedProject(project, thread, path, project.setting("name", path.stem), project.knowledge_base())


def _create(path: Path, name: str, knowledge_base: str, thread: OneThread) -> OpenedProject:
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.store import Project
    from rpdr_core.workflow.terminology_setup import TerminologySetup

    library = Library()
    TerminologySetup().catalogue(library, knowledge_base)
    info = library.open(knowledge_base).info
    path.parent.mkdir(parents=True, exist_ok=True)
    return OpenedProject(Project.create(path, name=name, knowledge_base=info), thread, path, name, info)


def _sample(thread: OneThread) -> OpenedProject:
    path = sample_path()
    if path.exists():
        return _open(path, thread)
    from rpdr_core.knowledge_base.library import Library
    from rpdr_core.workflow.sample import TERMINOLOGY, create_sample
    from rpdr_core.workflow.terminology_setup import TerminologySetup

    TerminologySetup().catalogue(Library(), TERMINOLOGY)
    path.parent.mkdir(parents=True, exist_ok=True)
    project = create_sample(path)
    return OpenedProject(project, thread, path, project.setting("name", path.stem), project.knowledge_base())
