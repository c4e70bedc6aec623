"""Which drive, which SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpdr_core.store.drives import mount_type, place_of, wal_is_safe

MOUNTS = r"""/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
//server/share /mnt/Clinic\040data cifs rw 0 0
host:/x /mnt/ssh fuse.sshfs rw 0 0
/dev/sdb /home/local ext4 rw 0 0
broken
tmpfs /stacked tmpfs rw 0 0
server:/stacked /stacked nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/a.rpdr", "ext4"),
        ("/home/anna/a.rpdr", "nfs4"),
        ("/homestead/a.rpdr", "ext4"),
        ("/home/local/a.rpdr", "ext4"),
        ("/mnt/Clinic data/a.rpdr", "cifs"),
        ("/mnt/ssh/deep/er/a.rpdr", "fuse.sshfs"),
        ("/stacked/a.rpdr", "nfs"),
    ],
)
def test_the_longest_mount_point_counts(path: str, expected: str) -> None:
    assert mount_type(Path(path), MOUNTS) == expected


def test_no_mount_no_type() -> None:
    assert mount_type(Path("/etc"), "") == ""


def test_the_tests_run_on_a_local_drive(tmp_path: Path) -> None:
    assert place_of(tmp_path) == "local"


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_with_the_faulty_log(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe
