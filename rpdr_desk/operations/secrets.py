"""The teacher's keys: kept in the system's keyring, read when a job starts, never written anywhere else."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QObject

from rpdr_core.errors import NotFoundError
from rpdr_desk.operations.one_thread import Failed, OneThread

PATIENCE = 0.5
"""Seconds that a keyring may hold up the end: one that asks for a password may take for ever."""


class Secrets(QObject):
    """A keyring may ask for a password, so it is spoken to in a thread of its own."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = OneThread("keyring", self)

    def read(self, name: str, done: Callable[[str], None], failed: Failed) -> None:
        """The key of this name; empty if there is none."""
        self._thread.submit(lambda: _read(name), done, failed)

    def write(self, name: str, key: str, done: Callable[[None], None], failed: Failed) -> None:
        """Keep a key; an empty one is removed."""
        self._thread.submit(lambda: _write(name, key), done, failed)

    def close(self) -> None:
        self._thread.abandon(PATIENCE)


def is_set(variable: str) -> bool:
    """Whether an environment variable holds something."""
    return bool(os.environ.get(variable))


def _read(name: str) -> str:
    from rpdr_core.workflow.keys import stored_key

    try:
        return stored_key(name)
    except NotFoundError:
        return ""


def _write(name: str, key: str) -> None:
    from rpdr_core.workflow.keys import store_key

    store_key(name, key)
