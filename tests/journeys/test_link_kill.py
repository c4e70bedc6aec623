"""kill -9 while a file is linked: finished at last, the output equals the uninterrupted one byte for byte."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import link_until_killed as child

KILLS = 20
ROWS = 2_400
WORDS = ("pain", "ache", "sore", "left", "right", "knee", "back", "throat", "lens", "opacity", "head", "severe", "old")

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform == "win32", reason="process groups are killed as POSIX knows them"),
]

Linking = subprocess.Popen[str]


@pytest.fixture
def supply() -> Iterator[Iterator[Linking]]:
    """Commands that have been loaded, two ahead of their use."""
    started = [child.start(), child.start()]

    def following() -> Iterator[Linking]:
        while True:
            started.append(child.start())
            yield started[-3]

    try:
        yield following()
    finally:
        for process in started:
            kill(process)


def kill(process: Linking) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def begin(process: Linking, folder: Path, output: Path) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    arguments = ["link", str(folder / "mentions.csv"), "-o", str(output), "--kb", str(folder / "kb.csv")]
    process.stdin.write(json.dumps(arguments) + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "begun\n"


def files(folder: Path, rng: random.Random) -> None:
    names = sorted({" ".join(rng.sample(WORDS, rng.randint(2, 3))) for _ in range(300)})
    lines = [f"K{at},{name}" for at, name in enumerate(names)]
    (folder / "kb.csv").write_text("\n".join(["code,name", *lines]) + "\n", encoding="utf-8")
    said = [" ".join(rng.choices(WORDS, k=rng.randint(1, 4))) for _ in range(ROWS)]
    contexts = ("", "the left side", "since yesterday")
    rows = [f"{text}{'!' * rng.randint(0, 2)},{rng.choice(contexts)},{at}" for at, text in enumerate(said)]
    (folder / "mentions.csv").write_text("\n".join(["mention,context,id", *rows]) + "\n", encoding="utf-8")


def test_killed_at_any_moment_the_finished_output_is_the_same(tmp_path: Path, supply: Iterator[Linking]) -> None:
    rng = random.Random(6)
    files(tmp_path, rng)
    whole, output = tmp_path / "whole.csv", tmp_path / "out.csv"
    takes = 0.0
    for _ in range(2):  # the first one also makes what every later one finds made
        process = next(supply)
        begin(process, tmp_path, whole)
        began = time.monotonic()
        process.communicate(timeout=120)
        takes = time.monotonic() - began
        assert process.returncode == 0
    finished = torn = 0
    journal = output.with_name("out.csv.journal")
    for number in range(KILLS):
        process = next(supply)
        begin(process, tmp_path, output)
        # Any moment, the first ones before there is a journal; and, every other time, surely at work.
        while number % 2 and not journal.is_file() and process.poll() is None:
            time.sleep(0.002)
        time.sleep(rng.random() * min(takes, 10.0) / (1 + number % 2))
        kill(process)
        torn += journal.is_file()
        if output.is_file() and not journal.is_file():
            finished += 1
            assert output.read_bytes() == whole.read_bytes()
            output.unlink()
    last = next(supply)
    begin(last, tmp_path, output)
    last.communicate(timeout=120)
    assert last.returncode == 0
    assert output.read_bytes() == whole.read_bytes()
    assert torn > 0, "some were killed at work"
    assert sorted(path.name for path in tmp_path.glob("*.journal")) == []
