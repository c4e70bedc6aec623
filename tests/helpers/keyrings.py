"""Key stores in the place of the system's: one in memory, and one that is out of order."""

from __future__ import annotations

import keyring.backend
from keyring.errors import KeyringError, PasswordDeleteError


class MemoryKeyring(keyring.backend.KeyringBackend):
    """Keys by (service, name). The priority is that of a backend that is never chosen by itself."""

    priority = 0.1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("no such key")


class NoKeyring(keyring.backend.KeyringBackend):
    """A machine without a key store, such as a headless one."""

    priority = 0.1

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError("no key store")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringError("no key store")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringError("no key store")
