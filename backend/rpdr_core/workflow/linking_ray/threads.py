"""How many threads a worker here computes with. A sum's order, and with it now and then the last digit of a confidence,
depends on it: so the workers of a cluster compute with as many as the local engine's would.
"""

from __future__ import annotations

import os
import subprocess
import sys

VARIABLE = "OMP_NUM_THREADS"
_ASK = "import torch; print(torch.get_num_threads())"
_SECONDS = 120.0


def threads_here() -> int:
    """What the environment says, else what torch takes here, asked in a process of its own; else the cores."""
    said = os.environ.get(VARIABLE, "").partition(",")[0]
    if said.isdigit() and int(said):
        return int(said)
    try:
        asked = subprocess.run([sys.executable, "-P", "-c", _ASK], capture_output=True, timeout=_SECONDS, check=True)
        return max(1, int(asked.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return os.cpu_count() or 1
