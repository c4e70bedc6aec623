"""Vectors on disk, in shards of strings, each under the hash of what it was made from.

A shard's name is the SHA-256 of encoder and strings, so a killed build resumes at the shard it was in, and two
knowledge bases never mix. Where a shard ends is decided by the strings themselves, so that a term added to a lexicon
changes one shard and not all that follow. The content is checked against the hash in its first 32 bytes.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rpdr_core.paths import cache_dir
from rpdr_worker.retrieval.encoder import Vectors

_SMALLEST, _LARGEST = 256, 2048
# One string in so many ends a shard: some 1,000 strings, seconds of work.
_CUT = 768


@dataclass(frozen=True, slots=True)
class Shard:
    """Strings `start:stop` of the term table and the file that holds their vectors (float16, row-major)."""

    start: int
    stop: int
    path: Path


def shards(strings: Sequence[str], encoder: str, root: Path | None = None) -> tuple[Shard, ...]:
    """The shards of a term table for an encoder's fingerprint."""
    folder = (root or cache_dir() / "vectors") / encoder[:16]
    found = []
    for start, stop in _spans(strings):
        key = hashlib.sha256("\n".join((encoder, *strings[start:stop])).encode()).hexdigest()
        found.append(Shard(start, stop, folder / f"{key}.f16"))
    return tuple(found)


def _spans(strings: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, string in enumerate(strings, 1):
        size = at - start
        if size == _LARGEST or (size >= _SMALLEST and zlib.crc32(string.encode()) % _CUT == 0):
            yield start, at
            start = at
    if start < len(strings):
        yield start, len(strings)


def read_shard(shard: Shard) -> Vectors | None:
    """Vectors of a shard as float32, shape (stop - start, width); None if absent or damaged (then make it again)."""
    try:
        content = shard.path.read_bytes()
    except OSError:
        return None
    head, body = content[:32], content[32:]
    rows = shard.stop - shard.start
    if hashlib.sha256(body).digest() != head or not body or len(body) % (2 * rows):
        return None
    return np.frombuffer(body, np.float16).reshape(rows, -1).astype(np.float32)


def write_shard(shard: Shard, vectors: Vectors) -> Vectors:
    """Write atomically; returns what a later read will give (rounded to float16)."""
    body = np.ascontiguousarray(vectors, np.float16).tobytes()
    shard.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = shard.path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as out:
        out.write(hashlib.sha256(body).digest() + body)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(shard.path)
    return np.asarray(vectors, np.float16).astype(np.float32)
