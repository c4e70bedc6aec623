"""What kind of drive a file lies on, and whether this SQLite may keep a write-ahead log at all."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Literal

Place = Literal["local", "network"]

_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smbfs", "smb2", "smb3", "fuse.sshfs", "9p", "afs", "ncpfs"}
_FIXED_BACK_PORTS = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """False for the SQLite versions whose WAL can drop commits (fixed in 3.51.3, 3.50.7 and 3.44.6)."""
    back_port = _FIXED_BACK_PORTS.get((version[0], version[1]), (3, 51, 3))
    return version >= back_port


def mount_type(path: Path, mounts: str) -> str:
    """File system type of `path` by the longest matching mount point of a `/proc/mounts` text; empty if none."""
    best, found = 0, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        if len(point.parts) >= best and path.is_relative_to(point):
            best, found = len(point.parts), fields[2]
    return found


def place_of(path: Path) -> Place:
    """Whether a file lies on a network drive, where WAL's shared memory does not work."""
    full = path.resolve()
    if sys.platform == "win32":
        import ctypes

        remote = 4
        drive = full.anchor
        is_remote = drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive) == remote
        return "network" if is_remote else "local"
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "local"
    return "network" if mount_type(full, mounts) in _NETWORK_FILE_SYSTEMS else "local"
