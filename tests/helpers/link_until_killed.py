"""`rpdr link` in a process that is killed: the real command with its real worker, loaded before it is told to begin.

Started as a program it says `ready`, reads one line of arguments (JSON) and runs the command. Chunks are small, so that
a run has many moments to be killed in. `killed_and_finished` does it again and again, and once without a kill.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHUNK = 40
WORDS = ("pain", "ache", "sore", "left", "right", "knee", "back", "throat", "lens", "opacity", "head", "severe", "old")
LONGEST = 600
VECTORS = "--vectors"

Linking = subprocess.Popen[str]


@dataclass(frozen=True, slots=True)
class Killed:
    """`torn`: kills that left a journal. `equal`: outputs (the last one, and any that a kill came too late for) with
    the bytes of the uninterrupted one; `different`: others.
    """

    torn: int
    equal: int
    different: int


def start(vectors: bool = False) -> Linking:
    """A process group of its own, so that the worker dies with the command."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__)), *([VECTORS] if vectors else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


@contextmanager
def supply(vectors: bool = False) -> Iterator[Iterator[Linking]]:
    """Commands that have been loaded, two ahead of their use."""
    started = [start(vectors), start(vectors)]

    def following() -> Iterator[Linking]:
        while True:
            started.append(start(vectors))
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


def files(folder: Path, rows: int, rng: random.Random) -> None:
    names = sorted({" ".join(rng.sample(WORDS, rng.randint(2, 3))) for _ in range(300)})
    lines = [f"K{at},{name}" for at, name in enumerate(names)]
    (folder / "kb.csv").write_text("\n".join(["code,name", *lines]) + "\n", encoding="utf-8")
    said = [" ".join(rng.choices(WORDS, k=rng.randint(1, 4))) for _ in range(rows)]
    contexts = ("", "the left side", "since yesterday")
    lines = [f"{text}{'!' * rng.randint(0, 2)},{rng.choice(contexts)},{at}" for at, text in enumerate(said)]
    (folder / "mentions.csv").write_text("\n".join(["mention,context,id", *lines]) + "\n", encoding="utf-8")


def killed_and_finished(folder: Path, *, kills: int, rows: int, vectors: bool, seed: int = 6) -> Killed:
    """Link a file of `rows` uninterrupted; then kill it so many times, and let it finish."""
    rng = random.Random(seed)
    files(folder, rows, rng)
    whole, output = folder / "whole.csv", folder / "out.csv"
    journal = output.with_name("out.csv.journal")
    torn = equal = different = 0
    with supply(vectors) as processes:
        takes = 0.0
        for _ in range(2):  # the first one also makes what every later one finds made
            takes = _finished(next(processes), folder, whole)
        for number in range(kills):
            process = next(processes)
            begin(process, folder, output)
            # Any moment, the first ones before there is a journal; and, every other time, surely at work.
            while number % 2 and not journal.is_file() and process.poll() is None:
                time.sleep(0.002)
            time.sleep(rng.random() * min(takes, 10.0) / (1 + number % 2))
            kill(process)
            torn += journal.is_file()
            if output.is_file() and not journal.is_file():
                equal, different = _compared(output, whole, equal, different)
                output.unlink()
        _finished(next(processes), folder, output)
    equal, different = _compared(output, whole, equal, different)
    return Killed(torn, equal, different)


def _finished(process: Linking, folder: Path, output: Path) -> float:
    """Seconds that it took."""
    begin(process, folder, output)
    began = time.monotonic()
    process.communicate(timeout=LONGEST)
    assert process.returncode == 0
    return time.monotonic() - began


def _compared(output: Path, whole: Path, equal: int, different: int) -> tuple[int, int]:
    same = output.read_bytes() == whole.read_bytes()
    return equal + same, different + (not same)


def run(vectors: bool) -> None:
    from rpdr_core.cli import link, main
    from rpdr_core.protocol.client import WorkerClient
    from rpdr_core.workflow import retrieving

    link.CHUNK = CHUNK  # type: ignore[misc]
    if not vectors:
        retrieving.SMALL = 0  # type: ignore[misc]
    worker = WorkerClient.start()
    link.WorkerClient.start = lambda: worker  # type: ignore[method-assign,assignment,misc]
    print("ready", flush=True)
    arguments = json.loads(sys.stdin.readline())
    print("begun", flush=True)
    main(arguments)


if __name__ == "__main__":
    run(VECTORS in sys.argv)
