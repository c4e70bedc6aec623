"""The teacher's key: kept in the system's keyring, read when a job starts, never written anywhere else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from rpdr_core.errors import WorldError
from rpdr_desk.operations.one_thread import Failed, OneThread

SERVICE = "rpdr-desk"


class Secrets(QObject):
    """A keyring may ask for a password, so it is spoken to in a thread of its own."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = OneThread("keyring", self)

    def read(self, url: str, done: Callable[[str], None], failed: Failed) -> None:
        """The key for an address; empty if there is none."""
        self._thread.submit(lambda: _read(url), done, failed)

    def write(self, url: str, key: str, done: Callable[[None], None], failed: Failed) -> None:
        """Keep a key; an empty one is removed."""
        self._thread.submit(lambda: _write(url, key), done, failed)

    def close(self) -> None:
        self._thread.abandon()


def _read(url: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, url) or ""
    except KeyringError as error:
        raise _unusable() from error


def _write(url: str, key: str) -> None:
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        if key:
            keyring.set_password(SERVICE, url, key)
        else:
            keyring.delete_password(SERVICE, url)
    except PasswordDeleteError:
        pass
    except KeyringError as error:
        raise _unusable() from error


def _unusable() -> WorldError:
    return WorldError("the system's keyring cannot be used", hint="unlock or install one; keys are kept nowhere else")
