"""What a node of a cluster has, asked in a process of that node. It is sent by value and so imports nothing of ours:
a node may lack it.
"""

import importlib.metadata
import importlib.util
import os
import platform
import socket
from pathlib import Path

# What kernels of torch and ONNX Runtime are chosen by: another one adds in another order, or in other numbers.
INTEL = ("avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8")
FEATURES = frozenset((*INTEL, "amx_bf16", "asimd", "asimddp", "bf16", "i8mm", "sve", "sve2"))
COMPARED = ("torch", "transformers", "tokenizers", "onnxruntime", "numpy", "scipy")


def described() -> dict[str, str]:
    """`host`, `rpdr` and `worker` (versions, empty where missing), `libraries`, `auth` and kind of `processor` of this
    process's node.
    """
    found = {"host": socket.gethostname(), "rpdr": "", "worker": "", "libraries": "", "auth": "", "processor": ""}
    try:
        import rpdr_core

        found["rpdr"] = rpdr_core.__version__
    except ImportError:
        pass
    if importlib.util.find_spec("rpdr_worker") is not None:
        found["worker"] = found["rpdr"]
    found["libraries"] = ", ".join(["Python " + platform.python_version(), *map(_version, COMPARED)])
    found["auth"] = os.environ.get("RAY_AUTH_MODE", "")
    found["processor"] = kind_of(_said("/proc/cpuinfo"))
    return found


def kind_of(cpuinfo: str) -> str:
    """Architecture, maker and the instructions that results depend on; without `cpuinfo` what else there is."""
    lines = dict(line.split(":", 1) for line in reversed(cpuinfo.splitlines()) if ":" in line)
    told = {name.strip(): words.split() for name, words in lines.items()}
    maker = told.get("vendor_id") or told.get("CPU implementer") or [platform.processor()]
    flags = FEATURES.intersection(told.get("flags") or told.get("Features") or ())
    return " ".join(filter(None, (platform.machine(), *maker, *sorted(flags))))


def _said(path: str) -> str:
    try:
        return Path(path).read_text("ascii", "ignore")
    except OSError:
        return ""


def _version(library: str) -> str:
    try:
        return f"{library} {importlib.metadata.version(library)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {library}"
