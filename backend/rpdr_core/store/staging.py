"""Files that appear whole: written beside their place under another name, synced, renamed."""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rpdr_core.errors import WorldError

LEFT_OVER_SECONDS = 3600


@contextmanager
def staged(target: Path, what: str) -> Iterator[Path]:
    """Yield the (empty) file to write; it becomes `target` if the block ends well, and goes if it does not.

    `what` names the file in the `WorldError` that an error of the drive becomes.
    """
    staging = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        try:
            _clear_left_overs(target)
            staging.touch()
            yield staging
            _sync(staging)
            staging.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise WorldError(
                f"{what} cannot be written",
                hint="check the folder's permissions and free space",
                file=str(target.parent),
            ) from error
    finally:
        with contextlib.suppress(OSError):
            staging.unlink(missing_ok=True)


def _clear_left_overs(target: Path) -> None:
    """What killed processes left; a younger file may be at work in another process."""
    for path in target.parent.glob(f".{glob.escape(target.name)}.*.new"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFT_OVER_SECONDS:
                path.unlink()


def _sync(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """A rename lasts only once its folder is on disk (Windows cannot sync folders, and needs not)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
