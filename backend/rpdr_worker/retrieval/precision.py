"""In which numbers an encoder computes: what was asked for, and what this processor is good at (decision 3)."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import get_args

from rpdr_core.encoder_queries import VARIABLE, Asked
from rpdr_core.errors import UserInputError
from rpdr_worker.devices import multiplies_bf16

_CPUINFO = Path("/proc/cpuinfo")


def asked() -> Asked:
    """`auto`: bf16 where the processor multiplies it, else f32; queries in int8 where a check allows it. `int8`: f32
    with queries in int8, unchecked. Raises `UserInputError` for any other word.
    """
    said = os.environ.get(VARIABLE, "").strip().lower() or "auto"
    for known in get_args(Asked):
        if said == known:
            return known  # type: ignore[no-any-return]
    raise UserInputError(f"{VARIABLE} is {said[:20]!r}", hint=f"one of {', '.join(get_args(Asked))}")


def in_bf16() -> bool:
    """Whether strings are encoded in bf16 here; in f32 otherwise."""
    said = asked()
    return said == "bf16" or (said == "auto" and multiplies_bf16())


def processor() -> str:
    """The processor's name."""
    return _info("model name") or platform.processor() or platform.machine()


def full_range() -> bool:
    """Whether products of eight bits are summed in 32. Elsewhere they are summed in 16 and overflow, so weights are
    given seven bits (ONNX Runtime: quantize ONNX models, `reduce_range`).
    """
    if platform.machine().lower() in ("arm64", "aarch64"):
        return True
    return not {"avx512_vnni", "avx_vnni", "amx_int8"}.isdisjoint(_info("flags").split())


def _info(name: str) -> str:
    try:
        text = _CPUINFO.read_text(encoding="ascii", errors="ignore")
    except OSError:
        return ""
    line = next((line for line in text.splitlines() if line.partition(":")[0].strip() == name), "")
    return line.partition(":")[2].strip()
