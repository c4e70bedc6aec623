"""What there is to compute on, found without loading torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

_DRIVER = Path("/proc/driver/nvidia/gpus")
_SECONDS = 2.0


def list_devices() -> tuple[str, ...]:
    """`cpu`, then `cuda:N NAME` for each NVIDIA device that the driver shows."""
    return ("cpu", *(f"cuda:{place} {name}" for place, name in enumerate(_cuda_names())))


def _cuda_names() -> list[str]:
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "cuda"):
        return [str(torch.cuda.get_device_name(place)) for place in range(torch.cuda.device_count())]
    return _names_of_driver(_DRIVER) or _names_of_tool()


def _names_of_driver(folder: Path) -> list[str]:
    """On Linux the driver tells without a process: the `Model:` line of each device's file."""
    files = sorted(folder.glob("*/information"))
    lines = (line for file in files for line in file.read_text("utf-8", "replace").splitlines())
    return [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]


def _names_of_tool() -> list[str]:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = [tool, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def multiplies_bf16() -> bool:
    """Whether this processor has bf16 matrix instructions. Without them bf16 is many times slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore").partition("flags")[2]
    except OSError:
        return False
    return not {"amx_bf16", "avx512_bf16"}.isdisjoint(flags.partition("\n")[0].split())
