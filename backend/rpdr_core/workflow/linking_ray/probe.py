"""What a node of a cluster has, asked in a process of that node. It is sent by value and so imports nothing of ours:
a node may lack it.
"""

import importlib.metadata
import importlib.util
import os
import platform
import socket

COMPARED = ("torch", "transformers", "tokenizers", "onnxruntime", "numpy", "scipy")


def described() -> dict[str, str]:
    """`host`, `rpdr` and `worker` (versions, empty where missing), `libraries` and `auth` of this process's node."""
    found = {"host": socket.gethostname(), "rpdr": "", "worker": "", "libraries": "", "auth": ""}
    try:
        import rpdr_core

        found["rpdr"] = rpdr_core.__version__
    except ImportError:
        pass
    if importlib.util.find_spec("rpdr_worker") is not None:
        found["worker"] = found["rpdr"]
    found["libraries"] = ", ".join(["Python " + platform.python_version(), *map(_version, COMPARED)])
    found["auth"] = os.environ.get("RAY_AUTH_MODE", "")
    return found


def _version(library: str) -> str:
    try:
        return f"{library} {importlib.metadata.version(library)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {library}"
