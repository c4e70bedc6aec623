"""Text to other machines: refused unless somebody agreed to this cluster by its name, written down before it leaves."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rpdr_core.errors import NotAllowedError
from rpdr_core.paths import data_dir
from rpdr_core.workflow.linking_engine import Load
from rpdr_core.workflow.linking_ray.cargo import Cargo
from rpdr_core.workflow.linking_ray.nodes import Node

_KIB = 1024


class Sent(msgspec.Struct, frozen=True):
    """One line of the record. `event`: `begin` before anything is sent, `end` after (`mentions`: those whose results
    came back); a begin without an end means maybe sent. `files`: what a machine could fetch. No text is in it.
    """

    event: str
    at: str
    run: str
    cluster: str
    machines: tuple[str, ...]
    mentions: int
    size: int
    remembered: int
    input_sha256: str
    files: tuple[str, ...] = ()


def record_file() -> Path:
    """One line for every time that texts went to, or came back from, a cluster of other machines."""
    return data_dir() / "sent-to-clusters.jsonl"


def check_agreed(cluster: str, others: Sequence[Node], agreed: str, load: Load, remembered: int, cargo: Cargo) -> None:
    """Raise `NotAllowedError` unless `agreed` names the cluster and what goes there is encrypted on its way.

    `cluster`: `host:port` of its head; `remembered`: mentions of the memory, which go along; `cargo`: files that a
    machine without them fetches.
    """
    host = cluster.rpartition(":")[0] or cluster
    machines = ", ".join(node.name for node in others)
    what = f"{load.mentions:,} mentions with their contexts (at most {_size(load.size)})"
    if remembered:
        what += f" and {remembered:,} remembered ones"
    files = f"; and what a machine lacks of {_size(cargo.size)} of files: {', '.join(cargo.told)}"
    if agreed != host:
        named = f"--agree {agreed} is not this cluster; " if agreed else ""
        raise NotAllowedError(
            f"linking there sends {what} to {len(others)} other machines: {machines}{files}",
            hint=f"{named}if they may have these texts, say so with --agree {host}",
        )
    if os.environ.get("RAY_USE_TLS", "0") != "1":
        raise NotAllowedError(
            f"mentions would cross the network unencrypted to {machines}",
            hint="run the cluster and this command with RAY_USE_TLS=1, RAY_TLS_SERVER_CERT, RAY_TLS_SERVER_KEY and "
            "RAY_TLS_CA_CERT",
        )


def write_down(line: Sent) -> None:
    """Append to the record; durable when this returns."""
    path = record_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(msgspec.json.encode(line) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def moment() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _size(size: int) -> str:
    return f"{size:,} bytes" if size < _KIB else f"{size / _KIB:,.0f} KiB"
