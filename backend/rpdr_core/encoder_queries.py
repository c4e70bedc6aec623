"""In which numbers encoders compute: how to ask for it, and whether queries may be encoded in int8, which a check on a
terminology's own strings says. The checks are kept beside the encoder's graphs.

::

    cache/encoders/FINGERPRINT/model.onnx, model.int8.onnx     graphs, each with its SHA-256
    cache/encoders/FINGERPRINT/queries-KEY.json                a check (`QueryCheck`)
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from rpdr_core.paths import cache_dir

VARIABLE = "RPDR_ENCODER_RUNTIME"
"""The environment variable by which every worker is asked; without it `auto`."""

Asked = Literal["auto", "f32", "bf16", "int8"]

RECALL_LOST = 0.005
"""Half a point: the most of recall that speed may cost."""

QUICKER = 1.1
"""Below this int8 is not worth an answer that differs."""


@dataclass(frozen=True, slots=True)
class QueryCheck:
    """Seeded queries made of a terminology's own `strings`, looked up in its vectors, encoded once as these are (f32
    or bf16) and once in int8: shares of queries with their entity first, and among the first ten; mean cosine of the
    two encodings; `quicker`: processor time of the former over that of int8.

    `terminology`: SHA-256 of the strings. `processor` and `onnxruntime`: where it was measured.
    """

    encoder: str
    terminology: str
    onnxruntime: str
    processor: str
    graph: str
    seed: int
    queries: int
    strings: int
    at_1: float
    at_1_int8: float
    at_10: float
    at_10_int8: float
    cosine: float
    quicker: float

    @property
    def taken(self) -> bool:
        """Whether int8 keeps its recall, at one and at ten, and is quicker."""
        lost = max(self.at_10 - self.at_10_int8, self.at_1 - self.at_1_int8)
        return lost <= RECALL_LOST + 1e-9 and self.quicker >= QUICKER


def encoder_cache(fingerprint: str) -> Path:
    """Where an encoder's graphs and checks are kept."""
    return cache_dir() / "encoders" / fingerprint


def read_query_check(path: Path) -> QueryCheck | None:
    """None where there is none, or none that can be read: then it is made again."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=QueryCheck)
    except (OSError, msgspec.MsgspecError):
        return None


def write_query_check(path: Path, check: QueryCheck) -> QueryCheck:
    """Keep a check where there is none yet. Returns what is kept: of several workers that measure at the same time, one
    was first, and all go by it, or the same query would be encoded so by one and otherwise by another.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(f".{os.getpid()}.staging")
    staging.write_bytes(msgspec.json.format(msgspec.json.encode(check), indent=1))
    try:
        return _first(path, staging) or check
    finally:
        staging.unlink(missing_ok=True)


def _first(path: Path, staging: Path) -> QueryCheck | None:
    """Put `staging` in place, unless somebody was first: then what they found. One that cannot be read is replaced."""
    try:
        os.link(staging, path)
    except OSError:
        # There is one, or the file system has no links: then only who comes in between is overruled.
        earlier = read_query_check(path)
        if earlier is None:
            staging.replace(path)
        return earlier
    return None


def query_checks() -> list[QueryCheck]:
    """All checks on this machine, by encoder and terminology."""
    files = sorted((cache_dir() / "encoders").glob("*/queries-*.json"))
    found = [check for check in map(read_query_check, files) if check is not None]
    return sorted(found, key=lambda one: (one.encoder, one.terminology))
