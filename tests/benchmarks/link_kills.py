"""kill -9 at random moments of `rpdr link`: `python tests/benchmarks/link_kills.py --kills 20 --vectors`.

The real command with its real worker links a file of `--rows` to some 290 names, in chunks of 40 so that there are
many moments; it is killed with its worker, begun again, and at last left to finish. Every finished output must have
the bytes of an uninterrupted one. `--vectors`: with the bundled encoder's, as RPDR_ENCODER_RUNTIME says.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.link_until_killed import killed_and_finished


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=2_400)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--vectors", action="store_true")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        os.environ.setdefault("RPDR_HOME", f"{work}/home")
        found = killed_and_finished(
            Path(work), kills=given.kills, rows=given.rows, vectors=given.vectors, seed=given.seed
        )
    print(
        f"{given.kills} kills, {found.torn} of them left a journal; {found.equal} finished outputs equal the "
        f"uninterrupted one, {found.different} do not; {time.monotonic() - began:.0f} s"
    )
    sys.exit(found.different > 0)


if __name__ == "__main__":
    main()
