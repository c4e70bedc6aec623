"""Spoilt files through every importer: deaths, hangs, foreign exceptions, refusals without a cure, partial imports.

    python tests/benchmarks/mutated_files.py [--files 500] [--only NAME ...] [--seed 1] [--keep FOLDER]

Each importer gets that many files, made of sound ones by seeded mutations, in a process of its own with a cap on its
memory. Prints a table; ends with 1 where there is any defect, whose file `--keep` puts aside.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from helpers.importers import IMPORTERS, Importer  # noqa: E402
from helpers.spoilt_imports import DEFECTS, spoilt  # noqa: E402

PATIENCE = 30.0
START = 60.0


@dataclass
class Tally:
    """What became of one importer's files. `defects`: number of the file, kind, words."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    defects: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, number: int, outcome: str, what: str = "", seconds: float = 0.0) -> None:
        self.counts[outcome] += 1
        self.slowest = max(self.slowest, seconds)
        if outcome in (*DEFECTS, "death", "hang"):
            self.defects.append((number, outcome, what))


def examine(importer: Importer, seed: int, files: int) -> Tally:
    """All files of one importer; a child that dies or hangs costs one of them."""
    tally, number = Tally(), 0
    while number < files:
        number = _batch(importer, seed, number, files, tally)
    return tally


def _batch(importer: Importer, seed: int, first: int, files: int, tally: Tally) -> int:
    """One child, as far as it gets; the number of the file to go on with."""
    command = [sys.executable, "-m", "helpers.spoilt_imports", importer.name, str(seed), str(first), str(files)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=TESTS)
    lines: queue.Queue[str | None] = queue.Queue()
    assert child.stdout is not None
    reading = threading.Thread(target=lambda out: [*map(lines.put, out), lines.put(None)], args=(child.stdout,))
    reading.start()
    number = first
    try:
        if lines.get(timeout=START) is None:
            raise SystemExit(f"{importer.name}: the child did not start")
        while number < files:
            line = lines.get(timeout=PATIENCE)
            if line is None:
                tally.add(number, "death", _cause(child.wait()))
                return number + 1
            told = json.loads(line)
            tally.add(told["number"], told["outcome"], told["what"], told["seconds"])
            number += 1
    except queue.Empty:
        tally.add(number, "hang", f"more than {PATIENCE:.0f} s")
        return number + 1
    finally:
        child.kill()
        child.wait()
        reading.join()
    return number


def _cause(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit {status}"


def _keep(importer: Importer, seed: int, number: int, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "sound").mkdir()
        path = spoilt(importer, seed, number, Path(name))
        target = folder / f"{importer.name}-{number}-{path.name}"
        shutil.copytree(path, target, symlinks=True) if path.is_dir() else shutil.copyfile(path, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    chosen = [one for one in IMPORTERS if not options.only or one.name in options.only]
    columns = ("refused", "taken", "death", "hang", *DEFECTS)
    print(f"| importer | files | {' | '.join(columns)} | slowest s |\n|---|{'---:|' * (len(columns) + 2)}", flush=True)
    bad, total = 0, Counter[str]()
    for importer in chosen:
        tally = examine(importer, options.seed, options.files)
        total += tally.counts
        cells = (str(tally.counts[column]) for column in columns)
        print(f"| {importer.name} | {options.files} | {' | '.join(cells)} | {tally.slowest:.1f} |", flush=True)
        for number, kind, what in tally.defects:
            bad += 1
            print(f"{importer.name} {number}: {kind}\n{what}", file=sys.stderr, flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                _keep(importer, options.seed, number, options.keep)
    cells = (str(total[column]) for column in columns)
    print(f"| all {len(chosen)} | {sum(total.values())} | {' | '.join(cells)} | |")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
