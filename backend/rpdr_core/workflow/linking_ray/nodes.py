"""The nodes of a cluster, and why one of them may not link for us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.errors import HostError, NotAllowedError

TOKEN = "token"  # noqa: S105 - the name of a mode


@dataclass(frozen=True, slots=True)
class Node:
    """One machine of a cluster as Ray knows it. `address`: the number it is reached at; `devices`: how many actors of
    ours it can hold.
    """

    id: str
    address: str
    host: str
    devices: int

    @property
    def name(self) -> str:
        return f"{self.host} ({self.address})" if self.host != self.address else self.address


@dataclass(frozen=True, slots=True)
class Equipment:
    """What `probe.described` found: versions, empty where a thing is missing, and how the node's Ray lets people in."""

    rpdr: str
    worker: str
    libraries: str
    auth: str


def refuse_open(nodes: Sequence[tuple[Node, Equipment]]) -> None:
    """Whoever reaches an open cluster runs what they like on it, and reads what it reads."""
    for node, equipment in nodes:
        if equipment.auth != TOKEN:
            raise NotAllowedError(
                f"node {node.name} of the cluster lets anybody in: it runs without token authentication",
                hint="start every node with RAY_AUTH_MODE=token and one RAY_AUTH_TOKEN_PATH (ray get-auth-token "
                "--generate makes a token), then link again",
            )


def refuse_unlike(nodes: Sequence[tuple[Node, Equipment]], here: Equipment) -> None:
    """Results are the same where programs are: raise `HostError` for the first node with others than ours."""
    for node, there in nodes:
        if not there.rpdr:
            hint = f'on every node: pip install "rpdr-desk[worker,ray]=={here.rpdr}"'
            raise HostError(f"node {node.name} has no rpdr-desk, here it is {here.rpdr}", hint=hint)
        if there.rpdr != here.rpdr:
            message = f"node {node.name} has rpdr-desk {there.rpdr}, here it is {here.rpdr}"
            raise HostError(message, hint="install the same version on every node")
        if not there.worker:
            message = f"node {node.name} has rpdr-desk {there.rpdr} without its worker"
            raise HostError(message, hint='on every node: pip install "rpdr-desk[worker,ray]"')
        if there.libraries != here.libraries:
            message = f"node {node.name} has {there.libraries}; here it is {here.libraries}"
            raise HostError(message, hint="install the same versions on every node: results would differ")


def others(nodes: Sequence[Node], here: str) -> list[Node]:
    """The nodes that are not at this machine's address."""
    return [node for node in nodes if node.address != here]
