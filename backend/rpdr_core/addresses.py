"""Where a teacher's requests go: a base URL taken apart and checked, in one place for consent, ledger and socket."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from rpdr_core.errors import NotAllowedError, UserInputError

_AZURE_PATH = "/openai/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """An endpoint's address: `base_url` without a slash at its end, its host and port."""

    base_url: str
    host: str
    port: int

    @property
    def place(self) -> str:
        """`host:port`, as consent and ledger name it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether it is this machine."""
        return is_this_machine(self.host)

    @property
    def chat_url(self) -> str:
        return f"{self.base_url}/chat/completions"


def address_of(base_url: str, kind: str = "compatible") -> Address:
    """The address, checked: http or https, and plain http on this machine only. Raises `UserInputError`."""
    base = base_url.strip().rstrip("/")
    parts = urlsplit(base)
    try:
        port = parts.port
    except ValueError as error:
        raise UserInputError("the endpoint's port is not a number", hint="check the address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UserInputError("the endpoint's address is not a web address", hint="such as https://api.openai.com/v1")
    if parts.username or parts.password:
        raise UserInputError("the endpoint's address holds a name or password", hint="give the key as the key")
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise NotAllowedError(
            "mentions would cross the network unencrypted", hint="use https, or a server on this machine"
        )
    if kind == "azure" and not parts.path:
        base += _AZURE_PATH
    return Address(base, parts.hostname, port or (443 if parts.scheme == "https" else 80))


def is_this_machine(host: str) -> bool:
    """Whether a name or number means this machine, without asking a name server."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
