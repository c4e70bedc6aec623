"""Memory of a large file's linking: `python tests/benchmarks/link_memory.py [--rows 3000000] [--distinct 1.0]`.

Writes a CSV of so many rows, of which a share is distinct, and links it with a linker that answers at once: what is
measured is the command's own work (reading, numbering, journal, writing). Prints JSON with the peak of resident memory.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

from rpdr_core.formats.mentions import read_mentions
from rpdr_core.records import Candidate, NewMention, Provenance, Ranking
from rpdr_core.workflow.linking import CHUNK, Head, link_file

PROVENANCE = Provenance("retriever", "m", "kb")
FOUND = (Candidate("H25.11", "Age-related nuclear cataract, right eye", "nuclear cataract", "name", 0.9),) * 2


def link(batch: list[NewMention]) -> list[Ranking]:
    return [Ranking(at, "retriever", FOUND, PROVENANCE, confidence=0.9) for at in range(len(batch))]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--distinct", type=float, default=1.0)
    given = parser.parse_args()
    rng = random.Random(6)
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "mentions.csv"
        with source.open("w", encoding="utf-8") as stream:
            stream.write("mention,id\n")
            different = max(1, int(given.rows * given.distinct))
            for at in range(given.rows):
                number = at if at < different else rng.randrange(different)
                stream.write(f"blurry vision number {number} of the right eye,{at}\n")
        before, began, cpu = _peak(), time.perf_counter(), time.process_time()
        target = Path(work) / "linked.csv"
        done = link_file(
            lambda: read_mentions(source), target, Head("i", "kb", "m", "", CHUNK), link, on_progress=lambda _, __: None
        )
        spent = time.process_time() - cpu
        out = {
            "rows": done.rows,
            "distinct": done.distinct,
            "peak_mib": _peak(),
            "peak_mib_before": before,
            "cpu_s": round(spent, 1),
            "cpu_us_per_row": round(spent / done.rows * 1e6, 1),
            "wall_s": round(time.perf_counter() - began, 1),
            "output_mib": target.stat().st_size >> 20,
        }
    print(json.dumps(out, indent=1))


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


if __name__ == "__main__":
    main()
