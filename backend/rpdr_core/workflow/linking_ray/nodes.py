"""The nodes of a cluster, and why one of them may not link for us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    """What `probe.described` found: versions, empty where a thing is missing, how the node's Ray lets people in, and
    the kind of its processor.
    """

    rpdr: str
    worker: str
    libraries: str
    auth: str
    processor: str = ""


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
        if there.processor != here.processor:
            message = f"node {node.name} has another kind of processor ({there.processor}) than this ({here.processor})"
            raise HostError(message, hint="link from a machine like the nodes: last digits of results would differ")


def others(nodes: Sequence[Node], here: str, heads: Collection[str]) -> list[Node]:
    """The nodes that are not at this machine's address, and have devices or are among `heads` (ids)."""
    return [node for node in nodes if node.address != here and (node.devices or node.id in heads)]


def refuse_other_kind(*, judged: bool, gpu: bool, gpus: bool) -> None:
    """A promise holds for what it was judged on: raise `HostError` where the sample was, on this machine with or
    without `gpu`, and nodes have it otherwise (`gpus`).
    """
    if judged and gpu != gpus:
        words = ("a processor", "GPUs")
        raise HostError(
            f"the reviewed sample was judged on {words[gpu]}, and the cluster's nodes rank on {words[gpus]}",
            hint="with --max-error, link from a machine that ranks as the nodes do",
        )
