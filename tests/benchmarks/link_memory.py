"""Memory of a large file's linking: `python tests/benchmarks/link_memory.py [--rows 3000000] [--distinct 1.0]`.

Writes a CSV of so many rows, of which a share is distinct, and links it with a linker that answers at once: what is
measured is the command's own work (reading, numbering, journal, writing). With `--data DATA_FOLDER` (`concepts.tsv` and
`train.tsv`, as for `link_speed.py`) the mentions are variations of real ones that repeat by Zipf's law, and the worker
links them with the bundled encoder's vectors. `--keep FOLDER` keeps file, journal and output: stopped and started
again it goes on, as `rpdr link` does. Prints JSON: peaks of resident memory, and seconds of each pass.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from link_speed import BEFORE, BEHIND, children, cpu, linker, peak, train_of, varied

from rpdr_core.formats.mentions import read_mentions
from rpdr_core.records import Candidate, NewMention, Provenance, Ranking
from rpdr_core.workflow.linking import CHUNK, Head, link_file

PROVENANCE = Provenance("retriever", "m", "kb")
FOUND = (Candidate("H25.11", "Age-related nuclear cataract, right eye", "nuclear cataract", "name", 0.9),) * 2
EVERY = 30.0


def link(batch: list[NewMention]) -> list[Ranking]:
    return [Ranking(at, "retriever", FOUND, PROVENANCE, confidence=0.9) for at in range(len(batch))]


def numbered(path: Path, rows: int, different: int, rng: random.Random) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write("mention,id\n")
        for at in range(rows):
            number = at if at < different else rng.randrange(different)
            stream.write(f"blurry vision number {number} of the right eye,{at}\n")


def varied_mentions(path: Path, data: Path, rows: int, different: int, rng: random.Random) -> None:
    """Each distinct one at least once, the rest by 1/rank, in no order."""
    train, found = train_of(data), dict[str, None]()
    while len(found) < different:
        text = varied(rng.choice(train)[0], rng)
        if rng.random() < 0.7:
            text = f"{rng.choice(BEFORE)} {text} {rng.choice(BEHIND)}"
        found.setdefault(varied(text, rng).replace(",", " ").replace('"', ""))
    texts = list(found)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, different + 1)))
    once, drawn = iter(texts), 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write("mention,id\n")
        for at in range(rows):
            left = different - drawn
            if left and rng.random() * (rows - at) < left:
                text, drawn = next(once), drawn + 1
            else:
                text = rng.choices(texts, cum_weights=weights)[0]
            stream.write(f"{text},{at}\n")


class Watcher:
    """Peak of the sum of what the processes hold, looked at twice a second; and when each pass was begun and ended."""

    def __init__(self) -> None:
        self.pids = [os.getpid()]
        self.together = 0
        self.passes: dict[str, list[float]] = {}
        self._told = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    def stage(self, name: str, done: int, total: int) -> None:
        now = time.monotonic()
        self.passes.setdefault(name, [now, now])[1] = now
        if now - self._told > EVERY:
            self._told = now
            held = " + ".join(f"{resident(pid)}" for pid in self.pids)
            print(f"{name}: {done:,} of {total:,}; {held} MiB; {round(time.process_time())} s", file=sys.stderr)

    def _look(self) -> None:
        while True:
            self.together = max(self.together, sum(map(resident, self.pids)))
            time.sleep(0.5)


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--distinct", type=float, default=1.0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = given.keep or Path(work)
        folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps(measured(given.rows, given.distinct, given.data, folder), indent=1))


def measured(rows: int, distinct: float, data: Path | None, folder: Path) -> dict[str, object]:
    source, target = folder / "mentions.csv", folder / "linked.csv"
    if not source.is_file():
        rng, different, half = random.Random(6), max(1, int(rows * distinct)), source.with_suffix(".half")
        if data is None:
            numbered(half, rows, different, rng)
        else:
            varied_mentions(half, data, rows, different, rng)
        half.replace(source)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is that of linking, not of making the file
    watcher = Watcher()
    ranker, head = (linker(data)) if data is not None else (link, Head("i", "kb", "m", "", CHUNK))
    watcher.pids += children(os.getpid())
    before = list(map(peak, watcher.pids))
    began, spent = time.monotonic(), [cpu(pid) for pid in watcher.pids]
    done = link_file(
        lambda: read_mentions(source),
        target,
        head,
        ranker,
        on_progress=lambda done, total: watcher.stage("linking", done, total),
        on_stage=watcher.stage,
    )
    spent = [cpu(pid) - one for pid, one in zip(watcher.pids, spent, strict=True)]
    out = {
        "rows": done.rows,
        "distinct": done.distinct,
        "resumed": done.resumed,
        "peak_mib_before": [one >> 10 for one in before],
        "peak_mib_each": [peak(pid) >> 10 for pid in watcher.pids],
        "peak_mib_together": watcher.together,
        "cpu_s_each": [round(one, 1) for one in spent],
        "cpu_us_per_row_each": [round(one / done.rows * 1e6, 1) for one in spent],
        "wall_s": round(time.monotonic() - began, 1),
        "wall_s_of_passes": {name: round(end - start, 1) for name, (start, end) in watcher.passes.items()},
        "output_mib": target.stat().st_size >> 20,
    }
    print(json.dumps(out, indent=1), flush=True)
    os._exit(0)  # the worker waits for more; it ends with its input


if __name__ == "__main__":
    main()
