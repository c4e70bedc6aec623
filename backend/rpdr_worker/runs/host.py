"""What this machine is and what it can train with, for the person who adds it as a host."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec

from rpdr_core import __version__
from rpdr_core.paths import data_dir
from rpdr_core.protocol.messages import Empty
from rpdr_core.protocol.run_messages import Gpu, HostInfo
from rpdr_worker.devices import list_devices
from rpdr_worker.job import Job

NEEDED = ("torch", "transformers", "peft", "safetensors", "tokenizers")
ALSO = ("accelerate", "bitsandbytes", "sentence-transformers", "submitit", "openai")
_TORCH_SECONDS = 90.0
_TOOL_SECONDS = 10.0
_PROBE = """
import json, torch
cuda = torch.cuda.is_available()
kind = "cuda" if cuda else "mps" if torch.backends.mps.is_available() else "cpu"
print(json.dumps({"kind": kind, "built_for": torch.version.cuda or ""}))
"""


class _Probed(msgspec.Struct, frozen=True):
    kind: Literal["cuda", "mps", "cpu"]
    built_for: str


def describe(_params: Empty, job: Job) -> HostInfo:
    """torch is tried in a process of its own: the worker stays light, and a broken driver cannot take it along."""
    gpus = list_gpus()
    job.check()
    versions = {name: _version(name) for name in (*NEEDED, *ALSO)}
    trains_on, trouble = _try_torch(bool(gpus)) if versions["torch"] else ("", "torch is not installed")
    return HostInfo(
        name=platform.node(),
        system=platform.platform(),
        worker=__version__,
        python=platform.python_version(),
        cores=_cores(),
        memory=_memory(),
        disk_free=_disk_free(),
        gpus=gpus,
        libraries={name: version for name, version in versions.items() if version},
        missing=tuple(name for name in NEEDED if not versions[name]),
        trains_on=trains_on,
        trouble=trouble,
        slurm=shutil.which("sbatch") is not None,
    )


def list_gpus() -> tuple[Gpu, ...]:
    """NVIDIA devices with their memory; without the driver's tool by name alone."""
    tool = shutil.which("nvidia-smi")
    if tool is not None:
        query = [tool, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
        try:
            done = subprocess.run(query, capture_output=True, text=True, timeout=_TOOL_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError):
            pass
        else:
            return tuple(_gpu(line) for line in done.stdout.splitlines() if line.strip())
    return tuple(Gpu(device.partition(" ")[2]) for device in list_devices() if device.startswith("cuda:"))


def usable_gpus() -> int:
    """How many GPUs a training started here may use: those there, or those that the environment names."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return len([name for name in named.split(",") if name.strip() not in ("", "-1")])
    return len(list_gpus())


def _gpu(line: str) -> Gpu:
    name, *memory = (part.strip() for part in line.rsplit(",", 2))
    total, free = (int(part) * 2**20 if part.isdigit() else 0 for part in memory)
    return Gpu(name, total, free)


def _try_torch(has_gpu: bool) -> tuple[Literal["cuda", "mps", "cpu", ""], str]:
    command = [sys.executable, "-P", "-c", _PROBE]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_TORCH_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
        probed = msgspec.json.decode(done.stdout.splitlines()[-1] if done.stdout else b"", type=_Probed)
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError):
        return "", "torch is installed and does not load"
    if has_gpu and probed.kind == "cpu":
        why = f"is built for CUDA {probed.built_for}, which the driver does not serve" if probed.built_for else "is not"
        return "cpu", f"there is a GPU, but torch {why}" + ("" if probed.built_for else " built for CUDA")
    return probed.kind, ""


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 0


def _disk_free() -> int:
    folder: Path = data_dir()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
