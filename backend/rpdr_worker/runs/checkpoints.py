"""Checkpoints of a run: whole or not there, hashed, two of them kept."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_worker.distillation.context import WriteState
from rpdr_worker.runs.folder import sha256_of, sync_folder, write

KEPT = 2
_MANIFEST = "manifest.json"
_PREFIX = "checkpoint-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files`: SHA-256 by path in the checkpoint's folder (with /). `at`: seconds since 1970."""

    step: int
    at: float
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    step: int
    folder: Path


def write_checkpoint(run: Path, step: int, write_state: WriteState) -> Checkpoint:
    """The state after `step`, on disk when the call returns; the oldest beyond `KEPT` are removed."""
    staging = run / f".{_PREFIX}{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    write_state(staging)
    names = [path for path in sorted(staging.rglob("*")) if path.is_file()]
    for path in names:
        _sync(path)
    files = {path.relative_to(staging).as_posix(): sha256_of(path) for path in names}
    write(staging / _MANIFEST, Manifest(step, time.time(), files))
    target = run / f"{_PREFIX}{step:08}"
    shutil.rmtree(target, ignore_errors=True)
    staging.rename(target)
    sync_folder(run)
    for old in list(newest_first(run))[KEPT:]:
        shutil.rmtree(old.folder, ignore_errors=True)
    return Checkpoint(step, target)


def newest_first(run: Path) -> Iterator[Checkpoint]:
    """The checkpoints that are there, whole or not."""
    for folder in sorted(run.glob(f"{_PREFIX}*"), reverse=True):
        if folder.name.removeprefix(_PREFIX).isdigit():
            yield Checkpoint(int(folder.name.removeprefix(_PREFIX)), folder)


def is_whole(checkpoint: Checkpoint) -> bool:
    """Whether the manifest is there and every file has its hash, and no other file is there."""
    try:
        manifest = msgspec.json.decode((checkpoint.folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return False
    found = {
        path.relative_to(checkpoint.folder).as_posix(): path
        for path in checkpoint.folder.rglob("*")
        if path.is_file() and path != checkpoint.folder / _MANIFEST
    }
    return (
        manifest.step == checkpoint.step
        and found.keys() == manifest.files.keys()
        and all(sha256_of(path) == manifest.files[name] for name, path in found.items())
    )


def newest_whole(run: Path) -> tuple[Checkpoint | None, list[Checkpoint]]:
    """The newest whole checkpoint, and the damaged ones that were passed over for it."""
    damaged: list[Checkpoint] = []
    for checkpoint in newest_first(run):
        if is_whole(checkpoint):
            return checkpoint, damaged
        damaged.append(checkpoint)
    return None, damaged


def remove(checkpoint: Checkpoint) -> None:
    shutil.rmtree(checkpoint.folder, ignore_errors=True)


def remove_leftovers(run: Path) -> None:
    """What a killed process had half written."""
    for staging in run.glob(f".{_PREFIX}*"):
        shutil.rmtree(staging, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
