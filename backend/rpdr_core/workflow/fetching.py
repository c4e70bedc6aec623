"""The adapter of a run that is done: copied part by part, checked, put in place whole."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.protocol.run_messages import FilePart, ReadPart, RunFile, RunRef, RunResult
from rpdr_core.workflow.adapters import adapters_folder
from rpdr_core.workflow.encoders import encoders_folder
from rpdr_core.workflow.runs import Ask, Talk, play

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class _Manifest:
    info: AdapterInfo


def fetch_adapter(worker: WorkerClient, run: str, name: str, *, folder: Path | None = None) -> AdapterInfo:
    """Copy the adapter to `FOLDER/name` (default: this machine's adapters) and return it with its folder here.

    An adapter of other content under that name stays: the new one's folder gets its id appended.
    """
    return play(worker, fetching(run, name, folder=folder))


def fetch_result(worker: WorkerClient, run: str, name: str) -> AdapterInfo:
    """`fetch_adapter` to where it belongs: a trained encoder goes to the encoders, a student to the adapters."""
    result = worker.call("run.result", RunRef(run))
    folder = encoders_folder() if result.info.kind == "retriever" else None
    return fetch_adapter(worker, run, name, folder=folder)


def fetching(run: str, name: str, *, folder: Path | None = None) -> Talk[AdapterInfo]:
    """The conversation of `fetch_adapter`. Cut off and begun again, it goes on with the bytes that are here.

    Raises `DamagedFileError` for a file that is not what the far side hashed; nothing is put in place then.
    """
    root = folder or adapters_folder()
    result: RunResult = yield Ask("run.result", RunRef(run))
    target = _target(root, name, result.info.id)
    if _id_at(target) == result.info.id:
        return replace(result.info, folder=str(target))
    staging = root / f".fetch-{run}"
    for file in result.files:
        yield from _fetch_file(run, file, _inside(staging, file.name))
    if _id_at(staging) != result.info.id:
        shutil.rmtree(staging, ignore_errors=True)
        raise DamagedFileError("the run's adapter is not the one it reported", hint="fetch it again")
    staging.rename(target)
    return replace(result.info, folder=str(target))


def _fetch_file(run: str, file: RunFile, path: Path) -> Talk[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    at = path.stat().st_size if path.exists() else 0
    with path.open("ab") as out:
        while at < file.size:
            part: FilePart = yield Ask("run.fetch", ReadPart(run, file.name, at))
            data = base64.b64decode(part.data, validate=True)
            if not data:
                break
            out.write(data)
            at += len(data)
    with _dropped_if_damaged(path), path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
            raise DamagedFileError("the file was damaged on its way", hint="fetch it again", file=path.name)


@contextmanager
def _dropped_if_damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except DamagedFileError:
        path.unlink(missing_ok=True)
        raise


def _inside(folder: Path, name: str) -> Path:
    """A file of the staging folder; a host that names a place outside is refused."""
    parts = PurePosixPath(name).parts
    if not parts or any(part in ("..", "/") or re.search(r"[\\:\0]", part) for part in parts):
        raise DamagedFileError("the host names a file outside of the adapter", hint="do not use this host")
    return folder.joinpath(*parts)


def _target(root: Path, name: str, id: str) -> Path:
    plain = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "student"
    target = root / plain
    return target if not target.exists() or _id_at(target) == id else root / f"{plain}-{id[:8]}"


def _id_at(folder: Path) -> str:
    try:
        return msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=_Manifest).info.id
    except (OSError, msgspec.MsgspecError):
        return ""
