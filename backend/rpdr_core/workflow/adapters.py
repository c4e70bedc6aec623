"""The adapters on this machine, by their manifests, and the students of a project.

A student's life: trained (a run leaves an adapter), registered (`register_adapter`), compared (`comparing`, `impact`),
promoted, rolled back (`promotion`). Hashes are checked where an adapter is used, by the worker.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from rpdr_core.errors import DamagedFileError, NotFoundError, UserInputError
from rpdr_core.paths import data_dir
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.records import Changes
from rpdr_core.store import Project, ProjectReader, StoredAdapter

LEGACY_ID, LEGACY_FOLDER = "newest_adapter", "newest_adapter_folder"
"""Settings by which the desk knew its student before there were promotions."""

_MANIFEST = "manifest.json"
_PREFIX = 4


@dataclass(frozen=True, slots=True)
class _Manifest:
    info: AdapterInfo


@dataclass(frozen=True, slots=True)
class Student:
    """The student in use: its adapter's id and folder; both empty where none is. Falsy then."""

    id: str = ""
    folder: str = ""

    def __bool__(self) -> bool:
        return bool(self.id)


@dataclass(frozen=True, slots=True)
class RegisteredAdapter:
    """An adapter of a project. `info.folder` is where it lies on this machine, empty where it does not."""

    info: AdapterInfo
    run_id: str
    registered_at: str
    actor: str
    in_use: bool

    @property
    def here(self) -> bool:
        return bool(self.info.folder)


def adapters_folder() -> Path:
    """Where adapters are kept under their names."""
    return data_dir() / "adapters"


def list_adapters(folder: Path | None = None) -> list[AdapterInfo]:
    """What is in the folder, by name. A folder without a readable manifest is no adapter and is passed over, and so is
    one that is still on its way here.
    """
    root = folder or adapters_folder()
    found = (_read(path.parent) for path in sorted(root.glob(f"[!.]*/{_MANIFEST}")))
    return [info for info in found if info is not None]


def find_adapter(reference: str, known: ProjectReader | None = None) -> AdapterInfo:
    """The adapter by folder, name, or id (four digits of it are enough where they are clear).

    `known`: a project whose registered adapters are looked at too. Raises `NotFoundError`.
    """
    for folder in (Path(reference), adapters_folder() / reference):
        info = _read(folder)
        if info is not None:
            return info
    here = list_adapters() + [one.info for one in (registered(known) if known else ()) if one.here]
    found = {info.id: info for info in here if len(reference) >= _PREFIX and info.id.startswith(reference)}
    if len(found) > 1:
        raise UserInputError(f"{reference} begins {len(found)} adapters' ids", hint="give more of the id")
    if not found:
        raise NotFoundError(f"no adapter {reference!r} on this machine", hint="see the list: rpdr adapters")
    return next(iter(found.values()))


def register_adapter(project: Project, info: AdapterInfo, *, run_id: str = "", actor: str = "") -> Changes:
    """Make an adapter known to a project. `info.folder` is where it lies here. Again is no harm."""
    text = msgspec.json.encode(replace(info, folder="")).decode()
    return project.register_adapter(StoredAdapter(info.id, info.kind, info.folder, run_id, "", actor, text))


def registered(reader: ProjectReader) -> list[RegisteredAdapter]:
    """The project's adapters, oldest first."""
    current = current_student(reader).id
    return [
        RegisteredAdapter(_info(stored), stored.run_id, stored.registered_at, stored.actor, stored.id == current)
        for stored in reader.adapters()
    ]


def lies_here(info: AdapterInfo) -> bool:
    """Whether the adapter's folder is on this machine."""
    return bool(info.folder) and (Path(info.folder) / _MANIFEST).is_file()


def current_student(reader: ProjectReader) -> Student:
    """The promoted student; in a project that never promoted one, the student it trained last."""
    history = reader.promotions()
    if not history:
        return Student(reader.setting(LEGACY_ID), reader.setting(LEGACY_FOLDER))
    newest = history[-1].adapter_id
    stored = next((one for one in reader.adapters() if one.id == newest), None)
    return Student(stored.id, _folder_of(stored)) if stored else Student()


def _info(stored: StoredAdapter) -> AdapterInfo:
    try:
        info = msgspec.json.decode(stored.info, type=AdapterInfo)
    except msgspec.MsgspecError as error:
        hint = "restore a backup of the project"
        raise DamagedFileError(f"what the project knows of student {stored.id} cannot be read", hint=hint) from error
    folder = _folder_of(stored)
    return replace(info, folder=folder if (Path(folder) / _MANIFEST).is_file() else "")


def _folder_of(stored: StoredAdapter) -> str:
    """Where it was registered; on another machine, the folder of its name or of its id among the adapters here."""
    if (Path(stored.folder) / _MANIFEST).is_file():
        return stored.folder
    named = adapters_folder() / Path(stored.folder).name
    candidates = [info for info in ([_read(named)] if stored.folder else []) if info] or list_adapters()
    return next((info.folder for info in candidates if info.id == stored.id), stored.folder)


def _read(folder: Path) -> AdapterInfo | None:
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=_Manifest)
    except (OSError, msgspec.MsgspecError):
        return None
    return replace(manifest.info, folder=str(folder))
