from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_worker.retrieval import vectors
from rpdr_worker.retrieval.vectors import read_shard, shards, write_shard

STRINGS = [f"term {at}" for at in range(6_000)]


def random(rows: int, width: int = 8, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    found = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_shards_cover_the_table_once_in_order(tmp_path: Path) -> None:
    found = shards(STRINGS, "e" * 64, tmp_path)
    assert [shard.start for shard in found] == [0, *(shard.stop for shard in found[:-1])]
    assert found[-1].stop == len(STRINGS)
    assert len({shard.path for shard in found}) == len(found) > 2
    assert shards([], "e" * 64, tmp_path) == ()


@pytest.mark.parametrize("strings", [STRINGS, ["same"] * 6_000])
def test_a_shard_is_seconds_of_work(tmp_path: Path, strings: list[str]) -> None:
    sizes = [shard.stop - shard.start for shard in shards(strings, "e", tmp_path)]
    assert all(256 <= size <= 2048 for size in sizes[:-1])


@settings(deadline=None, max_examples=30)
@given(st.integers(0, len(STRINGS)))
def test_a_term_more_costs_one_shard_or_two(tmp_path_factory: pytest.TempPathFactory, at: int) -> None:
    """Two where the new term brings a cut of its own or moves one below the smallest size."""
    before = {shard.path for shard in shards(STRINGS, "e", Path())}
    after = [shard.path for shard in shards([*STRINGS[:at], "brand new", *STRINGS[at:]], "e", Path())]
    assert 1 <= sum(path not in before for path in after) <= 3


def test_the_default_place_is_the_cache(rpdr_home: Path) -> None:
    (shard,) = shards(["a"], "e" * 64)
    assert shard.path.is_relative_to(rpdr_home / "cache")


def test_a_shards_name_says_which_strings_and_which_encoder(tmp_path: Path) -> None:
    (shard,) = shards(["a", "b"], "e" * 64, tmp_path)
    others = (shards(["a", "c"], "e" * 64, tmp_path), shards(["a", "b"], "e" * 63 + "f", tmp_path))
    assert shards(["a", "b"], "e" * 64, tmp_path) == (shard,)
    assert all(other.path != shard.path for (other,) in others)


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(1, 9))
def test_what_is_read_is_what_writing_gave(tmp_path_factory: pytest.TempPathFactory, rows: int, width: int) -> None:
    (shard,) = shards(STRINGS[:rows], "e", tmp_path_factory.mktemp("v"))
    made = random(rows, width)
    kept = write_shard(shard, made)
    read = read_shard(shard)
    assert read is not None
    assert read.dtype == kept.dtype == np.float32
    assert np.array_equal(read, kept)
    assert np.allclose(read, made, atol=1e-3)


def test_nothing_is_there_before_it_is_written(tmp_path: Path) -> None:
    assert read_shard(shards(["a"], "e", tmp_path)[0]) is None


def test_every_flipped_byte_is_seen(tmp_path: Path) -> None:
    (shard,) = shards(STRINGS[:3], "e", tmp_path)
    write_shard(shard, random(3, 4))
    content = shard.path.read_bytes()
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 0x10
        shard.path.write_bytes(damaged)
        assert read_shard(shard) is None
    shard.path.write_bytes(content)
    assert read_shard(shard) is not None


@pytest.mark.parametrize("keep", [0, 10, 32, 40])
def test_a_torn_file_is_no_shard(tmp_path: Path, keep: int) -> None:
    (shard,) = shards(STRINGS[:3], "e", tmp_path)
    write_shard(shard, random(3, 4))
    shard.path.write_bytes(shard.path.read_bytes()[:keep])
    assert read_shard(shard) is None


def test_an_empty_body_with_a_right_hash_is_no_shard(tmp_path: Path) -> None:
    (shard,) = shards(STRINGS[:3], "e", tmp_path)
    shard.path.parent.mkdir(parents=True)
    shard.path.write_bytes(vectors.hashlib.sha256(b"").digest())
    assert read_shard(shard) is None


def test_a_failed_write_leaves_nothing_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shard,) = shards(STRINGS[:3], "e", tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vectors.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_shard(shard, random(3, 4))
    assert read_shard(shard) is None
    assert not shard.path.exists()
