"""How long the dashboard's figures take: `python tests/benchmarks/dashboard_speed.py FILE.rpdr`.

For a project of a million mentions see `big_project.py`. Prints seconds, the better of two passes, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from rpdr_core.store import open_reader
from rpdr_core.workflow.dashboard import dashboard_of


def main(path: Path) -> None:
    with open_reader(path) as reader:
        walls, works = [], []
        for _ in range(2):
            wall, work = time.perf_counter(), time.process_time()
            found = dashboard_of(reader)
            walls.append(time.perf_counter() - wall)
            works.append(time.process_time() - work)
        wall = time.perf_counter()
        reader.sureness()
        sureness = time.perf_counter() - wall
    figures = {
        "mentions": found.progress.mentions,
        "decisions": found.decisions,
        "seconds": round(min(walls), 2),
        "processor_seconds": round(min(works), 2),
        "of_which_confidences": round(sureness, 2),
        "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
